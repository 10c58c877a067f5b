const crc32Table: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  return value
})

/** The CRC-32 of bytes from `start` to `end`. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let value = -1
  for (let index = start; index < end; index++) value = (value >>> 8) ^ crc32Table[(value ^ bytes[index]!) & 255]!
  return ~value >>> 0
}

// The table of CRC-64 in two halves: bigints in the loop would be a hundred times slower.
const lowTable = new Int32Array(256)
const highTable = new Int32Array(256)
for (let index = 0; index < 256; index++) {
  let low = index
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (isOdd) {
      low ^= 0xd7870f42
      high ^= 0xc96c5795
    }
  }
  lowTable[index] = low
  highTable[index] = high
}

/** The CRC-64 (ECMA-182, reflected) of bytes from `start` to `end`. */
export function crc64(bytes: Uint8Array, start: number, end: number): bigint {
  let low = -1
  let high = -1
  for (let index = start; index < end; index++) {
    const entry = (low ^ bytes[index]!) & 255
    low = ((low >>> 8) | (high << 24)) ^ lowTable[entry]!
    high = (high >>> 8) ^ highTable[entry]!
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)
}
