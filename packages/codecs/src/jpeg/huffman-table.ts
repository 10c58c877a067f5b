import { corrupt } from '../codec-errors.js'

/** Bits that the look-up table resolves at once; longer codes are rare. */
export const lookupBits = 9

/** A Huffman table ready to decode. */
export interface HuffmanTable {
  /** By the next `lookupBits` bits: length of the code << 8 | symbol; 0 for longer codes. */
  readonly lookup: Uint16Array
  /** Largest code of each length, -1 for none; one of 17 bits ends the search. */
  readonly maxCode: Int32Array
  /** What a code of each length is increased by to give its place in `symbols`. */
  readonly offset: Int32Array
  readonly symbols: Uint8Array
}

/** Builds a table of the number of codes of each length from 1 to 16, and their symbols (ITU-T T.81, C.2). */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const lookup = new Uint16Array(1 << lookupBits)
  const maxCode = new Int32Array(18).fill(-1)
  const offset = new Int32Array(18)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!
    offset[length] = index - code
    if (code + count > 1 << length) throw corrupt('jpeg', `the Huffman table has too many codes of ${length} bits`)
    for (let each = 0; each < count; each++, code++, index++) {
      if (length > lookupBits) continue
      const first = code << (lookupBits - length)
      lookup.fill((length << 8) | symbols[index]!, first, first + (1 << (lookupBits - length)))
    }
    if (count > 0) maxCode[length] = code - 1
    code <<= 1
  }
  maxCode[17] = 0x7fffffff
  return { lookup, maxCode, offset, symbols }
}
