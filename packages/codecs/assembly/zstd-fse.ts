import {
  CODES_LITERAL_LENGTH,
  CODES_MATCH_LENGTH,
  CODES_OFFSET,
  COUNTS,
  NEXT_STATES,
  SPREAD,
  STATE_ACCURACY,
  STATE_SYMBOLS,
  ZSTD_CORRUPT,
} from './zstd-layout'

/*
 * Finite state entropy tables (RFC 8878 section 4.1). An entry has eight bytes, loaded one by one, since a byte from memory is a shift
 * count without further instructions: */
/** All bits that the code takes from the stream: the next two, added. */
export const ENTRY_TOTAL: usize = 0
/** Number of extra bits of the code. */
export const ENTRY_EXTRA: usize = 1
/** Number of bits that select the next state. */
export const ENTRY_WIDTH: usize = 2
export const ENTRY_SYMBOL: usize = 3
/** u16: place in the workspace of the entry of the next state when the selecting bits are zero. */
export const ENTRY_NEXT: usize = 4
/** u16: as many one bits as the width says. */
export const ENTRY_MASK: usize = 6

// Extra bits of literal length codes 16-24 and match length codes 32-42, a hexadecimal digit each, first code lowest.
const LITERAL_LENGTH_BITS: u64 = 0x433221111
const MATCH_LENGTH_BITS: u64 = 0x54433221111
// Predefined distributions (RFC 8878 section 3.1.1.3.2.2), a hexadecimal digit for each code, f stands for -1.
const LITERAL_LENGTH_COUNTS_0: u64 = 0x1112222222222234
const LITERAL_LENGTH_COUNTS_16: u64 = 0x1111123222222222
const LITERAL_LENGTH_COUNTS_32: u64 = 0xffff
const MATCH_LENGTH_COUNTS_0: u64 = 0x1111111222222341
const MATCH_LENGTH_COUNTS_16: u64 = 0x1111111111111111
const MATCH_LENGTH_COUNTS_32: u64 = 0xff11111111111111
const MATCH_LENGTH_COUNTS_48: u64 = 0xfffff
const OFFSET_COUNTS_0: u64 = 0x1111111222111111
const OFFSET_COUNTS_16: u64 = 0xfffff11111111

/** Number of extra bits of a literal length code (RFC 8878 table 16). */
export function literalLengthExtra(code: u32): u32 {
  return code < 16 ? 0 : code < 25 ? <u32>(LITERAL_LENGTH_BITS >> (<u64>(code - 16) * 4)) & 15 : code - 19
}

/** Number of extra bits of a match length code (RFC 8878 table 17). */
export function matchLengthExtra(code: u32): u32 {
  return code < 32 ? 0 : code < 43 ? <u32>(MATCH_LENGTH_BITS >> (<u64>(code - 32) * 4)) & 15 : code - 36
}

/** Writes base values and extra bits of all sequence codes (RFC 8878 section 3.1.1.3.2.1.1). */
export function buildSequenceCodes(workspace: usize): void {
  let base: u32 = 0
  for (let code: u32 = 0; code < 36; code++) {
    const extra = literalLengthExtra(code)
    store<u32>(workspace + CODES_LITERAL_LENGTH + (code << 3), base)
    store<u32>(workspace + CODES_LITERAL_LENGTH + (code << 3), extra, 4)
    base += 1 << extra
  }
  base = 3
  for (let code: u32 = 0; code < 53; code++) {
    const extra = matchLengthExtra(code)
    store<u32>(workspace + CODES_MATCH_LENGTH + (code << 3), base)
    store<u32>(workspace + CODES_MATCH_LENGTH + (code << 3), extra, 4)
    base += 1 << extra
  }
  for (let code: u32 = 0; code < 32; code++) {
    store<u32>(workspace + CODES_OFFSET + (code << 3), 1 << code)
    store<u32>(workspace + CODES_OFFSET + (code << 3), code, 4)
  }
}

function unpackCounts(target: usize, digits: u64, count: u32): void {
  for (let index: u32 = 0; index < count; index++) {
    const digit = <i32>((digits >> (<u64>index * 4)) & 15)
    store<i16>(target + (index << 1), <i16>(digit == 15 ? -1 : digit))
  }
}

/** Writes the predefined counts of a kind of code (0 literal lengths, 1 offsets, 2 match lengths) as i16; returns how many they are. */
export function writePredefinedCounts(target: usize, kind: u32): u32 {
  if (kind == 0) {
    unpackCounts(target, LITERAL_LENGTH_COUNTS_0, 16)
    unpackCounts(target + 32, LITERAL_LENGTH_COUNTS_16, 16)
    unpackCounts(target + 64, LITERAL_LENGTH_COUNTS_32, 4)
    return 36
  }
  if (kind == 1) {
    unpackCounts(target, OFFSET_COUNTS_0, 16)
    unpackCounts(target + 32, OFFSET_COUNTS_16, 13)
    return 29
  }
  unpackCounts(target, MATCH_LENGTH_COUNTS_0, 16)
  unpackCounts(target + 32, MATCH_LENGTH_COUNTS_16, 16)
  unpackCounts(target + 64, MATCH_LENGTH_COUNTS_32, 16)
  unpackCounts(target + 96, MATCH_LENGTH_COUNTS_48, 5)
  return 53
}

