import { copyExact, copyWide, repeatWide } from './zstd-copy'
import { buildDecodingTable, buildSingleTable, predefinedCounts, readCounts } from './zstd-fse'
import {
  CODES_LITERAL_LENGTH,
  CODES_MATCH_LENGTH,
  CODES_OFFSET,
  PREDEFINED_LITERAL_LENGTH,
  PREDEFINED_MATCH_LENGTH,
  PREDEFINED_OFFSET,
  STATE_ACCURACY,
  STATE_LITERAL_COUNT,
  STATE_LITERALS,
  STATE_PREDEFINED,
  STATE_REPEAT_OFFSETS,
  STATE_SYMBOLS,
  STATE_TABLES,
  TABLE_LITERAL_LENGTH,
  TABLE_MATCH_LENGTH,
  TABLE_OFFSET,
  ZSTD_CORRUPT,
  ZSTD_DESTINATION_TOO_SMALL,
} from './zstd-layout'

/** Copies in 16-byte steps need this much room behind the end of a sequence. */
const WRITE_AHEAD: u32 = 32

/**
 * Selects or reads the decoding table of one kind of code: 0 literal lengths, 1 offsets, 2 match lengths (RFC 8878 section 3.1.1.3.2.1).
 * Returns the bytes used or ZSTD_CORRUPT.
 */
function selectTable(kind: u32, mode: u32, source: usize, end: usize, workspace: usize): i32 {
  const state = workspace + STATE_TABLES + (kind << 3)
  const codes = workspace + (kind == 0 ? CODES_LITERAL_LENGTH : kind == 1 ? CODES_OFFSET : CODES_MATCH_LENGTH)
  const table = workspace + (kind == 0 ? TABLE_LITERAL_LENGTH : kind == 1 ? TABLE_OFFSET : TABLE_MATCH_LENGTH)
  const symbols: u32 = kind == 0 ? 36 : kind == 1 ? 32 : 53
  if (mode == 0) {
    const predefined = workspace + (kind == 0 ? PREDEFINED_LITERAL_LENGTH : kind == 1 ? PREDEFINED_OFFSET : PREDEFINED_MATCH_LENGTH)
    const accuracy: u32 = kind == 1 ? 5 : 6
    const built = load<u32>(workspace + STATE_PREDEFINED)
    if (((built >> kind) & 1) == 0) {
      buildDecodingTable(predefined, predefinedCounts(workspace, kind), accuracy, codes, workspace)
      store<u32>(workspace + STATE_PREDEFINED, built | (1 << kind))
    }
    store<u32>(state, <u32>predefined)
    store<u32>(state, accuracy, 4)
    return 0
  }
  if (mode == 1) {
    if (source >= end) return ZSTD_CORRUPT
    const symbol = <u32>load<u8>(source)
    if (symbol >= symbols) return ZSTD_CORRUPT
    buildSingleTable(table, load<u64>(codes + (symbol << 3)))
    store<u32>(state, <u32>table)
    store<u32>(state, 0, 4)
    return 1
  }
  if (mode == 2) {
    const length = readCounts(source, end, symbols, kind == 1 ? 8 : 9, workspace)
    if (length < 0) return length
    const accuracy = load<u32>(workspace + STATE_ACCURACY)
    buildDecodingTable(table, load<u32>(workspace + STATE_SYMBOLS), accuracy, codes, workspace)
    store<u32>(state, <u32>table)
    store<u32>(state, accuracy, 4)
    return length
  }
  return load<u32>(state) == 0 ? ZSTD_CORRUPT : 0
}

/** The top bits of `bits`, as many as the low six bits of `width` say, which may be none. */
// @ts-ignore: decorator
@inline
function top(bits: u64, width: u64): u64 {
  return (bits >> 1) >> ~width
}

/**
 * Decodes the sequences section of a block and carries the sequences out (RFC 8878 sections 3.1.1.3.2 and 3.1.1.4). `frameStart` is the
 * first byte of this frame in the destination: matches reach no further back. Returns the number of bytes written or an error code.
 */
