import { ENCODE_REPEAT_OFFSETS, MATCH_TABLES, MINIMUM_MATCH, SEQUENCES } from './zstd-encode-layout'

/*
 * Match finders. Each turns a block into SEQUENCES (literal length, match length, offset value) and returns how many there are; what
 * follows the last one are literals. Offset values 1 to 3 name repeat offsets (RFC 8878 section 3.1.1.5), others are three more than the
 * distance. Tables hold distances from the start of the frame; an entry of 0 may be unset, which comparing the bytes finds out.
 */

/** Matches begin and end at least this far from the end of a block, so that eight bytes can be read anywhere. */
export const MARGIN: u32 = 8

/** Hash of the first `count` (4 to 8) bytes of a word. */
// @ts-ignore: decorator
@inline
export function hash(word: u64, unused: u64, shift: u64): usize {
  return <usize>(((word << unused) * 0x9e3779b185ebca87) >> shift) << 2
}

/** Number of equal bytes at two places; the later one is `at`, which ends at `end`. */
// @ts-ignore: decorator
@inline
export function matchLengthAt(at: usize, earlier: usize, end: usize): u32 {
  const start = at
  while (end - at >= 8) {
    const difference = load<u64>(at) ^ load<u64>(earlier)
    if (difference != 0) return <u32>(at - start) + <u32>(ctz<u64>(difference) >> 3)
    at += 8
    earlier += 8
  }
  while (at < end && load<u8>(at) == load<u8>(earlier)) {
    at += 1
    earlier += 1
  }
  return <u32>(at - start)
}

// @ts-ignore: decorator
@inline
export function putSequence(sequence: usize, literalLength: usize, matchLength: u32, value: u32): void {
  store<u32>(sequence, <u32>literalLength)
  store<u32>(sequence, matchLength, 4)
  store<u32>(sequence, value, 8)
}

/**
 * One table, no second look: the first match is taken. `hashBytes` = how many bytes are hashed (4 to 8), `step` = distance of the places
 * looked at, which grows where nothing is found.
 */
export function findFast(
  start: usize,
  end: usize,
  frameStart: usize,
  window: u32,
  tableBits: u32,
  hashBytes: u32,
  step: u32,
  workspace: usize
): u32 {
  const sequences = workspace + SEQUENCES
  if (end - start < MARGIN + 8) return 0
  const table = workspace + MATCH_TABLES
  const unused: u64 = 64 - (<u64>hashBytes << 3)
  const shift: u64 = 64 - <u64>tableBits
  const limit = end - MARGIN
  let repeat0 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS)
  let repeat1 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS, 4)
  let sequence = sequences
  let anchor = start
  let at = start == frameStart ? start + 1 : start
  while (at < limit) {
    const word = load<u64>(at)
    const slot = table + hash(word, unused, shift)
    let candidate = frameStart + load<u32>(slot)
    store<u32>(slot, <u32>(at - frameStart))
    let length: u32
    let value: u32
    if (repeat0 <= <u32>(at + 1 - frameStart) && load<u32>(at + 1 - repeat0) == <u32>(word >> 8)) {
      at += 1
      length = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
      value = 1
    } else if (load<u32>(candidate) == <u32>word && <u32>(at - candidate) <= window) {
      repeat1 = repeat0
      repeat0 = <u32>(at - candidate)
      value = repeat0 + 3
      length = MINIMUM_MATCH + matchLengthAt(at + 4, candidate + 4, end)
      while (at > anchor && candidate > frameStart && load<u8>(at - 1) == load<u8>(candidate - 1)) {
        at -= 1
        candidate -= 1
        length += 1
      }
    } else {
      at += <usize>step + ((at - anchor) >> 8)
      continue
    }
    putSequence(sequence, at - anchor, length, value)
    sequence += 12
    const inside = at + 2
    at += length
    anchor = at
    if (at >= limit) break
    store<u32>(table + hash(load<u64>(inside), unused, shift), <u32>(inside - frameStart))
    store<u32>(table + hash(load<u64>(at - 2), unused, shift), <u32>(at - 2 - frameStart))
    // Directly behind a match the first repeat offset is the second one of before.
    while (at < limit && repeat1 <= <u32>(at - frameStart) && load<u32>(at) == load<u32>(at - repeat1)) {
      const swapped = repeat1
      repeat1 = repeat0
      repeat0 = swapped
      length = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
      store<u32>(table + hash(load<u64>(at), unused, shift), <u32>(at - frameStart))
      putSequence(sequence, 0, length, 1)
      sequence += 12
      at += length
      anchor = at
    }
  }
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat0)
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat1, 4)
  return <u32>(sequence - sequences) / 12
}

