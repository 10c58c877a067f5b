import { corrupt } from '../codec-errors.js'
import { gzipHeaderLength } from '../codecs/gzip-header.js'
import type { Kernel } from '../kernel/kernel.js'
import { combineAdler32, combineCrc32 } from './combine-checksums.js'

/** What lies around deflate data: headers, trailers, checksums. */
export interface StreamFormat {
  readonly id: 'gzip' | 'zlib'
  /** Whether another stream may follow, whose output follows too. */
  readonly hasMembers: boolean
  /** The checksum of no bytes. */
  readonly emptyChecksum: number
  readonly trailerLength: number
  checksum(kernel: Kernel, place: number, length: number): number
  combine(first: number, second: number, secondLength: number): number
  /** Length of the header that bytes begin with, which lie at `place` in the kernel too; `undefined` if they end before it. */
  headerLength(bytes: Uint8Array, kernel: Kernel, place: number): number | undefined
  /** @throws ERR_CORRUPT_DATA if the trailer says another checksum or length. */
  checkTrailer(trailer: Uint8Array, checksum: number, length: number): void
}

const crc32 = (kernel: Kernel, place: number, length: number): number =>
  kernel.functions.crc(place, length, kernel.crcTables(0xedb88320), 0) >>> 0

/** RFC 1952: members one behind the other. */
const gzip: StreamFormat = {
  id: 'gzip',
  hasMembers: true,
  emptyChecksum: 0,
  trailerLength: 8,
  checksum: crc32,
  combine: combineCrc32,
  headerLength: (bytes, kernel, place) => gzipHeaderLength(bytes, (length) => crc32(kernel, place, length)),
  checkTrailer(trailer, checksum, length) {
    const view = new DataView(trailer.buffer, trailer.byteOffset, 8)
    if (view.getUint32(0, true) !== checksum) throw corrupt('gzip', 'the checksum does not match')
    if (view.getUint32(4, true) !== length % 2 ** 32) throw corrupt('gzip', 'the stored length does not match')
  }
}

/** RFC 1950. */
const zlib: StreamFormat = {
  id: 'zlib',
  hasMembers: false,
  emptyChecksum: 1,
  trailerLength: 4,
  checksum: (kernel, place, length) => kernel.functions.adler32(place, length) >>> 0,
  combine: combineAdler32,
  headerLength(bytes) {
    const [method, flags] = bytes
    if (method === undefined || flags === undefined) return undefined
    if ((method * 256 + flags) % 31 !== 0 || (method & 15) !== 8 || method >> 4 > 7) throw corrupt('zlib', 'no zlib header')
    if ((flags & 0x20) !== 0) throw corrupt('zlib', 'the stream needs a dictionary')
    return 2
  },
  checkTrailer(trailer, checksum) {
    if (new DataView(trailer.buffer, trailer.byteOffset, 4).getUint32(0) !== checksum) throw corrupt('zlib', 'the checksum does not match')
  }
}

export const streamFormats: Readonly<Record<StreamFormat['id'], StreamFormat>> = { gzip, zlib }
