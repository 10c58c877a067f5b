import { type Context, type DType, type NdArray, ndarray, type Region, type Source } from '@bioimage/core'
import { ChunkCache, createData, forEachConcurrently, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { type Block, blocksOf, bytesOfBlock } from './blocks.js'

/** Shares of the memory that a person allows: for blocks, for decoded chunks, for requests under way. */
export interface MemoryPlan {
  /** Bytes that one block may take. */
  readonly blockBytes: number
  /** Blocks worked on at the same time. */
  readonly lanes: number
  /** How a source is opened so that its cache stays in its share. */
  readonly context: Context
}

/** Divides the memory between blocks under way (a half) and the cache of decoded chunks (a quarter). */
export function divideMemory(bytes: number, context: Context, lanes = 2): MemoryPlan {
  // Beside the block itself its encoded form is in memory.
  return {
    blockBytes: Math.floor(bytes / 4 / lanes),
    lanes,
    context: { ...context, cache: new ChunkCache(Math.floor(bytes / 4)), concurrency: 4 }
  }
}

/** Options of {@link readBlocks}. */
export interface ReadBlocksOptions {
  readonly region: Region
  readonly blockShape: readonly number[]
  readonly lanes: number
  readonly signal: AbortSignal
}

/**
 * Reads a region block by block, several at a time, into memory that is used again: the array given to `use` holds only
 * until its promise settles. Its shape has every axis.
 */
export async function readBlocks(
  source: Source,
  options: ReadBlocksOptions,
  use: (block: Block, array: NdArray) => Promise<void> | void
): Promise<void> {
  const { region, blockShape, lanes, signal } = options
  const bytes = bytesOfBlock(blockShape, region, itemSizeOf(source.dtype))
  const buffers = new Map<number, ArrayBuffer>()
  await forEachConcurrently(blocksOf(region, blockShape), lanes, signal, async (block, lane) => {
    let buffer = buffers.get(lane)
    if (buffer === undefined) {
      buffer = new ArrayBuffer(bytes)
      buffers.set(lane, buffer)
    }
    const out = viewOf(buffer, block.shape, source.dtype)
    await source.get(block.index, { out, signal })
    await use(block, out)
  })
}

/** An array of that shape at the beginning of a buffer. */
export function viewOf(buffer: ArrayBuffer, shape: readonly number[], dtype: DType): NdArray {
  return ndarray(createData(dtype, sizeOf(shape), buffer, 0), shape, dtype)
}
