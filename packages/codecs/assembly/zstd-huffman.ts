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
const INDEX_BITS: u32 = 11
const PAIR_BITS: u32 = 12
/** Literals and pairs (of 2^22) from which on pairs are faster than singles. */
const PAIR_COUNT: u32 = 8192
const PAIR_SHARE: u32 = 2300000

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
function buildPairs(workspace: usize): void {
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

/**
 * Decodes symbols until `out` reaches `outEnd`, `consumed` bits of the eight bytes at `position` being used up; true when that takes
 * exactly all bits down to `start`. Reads no lower than start - 8, which always lies in the same frame.
 */
function finishStream(start: usize, position: usize, consumed: u32, out: usize, outEnd: usize, table: usize): bool {
  const lowest = start - 8
  while (out < outEnd) {
    const bytes = min<usize>(consumed >> 3, position - lowest)
    position -= bytes
    consumed -= <u32>bytes << 3
    let bits = load<u64>(position) << <u64>consumed
    const last = min<usize>(outEnd, out + 5)
    while (out < last) {
      const entry = <u32>load<u16>(table + (<usize>(bits >> 53) << 1))
      bits <<= <u64>entry
      consumed += entry & 0xff
      store<u8>(out, <u8>(entry >> 8))
      out += 1
    }
  }
  return <u32>(position - lowest) << 3 == consumed
}

/** Decodes one stream. */
export function decodeHuffmanStream(source: usize, end: usize, out: usize, count: u32, workspace: usize): bool {
  if (source >= end) return false
  const mark = <u32>load<u8>(end - 1)
  if (mark == 0) return false
  return finishStream(source, end - 8, clz<u32>(mark) - 23, out, out + count, workspace + HUFFMAN_SINGLES)
}

/** May be negative. */
// @ts-ignore: decorator
@inline
function distance(from: usize, to: usize): i32 {
  return <i32>(to - from)
}

// @ts-ignore: decorator
@inline
function firstBits(end: usize): u64 {
  return (load<u64>(end - 8) | 1) << <u64>(clz<u32>(<u32>load<u8>(end - 1)) - 23)
}

// @ts-ignore: decorator
@inline
function single(bits: u64, table: usize, out: usize): u64 {
  const entry = <u64>load<u16>(table + (<usize>(bits >> 53) << 1))
  store<u8>(out, <u8>(entry >> 8))
  return bits << entry
}

// @ts-ignore: decorator
@inline
function pairAt(bits: u64, table: usize): u32 {
  return load<u32>(table + (<usize>(bits >> 52) << 2))
}

/**
 * Decodes four streams behind their jump table (RFC 8878 section 4.2.2). The top of each 64-bit container holds the next bits; a one bit
 * below the last of them tells by its place how many bits were used.
 */
export function decodeHuffmanStreams(source: usize, end: usize, out: usize, count: u32, workspace: usize): bool {
  if (end - source < 10) return false
  const start1 = source + 6
  const start2 = start1 + <usize>load<u16>(source)
  const start3 = start2 + <usize>load<u16>(source, 2)
  const start4 = start3 + <usize>load<u16>(source, 4)
  if (start2 == start1 || start3 == start2 || start4 == start3 || start4 >= end) return false
  if (load<u8>(start2 - 1) == 0 || load<u8>(start3 - 1) == 0 || load<u8>(start4 - 1) == 0 || load<u8>(end - 1) == 0) return false
  const segment = (count + 3) >> 2
  if (segment * 3 > count) return false
  const singles = workspace + HUFFMAN_SINGLES
  const out2 = out + segment
  const out3 = out2 + segment
  const out4 = out3 + segment
  const outEnd = out + count
  let position1 = start2 - 8
  let position2 = start3 - 8
  let position3 = start4 - 8
  let position4 = end - 8
  let bits1 = firstBits(start2)
  let bits2 = firstBits(start3)
  let bits3 = firstBits(start4)
  let bits4 = firstBits(end)
  let next1 = out
  let next2 = out2
  let next3 = out3
  let next4 = out4

  // Pairs take longer than singles, and their table 3 us: they pay when there are many symbols and many pairs.
  if (count >= PAIR_COUNT && load<u32>(workspace + STATE_PAIRABLE) >= PAIR_SHARE) {
    if (load<u32>(workspace + STATE_PAIRS) == 0) buildPairs(workspace)
    const table = workspace + HUFFMAN_PAIRS
    for (;;) {
      // A turn takes at most 7 bytes and writes at most 8 of each stream.
      const input = min<i32>(
        min<i32>(distance(start1, position1), distance(start2, position2)),
        min<i32>(distance(start3, position3), distance(start4, position4))
      )
      const room = min<i32>(
        min<i32>(distance(next1, out2), distance(next2, out3)),
        min<i32>(distance(next3, out4), distance(next4, outEnd))
      )
      let turns = min<i32>(input / 7, room >> 3)
      if (turns <= 0) break
      for (; turns > 0; turns--) {
        // Stream by stream, since a pair needs too many registers to interleave them.
        let entry: u32
        entry = pairAt(bits1, table)
        bits1 <<= <u64>entry
        store<u16>(next1, <u16>(entry >> 16))
        next1 += (entry >> 8) & 3
        entry = pairAt(bits1, table)
        bits1 <<= <u64>entry
        store<u16>(next1, <u16>(entry >> 16))
        next1 += (entry >> 8) & 3
        entry = pairAt(bits1, table)
        bits1 <<= <u64>entry
        store<u16>(next1, <u16>(entry >> 16))
        next1 += (entry >> 8) & 3
        entry = pairAt(bits1, table)
        bits1 <<= <u64>entry
        store<u16>(next1, <u16>(entry >> 16))
        next1 += (entry >> 8) & 3
        let used = ctz<u64>(bits1)
        position1 -= <usize>(used >> 3)
        bits1 = (load<u64>(position1) | 1) << (used & 7)
        entry = pairAt(bits2, table)
        bits2 <<= <u64>entry
        store<u16>(next2, <u16>(entry >> 16))
        next2 += (entry >> 8) & 3
        entry = pairAt(bits2, table)
        bits2 <<= <u64>entry
        store<u16>(next2, <u16>(entry >> 16))
        next2 += (entry >> 8) & 3
        entry = pairAt(bits2, table)
        bits2 <<= <u64>entry
        store<u16>(next2, <u16>(entry >> 16))
        next2 += (entry >> 8) & 3
        entry = pairAt(bits2, table)
        bits2 <<= <u64>entry
        store<u16>(next2, <u16>(entry >> 16))
        next2 += (entry >> 8) & 3
        used = ctz<u64>(bits2)
        position2 -= <usize>(used >> 3)
        bits2 = (load<u64>(position2) | 1) << (used & 7)
        entry = pairAt(bits3, table)
        bits3 <<= <u64>entry
        store<u16>(next3, <u16>(entry >> 16))
        next3 += (entry >> 8) & 3
        entry = pairAt(bits3, table)
        bits3 <<= <u64>entry
        store<u16>(next3, <u16>(entry >> 16))
        next3 += (entry >> 8) & 3
        entry = pairAt(bits3, table)
        bits3 <<= <u64>entry
        store<u16>(next3, <u16>(entry >> 16))
        next3 += (entry >> 8) & 3
        entry = pairAt(bits3, table)
        bits3 <<= <u64>entry
        store<u16>(next3, <u16>(entry >> 16))
        next3 += (entry >> 8) & 3
        used = ctz<u64>(bits3)
        position3 -= <usize>(used >> 3)
        bits3 = (load<u64>(position3) | 1) << (used & 7)
        entry = pairAt(bits4, table)
        bits4 <<= <u64>entry
        store<u16>(next4, <u16>(entry >> 16))
        next4 += (entry >> 8) & 3
        entry = pairAt(bits4, table)
        bits4 <<= <u64>entry
        store<u16>(next4, <u16>(entry >> 16))
        next4 += (entry >> 8) & 3
        entry = pairAt(bits4, table)
        bits4 <<= <u64>entry
        store<u16>(next4, <u16>(entry >> 16))
        next4 += (entry >> 8) & 3
        entry = pairAt(bits4, table)
        bits4 <<= <u64>entry
        store<u16>(next4, <u16>(entry >> 16))
        next4 += (entry >> 8) & 3
        used = ctz<u64>(bits4)
        position4 -= <usize>(used >> 3)
        bits4 = (load<u64>(position4) | 1) << (used & 7)
      }
    }
  } else {
    for (;;) {
      const input = min<i32>(
        min<i32>(distance(start1, position1), distance(start2, position2)),
        min<i32>(distance(start3, position3), distance(start4, position4))
      )
      let turns = min<i32>(input / 7, distance(next4, outEnd) / 5)
      if (turns <= 0) break
      for (; turns > 0; turns--) {
        bits1 = single(bits1, singles, next1)
        bits2 = single(bits2, singles, next2)
        bits3 = single(bits3, singles, next3)
        bits4 = single(bits4, singles, next4)
        bits1 = single(bits1, singles, next1 + 1)
        bits2 = single(bits2, singles, next2 + 1)
        bits3 = single(bits3, singles, next3 + 1)
        bits4 = single(bits4, singles, next4 + 1)
        bits1 = single(bits1, singles, next1 + 2)
        bits2 = single(bits2, singles, next2 + 2)
        bits3 = single(bits3, singles, next3 + 2)
        bits4 = single(bits4, singles, next4 + 2)
        bits1 = single(bits1, singles, next1 + 3)
        bits2 = single(bits2, singles, next2 + 3)
        bits3 = single(bits3, singles, next3 + 3)
        bits4 = single(bits4, singles, next4 + 3)
        bits1 = single(bits1, singles, next1 + 4)
        bits2 = single(bits2, singles, next2 + 4)
        bits3 = single(bits3, singles, next3 + 4)
        bits4 = single(bits4, singles, next4 + 4)
        next1 += 5
        next2 += 5
        next3 += 5
        next4 += 5
        let used = ctz<u64>(bits1)
        position1 -= <usize>(used >> 3)
        bits1 = (load<u64>(position1) | 1) << (used & 7)
        used = ctz<u64>(bits2)
        position2 -= <usize>(used >> 3)
        bits2 = (load<u64>(position2) | 1) << (used & 7)
        used = ctz<u64>(bits3)
        position3 -= <usize>(used >> 3)
        bits3 = (load<u64>(position3) | 1) << (used & 7)
        used = ctz<u64>(bits4)
        position4 -= <usize>(used >> 3)
        bits4 = (load<u64>(position4) | 1) << (used & 7)
      }
    }
  }
  return (
    finishStream(start1, position1, <u32>ctz<u64>(bits1), next1, out2, singles) &&
    finishStream(start2, position2, <u32>ctz<u64>(bits2), next2, out3, singles) &&
    finishStream(start3, position3, <u32>ctz<u64>(bits3), next3, out4, singles) &&
    finishStream(start4, position4, <u32>ctz<u64>(bits4), next4, outEnd, singles)
  )
}
