import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import { corrupt } from '../errors.js'
import { contiguousOffset, isClearOf } from '../layout/contiguous-page.js'
import type { Page } from '../page/page.js'
import { type PageList, subPage, subPageCount } from './page-list.js'
import { plainSeries } from './plain.js'
import { buildPyramids } from './pyramids.js'
import { product, type Series } from './series.js'

/** What tifffile writes into the description of the first page of a series. */
export interface ShapedDescription {
  readonly shape: readonly number[]
  readonly axes: string | undefined
  readonly name: string
  /** Whether only the first page of the series has a directory. */
  readonly truncated: boolean | undefined
}

/** Parses such a description; `undefined` if it is none. */
export function parseShaped(text: string): ShapedDescription | undefined {
  const tuple = /^shape=\(([\d,\s]*)\)/.exec(text)?.[1]
  if (tuple !== undefined) {
    const shape = tuple
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number)
    return { shape, axes: undefined, name: '', truncated: undefined }
  }
  if (!text.startsWith('{') || !text.includes('"shape":')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('shape' in value)) return undefined
  const { shape } = value
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return undefined
  const axes = 'axes' in value && typeof value.axes === 'string' ? value.axes : undefined
  return {
    shape,
    axes: axes?.length === shape.length ? axes : undefined,
    name: 'name' in value && typeof value.name === 'string' ? value.name : '',
    truncated: 'truncated' in value && typeof value.truncated === 'boolean' ? value.truncated : undefined
  }
}

/** The description of a page that tifffile wrote: the first or second of its texts. */
async function shapedDescription(page: Page, options: ReadOptions): Promise<ShapedDescription | undefined> {
  const texts = page.ifd.count(tags.imageDescription) === 0 ? [] : await page.ifd.texts(tags.imageDescription, options)
  for (const text of texts.slice(0, 2)) {
    const description = parseShaped(text)
    if (description !== undefined) return description
  }
  return undefined
}

type PageAt = (index: number, options: ReadOptions) => Promise<Page | undefined>

/**
 * The series of a file of tifffile; `undefined` where its descriptions do not fit the pages, which are then read as plain ones.
 *
 * @param all Whether also those behind a first stack are wanted: to find them, the directories of all its pages are read.
 */
export async function shapedSeries(pages: PageList, all: boolean, options: ReadOptions): Promise<readonly Series[] | undefined> {
  const found: Series[] = []
  let index = 0
  let stackFirst = false
  for (;;) {
    const part = await seriesAt(pages, index, options)
    if (part === 'end') break
    if (part === undefined) {
      // The stack is what it is without looking at what follows: plain pages.
      if (stackFirst) return [...pyramidsOf(found), ...(await plainSeries(pages, options, index))]
      return undefined
    }
    found.push(part.series)
    index += part.pages
    // A stack says what its pages are: they need not be looked at. Single pages may be many series.
    if (found.length === 1) stackFirst = part.series.planes > 1
    if (stackFirst && !all) break
  }
  return found.length === 0 ? undefined : pyramidsOf(found)
}

function pyramidsOf(found: readonly Series[]): readonly Series[] {
  return buildPyramids(
    found.map((series) => ({ series, isSubIfd: false })),
    true
  )
}

async function seriesAt(
  pages: PageList,
  index: number,
  options: ReadOptions
): Promise<{ readonly series: Series; readonly pages: number } | 'end' | undefined> {
  const first = await pages.page(index, options)
  if (first === undefined) return 'end'
  const description = await shapedDescription(first, options)
  if (description === undefined) return undefined
  const pageAt: PageAt = (plane, access) => pages.page(index + plane, access)
  const series = await buildSeries(first, description, pageAt, options)
  if (series === undefined) return undefined
  const levels: Series[] = []
  for (let level = 0; level < subPageCount(first); level++) {
    const found = await subSeries(first, description, pageAt, level, options)
    if (found !== undefined) levels.push(found)
  }
  const hasOneDirectory = series.contiguous && (description.truncated === true || first.ifd.next === 0)
  const [pyramid] = buildPyramids([{ series, isSubIfd: false }, ...levels.map((each) => ({ series: each, isSubIfd: true }))], true)
  return { series: pyramid ?? series, pages: hasOneDirectory ? 1 : series.planes }
}

async function subSeries(
  first: Page,
  description: ShapedDescription,
  pageAt: PageAt,
  level: number,
  options: ReadOptions
): Promise<Series | undefined> {
  const below = async (page: Page, access: ReadOptions): Promise<Page> => {
    const found = await subPage(page, level, access)
    if (found === undefined) throw corrupt(`the page at byte ${page.ifd.offset} has no level ${level + 1}`)
    return found
  }
  const top = await below(first, options)
  const own = await shapedDescription(top, options)
  const leading = description.shape.slice(0, description.shape.length - spatialLength(description, first))
  const described = own ?? { ...description, shape: [...leading, ...top.shape] }
  return buildSeries(
    top,
    described,
    async (plane, access) => {
      const page = plane === 0 ? first : await pageAt(plane, access)
      return page === undefined ? undefined : below(page, access)
    },
    options
  )
}

function spatialLength(description: ShapedDescription, page: Page): number {
  return matchPage(description.shape, page)?.length ?? page.shape.length
}

async function buildSeries(
  first: Page,
  { shape, axes, name, truncated }: ShapedDescription,
  pageAt: PageAt,
  options: ReadOptions
): Promise<Series | undefined> {
  const planeSize = product(first.shape)
  const planes = product(shape) / planeSize
  if (!Number.isInteger(planes) || planes < 1) return undefined
  const inner = matchPage(shape, first)
  if (inner === undefined) return undefined
  const leading = shape.length - inner.length
  const start = await contiguousOffset(first, options)
  const end = start === undefined ? 0 : start + planes * first.byteLength
  const behind = start !== undefined && first.ifd.count(tags.subIfds) === 0 && end <= first.file.size
  const contiguous = planes > 1 && behind && (truncated === true || isClearOf(first.ifd, start, end))
  if (planes > 1 && !contiguous && first.ifd.next === 0 && first.ifd.count(tags.subIfds) === 0) return undefined
  return {
    kind: 'shaped',
    name,
    shape,
    axes: axes ?? 'Q'.repeat(leading) + inner.map((axis) => axis ?? 'Q').join(''),
    dtype: first.dtype,
    first,
    leading,
    planes,
    page: async (plane, access) => {
      const page = await pageAt(plane, access)
      if (page !== undefined) return page
      throw corrupt(
        `the file has no page for plane ${plane} of the ${planes} that its description says; \`seriesKind: 'plain'\` gives the pages that are there`
      )
    },
    contiguous,
    levels: []
  }
}

/**
 * Which axis of the page each of the last axes of a shape is; `undefined` in its place for one of length 1 that the page does not
 * have. The shape is never squeezed: a page of 20 x 24 may be (1, 20, 24) or (20, 24, 1).
 *
 * @returns `undefined` if the shape is no whole number of such pages.
 */
export function matchPage(shape: readonly number[], page: Page): readonly (string | undefined)[] | undefined {
  const matched: (string | undefined)[] = []
  let axis = page.shape.length - 1
  for (let at = shape.length - 1; at >= 0; at--) {
    while (axis >= 0 && page.shape[axis] === 1 && shape[at] !== 1) axis--
    if (axis < 0) break
    if (shape[at] === page.shape[axis]) matched.unshift(page.axes[axis--])
    else if (shape[at] === 1) matched.unshift(undefined)
    else return undefined
  }
  while (axis >= 0 && page.shape[axis] === 1) axis--
  return axis < 0 ? matched : undefined
}