export function decodeSequences(
  source: usize,
  end: usize,
  frameStart: usize,
  destination: usize,
  destinationEnd: usize,
  workspace: usize
): i32 {
  let literals = <usize>load<u32>(workspace + STATE_LITERALS)
  const literalsEnd = literals + load<u32>(workspace + STATE_LITERAL_COUNT)
  if (source >= end) return ZSTD_CORRUPT
  let count = <u32>load<u8>(source)
  source += 1
  if (count > 127) {
    if (count < 255) {
      if (source >= end) return ZSTD_CORRUPT
      count = ((count - 128) << 8) + <u32>load<u8>(source)
      source += 1
    } else {
      if (end - source < 2) return ZSTD_CORRUPT
      count = <u32>load<u16>(source) + 0x7f00
      source += 2
    }
  }
  let out = destination
  if (count == 0) {
    if (source != end) return ZSTD_CORRUPT
  } else {
    if (source >= end) return ZSTD_CORRUPT
    const modes = <u32>load<u8>(source)
    source += 1
    if ((modes & 3) != 0) return ZSTD_CORRUPT
    for (let kind: u32 = 0; kind < 3; kind++) {
      const length = selectTable(kind, (modes >> (6 - kind * 2)) & 3, source, end, workspace)
      if (length < 0) return length
      source += <usize>length
    }
    if (source >= end) return ZSTD_CORRUPT
    const mark = <u32>load<u8>(end - 1)
    if (mark == 0) return ZSTD_CORRUPT

    const literalLengthTable = <usize>load<u32>(workspace + STATE_TABLES)
    const offsetTable = <usize>load<u32>(workspace + STATE_TABLES, 8)
    const matchLengthTable = <usize>load<u32>(workspace + STATE_TABLES, 16)
    // The stream is read backwards from its end. At least eight bytes of headers precede it in the frame, so reading at lowest is allowed.
    const lowest = source - 8
    let position = end - 8
    let consumed: u32 = clz<u32>(mark) - 23
    let bits = load<u64>(position) << <u64>consumed
    let width = <u64>load<u32>(workspace + STATE_TABLES, 4)
    let literalLengthState = literalLengthTable + (<usize>top(bits, width) << 3)
    bits <<= width
    consumed += <u32>width
    width = <u64>load<u32>(workspace + STATE_TABLES, 12)
    let offsetState = offsetTable + (<usize>top(bits, width) << 3)
    bits <<= width
    consumed += <u32>width
    width = <u64>load<u32>(workspace + STATE_TABLES, 20)
    let matchLengthState = matchLengthTable + (<usize>top(bits, width) << 3)
    consumed += <u32>width
    let repeat0 = load<u32>(workspace + STATE_REPEAT_OFFSETS)
    let repeat1 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 4)
    let repeat2 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 8)

    for (;;) {
      // Refill: at least 57 fresh bits, or all that are left.
      let bytes = <usize>(consumed >> 3)
      if (position - lowest < bytes) {
        bytes = position - lowest
        if (consumed > <u32>bytes << 3) return ZSTD_CORRUPT
      }
      position -= bytes
      consumed -= <u32>bytes << 3
      bits = load<u64>(position) << <u64>consumed

      const literalLengthEntry = load<u64>(literalLengthState)
      const offsetEntry = load<u64>(offsetState)
      const matchLengthEntry = load<u64>(matchLengthState)
      const sum = literalLengthEntry + offsetEntry + matchLengthEntry
      const extra = <u32>(sum >> 8) & 0xff

      let offset = <u32>(offsetEntry >> 32)
      const offsetWidth = offsetEntry >> 8
      if ((offsetEntry & 0xfe00) != 0) {
        offset += <u32>(bits >> (0 - offsetWidth))
        bits <<= offsetWidth
        repeat2 = repeat1
        repeat1 = repeat0
        repeat0 = offset
      } else {
        // Offset values 1 to 3: a repeat offset, one place further when there are no literals (section 3.1.1.5).
        let place = offset + (literalLengthEntry >> 32 == 0 ? 1 : 0)
        if (offset != 0) {
          place += <u32>(bits >> 63)
          bits <<= 1
        }
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
      let matchLength = <u32>(matchLengthEntry >> 32)
      let literalLength = <u32>(literalLengthEntry >> 32)
      matchLength += <u32>top(bits, matchLengthEntry >> 8)
      bits <<= matchLengthEntry >> 8
      consumed += extra
      if (extra > 30) {
        // Not enough bits left for the longest literal length and the next states: refill once more.
        consumed -= <u32>(literalLengthEntry >> 8) & 0xff
        bytes = min<usize>(<usize>(consumed >> 3), position - lowest)
        position -= bytes
        consumed -= <u32>bytes << 3
        bits = load<u64>(position) << <u64>consumed
        consumed += <u32>(literalLengthEntry >> 8) & 0xff
      }
      literalLength += <u32>top(bits, literalLengthEntry >> 8)
      bits <<= literalLengthEntry >> 8

      count -= 1
      if (count != 0) {
        literalLengthState = literalLengthTable + (<usize>(literalLengthEntry >> 16) & 0xffff) + (<usize>top(bits, literalLengthEntry) << 3)
        bits <<= literalLengthEntry
        matchLengthState = matchLengthTable + (<usize>(matchLengthEntry >> 16) & 0xffff) + (<usize>top(bits, matchLengthEntry) << 3)
        bits <<= matchLengthEntry
        offsetState = offsetTable + (<usize>(offsetEntry >> 16) & 0xffff) + (<usize>top(bits, offsetEntry) << 3)
        consumed += <u32>sum & 0xff
      }

      if (literalLength > <u32>(literalsEnd - literals)) return ZSTD_CORRUPT
      const matchStart = out + literalLength
      if (literalLength + matchLength + WRITE_AHEAD <= <u32>(destinationEnd - out)) {
        copyWide(out, literals, literalLength)
        if (offset - 1 >= <u32>(matchStart - frameStart)) return ZSTD_CORRUPT
        if (offset >= 16) {
          copyWide(matchStart, matchStart - offset, matchLength)
        } else {
          repeatWide(matchStart, offset, matchLength, workspace)
        }
      } else {
        if (literalLength + matchLength > <u32>(destinationEnd - out)) return ZSTD_DESTINATION_TOO_SMALL
        memory.copy(out, literals, literalLength)
        if (offset - 1 >= <u32>(matchStart - frameStart)) return ZSTD_CORRUPT
        copyExact(matchStart, offset, matchLength)
      }
      literals += literalLength
      out = matchStart + matchLength
      if (count == 0) break
    }
    if (<u32>(position - lowest) << 3 != consumed) return ZSTD_CORRUPT
    store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat0)
    store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat1, 4)
    store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat2, 8)
  }
  const rest = <u32>(literalsEnd - literals)
  if (rest > <u32>(destinationEnd - out)) return ZSTD_DESTINATION_TOO_SMALL
  memory.copy(out, literals, rest)
  return <i32>(out + rest - destination)
}
