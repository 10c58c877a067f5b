import { nodeModule } from './platform.js'

let table: Uint32Array | undefined

/** The CRC-32 of zip, gzip and PNG (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  const native = nodeModule('node:zlib')?.crc32
  if (native !== undefined) return native(bytes)
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1
    return remainder
  })
  let remainder = 0xffffffff
  for (const byte of bytes) remainder = (table[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8)
  return ~remainder >>> 0
}
