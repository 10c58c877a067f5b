import { ENCODE_REPEAT_OFFSETS, MATCH_TABLES, MINIMUM_MATCH, SEQUENCES } from './zstd-encode-layout'
import { hash, MARGIN, matchLengthAt, putSequence } from './zstd-match'

/** A table of the last places with the same eight bytes lies behind the chains. */
export const LONG_BITS: u32 = 16
const LONG_SHIFT: u64 = 64 - <u64>LONG_BITS

/** What a match saves: four for every byte, less the bits of its distance. */
// @ts-ignore: decorator
@inline
function gain(length: u32, value: u32): i32 {
  return <i32>(length << 2) - <i32>(31 - clz<u32>(value))
}

/** Enters all places up to `at` into the chains; returns the next to enter. */
// @ts-ignore: decorator
@inline
function enterPlaces(next: usize, at: usize, frameStart: usize, table: usize, chain: usize, chainMask: u32, unused: u64, shift: u64): usize {
  while (next < at) {
    const slot = table + hash(load<u64>(next), unused, shift)
    const place = <u32>(next - frameStart)
    store<u32>(chain + ((place & chainMask) << 2), load<u32>(slot))
    store<u32>(slot, place)
    store<u32>(chain + (<usize>chainMask << 2) + 4 + hash(load<u64>(next), 0, LONG_SHIFT), place)
    next += 1
  }
  return next
}

/**
 * Longest of the last `attempts` candidates for a match at `at`; all places before it must have been entered. Returns length << 32 | offset
 * value, 0 when there is none.
 */
function searchChain(
  at: usize,
  end: usize,
  frameStart: usize,
  window: u32,
  table: usize,
  chain: usize,
  chainMask: u32,
  unused: u64,
  shift: u64,
  attempts: u32
): u64 {
  const word = load<u32>(at)
  const here = <u32>(at - frameStart)
  let place = load<u32>(table + hash(load<u64>(at), unused, shift))
  let best: u32 = MINIMUM_MATCH - 1
  let distance: u32 = 0
  // Where values repeat all the time, the last places with the same few bytes are not those of the longest match.
  const long = load<u32>(chain + (<usize>chainMask << 2) + 4 + hash(load<u64>(at), 0, LONG_SHIFT))
  if (long < here && here - long <= window && load<u64>(frameStart + long) == load<u64>(at)) {
    best = 8 + matchLengthAt(at + 8, frameStart + long + 8, end)
    distance = here - long
    if (at + best == end) return (<u64>best << 32) | (distance + 3)
  }
  for (; attempts > 0; attempts--) {
    const candidate = frameStart + place
    if (place >= here || here - place > window) break
    // A longer match must agree in the byte behind the best so far.
    if (load<u8>(candidate + best) == load<u8>(at + best) && load<u32>(candidate) == word) {
      const length = MINIMUM_MATCH + matchLengthAt(at + 4, candidate + 4, end)
      if (length > best) {
        best = length
        distance = here - place
        if (at + length == end) break
      }
    }
    const earlier = load<u32>(chain + ((place & chainMask) << 2))
    // The chain ends where it leads forward: that slot was reused.
    if (earlier >= place || here - earlier > chainMask) break
    place = earlier
  }
  return distance == 0 ? 0 : (<u64>best << 32) | (distance + 3)
}

/** Chains of earlier places with the same hash of `hashBytes` bytes, of which the best is taken, if the next place does not offer a better one. */
export function findLazy(
  start: usize,
  end: usize,
  frameStart: usize,
  window: u32,
  tableBits: u32,
  chainBits: u32,
  hashBytes: u32,
  attempts: u32,
  workspace: usize
): u32 {
  const sequences = workspace + SEQUENCES
  if (end - start < MARGIN + 8) return 0
  const table = workspace + MATCH_TABLES
  const chain = table + (<usize>4 << tableBits)
  const chainMask: u32 = (1 << chainBits) - 1
  const unused: u64 = 64 - (<u64>hashBytes << 3)
  const shift: u64 = 64 - <u64>tableBits
  const limit = end - MARGIN
  let repeat0 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS)
  let repeat1 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS, 4)
  let sequence = sequences
  let anchor = start
  let at = start == frameStart ? start + 1 : start
  // The last places of the block before could not be hashed within it.
  let next = start - frameStart < MARGIN ? frameStart : start - MARGIN
  while (at < limit) {
    next = enterPlaces(next, at, frameStart, table, chain, chainMask, unused, shift)
    let length: u32 = 0
    let value: u32 = 0
    let matchStart = at
    if (repeat0 <= <u32>(at + 1 - frameStart) && load<u32>(at + 1 - repeat0) == load<u32>(at + 1)) {
      length = MINIMUM_MATCH + matchLengthAt(at + 5, at + 5 - repeat0, end)
      value = 1
      matchStart = at + 1
    }
    let found = searchChain(at, end, frameStart, window, table, chain, chainMask, unused, shift, attempts)
    if (<u32>(found >> 32) > length) {
      length = <u32>(found >> 32)
      value = <u32>found
      matchStart = at
    }
    if (length == 0) {
      at += 1 + ((at - anchor) >> 8)
      continue
    }
    // Look one and two places further while that pays.
    for (let ahead: u32 = 0; ahead < 2 && at + 1 < limit; ahead++) {
      at += 1
      next = enterPlaces(next, at, frameStart, table, chain, chainMask, unused, shift)
      if (value != 1 && repeat0 <= <u32>(at - frameStart) && load<u32>(at - repeat0) == load<u32>(at)) {
        const repeated = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
        if (<i32>(repeated * 3) > <i32>(length * 3) - <i32>(31 - clz<u32>(value)) + 1) {
          length = repeated
          value = 1
          matchStart = at
        }
      }
      found = searchChain(at, end, frameStart, window, table, chain, chainMask, unused, shift, attempts)
      if (found != 0 && gain(<u32>(found >> 32), <u32>found) > gain(length, value) + (ahead == 0 ? 4 : 7)) {
        length = <u32>(found >> 32)
        value = <u32>found
        matchStart = at
        ahead = u32.MAX_VALUE
      }
    }
    at = matchStart
    if (value != 1) {
      const distance = value - 3
      while (at > anchor && <u32>(at - frameStart) > distance && load<u8>(at - 1) == load<u8>(at - 1 - distance)) {
        at -= 1
        length += 1
      }
      repeat1 = repeat0
      repeat0 = distance
    }
    putSequence(sequence, at - anchor, length, value)
    sequence += 12
    at += length
    anchor = at
    while (at < limit && repeat1 <= <u32>(at - frameStart) && load<u32>(at) == load<u32>(at - repeat1)) {
      const swapped = repeat1
      repeat1 = repeat0
      repeat0 = swapped
      length = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
      putSequence(sequence, 0, length, 1)
      sequence += 12
      at += length
      anchor = at
    }
  }
  // What lies in the last bytes is entered with the next block.
  enterPlaces(next, limit, frameStart, table, chain, chainMask, unused, shift)
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat0)
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat1, 4)
  return <u32>(sequence - sequences) / 12
}
