import { type IndexEntry, type Region, slice } from '@bioimage/core'

/** A part of a region. */
export interface Block {
  /** Selects the block from the array; one slice per axis. */
  readonly index: readonly IndexEntry[]
  /** Position of its first element in the region. */
  readonly position: readonly number[]
  readonly shape: readonly number[]
}

/** What {@link planBlocks} needs to know. */
export interface BlockRequest {
  readonly region: Region
  /** Bytes of one element. */
  readonly itemSize: number
  /** Bytes that a block may take. A single unit may take more. */
  readonly maxBytes: number
  /** Blocks begin and end at multiples of this, in elements of the array. Defaults to 1 for every axis. */
  readonly unit?: readonly number[] | null | undefined
  /** Chunks of the array that is read: blocks grow so that few of them are read twice. */
  readonly readChunks?: readonly number[] | null | undefined
}

/** Chooses the shape of blocks, in elements of the array: a multiple of the unit, as large as the bytes allow. */
export function planBlocks(request: BlockRequest): number[] {
  const { region, itemSize, maxBytes, readChunks } = request
  const unit = region.shape.map((_, axis) => Math.max(1, request.unit?.[axis] ?? 1))
  const stop = (axis: number): number => (region.start[axis] ?? 0) + (region.shape[axis] ?? 0) * (region.step[axis] ?? 1)
  const whole = unit.map((length, axis) => Math.max(1, Math.ceil(stop(axis) / length)) * length)
  const block = [...unit]
  for (;;) {
    let best: { axis: number; length: number; gain: number } | undefined
    for (let axis = block.length - 1; axis >= 0; axis--) {
      const length = grow(block[axis] ?? 1, unit[axis] ?? 1, whole[axis] ?? 1)
      if (length === block[axis] || bytesOfBlock(block.with(axis, length), region, itemSize) > maxBytes) continue
      const chunk = readChunks?.[axis] ?? 1
      const gain = amplification(region, axis, block[axis] ?? 1, chunk) / amplification(region, axis, length, chunk)
      // Where nothing is saved the last axis grows first: the longest runs in files.
      if (best === undefined || gain > best.gain * 1.01) best = { axis, length, gain }
    }
    if (best === undefined) return block
    block[best.axis] = best.length
  }
}

/** The blocks of a region in C order. Every block but those at the edges begins at a multiple of `blockShape` in the array. */
export function* blocksOf(region: Region, blockShape: readonly number[]): Generator<Block> {
  const cuts = region.shape.map((_, axis) => cutsOf(region, axis, blockShape[axis] ?? 1))
  if (cuts.some((list) => list.length === 0)) return
  const at = cuts.map(() => 0)
  for (;;) {
    const parts = cuts.map((list, axis) => list[at[axis] ?? 0] ?? { position: 0, length: 0 })
    yield {
      index: parts.map(({ position, length }, axis) => {
        const step = region.step[axis] ?? 1
        const start = (region.start[axis] ?? 0) + position * step
        return slice(start, start + (length - 1) * step + 1, step)
      }),
      position: parts.map((part) => part.position),
      shape: parts.map((part) => part.length)
    }
    let axis = at.length - 1
    for (; axis >= 0; axis--) {
      at[axis] = (at[axis] ?? 0) + 1
      if ((at[axis] ?? 0) < (cuts[axis]?.length ?? 0)) break
      at[axis] = 0
    }
    if (axis < 0) return
  }
}

/** How many blocks {@link blocksOf} gives. */
export function countBlocks(region: Region, blockShape: readonly number[]): number {
  return region.shape.reduce((count, _, axis) => count * cutsOf(region, axis, blockShape[axis] ?? 1).length, 1)
}

/** Bytes of the largest block. */
export function bytesOfBlock(blockShape: readonly number[], region: Region, itemSize: number): number {
  return region.shape.reduce(
    (bytes, length, axis) => bytes * Math.min(length, Math.ceil((blockShape[axis] ?? 1) / (region.step[axis] ?? 1))),
    itemSize
  )
}

interface Cut {
  readonly position: number
  readonly length: number
}

function cutsOf(region: Region, axis: number, blockLength: number): Cut[] {
  const [start = 0, count = 0, step = 1] = [region.start[axis], region.shape[axis], region.step[axis]]
  const cuts: Cut[] = []
  for (let position = 0; position < count; ) {
    const index = start + position * step
    const end = (Math.floor(index / blockLength) + 1) * blockLength
    const length = Math.min(count - position, Math.ceil((end - index) / step))
    cuts.push({ position, length })
    position += length
  }
  return cuts
}

function grow(length: number, unit: number, whole: number): number {
  return Math.min(whole, Math.max(unit, length * 2))
}

/** How many times the elements along an axis are decoded, when blocks of this length are read from chunks of that. */
function amplification(region: Region, axis: number, blockLength: number, chunkLength: number): number {
  const start = region.start[axis] ?? 0
  const stop = start + (region.shape[axis] ?? 0) * (region.step[axis] ?? 1)
  let decoded = 0
  let covered = 0
  // A few thousand blocks tell the ratio.
  for (let at = start, blocks = 0; at < stop && blocks < 4096; blocks++) {
    const end = Math.min(stop, (Math.floor(at / blockLength) + 1) * blockLength)
    decoded += Math.ceil(end / chunkLength) * chunkLength - Math.floor(at / chunkLength) * chunkLength
    covered += end - at
    at = end
  }
  return covered === 0 ? 1 : decoded / covered
}
