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

/** All chunks that a region meets, in C order of the grid, each with the part that it contributes. */
export function* chunkParts(region: Region, chunks: readonly number[]): Generator<ChunkPart> {
  const axes = region.shape.map((length, axis) => axisParts(region.start[axis] ?? 0, length, region.step[axis] ?? 1, chunks[axis] ?? 1))
  if (axes.some((parts) => parts.length === 0)) return
  const cursor = axes.map(() => 0)
  for (;;) {
    const parts = axes.map((parts, axis) => parts[cursor[axis] ?? 0] ?? noPart)
    yield {
      position: parts.map((part) => part.chunk),
      start: parts.map((part) => part.start),
      shape: parts.map((part) => part.length),
      regionStart: parts.map((part) => part.regionStart)
    }
    let axis = axes.length - 1
    for (; axis >= 0; axis--) {
      const next = (cursor[axis] ?? 0) + 1
      cursor[axis] = next
      if (next < (axes[axis]?.length ?? 0)) break
      cursor[axis] = 0
    }
    if (axis < 0) return
  }
}

const noPart: AxisPart = { chunk: 0, start: 0, length: 0, regionStart: 0 }

function axisParts(start: number, length: number, step: number, chunk: number): AxisPart[] {
  const parts: AxisPart[] = []
  let taken = 0
  while (taken < length) {
    const position = start + taken * step
    const index = Math.floor(position / chunk)
    const inChunk = position - index * chunk
    const count = Math.min(length - taken, Math.ceil((chunk - inChunk) / step))
    parts.push({ chunk: index, start: inChunk, length: count, regionStart: taken })
    taken += count
  }
  return parts
}
