import { decodeBytes } from '@bioimage/codecs'
import { isAbort, SourceError, type Store } from '@bioimage/core'
import { memoryStore, unlessAborted } from '@bioimage/core/backend'
import { headerBytes, type MrcHeader, parseHeader } from './header.js'
import { fileBytesOf, layoutOf } from './layout.js'

/** How a file is compressed as a whole. */
export type Compression = 'gzip' | 'bz2'

/** Tells the compression by content: the magic of gzip or bzip2 where an MRC file would have its first dimension. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
  const [first, second, third] = bytes
  if (String.fromCharCode(...bytes.subarray(208, 212)) === 'MAP ') return undefined
  if (first === 0x1f && second === 0x8b && third === 8) return 'gzip'
  return first === 0x42 && second === 0x5a && third === 0x68 ? 'bz2' : undefined
}

/** A compressed file: its header, and its decompressed bytes as a store of one object. */
export interface DecompressedFile {
  readonly header: MrcHeader
  /** Decompressed at the first read, whole, and kept. */
  readonly store: Store
  release(): void
}

/** Deflate makes at most 1032 bytes of one (RFC 1951: 258 bytes by a 2-bit code). */
const maximalGzipRatio = 1032
/** bzip2 has no useful bound of its own: so much is taken for possible in any file. */
const bzip2Allowance = 256 << 20
/** Files may be longer than their header says; this much is read along. */
const trailingAllowance = 16 << 20
/** What one typed array holds in every runtime. */
const maximalBytes = 2 ** 32 - 2 ** 20
const prefixBytes = 64 << 10

/**
 * Reads the header of a compressed file: of gzip from its first bytes, of bzip2 by decompressing it.
 *
 * @throws ERR_CORRUPT_DATA, ERR_TOO_LARGE for more than 4 GiB, ERR_NOT_FOUND.
 */
export async function openCompressed(
  source: Store,
  compression: Compression,
  size: number,
  signal: AbortSignal | undefined
): Promise<DecompressedFile> {
  const prefix = compression === 'gzip' ? await gzipPrefix(source, signal) : undefined
  const limit = prefix === undefined ? undecodedLimit(compression, size) : announcedLimit(parseHeader(prefix), size)
  let whole: { readonly store: Promise<Store>; readonly signal: AbortSignal | undefined } | undefined
  /** All readers wait for one decompression; if the one who started it gives up, the next starts anew. */
  const load = async (signal: AbortSignal | undefined): Promise<Store> => {
    for (;;) {
      const running = whole ?? { store: decompress(source, compression, limit, signal), signal }
      whole = running
      try {
        return await unlessAborted(running.store, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (whole === running) whole = undefined
        if (!isAbort(error, running.signal)) throw error
      }
    }
  }
  const store: Store = {
    identity: `${source.identity}#${compression}`,
    path: source.path,
    remote: false,
    get: async (key, options) => (await load(options?.signal)).get(key, options),
    size: async (key, options) => (await load(options?.signal)).size(key)
  }
  const header = parseHeader(prefix ?? (await store.get('', { range: { offset: 0, length: headerBytes }, signal })) ?? new Uint8Array(0))
  return {
    header,
    store,
    release: () => {
      whole = undefined
    }
  }
}

/** @throws ERR_CORRUPT_DATA if a stream of this size cannot hold what its header announces. */
function announcedLimit(header: MrcHeader, size: number): number {
  const announced = fileBytesOf(header, layoutOf(header))
  if (announced > size * maximalGzipRatio) {
    throw new SourceError('ERR_CORRUPT_DATA', `the MRC header announces ${announced} bytes, but the file of ${size} bytes cannot hold them`)
  }
  if (announced > maximalBytes) {
    throw new SourceError('ERR_TOO_LARGE', `the file holds ${announced} bytes, which are decompressed at once; decompress it first`)
  }
  return Math.min(announced + trailingAllowance, maximalBytes)
}

function undecodedLimit(compression: Compression, size: number): number {
  const likely = size * maximalGzipRatio
  return Math.min(compression === 'gzip' ? likely : Math.max(likely, bzip2Allowance), maximalBytes)
}

async function decompress(source: Store, compression: Compression, maxBytes: number, signal: AbortSignal | undefined): Promise<Store> {
  const encoded = await source.get('', { signal })
  if (encoded === undefined) throw new SourceError('ERR_NOT_FOUND', `${source.path ?? 'the file'} does not exist`, { path: source.path })
  return memoryStore([['', await decodeBytes({ id: compression }, encoded, { maxBytes })]])
}

/** The decompressed header, from the beginning of the file; `undefined` if that does not give enough. */
async function gzipPrefix(source: Store, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  const bytes = await source.get('', { range: { offset: 0, length: prefixBytes }, signal })
  if (bytes === undefined || typeof DecompressionStream === 'undefined') return undefined
  const stream = new DecompressionStream('gzip')
  const writer = stream.writable.getWriter()
  // The stream is left cut, and whatever is wrong with it shows when it is read in full.
  writer.write(new Uint8Array(bytes)).catch(() => {})
  writer.close().catch(() => {})
  const reader = stream.readable.getReader()
  const prefix = new Uint8Array(headerBytes)
  let filled = 0
  try {
    while (filled < headerBytes) {
      const { done, value } = await reader.read()
      if (done) return undefined
      const part = value.subarray(0, headerBytes - filled)
      prefix.set(part, filled)
      filled += part.byteLength
    }
    return prefix
  } catch {
    return undefined
  } finally {
    reader.cancel().catch(() => {})
  }
}
