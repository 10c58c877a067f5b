import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import { corrupt } from '../errors.js'
import { type Page, pageKey, readPage } from '../page/page.js'
import type { PageList } from './page-list.js'
import { buildPyramids, type Candidate } from './pyramids.js'
import { type Series, withPageAxes } from './series.js'

/** Pages of equal form, from number `start` on, are one series, in order of appearance; SubIFDs follow their page. */
export async function plainSeries(pages: PageList, options: ReadOptions, start = 0): Promise<readonly Series[]> {
  const groups = new Map<string, { pages: Page[]; isSubIfd: boolean; offsets: Set<number> }>()
  const add = (page: Page, isSubIfd: boolean): void => {
    const key = pageKey(page)
    const group = groups.get(key) ?? { pages: [], isSubIfd, offsets: new Set() }
    groups.set(key, group)
    if (group.offsets.has(page.ifd.offset)) return
    group.offsets.add(page.ifd.offset)
    group.pages.push(page)
  }
  for (let index = start; ; index++) {
    const page = await pages.page(index, options)
    if (page === undefined) break
    add(page, false)
    for (const subPage of await subPages(page, options)) add(subPage, true)
  }
  if (groups.size === 0) throw corrupt('the file has no pages')
  const candidates = [...groups.values()].map((group): Candidate => ({ series: seriesOf(group.pages), isSubIfd: group.isSubIfd }))
  return buildPyramids(candidates, false)
}

function seriesOf(pages: readonly Page[]): Series {
  const [first] = pages
  if (first === undefined) throw corrupt('the file has no pages')
  const form = withPageAxes([pages.length], 'I', first)
  return {
    kind: 'plain',
    name: '',
    ...form,
    dtype: first.dtype,
    first,
    planes: pages.length,
    page: async (plane) => pages[plane],
    contiguous: false,
    levels: []
  }
}

/** The pages that a page points to; those that cannot be read are left out. */
export async function subPages(page: Page, options: ReadOptions): Promise<readonly Page[]> {
  const found: Page[] = []
  for (const offset of (await page.ifd.numbers(tags.subIfds, options)) ?? []) {
    if (offset < 8 || offset >= page.file.size) continue
    found.push(await readPage(page.file, await page.file.readIfd(offset, options), options))
  }
  return found
}
