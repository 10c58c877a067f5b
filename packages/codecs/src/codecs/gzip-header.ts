import { corrupt } from '../codec-errors.js'

/** What begins every member (RFC 1952). */
const fixedBytes = 10
/** Names and comments have no limit, but are not searched for their end for ever. */
const longestHeader = 1 << 20

/**
 * Checks the header of a gzip member.
 *
 * @param crc32 CRC-32 of the first bytes of the member, for headers that carry a checksum.
 * @returns Its length; `undefined` if the bytes end before it does.
 * @throws ERR_CORRUPT_DATA for anything else, and for a header of more than 1 MiB.
 */
export function gzipHeaderLength(bytes: Uint8Array, crc32: (length: number) => number): number | undefined {
  const magic = [0x1f, 0x8b, 8]
  for (const [at, byte] of bytes.subarray(0, 3).entries()) if (byte !== magic[at]) throw corrupt('gzip', 'no gzip header')
  if (bytes.byteLength < fixedBytes) return undefined
  const flags = bytes[3] ?? 0
  if ((flags & 0xe0) !== 0) throw corrupt('gzip', 'reserved flags are set')
  const word = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
  let position = fixedBytes
  if ((flags & 4) !== 0) position += 2 + word(position)
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue
    const end = position < bytes.byteLength ? bytes.subarray(0, longestHeader).indexOf(0, position) : -1
    if (end < 0 && bytes.byteLength >= longestHeader) throw corrupt('gzip', `a header is longer than ${longestHeader} bytes`)
    if (end < 0) return undefined
    position = end + 1
  }
  if ((flags & 2) !== 0) {
    if (position + 2 > bytes.byteLength) return undefined
    if ((crc32(position) & 0xffff) !== word(position)) throw corrupt('gzip', 'the checksum of the header does not match')
    position += 2
  }
  return position > bytes.byteLength ? undefined : position
}
