import { corrupt } from './structure-reader.js'

/** Bob Jenkins' lookup3 with initial value 0: the checksum of all newer metadata, and the hash of names. */
export function lookup3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let length = bytes.byteLength
  let a = (0xdeadbeef + length) | 0
  let b = a
  let c = a
  let at = 0
  for (; length > 12; length -= 12, at += 12) {
    a = (a + view.getInt32(at, true)) | 0
    b = (b + view.getInt32(at + 4, true)) | 0
    c = (c + view.getInt32(at + 8, true)) | 0
    a = ((a - c) ^ rotate(c, 4)) | 0
    c = (c + b) | 0
    b = ((b - a) ^ rotate(a, 6)) | 0
    a = (a + c) | 0
    c = ((c - b) ^ rotate(b, 8)) | 0
    b = (b + a) | 0
    a = ((a - c) ^ rotate(c, 16)) | 0
    c = (c + b) | 0
    b = ((b - a) ^ rotate(a, 19)) | 0
    a = (a + c) | 0
    c = ((c - b) ^ rotate(b, 4)) | 0
    b = (b + a) | 0
  }
  if (length === 0) return c >>> 0
  const tail = new DataView(new ArrayBuffer(12))
  for (let index = 0; index < length; index++) tail.setUint8(index, view.getUint8(at + index))
  a = (a + tail.getInt32(0, true)) | 0
  b = (b + tail.getInt32(4, true)) | 0
  c = (c + tail.getInt32(8, true)) | 0
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  c = ((c ^ b) - rotate(b, 24)) | 0
  return c >>> 0
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

/**
 * Checks a structure whose last four bytes are the checksum of all before them.
 *
 * @throws ERR_CORRUPT_DATA
 */
export function checkChecksum(bytes: Uint8Array, name: string): void {
  const end = bytes.byteLength - 4
  if (end < 0) throw corrupt(`the ${name} ends before its checksum`)
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(end, true)
  if (stored !== lookup3(bytes.subarray(0, end))) throw corrupt(`the checksum of the ${name} does not match`)
}
