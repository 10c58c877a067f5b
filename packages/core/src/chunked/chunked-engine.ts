import type { Context } from '../context.js'
import type { AccessOptions } from '../define-source.js'
import { type DType, itemSizeOf } from '../dtype.js'
import { type ChunkCache, sharedChunkCache } from './chunk-cache.js'
import type { ChunkLocation } from './chunk-storage.js'
import { type ChunkedLayout, type ChunkShape, swapSizeOf } from './chunked-layout.js'
import type { ChunkCoder, ChunkCoding, CodecRuntime, CodecSpec } from './codec.js'
import type { Executor } from './executor.js'
import { checkDecoded, chunkError, fetchEncoded, inlineExecutor } from './inline-executor.js'

/** A chunked array with everything that reading and writing it takes. Made by {@link makeEngine}. */
export interface ChunkedEngine<D extends DType = DType> {
  readonly layout: ChunkedLayout<D>
  readonly runtime: CodecRuntime
  readonly executor: Executor
  readonly cache: ChunkCache | undefined
  readonly concurrency: number
  /** How chunks of that shape are encoded: by the layout's codecs, or by those of their location. */
  coding(chunk: ChunkShape, codecs?: readonly CodecSpec[]): ChunkCoding
  /** The coder for such chunks, loaded once. */
  coder(chunk: ChunkShape, codecs?: readonly CodecSpec[]): Promise<ChunkCoder>
  cacheKey(position: readonly number[]): string
}

/** Completes a layout by the runtime and the context's choices. */
export function makeEngine<D extends DType>(layout: ChunkedLayout<D>, runtime: CodecRuntime, context: Context): ChunkedEngine<D> {
  const itemSize = itemSizeOf(layout.dtype)
  const { store } = layout.storage
  const swapSize = swapSizeOf(layout)
  const swap: readonly CodecSpec[] = swapSize > 1 ? [{ id: 'bytes', endian: 'big', itemSize: swapSize }] : []
  const coders = new Map<string, Promise<ChunkCoder>>()
  const coding = ({ byteLength, storedShape }: ChunkShape, codecs = layout.codecs): ChunkCoding => ({
    codecs: [...swap, ...codecs],
    byteLength,
    itemSize,
    shape: storedShape
  })
  const prefix = `${cachePrefix(layout.identity)}${cacheScope(layout)}\n`
  return {
    layout,
    runtime,
    executor: context.executor ?? inlineExecutor,
    cache: context.cache === false ? undefined : (context.cache ?? sharedChunkCache()),
    concurrency: (context.concurrency ?? (store.remote ? 32 : 8)) * (store.getsPerRequest ?? 1),
    coding,
    coder(chunk, codecs) {
      const name = `${chunk.storedShape.join()}${codecs === undefined ? '' : JSON.stringify(codecs)}`
      let coder = coders.get(name)
      if (coder === undefined) {
        coder = runtime.coder(coding(chunk, codecs))
        coders.set(name, coder)
        coder.catch(() => coders.delete(name))
      }
      return coder
    },
    cacheKey: (position) => `${prefix}${position.join(',')}`
  }
}

let handles = 0

/**
 * Tells chunks in the cache that lie at one place from each other. Where no revision tells that an array was replaced, and nobody
 * writes here, every source has chunks of its own: one that is opened anew must not meet those of the array that was there before.
 * Elsewhere it is the way they are stored: the same bytes are another chunk once the metadata say so.
 */
function cacheScope({ storage: { store }, shape, dtype, chunks, edgeChunks, codecs, axisOrder, byteOrder }: ChunkedLayout): string {
  if (store.revision === undefined && store.set === undefined) return `handle ${++handles}`
  return JSON.stringify([dtype, chunks, edgeChunks === 'cut' && shape, codecs, axisOrder, byteOrder])
}

/** What the cache keys of an array begin with. */
export function cachePrefix(identity: string): string {
  return `${identity}\n`
}

/** Fetches and decodes a chunk into memory of its own; `undefined` if it is not stored. */
export async function loadChunk(
  engine: ChunkedEngine,
  position: readonly number[],
  chunk: ChunkShape,
  location: ChunkLocation | undefined,
  options: AccessOptions
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (location === undefined) return undefined
  const task = { store: engine.layout.storage.store, signal: options.signal, coding: engine.coding(chunk) }
  try {
    const encoded = await fetchEncoded(task, { location })
    if (encoded === undefined) return undefined
    const coder = await engine.coder(chunk, location.codecs)
    return await coder.decode(encoded, (decoded) => {
      checkDecoded(decoded, chunk.byteLength)
      return new Uint8Array(decoded)
    })
  } catch (error) {
    throw chunkError(error, task, { location, position })
  }
}
