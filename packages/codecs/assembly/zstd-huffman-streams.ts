import { buildPairs, INDEX_BITS, PAIR_BITS } from './zstd-huffman'
import { HUFFMAN_PAIRS, HUFFMAN_SINGLES, STATE_PAIRABLE, STATE_PAIRS } from './zstd-layout'

/** Literals and pairs (of 2^22) from which on pairs are faster than singles. */
const PAIR_COUNT: u32 = 8192
const PAIR_SHARE: u32 = 2300000

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
      const entry = <u32>load<u16>(table + (<usize>(bits >> (64 - INDEX_BITS)) << 1))
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
  const entry = <u64>load<u16>(table + (<usize>(bits >> (64 - INDEX_BITS)) << 1))
  store<u8>(out, <u8>(entry >> 8))
  return bits << entry
}

// @ts-ignore: decorator
@inline
function pairAt(bits: u64, table: usize): u32 {
  return load<u32>(table + (<usize>(bits >> (64 - PAIR_BITS)) << 2))
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
