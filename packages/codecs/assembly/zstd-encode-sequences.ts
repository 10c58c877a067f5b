import {
  buildEncodingTable,
  buildSingleEncodingTable,
  chooseAccuracy,
  codedBits,
  firstState,
  normaliseCounts,
  writeCounts,
} from './zstd-encode-fse'
import {
  BLOCK,
  ENCODE_TABLE_SIZE,
  ENCODE_TABLE_STATES,
  ENCODE_TABLE_SYMBOLS,
  ENCODE_TABLES,
  HISTOGRAM,
  LITERAL_LENGTH_CODES,
  LITERAL_LENGTH_EXTRA,
  MATCH_LENGTH_CODES,
  MATCH_LENGTH_EXTRA,
  NORMALISED,
  PREDEFINED_COUNTS,
  SEQUENCE_CODES,
  SEQUENCES,
} from './zstd-encode-layout'
import { literalLengthExtra, matchLengthExtra, writePredefinedCounts } from './zstd-fse'

/** Writes the tables of codes of lengths and the predefined counts. */
export function prepareSequenceCodes(workspace: usize): void {
  let length: u32 = 0
  for (let code: u32 = 0; code < 36; code++) {
    const extra = literalLengthExtra(code)
    store<u8>(workspace + LITERAL_LENGTH_EXTRA + code, <u8>extra)
    for (let count: u32 = 1 << extra; count > 0 && length < 64; count--) {
      store<u8>(workspace + LITERAL_LENGTH_CODES + length, <u8>code)
      length += 1
    }
  }
  length = 0
  for (let code: u32 = 0; code < 53; code++) {
    const extra = matchLengthExtra(code)
    store<u8>(workspace + MATCH_LENGTH_EXTRA + code, <u8>extra)
    for (let count: u32 = 1 << extra; count > 0 && length < 128; count--) {
      store<u8>(workspace + MATCH_LENGTH_CODES + length, <u8>code)
      length += 1
    }
  }
  for (let kind: u32 = 0; kind < 3; kind++) writePredefinedCounts(workspace + PREDEFINED_COUNTS + (kind << 7), kind)
}

