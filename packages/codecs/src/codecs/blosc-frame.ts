import { corrupt, unsupported } from '../codec-errors.js'
import type { ExpectedLength } from '../codec-step.js'

export const headerLength = 16
/** Frames of less than this are stored, streams of less are not split (c-blosc's BLOSC_MIN_BUFFERSIZE). */
export const minBufferSize = 128
const maxSplits = 16

/** Compression formats by their number in the flags. */
export const formats = ['blosclz', 'lz4', 'snappy', 'zlib', 'zstd'] as const
export type BloscFormat = (typeof formats)[number]

export const flag = { shuffle: 1, stored: 2, bitShuffle: 4, notSplit: 0x10 } as const

/** Header of a Blosc 1 frame, checked against the bytes that are there and the length expected. */
export interface BloscHeader {
  readonly flags: number
  readonly format: BloscFormat
  readonly typesize: number
  /** Decoded bytes. */
  readonly nbytes: number
  readonly blocksize: number
  /** Encoded bytes with the header. */
  readonly cbytes: number
  readonly blocks: number
}

/** Reads the header. Everything later code allocates or addresses by was checked here. */
export function parseHeader(bytes: Uint8Array, expected: ExpectedLength): BloscHeader {
  if (bytes.byteLength < headerLength) throw corrupt('blosc', `${bytes.byteLength} bytes, the header alone has ${headerLength}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength)
  const version = view.getUint8(0)
  if (version !== 2) throw unsupported('blosc', `frame of format version ${version}; only Blosc 1 (version 2) is read`)
  const flags = view.getUint8(2)
  const typesize = view.getUint8(3)
  const nbytes = view.getUint32(4, true)
  const blocksize = view.getUint32(8, true)
  const cbytes = view.getUint32(12, true)
  if (expected.exact ? nbytes !== expected.max : nbytes > expected.max) {
    throw corrupt('blosc', `the header says ${nbytes} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  }
  if (cbytes < headerLength || cbytes > bytes.byteLength) {
    throw corrupt('blosc', `the header says ${cbytes} encoded bytes, there are ${bytes.byteLength}`)
  }
  const format = formats[flags >> 5]
  if (flags & flag.stored) {
    if (cbytes !== headerLength + nbytes) throw corrupt('blosc', `a stored frame of ${cbytes} bytes holds ${nbytes} bytes`)
    return { flags, format: format ?? 'blosclz', typesize, nbytes, blocksize, cbytes, blocks: 0 }
  }
  if (format === undefined) throw unsupported('blosc', `compression format ${flags >> 5} of the frame is not known`)
  if (typesize === 0) throw corrupt('blosc', 'the header says elements of 0 bytes')
  if (nbytes > 0 && (blocksize === 0 || blocksize > nbytes)) {
    throw corrupt('blosc', `the header says blocks of ${blocksize} bytes in a frame of ${nbytes}`)
  }
  const blocks = nbytes === 0 ? 0 : Math.ceil(nbytes / blocksize)
  if (headerLength + 4 * blocks > cbytes) throw corrupt('blosc', `${blocks} block offsets do not fit into ${cbytes} bytes`)
  return { flags, format, typesize, nbytes, blocksize, cbytes, blocks }
}

/** Streams that a block consists of: one per byte of an element, or one. */
export function streamsOf(header: BloscHeader, blockLength: number): number {
  const { flags, typesize, blocksize } = header
  if (flags & flag.notSplit || blockLength !== blocksize) return 1
  return isSplittable(typesize, blocksize) ? typesize : 1
}

export function isSplittable(typesize: number, blocksize: number): boolean {
  return typesize <= maxSplits && Math.floor(blocksize / typesize) >= minBufferSize
}
