import { corrupt } from '../codec-errors.js'
import { type HuffmanTable, lookupBits } from './huffman-table.js'

/**
 * Reads the bits of one entropy-coded segment, the highest of each byte first. The stuffed zero bytes are taken out before, so
 * that reading has no special cases; behind the end come zeros, and `assertInside` tells whether some were used.
 */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #accumulator = 0
  /** Valid bits in the accumulator. */
  #count = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Sees to it that at least 25 bits are there. */
  #fill(): void {
    const bytes = this.#bytes
    while (this.#count <= 24) {
      this.#accumulator = (this.#accumulator << 8) | (bytes[this.#at++] ?? 0)
      this.#count += 8
    }
  }

  /** The next symbol of a Huffman code. */
  symbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill()
    const entry = table.lookup[(this.#accumulator >>> (this.#count - lookupBits)) & ((1 << lookupBits) - 1)]!
    if (entry !== 0) {
      this.#count -= entry >> 8
      return entry & 255
    }
    return this.#longSymbol(table)
  }

  #longSymbol({ maxCode, offset, symbols }: HuffmanTable): number {
    let length = lookupBits + 1
    let code = (this.#accumulator >>> (this.#count - length)) & ((1 << length) - 1)
    while (code > maxCode[length]!) {
      length++
      if (length > 16) throw corrupt('jpeg', 'the image has a code that is in no Huffman table')
      code = (this.#accumulator >>> (this.#count - length)) & ((1 << length) - 1)
    }
    const symbol = symbols[code + offset[length]!]
    if (symbol === undefined) throw corrupt('jpeg', 'the image has a code that is in no Huffman table')
    this.#count -= length
    return symbol
  }

  /** The next `length` bits, at most 16. */
  bits(length: number): number {
    if (this.#count < length) this.#fill()
    this.#count -= length
    return (this.#accumulator >>> this.#count) & ((1 << length) - 1)
  }

  /** A coefficient of `length` bits, at most 16 (ITU-T T.81, F.2.2.1: RECEIVE and EXTEND). */
  signed(length: number): number {
    const value = this.bits(length)
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value
  }

  /** Throws if more bits were used than there are. */
  assertInside(): void {
    if (this.#at * 8 - this.#count > this.#bytes.byteLength * 8) throw corrupt('jpeg', 'the image data end too early')
  }
}

/** The bytes of an entropy-coded segment without stuffing, and where the marker behind it is. */
export function entropySegment(bytes: Uint8Array, offset: number): { readonly content: Uint8Array; readonly end: number } {
  let end = offset
  let stuffed = 0
  for (;;) {
    end = bytes.indexOf(0xff, end)
    if (end < 0) {
      end = bytes.byteLength
      break
    }
    if (bytes[end + 1] !== 0) break
    stuffed++
    end += 2
  }
  if (stuffed === 0) return { content: bytes.subarray(offset, end), end }
  const content = new Uint8Array(end - offset - stuffed)
  let to = 0
  for (let at = offset; at < end; ) {
    const byte = bytes[at]!
    content[to++] = byte
    at += byte === 0xff ? 2 : 1
  }
  return { content, end }
}
