import type { Context } from '../context.js'
import type { AccessOptions, RegionAccess } from '../define-source.js'
import type { DType } from '../dtype.js'
import type { Region } from '../indexing.js'
import type { NdArray } from '../nd-array.js'
import { sharedChunkCache } from './chunk-cache.js'
import { cachePrefix, makeEngine } from './chunked-engine.js'
import type { ChunkedLayout } from './chunked-layout.js'
import type { CodecRuntime } from './codec.js'
import { readChunks } from './read-chunks.js'
import { writeChunks } from './write-chunks.js'

/**
 * The chunked engine: reads and writes regions of an array that is stored in chunks. It plans which chunks a region needs,
 * fetches neighbours together, decodes, and copies every element once into its place; a partial write reads, changes and
 * writes a chunk under its lock.
 */
export function chunkedAccess<D extends DType>(layout: ChunkedLayout<D>, runtime: CodecRuntime, context: Context = {}): RegionAccess<D> {
  const engine = makeEngine(layout, runtime, context)
  const prefix = cachePrefix(layout.identity)
  return {
    read: (region, out, options) => readChunks(engine, region, out, options),
    ...(layout.storage.write !== undefined && {
      write: (region: Region, value: NdArray<D>, options: AccessOptions) => writeChunks(engine, region, value, options)
    }),
    close: async () => engine.cache?.invalidateAll(prefix)
  }
}

/** Forgets the decoded chunks of an array that was replaced, which other handles may have left in the cache. */
export function forgetChunks(identity: string, context: Context): void {
  if (context.cache !== false) (context.cache ?? sharedChunkCache()).invalidateAll(cachePrefix(identity))
}
