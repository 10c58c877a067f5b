import type { Region } from '../indexing.js'

/** The part of a region that lies in one chunk, along one axis. All counts are elements. */
interface AxisPart {
  /** Chunk along this axis. */
  readonly chunk: number
  /** First element, counted from the beginning of the chunk. */
  readonly start: number
  readonly length: number
  /** Position of that element in the region. */
  readonly regionStart: number
}

/** The part of a region that lies in one chunk. */
export interface ChunkPart {
  /** Place of the chunk in the grid. */
  readonly position: readonly number[]
  /** First element, counted from the chunk's beginning. */
  readonly start: readonly number[]
  readonly shape: readonly number[]
  /** Position of that element in the region. */
  readonly regionStart: readonly number[]
}

/**
 * All chunks that a region meets, in C order of the grid, each with the part that it contributes. They may be very many: they are
 * made one by one.
 */
export function* chunkParts(region: Region, chunks: readonly number[]): Generator<ChunkPart> {
  if (region.shape.includes(0)) return
  const partAt = (axis: number, regionStart: number): AxisPart =>
    axisPart(regionStart, region.start[axis] ?? 0, region.shape[axis] ?? 0, region.step[axis] ?? 1, chunks[axis] ?? 1)
  const parts = region.shape.map((_, axis) => partAt(axis, 0))
  for (;;) {
    yield {
      position: parts.map((part) => part.chunk),
      start: parts.map((part) => part.start),
      shape: parts.map((part) => part.length),
      regionStart: parts.map((part) => part.regionStart)
    }
    let axis = parts.length - 1
    for (; axis >= 0; axis--) {
      const part = parts[axis]
      const next = part === undefined ? 0 : part.regionStart + part.length
      const isMore = next < (region.shape[axis] ?? 0)
      parts[axis] = partAt(axis, isMore ? next : 0)
      if (isMore) break
    }
    if (axis < 0) return
  }
}

/** The part along one axis that begins at an element of the region. */
function axisPart(regionStart: number, start: number, length: number, step: number, chunk: number): AxisPart {
  const position = start + regionStart * step
  const index = Math.floor(position / chunk)
  const inChunk = position - index * chunk
  return { chunk: index, start: inChunk, length: Math.min(length - regionStart, Math.ceil((chunk - inChunk) / step)), regionStart }
}
