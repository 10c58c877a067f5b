/**
 * The lower 64 bits of MurmurHash3_x86_128 of a 64-bit number, hashed as its 8 little-endian bytes.
 */
export function murmurHash3(key: bigint, seed = 0): bigint {
  const low = Number(key & 0xffffffffn)
  const high = Number((key >> 32n) & 0xffffffffn)
  let h2 = seed ^ Math.imul(rotateLeft(Math.imul(high, 0xab0e9789), 16), 0x38b34ae5)
  let h1 = seed ^ Math.imul(rotateLeft(Math.imul(low, 0x239b961b), 15), 0xab0e9789)
  const length = 8
  h1 ^= length
  h2 ^= length
  // The third and the fourth part of the state begin equal and stay so.
  let h3 = seed ^ length
  h1 = (h1 + h2 + 2 * h3) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h1 = finalMix(h1)
  h2 = finalMix(h2)
  h3 = finalMix(h3)
  h1 = (h1 + h2 + 2 * h3) | 0
  h2 = (h2 + h1) | 0
  return (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0)
}

function rotateLeft(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}

function finalMix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
