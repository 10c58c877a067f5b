import type { ReadOptions } from '../container/block-reader.js'
import { sizeOfType } from '../container/field-types.js'
import type { Ifd } from '../container/ifd.js'
import { tags } from '../container/tags.js'
import { corrupt } from '../errors.js'

/** How a page is cut into separately stored strips or tiles. */
export interface SegmentGrid {
  readonly tiled: boolean
  /** Pixels of a segment. The last strip of a plane is shorter; tiles are padded. */
  readonly width: number
  readonly length: number
  readonly depth: number
  /** Segments along x, y and z, and planes of samples. They are stored in that order, x fastest. */
  readonly across: number
  readonly down: number
  readonly deep: number
  readonly planes: number
}

interface PageSize {
  readonly width: number
  readonly length: number
  readonly depth: number
  readonly planes: number
}

/**
 * The strips (TIFF 6.0, section 3) or tiles (section 15) of a page.
 *
 * @throws ERR_CORRUPT_DATA if their places are missing or too few.
 */
export async function segmentGridOf(ifd: Ifd, page: PageSize, options: ReadOptions): Promise<SegmentGrid> {
  const tiled = ifd.count(tags.tileWidth) > 0 || ifd.count(tags.tileOffsets) > 0
  const grid = tiled ? await tilesOf(ifd, page, options) : await stripsOf(ifd, page, options)
  const needed = grid.across * grid.down * grid.deep * grid.planes
  const found = offsetCountOf(ifd, tiled)
  if (found < needed)
    throw corrupt(`the page at byte ${ifd.offset} has places for ${found} ${tiled ? 'tiles' : 'strips'}, expected ${needed}`)
  return grid
}

/** Number of segments of a grid. */
export function segmentCount(grid: SegmentGrid): number {
  return grid.across * grid.down * grid.deep * grid.planes
}

async function tilesOf(ifd: Ifd, page: PageSize, options: ReadOptions): Promise<SegmentGrid> {
  const width = (await ifd.number(tags.tileWidth, options)) ?? 0
  const length = (await ifd.number(tags.tileLength, options)) ?? 0
  const depth = (await ifd.number(tags.tileDepth, options)) ?? 1
  if (![width, length, depth].every((size) => Number.isInteger(size) && size > 0 && size < 2 ** 31))
    throw corrupt(`tiles of ${width} x ${length} x ${depth} pixels`)
  return {
    tiled: true,
    width,
    length,
    depth,
    across: Math.ceil(page.width / width),
    down: Math.ceil(page.length / length),
    deep: Math.ceil(page.depth / depth),
    planes: page.planes
  }
}

async function stripsOf(ifd: Ifd, page: PageSize, options: ReadOptions): Promise<SegmentGrid> {
  const rows = (await ifd.number(tags.rowsPerStrip, options)) ?? page.length
  if (!Number.isInteger(rows) || rows < 1) throw corrupt(`strips of ${rows} rows`)
  const length = Math.min(rows, page.length)
  return {
    tiled: false,
    width: page.width,
    length,
    depth: 1,
    across: 1,
    down: Math.ceil(page.length / length),
    deep: page.depth,
    planes: page.planes
  }
}

/** Places of all segments of a page. */
export interface SegmentTable {
  readonly offsets: Float64Array
  /** Stored bytes; empty where the page does not say them. */
  readonly byteCounts: Float64Array
}

/** Reads the places of the segments from `start` on. */
export async function readSegmentTable(ifd: Ifd, grid: SegmentGrid, options: ReadOptions): Promise<SegmentTable> {
  const count = segmentCount(grid)
  // Some writers of tiles use the tags of strips.
  const offsetTag = ifd.count(tags.tileOffsets) > 0 ? tags.tileOffsets : tags.stripOffsets
  const countTag = ifd.count(tags.tileByteCounts) > 0 ? tags.tileByteCounts : tags.stripByteCounts
  const offsets = (await ifd.numbers(offsetTag, options, 0, count)) ?? new Float64Array(0)
  const byteCounts = ifd.count(countTag) >= count ? await ifd.numbers(countTag, options, 0, count) : undefined
  return { offsets, byteCounts: byteCounts ?? new Float64Array(0) }
}

/** A table that reaches past the end of the file is one of damage, though its beginning may be there. */
function checkTable(ifd: Ifd, tiled: boolean): void {
  const entry = (tiled ? ifd.entry(tags.tileOffsets) : undefined) ?? ifd.entry(tags.stripOffsets)
  if (entry === undefined || entry.inline !== undefined) return
  const end = entry.offset + entry.count * (sizeOfType(entry.type) ?? 1)
  if (end > ifd.fileSize)
    throw corrupt(`the table of segments of the page at byte ${ifd.offset} ends at byte ${end}, behind the end of the file`)
}

function offsetCountOf(ifd: Ifd, tiled: boolean): number {
  return (tiled ? ifd.count(tags.tileOffsets) : 0) || ifd.count(tags.stripOffsets)
}
