import { isSourceError } from '@bioimage/core'
import type { ReadOptions } from '../container/block-reader.js'
import { corrupt } from '../errors.js'
import { type Page, pageKey } from '../page/page.js'
import { type PageList, subPageCount, subPageOffset } from './page-list.js'
import { buildPyramids, type Candidate } from './pyramids.js'
import { type Series, withPageAxes } from './series.js'

interface Group {
  readonly first: Page
  /** Places of the directories of all its pages. */
  readonly offsets: number[]
  readonly isSubIfd: boolean
}

/**
 * Pages of equal form, from number `start` on, are one series, in order of appearance; SubIFDs follow their page. Pages whose samples
 * no dtype holds are left out, as long as there are others.
 */
export async function plainSeries(pages: PageList, options: ReadOptions, start = 0): Promise<readonly Series[]> {
  const groups = new Map<string, Group>()
  // Tables of hostile files name one directory many times.
  const seen = new Set<number>()
  let refusal: unknown
  const add = async (offset: number, isSubIfd: boolean): Promise<Page | undefined> => {
    if (seen.has(offset)) return undefined
    seen.add(offset)
    try {
      const page = await pages.at(offset, options)
      const key = pageKey(page)
      const group = groups.get(key) ?? { first: page, offsets: [], isSubIfd }
      groups.set(key, group)
      group.offsets.push(offset)
      return page
    } catch (error) {
      if (!isSourceError(error, 'ERR_UNSUPPORTED')) throw error
      refusal ??= error
      return undefined
    }
  }
  for (let index = start; ; index++) {
    const offset = await pages.file.offsetOf(index, options)
    if (offset === undefined) break
    const page = await add(offset, false)
    for (let below = 0; page !== undefined && below < subPageCount(page); below++) {
      const place = await subPageOffset(page, below, options)
      if (place !== undefined && place < pages.file.size) await add(place, true)
    }
  }
  if (groups.size === 0) throw refusal ?? corrupt('the file has no pages')
  const candidates = [...groups.values()].map((group): Candidate => ({ series: seriesOf(group, pages), isSubIfd: group.isSubIfd }))
  return buildPyramids(candidates, false)
}

function seriesOf({ first, offsets }: Group, pages: PageList): Series {
  const form = withPageAxes([offsets.length], 'I', first)
  return {
    kind: 'plain',
    name: '',
    ...form,
    dtype: first.dtype,
    first,
    planes: offsets.length,
    page: async (plane, access) => {
      const offset = offsets[plane]
      return offset === undefined ? undefined : pages.at(offset, access)
    },
    contiguous: false,
    levels: []
  }
}
