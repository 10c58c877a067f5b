import type { Loop } from './loops.js'

/** Bytes that are moved at a time. */
export type WordSize = 1 | 2 | 4 | 8

/** The largest integer word in which every element and stride is whole. (Bit operations keep the low bits of any integer.) */
export function wordSize(itemSize: number, sourceStart: number, destinationStart: number, loops: readonly Loop[]): WordSize {
  const bits = loops.reduce((bits, loop) => bits | loop.sourceStride | loop.destinationStride, itemSize | sourceStart | destinationStart)
  if ((bits & 7) === 0) return 8
  if ((bits & 3) === 0) return 4
  return (bits & 1) === 0 ? 2 : 1
}

/** The words of a byte array from the word on in which it begins. */
export function words16(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, ...extentOf(bytes, 2))
}

/** See {@link words16}. */
export function words32(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, ...extentOf(bytes, 4))
}

/** See {@link words16}. */
export function words64(bytes: Uint8Array): BigInt64Array {
  return new BigInt64Array(bytes.buffer, ...extentOf(bytes, 8))
}

function extentOf({ byteOffset, byteLength }: Uint8Array, size: WordSize): [byteOffset: number, length: number] {
  const rest = byteOffset % size
  return [byteOffset - rest, Math.floor((byteLength + rest) / size)]
}
