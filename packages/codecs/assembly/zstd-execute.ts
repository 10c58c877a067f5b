import { copyExact, copyWide, repeatWide } from './zstd-copy'
import { ENTRY_EXTRA, ENTRY_MASK, ENTRY_NEXT, ENTRY_SYMBOL, ENTRY_TOTAL, ENTRY_WIDTH } from './zstd-fse'
import {
  CODES_LITERAL_LENGTH,
  CODES_MATCH_LENGTH,
  STATE_BIT,
  STATE_ENTRIES,
  STATE_LITERAL_COUNT,
  STATE_LITERALS,
  STATE_REPEAT_OFFSETS,
  STATE_TABLES,
  ZSTD_CORRUPT,
  ZSTD_DESTINATION_TOO_SMALL,
} from './zstd-layout'

/** Copies in 16-byte steps need this much room behind the end of a sequence. */
const WRITE_AHEAD: u32 = 32
/** Codes without extra bits mean at most 15 literals and 34 bytes of match, which the short path writes in four steps of 16. */
const SHORT_LITERALS: u32 = 15
const SHORT_TOTAL: u32 = 49
const SHORT_ROOM: u32 = 96

/*
 * The bit stream of sequences is read from its last bit to its first (RFC 8878 section 3.1.1.3.2.1.2). No address below the stream is
 * read except the eight bytes before it, which belong to the headers of the same frame.
 */

/** The bits up to index `bit` (at least 57 of them, or all) in the top of a word; `bit` must be -1 or more. */
// @ts-ignore: decorator
@inline
function wordAt(stream: usize, bit: i32): u64 {
  return load<u64>(stream + (bit >> 3) - 7) << <u64>(<u32>~bit & 7)
}

/** The top bits of `bits`, as many as `width` says, which may be none. */
// @ts-ignore: decorator
@inline
function top(bits: u64, width: u64): u64 {
  return (bits >> 1) >> ~width
}

/** The next entry: the selecting bits are those that a rotation by `turn` brings to the low end. */
// @ts-ignore: decorator
@inline
function nextEntry(entry: usize, bits: u64, turn: u64, workspace: usize): usize {
  return workspace + load<u16>(entry, ENTRY_NEXT) + ((<usize>rotl<u64>(bits, turn) & <usize>load<u16>(entry, ENTRY_MASK)) << 3)
}

