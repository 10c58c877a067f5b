import type { ReadOptions } from '../container/block-reader.js'
import type { Page } from '../page/page.js'
import { isRaw } from '../page/segment-coding.js'
import { readSegmentTable, segmentCount } from '../page/segment-grid.js'

/** Where the elements of a page begin, if they lie uncompressed, in order and without gaps; else `undefined`. */
export async function contiguousOffset(page: Page, options: ReadOptions): Promise<number | undefined> {
  if (!isRaw(page)) return undefined
  const { segments } = page
  // Tiles are rows of the page if they are as wide as it and nothing is padded.
  const padded =
    segments.tiled && (segments.width !== page.width || page.length % segments.length !== 0 || page.depth % segments.depth !== 0)
  if (padded || (segments.depth > 1 && segments.length !== page.length)) return undefined
  const { offsets, byteCounts } = await readSegmentTable(page.ifd, segments, options)
  const [start = 0] = offsets
  const count = segmentCount(segments)
  if (start === 0) return undefined
  if (count === 1) {
    const stored = byteCounts[0] ?? 0
    return stored === 0 || stored >= page.byteLength ? start : undefined
  }
  let end = start
  for (let index = 0; index < count; index++) {
    if (offsets[index] !== end) return undefined
    end += byteCounts[index] ?? 0
  }
  return end - start === page.byteLength ? start : undefined
}

/**
 * Whether planes may lie one behind the other between these bytes, as far as their first directory tells: it is alone and not among
 * them, or it lies before them and the next one behind. Other pages have their directories between.
 */
export function isClearOf({ offset, next }: Page['ifd'], start: number, end: number): boolean {
  return next === 0 ? offset < start || offset >= end : offset < start && next >= end
}
