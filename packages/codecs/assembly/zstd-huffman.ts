import { buildDecodingTable, ENTRY_NEXT, ENTRY_SYMBOL, ENTRY_WIDTH, readCounts } from './zstd-fse'
import {
  HUFFMAN_PAIRS,
  HUFFMAN_SINGLES,
  RANKS,
  STATE_ACCURACY,
  STATE_HUFFMAN,
  STATE_PAIRABLE,
  STATE_PAIRS,
  STATE_SYMBOLS,
  TABLE_WEIGHTS,
  WEIGHTS,
  ZSTD_CORRUPT,
} from './zstd-layout'

/*
 * Huffman trees of literals (RFC 8878 section 4.2). The tables are indexed by the next 11 or 12 bits of a stream, whatever the depth of
 * the tree. A single is symbol << 8 | code length. A pair is symbols << 16 | number of symbols << 8 | length of the codes. Entries serve
 * as shift counts: only the low six bits of a count matter.
 */
export const INDEX_BITS: u32 = 11
export const PAIR_BITS: u32 = 12

/** `width` bits whose highest is bit `position - 1` of a backward stream; at most 25. The three bytes before the stream must be readable. */
// @ts-ignore: decorator
@inline
function bitsBelow(start: usize, position: i32, width: i32): u32 {
  if (width == 0) return 0
  const word = load<u32>(start + <usize>((position - 1) >> 3) - 3)
  return (word >> (25 + ((position - 1) & 7) - width)) & ((1 << width) - 1)
}

/** Decodes finite-state coded weights (RFC 8878 section 4.2.1.2); returns their number or ZSTD_CORRUPT. */
function decodeWeights(source: usize, end: usize, workspace: usize): i32 {
  const weights = workspace + WEIGHTS
  const header = readCounts(source, end, 256, 6, workspace)
  if (header < 0) return header
  const accuracy = load<u32>(workspace + STATE_ACCURACY)
  buildDecodingTable(TABLE_WEIGHTS, load<u32>(workspace + STATE_SYMBOLS), accuracy, 0, workspace)
  const start = source + header
  if (start >= end) return ZSTD_CORRUPT
  const mark = <u32>load<u8>(end - 1)
  if (mark == 0) return ZSTD_CORRUPT
  let position = (<i32>(end - start) << 3) - <i32>(clz<u32>(mark) - 23)
  if (position < <i32>accuracy * 2) return ZSTD_CORRUPT
  // Two states take turns.
  let state = workspace + TABLE_WEIGHTS + (bitsBelow(start, position, accuracy) << 3)
  position -= accuracy
  let other = workspace + TABLE_WEIGHTS + (bitsBelow(start, position, accuracy) << 3)
  position -= accuracy
  let count: i32 = 0
  while (count < 254) {
    store<u8>(weights + count, load<u8>(state, ENTRY_SYMBOL))
    count += 1
    const width = <i32>load<u8>(state, ENTRY_WIDTH)
    if (width > position) {
      store<u8>(weights + count, load<u8>(other, ENTRY_SYMBOL))
      return count + 1
    }
    const next = workspace + load<u16>(state, ENTRY_NEXT) + (bitsBelow(start, position, width) << 3)
    state = other
    other = next
    position -= width
  }
  return ZSTD_CORRUPT
}

/** Reads a tree description and builds the table of singles; returns its length in bytes or ZSTD_CORRUPT. */
export function readHuffmanTree(source: usize, end: usize, workspace: usize): i32 {
  if (source >= end) return ZSTD_CORRUPT
  const weights = workspace + WEIGHTS
  const header = <u32>load<u8>(source)
  let length: u32
  let count: u32
  if (header >= 128) {
    count = header - 127
    length = (count + 1) >> 1
    if (length > <u32>(end - source) - 1) return ZSTD_CORRUPT
    for (let index: u32 = 0; index < count; index++) {
      const both = <u32>load<u8>(source + 1 + (index >> 1))
      store<u8>(weights + index, <u8>((index & 1) != 0 ? both & 15 : both >> 4))
    }
  } else {
    length = header
    if (length > <u32>(end - source) - 1) return ZSTD_CORRUPT
    const decoded = decodeWeights(source + 1, source + 1 + length, workspace)
    if (decoded < 0) return decoded
    count = <u32>decoded
  }
  if (!buildSingles(count, workspace)) return ZSTD_CORRUPT
  return <i32>length + 1
}