/** Reads the first states; false when the stream is too short. */
export function openSequenceStream(source: usize, end: usize, workspace: usize): bool {
  if (source >= end) return false
  const mark = <u32>load<u8>(end - 1)
  if (mark == 0) return false
  let bit = (<i32>(end - source) << 3) - <i32>(clz<u32>(mark) - 23) - 1
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
 * Decodes `count` sequences from the stream that begins at `stream` and carries them out (RFC 8878 sections 3.1.1.4 and 3.1.1.5): copies
 * literals, then a match from earlier output of the frame. Returns the number of bytes written or an error code. What is left of the
 * literals stays in the state.
 */
export function executeSequences(
  count: u32,
  stream: usize,
  frameStart: usize,
  destination: usize,
  destinationEnd: usize,
  limit: u32,
  workspace: usize
): i32 {
  let out = destination
  let literals = <usize>load<u32>(workspace + STATE_LITERALS)
  const literalsEnd = literals + load<u32>(workspace + STATE_LITERAL_COUNT)
  // Up to these places a sequence of short codes needs no check of its lengths.
  const room = <u32>min<usize>(destinationEnd - out, limit + SHORT_ROOM - SHORT_TOTAL)
  const shortOut = room >= SHORT_ROOM ? out + (room - SHORT_ROOM) : 0
  const shortLiterals = <u32>(literalsEnd - literals) >= SHORT_LITERALS ? literalsEnd - SHORT_LITERALS : 0
  let bit = load<i32>(workspace + STATE_BIT)
  let literalLengthEntry = <usize>load<u32>(workspace + STATE_ENTRIES)
  let offsetEntry = <usize>load<u32>(workspace + STATE_ENTRIES, 4)
  let matchLengthEntry = <usize>load<u32>(workspace + STATE_ENTRIES, 8)
  let repeat0 = load<u32>(workspace + STATE_REPEAT_OFFSETS)
  let repeat1 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 4)
  let repeat2 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 8)

  for (;;) {
    // The short path: lengths without extra bits, a new offset, not the last sequence.
    while (count > 1 && out <= shortOut && literals <= shortLiterals) {
      if (((load<u32>(literalLengthEntry) | load<u32>(matchLengthEntry)) & 0xff00) != 0) break
      const extra = <u64>load<u8>(offsetEntry, ENTRY_EXTRA)
      if (bit < -1) return ZSTD_CORRUPT
      const bits = wordAt(stream, bit)
      let turn = extra + <u64>load<u8>(literalLengthEntry, ENTRY_WIDTH)
      const nextLiteralLength = nextEntry(literalLengthEntry, bits, turn, workspace)
      turn += <u64>load<u8>(matchLengthEntry, ENTRY_WIDTH)
      const nextMatchLength = nextEntry(matchLengthEntry, bits, turn, workspace)
      turn += <u64>load<u8>(offsetEntry, ENTRY_WIDTH)
      const nextOffset = nextEntry(offsetEntry, bits, turn, workspace)
      bit -= <i32>turn
      v128.store(out, v128.load(literals))
      const literalLength = <usize>load<u8>(literalLengthEntry, ENTRY_SYMBOL)
      literals += literalLength
      out += literalLength
      // A one bit above the extra bits is the base value of an offset code; an offset is three less than its value.
      const value = <u32>(((bits >> 1) | 0x8000000000000000) >> ~extra)
      let offset = value - 3
      if (value > 3) {
        repeat2 = repeat1
        repeat1 = repeat0
        repeat0 = offset
      } else {
        // A repeat offset, one place further when there are no literals.
        const place = literalLength == 0 ? value : value - 1
        if (place == 0) {
          offset = repeat0
        } else {
          if (place == 1) {
            offset = repeat1
          } else {
            offset = place == 2 ? repeat2 : repeat0 - 1
            repeat2 = repeat1
          }
          repeat1 = repeat0
          repeat0 = offset
        }
      }
      if (offset - 1 >= <u32>(out - frameStart)) return ZSTD_CORRUPT
      const matchLength = <u32>load<u8>(matchLengthEntry, ENTRY_SYMBOL) + 3
      if (offset >= 16) {
        const from = out - offset
        v128.store(out, v128.load(from))
        if (matchLength > 16) {
          v128.store(out, v128.load(from, 16), 16)
          v128.store(out, v128.load(from, 32), 32)
        }
      } else {
        repeatWide(out, offset, matchLength, workspace)
      }
      out += matchLength
      literalLengthEntry = nextLiteralLength
      offsetEntry = nextOffset
      matchLengthEntry = nextMatchLength
      count -= 1
    }

    if (bit < -1) return ZSTD_CORRUPT
    let bits = wordAt(stream, bit)
    const offsetExtra = <u64>load<u8>(offsetEntry, ENTRY_EXTRA)
    const matchExtra = <u64>load<u8>(matchLengthEntry, ENTRY_EXTRA)
    const literalExtra = <u64>load<u8>(literalLengthEntry, ENTRY_EXTRA)
    const value = <u32>(((bits >> 1) | 0x8000000000000000) >> ~offsetExtra)
    bits <<= offsetExtra
    const matchLength = load<u32>(workspace + CODES_MATCH_LENGTH + (<usize>load<u8>(matchLengthEntry, ENTRY_SYMBOL) << 3)) + <u32>top(bits, matchExtra)
    bits <<= matchExtra
    bit -= <i32>(offsetExtra + matchExtra)
    if (offsetExtra + matchExtra + literalExtra > 30) {
      // Not enough bits are left for the longest literal length and the next states.
      if (bit < -1) return ZSTD_CORRUPT
      bits = wordAt(stream, bit)
    }
    const literalLength =
      load<u32>(workspace + CODES_LITERAL_LENGTH + (<usize>load<u8>(literalLengthEntry, ENTRY_SYMBOL) << 3)) + <u32>top(bits, literalExtra)
    bit -= <i32>literalExtra

    let offset: u32
    if (value > 3) {
      offset = value - 3
      repeat2 = repeat1
      repeat1 = repeat0
      repeat0 = offset
    } else {
      // A repeat offset, one place further when there are no literals.
      const place = literalLength == 0 ? value : value - 1
      if (place == 0) {
        offset = repeat0
      } else {
        if (place == 1) {
          offset = repeat1
        } else {
          offset = place == 2 ? repeat2 : repeat0 - 1
          repeat2 = repeat1
        }
        repeat1 = repeat0
        repeat0 = offset
      }
    }

    const total = literalLength + matchLength
    if (literalLength > <u32>(literalsEnd - literals)) return ZSTD_CORRUPT
    if (total > limit - <u32>(out - destination)) return ZSTD_CORRUPT
    const matchStart = out + literalLength
    if (offset - 1 >= <u32>(matchStart - frameStart)) return ZSTD_CORRUPT
    if (total + WRITE_AHEAD <= <u32>(destinationEnd - out)) {
      copyWide(out, literals, literalLength)
      if (offset >= 16) {
        copyWide(matchStart, matchStart - offset, matchLength)
      } else {
        repeatWide(matchStart, offset, matchLength, workspace)
      }
    } else {
      if (total > <u32>(destinationEnd - out)) return ZSTD_DESTINATION_TOO_SMALL
      memory.copy(out, literals, literalLength)
      copyExact(matchStart, offset, matchLength)
    }
    literals += literalLength
    out = matchStart + matchLength

    // No states follow the last sequence.
    count -= 1
    if (count == 0) break
    let turn = literalExtra + <u64>load<u8>(literalLengthEntry, ENTRY_WIDTH)
    literalLengthEntry = nextEntry(literalLengthEntry, bits, turn, workspace)
    turn += <u64>load<u8>(matchLengthEntry, ENTRY_WIDTH)
    matchLengthEntry = nextEntry(matchLengthEntry, bits, turn, workspace)
    turn += <u64>load<u8>(offsetEntry, ENTRY_WIDTH)
    offsetEntry = nextEntry(offsetEntry, bits, turn, workspace)
    bit -= <i32>(turn - literalExtra)
  }
  if (bit != -1) return ZSTD_CORRUPT
  store<u32>(workspace + STATE_LITERALS, <u32>literals)
  store<u32>(workspace + STATE_LITERAL_COUNT, <u32>(literalsEnd - literals))
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat0)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat1, 4)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat2, 8)
  return <i32>(out - destination)
}
