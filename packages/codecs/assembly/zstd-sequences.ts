import { executeSequences, openSequenceStream } from './zstd-execute'
import { buildDecodingTable, buildSingleTable, readCounts, writePredefinedCounts } from './zstd-fse'
import {
  CODES_LITERAL_LENGTH,
  CODES_MATCH_LENGTH,
  CODES_OFFSET,
  COUNTS,
  PREDEFINED_LITERAL_LENGTH,
  PREDEFINED_MATCH_LENGTH,
  PREDEFINED_OFFSET,
  STATE_ACCURACY,
  STATE_LITERAL_COUNT,
  STATE_LITERALS,
  STATE_PREDEFINED,
  STATE_SYMBOLS,
  STATE_TABLES,
  TABLE_LITERAL_LENGTH,
  TABLE_MATCH_LENGTH,
  TABLE_OFFSET,
  ZSTD_CORRUPT,
  ZSTD_DESTINATION_TOO_SMALL,
} from './zstd-layout'

/**
 * Selects or reads the decoding table of one kind of code: 0 literal lengths, 1 offsets, 2 match lengths (RFC 8878 section 3.1.1.3.2.1).
 * Returns the bytes used or ZSTD_CORRUPT.
 */
function selectTable(kind: u32, mode: u32, source: usize, end: usize, workspace: usize): i32 {
  const state = workspace + STATE_TABLES + (kind << 3)
  const codes: usize = kind == 0 ? CODES_LITERAL_LENGTH : kind == 1 ? CODES_OFFSET : CODES_MATCH_LENGTH
  const table: usize = kind == 0 ? TABLE_LITERAL_LENGTH : kind == 1 ? TABLE_OFFSET : TABLE_MATCH_LENGTH
  const symbols: u32 = kind == 0 ? 36 : kind == 1 ? 32 : 53
  if (mode == 0) {
    const predefined: usize = kind == 0 ? PREDEFINED_LITERAL_LENGTH : kind == 1 ? PREDEFINED_OFFSET : PREDEFINED_MATCH_LENGTH
    const accuracy: u32 = kind == 1 ? 5 : 6
    const built = load<u32>(workspace + STATE_PREDEFINED)
    if (((built >> kind) & 1) == 0) {
      buildDecodingTable(predefined, writePredefinedCounts(workspace + COUNTS, kind), accuracy, codes, workspace)
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
    buildSingleTable(table, symbol, codes, workspace)
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

/**
 * Decodes the sequences section of a block and carries the sequences out (RFC 8878 sections 3.1.1.3.2 and 3.1.1.4). `frameStart` is the
 * first byte of this frame in the destination: matches reach no further back. `limit` = how much a block may decode to. Returns the
 * number of bytes written or an error code.
 */
export function decodeSequences(
  source: usize,
  end: usize,
  frameStart: usize,
  destination: usize,
  destinationEnd: usize,
  limit: u32,
  workspace: usize
): i32 {
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
    if (!openSequenceStream(source, end, workspace)) return ZSTD_CORRUPT
    const written = executeSequences(count, source, frameStart, destination, destinationEnd, limit, workspace)
    if (written < 0) return written
    out += <usize>written
  }
  const literals = <usize>load<u32>(workspace + STATE_LITERALS)
  const rest = load<u32>(workspace + STATE_LITERAL_COUNT)
  if (rest > limit - <u32>(out - destination)) return ZSTD_CORRUPT
  if (rest > <u32>(destinationEnd - out)) return ZSTD_DESTINATION_TOO_SMALL
  memory.copy(out, literals, rest)
  return <i32>(out + rest - destination)
}
