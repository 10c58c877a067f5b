import { type Context, type OpenOptions, type Source, SourceError } from '@bioimage/core'
import { ChunkCache, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { openArray } from './choose-array.js'
import { aboutInput } from './input.js'
import { formatBytes } from './units.js'

/** Shares of the memory that a person allows: for blocks, for decoded chunks, for chunks that are being decoded. */
export interface MemoryPlan {
  /** Bytes that one of the blocks under way may take. */
  readonly blockBytes: number
  /** Bytes that a block may take if it is the only one. */
  readonly largestBlockBytes: number
  /** Blocks worked on at the same time. */
  readonly lanes: number
  /** Bytes that the whole plan counts on. */
  readonly bytes: number
  /** How a source is opened so that it stays in its shares. */
  readonly context: Context
}

/** Chunks decoded at the same time for one block, where memory allows. */
const mostChunks = 4

/**
 * Divides the memory between blocks under way (a half), the cache of decoded chunks and those being decoded (a quarter each).
 * Chunks too large for that get what they need, and blocks the rest.
 *
 * @param chunkBytes Bytes of a decoded chunk of the input; 0 where there are none.
 * @throws ERR_TOO_LARGE if a chunk cannot be decoded in the memory beside a block.
 */
export function divideMemory(bytes: number, chunkBytes: number, context: Context, wantedLanes = 2): MemoryPlan {
  const quarter = Math.floor(bytes / 4)
  // A chunk is there twice while it is decoded: as it is stored, and decoded.
  const decoding = 2 * chunkBytes
  if (decoding + chunkBytes > bytes) {
    throw new SourceError(
      'ERR_TOO_LARGE',
      `a chunk of the array takes ${formatBytes(chunkBytes)} and is decoded whole: allow --memory ${formatMebibytes(3 * chunkBytes)}`
    )
  }
  const lanes = decoding * wantedLanes <= quarter ? wantedLanes : 1
  const concurrency = decoding === 0 ? mostChunks : Math.min(mostChunks, Math.max(1, Math.floor(quarter / (decoding * lanes))))
  const left = bytes - Math.max(quarter, decoding)
  // A cache keeps what takes up to half of it.
  const wantedCache = Math.max(quarter, 2 * chunkBytes)
  const cacheBytes = wantedCache <= left / 2 ? wantedCache : 0
  // Beside the block itself its encoded form is in memory.
  const largestBlockBytes = Math.floor((left - cacheBytes) / 2)
  return {
    blockBytes: Math.floor(largestBlockBytes / lanes),
    largestBlockBytes,
    lanes,
    bytes,
    context: { ...context, cache: cacheBytes === 0 ? false : new ChunkCache(cacheBytes), concurrency }
  }
}

/** An array opened for reading, and the memory that reading it may take. */
export interface OpenedWithin {
  readonly source: Source
  readonly memory: MemoryPlan
}

/**
 * Opens an array so that reading it stays within the memory, its chunks counted.
 *
 * @throws what {@link divideMemory} and `openArray` throw.
 */
export async function openWithin(path: string, options: OpenOptions, bytes: number, lanes?: number): Promise<OpenedWithin> {
  const { context = {} } = options
  const memory = divideMemory(bytes, 0, context, lanes)
  const source = await aboutInput(path, () => openArray(path, { ...options, context: memory.context }))
  try {
    const fitted = divideMemory(bytes, bytesOfChunk(source), context, lanes)
    if (fitted.context.concurrency === memory.context.concurrency && fitted.blockBytes === memory.blockBytes) return { source, memory }
    await source.close()
    return { source: await aboutInput(path, () => openArray(path, { ...options, context: fitted.context })), memory: fitted }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Bytes of a decoded chunk; 0 where any element is read by itself. */
export function bytesOfChunk({ chunks, dtype }: Pick<Source, 'chunks' | 'dtype'>): number {
  return chunks === null ? 0 : sizeOf(chunks) * itemSizeOf(dtype)
}

/** As `--memory` takes it: whole mebibytes, rounded up. */
export function formatMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)}MiB`
}
