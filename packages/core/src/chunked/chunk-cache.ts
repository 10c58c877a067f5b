import { LoadingCache } from './loading-cache.js'

/**
 * Decoded chunks, least recently used first out, bounded by bytes. Chunks that are wanted twice at the same time are loaded
 * once. Cached bytes are shared: nobody may change them.
 */
export class ChunkCache extends LoadingCache<Uint8Array> {
  /** @param maxBytes Bytes of decoded chunks to keep. */
  constructor(maxBytes: number) {
    super(maxBytes, (bytes) => bytes.byteLength)
  }
}

let shared: ChunkCache | undefined

/** The cache of the process, of 128 MiB. */
export function sharedChunkCache(): ChunkCache {
  shared ??= new ChunkCache(128 << 20)
  return shared
}
