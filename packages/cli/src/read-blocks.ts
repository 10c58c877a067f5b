import { type DType, type NdArray, ndarray, type Region, type Source } from '@bioimage/core'
import { createData, forEachConcurrently, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { type Block, bytesOfBlock } from './blocks.js'
import type { MemoryPlan } from './memory.js'

/** How blocks are worked on. */
export interface BlockWork<B extends Block = Block> {
  readonly region: Region
  readonly blockShape: readonly number[]
  /** Those of the region to work on, as `blocksOf` gives them. */
  readonly blocks: Iterable<B>
  readonly memory: MemoryPlan
  readonly signal: AbortSignal
  /** Bytes of an element in its largest form. Defaults to those of the source. */
  readonly itemSize?: number | undefined
}

/**
 * Reads blocks, several at a time, into memory that is used again: the array given to `use` holds only until its promise
 * settles. Its shape has every axis.
 */
export async function readBlocks<B extends Block>(
  source: Source,
  work: BlockWork<B>,
  use: (block: B, array: NdArray, lane: number) => Promise<void> | void
): Promise<void> {
  const { region, blockShape, blocks, memory, signal, itemSize = itemSizeOf(source.dtype) } = work
  const lanes = bytesOfBlock(blockShape, region, itemSize) > memory.blockBytes ? 1 : memory.lanes
  const buffers = laneBuffers(bytesOfBlock(blockShape, region, itemSizeOf(source.dtype)))
  await forEachConcurrently(blocks, lanes, signal, async (block, lane) => {
    const out = viewOf(buffers(lane), block.shape, source.dtype)
    await source.get(block.index, { out, signal })
    await use(block, out, lane)
  })
}

/** An array of that shape at the beginning of a buffer. */
export function viewOf(buffer: ArrayBuffer, shape: readonly number[], dtype: DType): NdArray {
  return ndarray(createData(dtype, sizeOf(shape), buffer, 0), shape, dtype)
}

/** One buffer per lane, made when the lane first needs it. */
export function laneBuffers(bytes: number): (lane: number) => ArrayBuffer {
  const buffers: ArrayBuffer[] = []
  return (lane) => {
    buffers[lane] ??= new ArrayBuffer(bytes)
    return buffers[lane]
  }
}