/** Completes the weights by the last, implied one and fills the table of singles; false when they are no complete tree of depth <= 11. */
function buildSingles(known: u32, workspace: usize): bool {
  const weights = workspace + WEIGHTS
  const ranks = workspace + RANKS
  const table = workspace + HUFFMAN_SINGLES
  memory.fill(ranks, 0, 64)
  let sum: u32 = 0
  for (let symbol: u32 = 0; symbol < known; symbol++) {
    const weight = <u32>load<u8>(weights + symbol)
    if (weight > INDEX_BITS) return false
    store<u32>(ranks + (weight << 2), load<u32>(ranks + (weight << 2)) + 1)
    sum += ((<u32>1) << weight) >> 1
  }
  if (sum == 0) return false
  const depth: u32 = 32 - clz<u32>(sum)
  if (depth > INDEX_BITS) return false
  const rest = ((<u32>1) << depth) - sum
  if ((rest & (rest - 1)) != 0) return false
  const lastWeight: u32 = 32 - clz<u32>(rest)
  store<u8>(weights + known, <u8>lastWeight)
  store<u32>(ranks + (lastWeight << 2), load<u32>(ranks + (lastWeight << 2)) + 1)
  if (load<u32>(ranks, 4) < 2) return false
  // From counts to the place of the first symbol of each weight: longest codes, which have the lowest weight, come first.
  // In passing, the share of index space of each length tells how many pairs of codes will fit into an index.
  const scale = INDEX_BITS - depth
  let place: u32 = 0
  for (let weight: u32 = 1; weight <= depth; weight++) {
    const count = load<u32>(ranks + (weight << 2))
    store<u32>(ranks + (weight << 2), place)
    place += count << (weight - 1 + scale)
  }
  let pairable: u32 = 0
  for (let weight: u32 = 1; weight <= depth; weight++) {
    const space = (weight < depth ? load<u32>(ranks + (weight << 2), 4) : place) - load<u32>(ranks + (weight << 2))
    // Codes that fit behind this one have at most PAIR_BITS - length bits: they begin at the place of the weight of that length.
    const partner = depth + 1 + (depth + 1 - weight) - min<u32>(PAIR_BITS, depth + (depth + 1 - weight))
    pairable += space * (place - load<u32>(ranks + (partner << 2)))
  }
  store<u32>(workspace + STATE_PAIRABLE, pairable)
  for (let symbol: u32 = 0; symbol <= known; symbol++) {
    const weight = <u32>load<u8>(weights + symbol)
    if (weight == 0) continue
    const length = (<u32>1) << (weight - 1 + scale)
    const first = load<u32>(ranks + (weight << 2))
    store<u32>(ranks + (weight << 2), first + length)
    const entry = (symbol << 8) | (depth + 1 - weight)
    const start = table + (first << 1)
    if (length >= 8) {
      const vector = i16x8.splat(<i16>entry)
      for (let offset: u32 = 0; offset < length << 1; offset += 16) v128.store(start + offset, vector)
    } else {
      for (let offset: u32 = 0; offset < length << 1; offset += 2) store<u16>(start + offset, <u16>entry)
    }
  }
  store<u32>(workspace + STATE_HUFFMAN, 1)
  store<u32>(workspace + STATE_PAIRS, 0)
  return true
}

/** Fills the table of pairs from that of singles. */
export function buildPairs(workspace: usize): void {
  const singles = workspace + HUFFMAN_SINGLES
  const pairs = workspace + HUFFMAN_PAIRS
  let width: u32 = 0
  let model: usize = 0
  let modelSymbol: u32 = 0
  for (let index: u32 = 0; index < 1 << INDEX_BITS; ) {
    const first = <u32>load<u16>(singles + (index << 1))
    const target = pairs + (index << 3)
    const free = PAIR_BITS - (first & 0xff)
    if ((first & 0xff) != width) {
      // The first code of a length: look up what follows it.
      width = first & 0xff
      model = target
      modelSymbol = first >> 8
      for (let rest: u32 = 0; rest < (<u32>1) << free; rest++) {
        const second = <u32>load<u16>(singles + (((rest << width) >> 1) << 1))
        const both = width + (second & 0xff)
        const entry = both <= PAIR_BITS ? ((second & 0xff00) << 16) | 0x200 | both : 0x100 | width
        store<u32>(target + (rest << 2), entry | (modelSymbol << 16))
      }
    } else {
      // The other codes of this length differ in their first symbol alone, which is larger. A step may write too far: what it
      // overwrites is filled later.
      const difference = i32x4.splat(((first >> 8) - modelSymbol) << 16)
      for (let offset: u32 = 0; offset < (<u32>4) << free; offset += 16) {
        v128.store(target + offset, i32x4.add(v128.load(model + offset), difference))
      }
    }
    index += 1 << (free - 1)
  }
  store<u32>(workspace + STATE_PAIRS, 1)
}