/** Two tables, one for matches of eight bytes and more, one for those from `hashBytes`; long ones win. */
export function findDouble(
  start: usize,
  end: usize,
  frameStart: usize,
  window: u32,
  longBits: u32,
  shortBits: u32,
  hashBytes: u32,
  workspace: usize
): u32 {
  const sequences = workspace + SEQUENCES
  if (end - start < MARGIN + 8) return 0
  const longTable = workspace + MATCH_TABLES
  const shortTable = longTable + (<usize>4 << longBits)
  const longShift: u64 = 64 - <u64>longBits
  const unused: u64 = 64 - (<u64>hashBytes << 3)
  const shortShift: u64 = 64 - <u64>shortBits
  const limit = end - MARGIN
  let repeat0 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS)
  let repeat1 = load<u32>(workspace + ENCODE_REPEAT_OFFSETS, 4)
  let sequence = sequences
  let anchor = start
  let at = start == frameStart ? start + 1 : start
  while (at < limit) {
    const word = load<u64>(at)
    const longSlot = longTable + hash(word, 0, longShift)
    const shortSlot = shortTable + hash(word, unused, shortShift)
    let candidate = frameStart + load<u32>(longSlot)
    const shortCandidate = frameStart + load<u32>(shortSlot)
    const place = <u32>(at - frameStart)
    store<u32>(longSlot, place)
    store<u32>(shortSlot, place)
    let length: u32
    let value: u32
    if (repeat0 <= place + 1 && load<u32>(at + 1 - repeat0) == <u32>(word >> 8)) {
      at += 1
      length = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
      value = 1
    } else {
      if (load<u64>(candidate) == word && <u32>(at - candidate) <= window) {
        length = 8 + matchLengthAt(at + 8, candidate + 8, end)
      } else if (load<u32>(shortCandidate) == <u32>word && <u32>(at - shortCandidate) <= window) {
        // Perhaps a long match begins one byte further on.
        const next = load<u64>(at + 1)
        const nextSlot = longTable + hash(next, 0, longShift)
        candidate = frameStart + load<u32>(nextSlot)
        store<u32>(nextSlot, place + 1)
        if (load<u64>(candidate) == next && <u32>(at + 1 - candidate) <= window) {
          at += 1
          length = 8 + matchLengthAt(at + 8, candidate + 8, end)
        } else {
          candidate = shortCandidate
          length = MINIMUM_MATCH + matchLengthAt(at + 4, candidate + 4, end)
        }
      } else {
        at += 1 + ((at - anchor) >> 8)
        continue
      }
      repeat1 = repeat0
      repeat0 = <u32>(at - candidate)
      value = repeat0 + 3
      while (at > anchor && candidate > frameStart && load<u8>(at - 1) == load<u8>(candidate - 1)) {
        at -= 1
        candidate -= 1
        length += 1
      }
    }
    putSequence(sequence, at - anchor, length, value)
    sequence += 12
    const inside = at + 2
    at += length
    anchor = at
    if (at >= limit) break
    let known = load<u64>(inside)
    store<u32>(longTable + hash(known, 0, longShift), <u32>(inside - frameStart))
    store<u32>(shortTable + hash(known, unused, shortShift), <u32>(inside - frameStart))
    store<u32>(longTable + hash(load<u64>(at - 2), 0, longShift), <u32>(at - 2 - frameStart))
    store<u32>(shortTable + hash(load<u64>(at - 1), unused, shortShift), <u32>(at - 1 - frameStart))
    while (at < limit && repeat1 <= <u32>(at - frameStart) && load<u32>(at) == load<u32>(at - repeat1)) {
      const swapped = repeat1
      repeat1 = repeat0
      repeat0 = swapped
      length = MINIMUM_MATCH + matchLengthAt(at + 4, at + 4 - repeat0, end)
      known = load<u64>(at)
      store<u32>(longTable + hash(known, 0, longShift), <u32>(at - frameStart))
      store<u32>(shortTable + hash(known, unused, shortShift), <u32>(at - frameStart))
      putSequence(sequence, 0, length, 1)
      sequence += 12
      at += length
      anchor = at
    }
  }
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat0)
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, repeat1, 4)
  return <u32>(sequence - sequences) / 12
}
