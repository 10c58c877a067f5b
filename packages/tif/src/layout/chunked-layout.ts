import type { CodecSpec } from '@bioimage/core'
import { type ChunkAccessOptions, type ChunkedLayout, type ChunkLocation, LoadingCache } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import type { FileSet } from '../container/file-set.js'
import { corrupt, unsupported } from '../errors.js'
import { fillValueOf } from '../page/fill-value.js'
import { checkAlike, type Page } from '../page/page.js'
import { isRaw, type SegmentCoding, segmentCodingOf } from '../page/segment-coding.js'
import { readSegmentTable, type SegmentTable } from '../page/segment-grid.js'
import { product, type Series, squeeze } from '../series/series.js'
import { matchPage } from '../series/shaped.js'
import { contiguousOffset } from './contiguous-page.js'

/** Bytes of tables of segments that are kept. */
const keptTables = 64 << 20

/** What is known of a page beside its directory, once it was read. */
interface OpenPage {
  readonly page: Page
  readonly coding: SegmentCoding
  readonly codecs: readonly CodecSpec[]
  readonly table: SegmentTable
  /** Where the whole page lies as it is; `undefined` if it does not. */
  readonly whole: number | undefined
}

/**
 * The segments of all pages of a series as the chunks of one grid: planes, then strips or tiles. A page that lies in one piece is
 * one chunk.
 */
export async function chunkedLayoutOf(series: Series, files: FileSet, identity: string, options: ReadOptions): Promise<ChunkedLayout> {
  const { first, shape, leading } = series
  const inner = innerAxes(series)
  const firstOpen = await openPage(first, options)
  const wholePages = firstOpen.whole !== undefined
  const { segments } = first
  const innerChunks = wholePages ? shape.slice(leading) : segmentShape(series)
  const segmentElements = segments.width * segments.length * segments.depth * (first.planar ? 1 : first.samples)
  if (!wholePages && product(innerChunks) !== segmentElements)
    throw unsupported(
      `segments of ${segments.width} x ${segments.length} x ${segments.depth} pixels with an axis that the series [${shape.join(', ')}] does not have`
    )
  const pages = new LoadingCache<OpenPage>(keptTables, ({ table }) => 1024 + table.offsets.byteLength + table.byteCounts.byteLength)
  const opened = async (page: Page, access: ReadOptions): Promise<OpenPage> => {
    if (isSamePage(page, first)) return firstOpen
    checkAlike(page, first)
    const found = await pages.fetch(`${page.file.key}\n${page.ifd.offset}`, access.signal, () => openPage(page, access))
    return found ?? openPage(page, access)
  }

  const locate = async (position: readonly number[], { signal }: ChunkAccessOptions): Promise<ChunkLocation | undefined> => {
    const plane = shape.slice(0, leading).reduce((index, length, axis) => index * length + (position[axis] ?? 0), 0)
    const page = await series.page(plane, { signal })
    if (page === undefined) return undefined
    const found = await opened(page, { signal })
    if (found.coding.byteOrder !== firstOpen.coding.byteOrder) throw unsupported('files of one series that differ in byte order')
    if (wholePages) return wholeLocation(found)
    const place: Record<string, number> = { S: 0, Z: 0, Y: 0, X: 0 }
    for (const [axis, letter] of inner.entries()) if (letter !== undefined) place[letter] = position[leading + axis] ?? 0
    return segmentLocation(found, firstOpen, place)
  }

  return {
    shape,
    dtype: series.dtype,
    chunks: [...shape.slice(0, leading).map(() => 1), ...innerChunks],
    edgeChunks: segments.tiled && !wholePages ? 'whole' : 'cut',
    byteOrder: firstOpen.coding.byteOrder,
    codecs: firstOpen.codecs,
    fill: await fillValueOf(first, options),
    storage: { store: files.store, locate, unitOf: () => first.file.key },
    identity
  }
}