/** Writes codes of all sequences and counts them: kind 0 (literal lengths) at HISTOGRAM, the others 256 bytes apart. */
function codeSequences(count: u32, workspace: usize): void {
  const histogram = workspace + HISTOGRAM
  memory.fill(histogram, 0, 768)
  const end = workspace + SEQUENCES + count * 12
  let codes = workspace + SEQUENCE_CODES
  for (let sequence = workspace + SEQUENCES; sequence < end; sequence += 12) {
    const literalLength = load<u32>(sequence)
    const matchLength = load<u32>(sequence, 4) - 3
    const literalCode =
      literalLength < 64 ? <u32>load<u8>(workspace + LITERAL_LENGTH_CODES + literalLength) : 50 - clz<u32>(literalLength)
    const matchCode = matchLength < 128 ? <u32>load<u8>(workspace + MATCH_LENGTH_CODES + matchLength) : 67 - clz<u32>(matchLength)
    const offsetCode = 31 - clz<u32>(load<u32>(sequence, 8))
    store<u32>(codes, literalCode | (offsetCode << 8) | (matchCode << 16))
    codes += 4
    let at = histogram + (literalCode << 2)
    store<u32>(at, load<u32>(at) + 1)
    at = histogram + 256 + (offsetCode << 2)
    store<u32>(at, load<u32>(at) + 1)
    at = histogram + 512 + (matchCode << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
}

/**
 * Chooses how one kind of code is coded and builds its table: 0 predefined, 1 a single code, 2 a table of its own, which is written at
 * `out`. Returns the mode in the low two bits and the end of what was written above.
 */
function chooseTable(kind: u32, count: u32, out: usize, workspace: usize): u64 {
  const histogram = workspace + HISTOGRAM + (kind << 8)
  const table = workspace + ENCODE_TABLES + <usize>kind * ENCODE_TABLE_SIZE
  const predefined = workspace + PREDEFINED_COUNTS + (kind << 7)
  const known: u32 = kind == 0 ? 36 : kind == 1 ? 29 : 53
  const predefinedAccuracy: u32 = kind == 1 ? 5 : 6
  let symbols: u32 = 64
  while (load<u32>(histogram + ((symbols - 1) << 2)) == 0) symbols -= 1
  const predefinedBits = codedBits(histogram, symbols, predefined, known, predefinedAccuracy)
  if (load<u32>(histogram + ((symbols - 1) << 2)) == count) {
    // One code throughout: a byte names it, unless the predefined table is as short.
    if (count > 2 || predefinedBits == u32.MAX_VALUE) {
      store<u8>(out, <u8>(symbols - 1))
      buildSingleEncodingTable(table, symbols - 1)
      return (<u64>(out + 1) << 2) | 1
    }
  } else if (predefinedBits == u32.MAX_VALUE || count > 16) {
    const accuracy = chooseAccuracy(count, symbols, kind == 1 ? 8 : 9)
    normaliseCounts(histogram, symbols, count, accuracy, workspace)
    const end = writeCounts(out, symbols, accuracy, workspace)
    const bits = codedBits(histogram, symbols, workspace + NORMALISED, symbols, accuracy) + (<u32>(end - out) << 11)
    if (bits < predefinedBits) {
      buildEncodingTable(table, symbols, workspace + NORMALISED, accuracy, workspace)
      return (<u64>end << 2) | 2
    }
  }
  buildEncodingTable(table, known, predefined, predefinedAccuracy, workspace)
  return <u64>out << 2
}

/**
 * Writes the sequences section of a block (RFC 8878 section 3.1.1.3.2) at `out`; returns its end, or 0 as soon as it passes `limit`, which
 * it may by what one sequence takes.
 */
export function writeSequences(count: u32, out: usize, limit: usize, workspace: usize): usize {
  if (count < 128) {
    store<u8>(out, <u8>count)
    out += 1
  } else if (count < 0x7f00) {
    store<u8>(out, <u8>((count >> 8) + 128))
    store<u8>(out, <u8>count, 1)
    out += 2
  } else {
    store<u8>(out, 255)
    store<u16>(out, <u16>(count - 0x7f00), 1)
    out += 3
  }
  if (count == 0) return out
  codeSequences(count, workspace)
  const modes = out
  let mode: u32 = 0
  out += 1
  for (let kind: u32 = 0; kind < 3; kind++) {
    const choice = chooseTable(kind, count, out, workspace)
    mode |= (<u32>choice & 3) << (6 - kind * 2)
    out = <usize>(choice >> 2)
  }
  store<u8>(modes, <u8>mode)
  if (out >= limit) return 0
  return writeSequenceStream(count, out, limit, workspace)
}

/** Next state of a table; see buildEncodingTable. */
// @ts-ignore: decorator
@inline
function nextState(table: usize, entry: usize, state: u32, width: u32): u32 {
  return <u32>load<u16>(table + ENCODE_TABLE_STATES + (((state >> width) + load<u32>(entry, 4)) << 1))
}

/** Writes the bit stream of sequences, the last sequence first, since it is read backwards (RFC 8878 section 3.1.1.3.2.1.2). */
function writeSequenceStream(count: u32, out: usize, limit: usize, workspace: usize): usize {
  const literalTable = workspace + ENCODE_TABLES
  const offsetTable = literalTable + ENCODE_TABLE_SIZE
  const matchTable = offsetTable + ENCODE_TABLE_SIZE
  let sequence = workspace + SEQUENCES + (count - 1) * 12
  let codes = load<u32>(workspace + SEQUENCE_CODES + ((count - 1) << 2))
  let literalState = firstState(literalTable, codes & 0xff)
  let offsetState = firstState(offsetTable, (codes >> 8) & 0xff)
  let matchState = firstState(matchTable, codes >> 16)
  let word: u64 = 0
  let filled: u64 = 0
  for (;;) {
    // Extra bits: literal length, match length, offset.
    const literalExtra = <u64>load<u8>(workspace + LITERAL_LENGTH_EXTRA + (codes & 0xff))
    const matchExtra = <u64>load<u8>(workspace + MATCH_LENGTH_EXTRA + (codes >> 16))
    const offsetExtra = <u64>((codes >> 8) & 0xff)
    word |= (<u64>load<u32>(sequence) & ((<u64>1 << literalExtra) - 1)) << filled
    filled += literalExtra
    // The base of a match length code with extra bits is a multiple of their range after three are taken off the length.
    word |= (<u64>(load<u32>(sequence, 4) - 3) & ((<u64>1 << matchExtra) - 1)) << filled
    filled += matchExtra
    if (filled + offsetExtra > 63) {
      store<u64>(out, word)
      out += <usize>(filled >> 3)
      word >>= filled & 0x38
      filled &= 7
    }
    word |= (<u64>load<u32>(sequence, 8) & ((<u64>1 << offsetExtra) - 1)) << filled
    filled += offsetExtra
    store<u64>(out, word)
    out += <usize>(filled >> 3)
    word >>= filled & 0x38
    filled &= 7
    if (out >= limit) return 0
    count -= 1
    if (count == 0) break
    sequence -= 12
    codes = load<u32>(workspace + SEQUENCE_CODES + ((count - 1) << 2))
    // States: offset, match length, literal length. At most 26 bits beside the seven that may wait.
    let entry = offsetTable + ENCODE_TABLE_SYMBOLS + (((codes >> 8) & 0xff) << 3)
    let width = (offsetState + load<u32>(entry)) >> 16
    word |= (<u64>offsetState & ((1 << width) - 1)) << filled
    filled += width
    offsetState = nextState(offsetTable, entry, offsetState, width)
    entry = matchTable + ENCODE_TABLE_SYMBOLS + ((codes >> 16) << 3)
    width = (matchState + load<u32>(entry)) >> 16
    word |= (<u64>matchState & ((1 << width) - 1)) << filled
    filled += width
    matchState = nextState(matchTable, entry, matchState, width)
    entry = literalTable + ENCODE_TABLE_SYMBOLS + ((codes & 0xff) << 3)
    width = (literalState + load<u32>(entry)) >> 16
    word |= (<u64>literalState & ((1 << width) - 1)) << filled
    filled += width
    literalState = nextState(literalTable, entry, literalState, width)
    // Long lengths are rare: they get room of their own.
    if ((load<u8>(workspace + LITERAL_LENGTH_EXTRA + (codes & 0xff)) | load<u8>(workspace + MATCH_LENGTH_EXTRA + (codes >> 16))) > 7) {
      store<u64>(out, word)
      out += <usize>(filled >> 3)
      word >>= filled & 0x38
      filled &= 7
    }
  }
  let accuracy = <u64>load<u32>(matchTable)
  word |= (<u64>matchState & ((<u64>1 << accuracy) - 1)) << filled
  filled += accuracy
  accuracy = <u64>load<u32>(offsetTable)
  word |= (<u64>offsetState & ((<u64>1 << accuracy) - 1)) << filled
  filled += accuracy
  accuracy = <u64>load<u32>(literalTable)
  word |= (<u64>literalState & ((<u64>1 << accuracy) - 1)) << filled
  filled += accuracy
  word |= (<u64>1) << filled
  store<u64>(out, word)
  return out + <usize>(filled >> 3) + 1
}
