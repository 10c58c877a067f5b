import { ENTRY_BASE } from './zstd-fse'
import {
  BATCH,
  STATE_BATCH_LITERALS,
  STATE_BATCH_MATCHES,
  STATE_BIT,
  STATE_ENTRIES,
  STATE_STREAM,
  STATE_TABLES,
} from './zstd-layout'

/*
 * The bit stream of sequences, read from its last bit to its first (RFC 8878 section 3.1.1.3.2.1.2). Decoding and carrying out alternate
 * in batches: each of the two loops then keeps what it needs in registers. No address below the stream is read except the eight bytes
 * before it, which belong to the headers of the same frame.
 */

/** The bits up to index `bit` (at least 57 of them, or all) in the top of a word; `bit` must be -1 or more. */
// @ts-ignore: decorator
@inline
function wordAt(stream: usize, bit: i32): u64 {
  return load<u64>(stream + (bit >> 3) - 7) << <u64>(~bit & 7)
}

/** The top bits of `bits`, as many as the low six bits of `width` say, which may be none. */
// @ts-ignore: decorator
@inline
function top(bits: u64, width: u64): u64 {
  return (bits >> 1) >> ~width
}

/** Reads the first states; false when the stream is too short. */
export function openSequenceStream(source: usize, end: usize, workspace: usize): bool {
  if (source >= end) return false
  const mark = <u32>load<u8>(end - 1)
  if (mark == 0) return false
  let bit = (<i32>(end - source) << 3) - <i32>(clz<u32>(mark) - 23) - 1
  store<u32>(workspace + STATE_STREAM, <u32>source)
  for (let kind: u32 = 0; kind < 3; kind++) {
    const table = workspace + <usize>load<u32>(workspace + STATE_TABLES + (kind << 3))
    const width = <u64>load<u32>(workspace + STATE_TABLES + (kind << 3), 4)
    store<u32>(workspace + STATE_ENTRIES + (kind << 2), <u32>(table + (<usize>top(wordAt(source, bit), width) << 3)))
    bit -= <i32>width
    if (bit < -1) return false
  }
  store<i32>(workspace + STATE_BIT, bit)
  return true
}

/**
 * Decodes `count` sequences into BATCH and leaves the sums of their lengths in the state; false when the stream ends too early or, after
 * the last sequence of a block, is not used up.
 */
export function decodeBatch(count: u32, isLast: bool, workspace: usize): bool {
  const stream = <usize>load<u32>(workspace + STATE_STREAM)
  let bit = load<i32>(workspace + STATE_BIT)
  let literalLengthEntry = load<u64>(<usize>load<u32>(workspace + STATE_ENTRIES))
  let offsetEntry = load<u64>(<usize>load<u32>(workspace + STATE_ENTRIES, 4))
  let matchLengthEntry = load<u64>(<usize>load<u32>(workspace + STATE_ENTRIES, 8))
  let literalLengthPlace: usize = 0
  let offsetPlace: usize = 0
  let matchLengthPlace: usize = 0
  let sum: u64 = 0
  let literals: u32 = 0
  let matches: u32 = 0
  let target = workspace + BATCH
  const targetEnd = target + (count << 4)
  do {
    if (bit < -1) return false
    let bits = wordAt(stream, bit)
    sum = literalLengthEntry + offsetEntry + matchLengthEntry
    // A one bit above the extra bits of the offset is its base.
    store<u32>(target, <u32>(((bits >> 1) | 0x8000000000000000) >> ~(offsetEntry >> 8)), 8)
    const behindOffset = bits << (offsetEntry >> 8)
    const matchLength = <u32>(matchLengthEntry >> ENTRY_BASE) + <u32>top(behindOffset, matchLengthEntry >> 8)
    let literalLength = <u32>(literalLengthEntry >> ENTRY_BASE)
    if ((<u32>sum & 0xff00) > 0x1e00) {
      // Not enough bits left for the longest literal length and the next states.
      const next = bit - <i32>((offsetEntry + matchLengthEntry) >> 8 & 0xff)
      if (next < -1) return false
      bits = wordAt(stream, next)
      literalLength += <u32>top(bits, literalLengthEntry >> 8)
      bits <<= literalLengthEntry >> 8
    } else {
      literalLength += <u32>top(behindOffset << (matchLengthEntry >> 8), literalLengthEntry >> 8)
      bits <<= sum >> 8
    }
    store<u32>(target, literalLength)
    store<u32>(target, matchLength, 4)
    literals += literalLength
    matches += matchLength
    bit -= <i32>(sum & 0xff)
    // The next states follow each other as literal length, match length, offset.
    const selectors = bits >> (0 - (sum >> 16))
    offsetPlace = workspace + (<usize>(offsetEntry >> 24) & 0xffff) + ((<usize>selectors & ((1 << (<u32>offsetEntry >> 16)) - 1)) << 3)
    literalLengthPlace = workspace + (<usize>(literalLengthEntry >> 24) & 0xffff) + (<usize>top(bits, literalLengthEntry >> 16) << 3)
    matchLengthPlace =
      workspace +
      (<usize>(matchLengthEntry >> 24) & 0xffff) +
      (<usize>top(bits << (literalLengthEntry >> 16), matchLengthEntry >> 16) << 3)
    target += 16
    if (target == targetEnd) break
    literalLengthEntry = load<u64>(literalLengthPlace)
    offsetEntry = load<u64>(offsetPlace)
    matchLengthEntry = load<u64>(matchLengthPlace)
  } while (true)
  store<u32>(workspace + STATE_BATCH_LITERALS, literals)
  store<u32>(workspace + STATE_BATCH_MATCHES, matches)
  if (isLast) {
    // No states follow the last sequence: their bits were not in the stream.
    return bit + <i32>((sum >> 16) & 0xff) == -1
  }
  store<u32>(workspace + STATE_ENTRIES, <u32>literalLengthPlace)
  store<u32>(workspace + STATE_ENTRIES, <u32>offsetPlace, 4)
  store<u32>(workspace + STATE_ENTRIES, <u32>matchLengthPlace, 8)
  store<i32>(workspace + STATE_BIT, bit)
  return true
}