/** The 32 bits at a bit position of a forward bit stream; zeros past `end`. */
function forwardBits(source: usize, end: usize, position: u32): u32 {
  const address = source + (position >> 3)
  let word: u64 = 0
  if (address < end) {
    const available = min<usize>(end - address, 5)
    for (let index: usize = 0; index < available; index++) word |= <u64>load<u8>(address + index) << (<u64>index << 3)
  }
  return <u32>(word >> (position & 7))
}

/**
 * Reads a table description (RFC 8878 section 4.1.1) into COUNTS; the accuracy log goes to STATE_ACCURACY, the number of symbols to
 * STATE_SYMBOLS. Returns its length in bytes, or ZSTD_CORRUPT.
 */
export function readCounts(source: usize, end: usize, maximumSymbols: u32, maximumAccuracy: u32, workspace: usize): i32 {
  const counts = workspace + COUNTS
  const accuracy = (forwardBits(source, end, 0) & 15) + 5
  if (accuracy > maximumAccuracy) return ZSTD_CORRUPT
  let position: u32 = 4
  let remaining: i32 = (1 << accuracy) + 1
  let threshold: i32 = 1 << accuracy
  let width = accuracy + 1
  let symbol: u32 = 0
  let afterZero = false
  while (remaining > 1) {
    if (afterZero) {
      let run: u32
      do {
        run = forwardBits(source, end, position) & 3
        position += 2
        if (symbol + run > maximumSymbols) return ZSTD_CORRUPT
        for (let index: u32 = 0; index < run; index++) store<i16>(counts + ((symbol + index) << 1), 0)
        symbol += run
      } while (run == 3)
    }
    if (symbol >= maximumSymbols) return ZSTD_CORRUPT
    const bits = forwardBits(source, end, position)
    const spare = 2 * threshold - 1 - remaining
    let count = <i32>(bits & (threshold - 1))
    if (count < spare) {
      position += width - 1
    } else {
      count = <i32>(bits & (2 * threshold - 1))
      if (count >= threshold) count -= spare
      position += width
    }
    count -= 1
    remaining -= count < 0 ? -count : count
    store<i16>(counts + (symbol << 1), <i16>count)
    symbol += 1
    afterZero = count == 0
    while (remaining < threshold && threshold > 1) {
      width -= 1
      threshold >>= 1
    }
  }
  if (remaining != 1) return ZSTD_CORRUPT
  const bytes = (position + 7) >> 3
  if (bytes > <u32>(end - source)) return ZSTD_CORRUPT
  store<u32>(workspace + STATE_ACCURACY, accuracy)
  store<u32>(workspace + STATE_SYMBOLS, symbol)
  return <i32>bytes
}

/**
 * Builds a decoding table from COUNTS at a place in the workspace. `codes` = place of base values and extra bits, 0 when symbols have
 * none.
 */
export function buildDecodingTable(table: usize, symbols: u32, accuracy: u32, codes: usize, workspace: usize): void {
  const counts = workspace + COUNTS
  const next = workspace + NEXT_STATES
  const spread = workspace + SPREAD
  const size: u32 = 1 << accuracy
  const mask = size - 1
  const step = (size >> 1) + (size >> 3) + 3
  let last = size - 1
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    let count = <i32>load<i16>(counts + (symbol << 1))
    if (count == -1) {
      store<u8>(spread + last, <u8>symbol)
      last -= 1
      count = 1
    }
    store<u16>(next + (symbol << 1), <u16>count)
  }
  let position: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    for (let count = <i32>load<i16>(counts + (symbol << 1)); count > 0; count--) {
      store<u8>(spread + position, <u8>symbol)
      do {
        position = (position + step) & mask
      } while (position > last)
    }
  }
  for (let index: u32 = 0; index < size; index++) {
    const symbol = <u32>load<u8>(spread + index)
    const state = <u32>load<u16>(next + (symbol << 1))
    store<u16>(next + (symbol << 1), <u16>(state + 1))
    const width = accuracy - (31 - clz<u32>(state))
    const extra = codes != 0 ? load<u32>(workspace + codes + (symbol << 3), 4) : 0
    const place = <u32>table + (((state << width) - size) << 3)
    storeEntry(workspace + table + (index << 3), symbol, extra, width, place)
  }
}

/** Makes a table of one state that always yields the same code and reads no bits for its next state. */
export function buildSingleTable(table: usize, symbol: u32, codes: usize, workspace: usize): void {
  storeEntry(workspace + table, symbol, load<u32>(workspace + codes + (symbol << 3), 4), 0, <u32>table)
}

// @ts-ignore: decorator
@inline
function storeEntry(entry: usize, symbol: u32, extra: u32, width: u32, place: u32): void {
  store<u32>(entry, (extra + width) | (extra << 8) | (width << 16) | (symbol << 24))
  store<u32>(entry, place | (((1 << width) - 1) << 16), 4)
}
