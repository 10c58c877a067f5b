import { corrupt, unsupported } from '../codec-errors.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { ZlibKernel } from './zlib-kernel.js'

const endMark = 0x06054b50
const directoryMark = 0x02014b50
const entryMark = 0x04034b50
const endBytes = 22

/** A zip archive of a single file, for reading. */
export async function createZip(_: unknown, context: StepContext): Promise<CodecStep> {
  const kernel = await context.kernel()
  const inflate = new ZlibKernel(kernel, 'deflate')
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const archive = encoded.lasting()
      const { method, start, compressedLength, length, checksum } = findEntry(archive)
      if (expected.exact ? length !== expected.max : length > expected.max) {
        throw corrupt('zip', `the file in it has ${length} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
      }
      const stored = Payload.of(archive.subarray(start, start + compressedLength))
      const decoded = method === 0 ? stored : inflate.decode(stored, { max: length, exact: true })
      if (decoded.byteLength !== length) throw corrupt('zip', `the file in it has ${decoded.byteLength} bytes, its entry says ${length}`)
      const place = decoded.place(kernel.scratch)
      if (kernel.functions.crc(place, length, kernel.crcTables(0xedb88320), 0) >>> 0 !== checksum) {
        throw corrupt('zip', 'the checksum of the file in it does not match')
      }
      return decoded
    },
    encode: () => {
      throw unsupported('zip', 'encoding is not implemented; use "zlib"')
    }
  }
}

interface ZipEntry {
  readonly method: number
  readonly start: number
  readonly compressedLength: number
  readonly length: number
  readonly checksum: number
}

/** The only file, by the central directory: sizes in the local header may be missing. */
function findEntry(archive: Uint8Array): ZipEntry {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const word = (at: number): number => {
    if (at < 0 || at + 4 > archive.byteLength) throw corrupt('zip', 'the archive is cut')
    return view.getUint32(at, true)
  }
  const half = (at: number): number => word(at) & 0xffff
  // A comment of up to 64 KiB may follow the end record.
  let end = archive.byteLength - endBytes
  while (end >= 0 && end > archive.byteLength - endBytes - 65536 && word(end) !== endMark) end--
  if (end < 0 || word(end) !== endMark) throw corrupt('zip', 'there is no end record: the archive is cut, or is none')
  const entries = half(end + 10)
  const directory = word(end + 16)
  if (entries !== 1) throw corrupt('zip', `the archive holds ${entries} files, expected one`)
  if (word(directory) !== directoryMark) throw corrupt('zip', 'there is no central directory where the end record says')
  const method = half(directory + 10)
  if ((half(directory + 8) & 1) !== 0) throw unsupported('zip', 'the file in it is encrypted')
  if (method !== 0 && method !== 8) throw unsupported('zip', `the file in it is compressed by method ${method}; known are 0 and 8`)
  const [checksum, compressedLength, length, header] = [16, 20, 24, 42].map((at) => word(directory + at))
  if (checksum === undefined || compressedLength === undefined || length === undefined || header === undefined) throw corrupt('zip', 'cut')
  if (word(header) !== entryMark) throw corrupt('zip', 'there is no entry where the central directory says')
  const start = header + 30 + half(header + 26) + (word(header + 28) & 0xffff)
  if (start + compressedLength > archive.byteLength) throw corrupt('zip', 'the archive is cut')
  return { method, start, compressedLength, length, checksum }
}
