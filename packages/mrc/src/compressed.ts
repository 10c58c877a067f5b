import { decodeBytes, seekableStream } from '@bioimage/codecs'
import { isAbort, resolveRange, SourceError, type Store } from '@bioimage/core'
import { unlessAborted } from '@bioimage/core/backend'
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
/** Files may be longer than their header says; this much is taken for possible. */
const trailingAllowance = 16 << 20
/** What one typed array holds in every runtime. */
const maximalBytes = 2 ** 32 - 2 ** 20
/** The stream is read once, in order: few places to begin again are needed. */
const gzipSpan = 4 << 20

/**
 * Reads the header of a compressed file, from its first bytes. The file itself is decompressed into one buffer of the size that
 * the header announces; beside that, gzip takes a few MiB and bzip2 the compressed file.
 *
 * @throws ERR_CORRUPT_DATA, ERR_TOO_LARGE for more than 4 GiB, ERR_NOT_FOUND.
 */
export async function openCompressed(
  source: Store,
  compression: Compression,
  size: number,
  signal: AbortSignal | undefined
): Promise<DecompressedFile> {
  const file: CompressedFile = { source, size }
  const { beginning, decompress } = compression === 'gzip' ? await openGzip(file, signal) : await openBzip2(file, signal)
  const header = parseHeader(beginning)
  const announced = fileBytesOf(header, layoutOf(header))
  checkAnnounced(announced, compression, size)
  let whole: { readonly store: Promise<ReadOnly>; readonly signal: AbortSignal | undefined } | undefined
  /** All readers wait for one decompression; if the one who started it gives up, the next starts anew. */
  const load = async (signal: AbortSignal | undefined): Promise<ReadOnly> => {
    for (;;) {
      const running = whole ?? { store: decompress(announced, signal), signal }
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
    size: async (key, options) => (await load(options?.signal)).size(key, options)
  }
  return {
    header,
    store,
    release: () => {
      whole = undefined
    }
  }
}

interface CompressedFile {
  readonly source: Store
  readonly size: number
}

type ReadOnly = Pick<Store, 'get' | 'size'>

/** A compressed file that is looked at: its first bytes, and what decompresses it. */
interface OpenedFile {
  readonly beginning: Uint8Array
  decompress(announced: number, signal: AbortSignal | undefined): Promise<ReadOnly>
}

/** @throws ERR_CORRUPT_DATA if a file of this size cannot hold what its header announces, ERR_TOO_LARGE. */
function checkAnnounced(announced: number, compression: Compression, size: number): void {
  if (announced > (compression === 'gzip' ? size * maximalGzipRatio : mostOfBzip2(size))) {
    throw new SourceError('ERR_CORRUPT_DATA', `the MRC header announces ${announced} bytes, but the file of ${size} bytes cannot hold them`)
  }
  if (announced > maximalBytes) {
    throw new SourceError('ERR_TOO_LARGE', `the file holds ${announced} bytes, which are decompressed at once; decompress it first`)
  }
}

async function openGzip({ source, size }: CompressedFile, signal: AbortSignal | undefined): Promise<OpenedFile> {
  const stream = await seekableStream(source, { format: 'gzip', length: size, span: gzipSpan, cache: false })
  const read = async (offset: number, length: number, scratch?: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> =>
    (await stream.get('', { range: { offset, length }, scratch, signal })) ?? new Uint8Array(0)
  return {
    beginning: await read(0, headerBytes, undefined, signal),
    decompress: async (announced, signal) => {
      const bytes = await read(0, announced, allocate(announced), signal)
      if ((await read(announced + trailingAllowance, 1, undefined, signal)).byteLength > 0) throw tooLong(announced)
      // To the end of the stream, where its checksum is.
      await stream.size('', { signal })
      return inMemory(bytes, stream)
    }
  }
}

async function openBzip2({ source, size }: CompressedFile, signal: AbortSignal | undefined): Promise<OpenedFile> {
  const read = async (signal: AbortSignal | undefined): Promise<Uint8Array> => {
    const bytes = await source.get('', { signal })
    if (bytes !== undefined) return bytes
    throw new SourceError('ERR_NOT_FOUND', `${source.path ?? 'the file'} does not exist`, { path: source.path })
  }
  /** Until it is decompressed; later it would only take memory. */
  let encoded: Uint8Array | undefined = await read(signal)
  const most = mostOfBzip2(size)
  return {
    beginning: (await decodeBytes({ id: 'bz2', stopAfter: headerBytes }, encoded, { maxBytes: most })).subarray(0, headerBytes),
    decompress: async (announced, signal) => {
      const maxBytes = Math.min(announced + trailingAllowance, most)
      const bytes = await decodeBytes({ id: 'bz2' }, encoded ?? (await read(signal)), { maxBytes, likelyBytes: announced })
      encoded = undefined
      return inMemory(bytes, undefined)
    }
  }
}

function mostOfBzip2(size: number): number {
  return Math.min(Math.max(size * maximalGzipRatio, bzip2Allowance), maximalBytes)
}

function tooLong(announced: number): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `the file is much longer than the ${announced} bytes that its MRC header announces`)
}

/** The bytes as an object, not copied; `whole` has those behind them. */
function inMemory(bytes: Uint8Array, whole: ReadOnly | undefined): ReadOnly {
  return {
    size: async (key, options) => (whole === undefined ? bytes.byteLength : whole.size(key, options)),
    get: async (key, options = {}) => {
      const { offset, length } = resolveRange(options.range, (await whole?.size(key, options)) ?? bytes.byteLength)
      if (offset + length > bytes.byteLength) return whole?.get(key, { ...options, range: { offset, length } })
      const { scratch } = options
      if (scratch === undefined || scratch.byteLength < length) return bytes.slice(offset, offset + length)
      const target = scratch.subarray(0, length)
      target.set(bytes.subarray(offset, offset + length))
      return target
    }
  }
}

function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new SourceError('ERR_TOO_LARGE', `cannot hold ${length} decompressed bytes at once; decompress the file first`, { cause })
  }
}