function isSamePage(page: Page, other: Page): boolean {
  return page.file.key === other.file.key && page.ifd.offset === other.ifd.offset
}

/** Elements of a segment along the axes that a page has in its series. */
function segmentShape(series: Series): number[] {
  const { segments, planar, samples } = series.first
  const sizes: Readonly<Record<string, number>> = { S: planar ? 1 : samples, Z: segments.depth, Y: segments.length, X: segments.width }
  return innerAxes(series).map((axis) => (axis === undefined ? 1 : (sizes[axis] ?? 1)))
}

/** The chunk of a series that one of its segments is. */
export function segmentChunks(series: Series): number[] {
  return [...series.shape.slice(0, series.leading).map(() => 1), ...segmentShape(series)]
}

/** Which axis of the page each of the last axes of a series is. */
function innerAxes(series: Series): readonly (string | undefined)[] {
  const { first, shape, leading } = series
  if (series.kind === 'shaped') return matchPage(shape.slice(leading), first) ?? []
  return [...squeeze(first.shape, first.axes).axes]
}

async function openPage(page: Page, options: ReadOptions): Promise<OpenPage> {
  const coding = await segmentCodingOf(page, options)
  return {
    page,
    coding,
    codecs: coding.codecs(page.segments.length),
    table: await readSegmentTable(page.ifd, page.segments, options),
    whole: isRaw(page) ? await contiguousOffset(page, options) : undefined
  }
}

function wholeLocation({ page, whole }: OpenPage): ChunkLocation {
  if (whole === undefined)
    throw unsupported(`pages of one series of which some are stored in pieces, as the one at byte ${page.ifd.offset}`)
  checkInside(page, whole, page.byteLength)
  return { key: page.file.key, offset: whole, length: page.byteLength }
}

function segmentLocation(opened: OpenPage, first: OpenPage, place: Readonly<Record<string, number>>): ChunkLocation | undefined {
  const { page, coding, table } = opened
  const { segments } = page
  const { S: plane = 0, Z: deep = 0, Y: down = 0, X: across = 0 } = place
  const index = ((plane * segments.deep + deep) * segments.down + down) * segments.across + across
  const rows = segments.tiled ? segments.length : Math.min(segments.length, page.length - down * segments.length)
  const offset = table.offsets[index] ?? 0
  const length = storedLength(opened, index, rows)
  if (offset === 0 || length === 0) return undefined
  checkInside(page, offset, length)
  const codecs = rows === segments.length ? opened.codecs : coding.codecs(rows)
  const differs = codecs !== first.codecs && JSON.stringify(codecs) !== JSON.stringify(first.codecs)
  return { key: page.file.key, offset, length, ...(differs && { codecs }) }
}

/** Bytes of a stored segment; 0 for one that is not stored. */
function storedLength({ page, coding, table }: OpenPage, index: number, rows: number): number {
  const due = coding.storedBytes(rows * page.segments.depth)
  const count = table.byteCounts[index]
  const isAlone = table.offsets.length === 1
  if (due !== undefined) {
    if (count === undefined || (count === 0 && isAlone)) {
      if (isAlone) return due
      if (count === undefined) throw corrupt(`the page at byte ${page.ifd.offset} does not say how long its segments are`)
    }
    if (count === 0) return 0
    // Writers may count more bytes than there are pixels.
    if (count < due) throw corrupt(`segment ${index} of the page at byte ${page.ifd.offset} has ${count} bytes, expected ${due}`)
    return due
  }
  if (count !== undefined) return count
  if (isAlone) return page.file.size - (table.offsets[0] ?? 0)
  throw corrupt(`the page at byte ${page.ifd.offset} does not say how long its segments are`)
}

function checkInside(page: Page, offset: number, length: number): void {
  if (offset + length <= page.file.size) return
  throw corrupt(
    `a segment of the page at byte ${page.ifd.offset} ends at byte ${offset + length}, behind the end of the file at ${page.file.size}`
  )
}
