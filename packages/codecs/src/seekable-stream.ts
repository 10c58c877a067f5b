import type { Store } from '@bioimage/core'
import type { ChunkCache } from '@bioimage/core/backend'

/** Options of {@link seekableStream}. */
export interface SeekableStreamOptions {
  readonly format: 'gzip' | 'zlib'
  /** Object that holds the stream. Defaults to the root of the store. */
  readonly key?: string | undefined
  /** First byte of the stream in the object. Defaults to 0. */
  readonly offset?: number | undefined
  /** Bytes of the stream. */
  readonly length: number
  /**
   * Decompressed bytes that are wanted: what lies behind them is not given, and that the stream is damaged or cut there is its end. Its
   * checksum, where there is one, must match all the same. Defaults to all.
   */
  readonly decompressedLength?: number | undefined
  /** Decompressed bytes between two checkpoints. Defaults to 1 MiB; it doubles as often as more than 1024 would be needed. */
  readonly span?: number | undefined
  /** Keeps decompressed pieces; `false` for none. Defaults to one of 16 MiB for this stream. */
  readonly cache?: ChunkCache | false | undefined
  /** What {@link SeekableStream.exportIndex} gave for the same stream: no pass over the stream is needed then. */
  readonly index?: Uint8Array | undefined
  /**
   * Whether the index stays in `cache` when the stream is closed, as long as there is room, and is taken from there by whoever opens the
   * same stream again. Defaults to false.
   */
  readonly keepIndex?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The decompressed bytes of a stream, as a store of one object with the key `""`. */
export interface SeekableStream extends Store {
  /** Checkpoints, after a pass over what is left of the stream, for {@link SeekableStreamOptions.index}. */
  exportIndex(options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
  /** Whether all of the stream can be reached without a further pass. */
  readonly isIndexed: boolean
}

/**
 * Gives random access to a compressed stream. The first pass, which goes no further than reads need, remembers where decoding can
 * begin again; later reads decode only the pieces that they meet, and are held to the checksums of the first pass.
 *
 * The stream's own checksum lies behind all that it is of. The first pass gives pieces out before it has seen that: damage is noticed when
 * the pass meets it, or the checksum. From then on every read fails, of pieces that were given out before too; `size` and `exportIndex`
 * make the pass.
 *
 * Memory: 32 KiB per checkpoint, at most 32 MiB, and the cache.
 *
 * @throws ERR_CORRUPT_DATA for an `index` of another stream; from reads, for damage.
 */
export async function seekableStream(store: Store, options: SeekableStreamOptions): Promise<SeekableStream> {
  const { openSeekableStream } = await import('./seekable/seekable-stream.js')
  return openSeekableStream(store, options)
}
