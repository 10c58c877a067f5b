import {
  CUMULATED,
  ENCODE_SPREAD,
  ENCODE_TABLE_STATES,
  ENCODE_TABLE_SYMBOLS,
  NORMALISED,
} from './zstd-encode-layout'

/** Binary logarithm of a positive number in 1/256, to about 1/100. */
export function logarithm(value: u32): u32 {
  const whole = 31 - clz<u32>(value)
  const fraction = ((value << (31 - whole)) >> 15) & 0xffff
  // The curve lies above its chord by at most 0.086, about a parabola.
  const bow = ((fraction * (65536 - fraction)) >> 16) * 22489
  return (whole << 8) + ((fraction + (bow >> 16)) >> 8)
}

/** Accuracy log for a table that codes `total` symbols out of `symbols` kinds (as the reference encoder chooses it). */
export function chooseAccuracy(total: u32, symbols: u32, maximum: u32): u32 {
  const bySize = 29 - clz<u32>(total - 1)
  const needed = min<u32>(32 - clz<u32>(total), 33 - clz<u32>(symbols - 1))
  return min<u32>(max<u32>(max<u32>(min<i32>(<i32>bySize, <i32>maximum), needed), 5), maximum)
}

/**
 * Scales a histogram to counts that add up to 1 << accuracy; every symbol that occurs gets at least one state. At least two symbols must
 * occur. -1 marks those that deserve less than one state.
 */
export function normaliseCounts(histogram: usize, symbols: u32, total: u32, accuracy: u32, workspace: usize): void {
  const counts = workspace + NORMALISED
  const size: u32 = 1 << accuracy
  let left = <i32>size
  let largest: u32 = 0
  let largestCount: i32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<u32>(histogram + (symbol << 2))
    let states: i32 = 0
    if (count != 0) {
      const scaled = <u64>count << (accuracy + 1)
      if (scaled < <u64>total << 1) {
        states = -1
        left -= 1
      } else {
        states = <i32>((scaled / total + 1) >> 1)
        left -= states
      }
    }
    store<i16>(counts + (symbol << 1), <i16>states)
    if (states > largestCount) {
      largest = symbol
      largestCount = states
    }
  }
  // Rounding errors go to the largest count, where they matter least; should it not bear them, to the next largest.
  while (left < 0) {
    const taken = min<i32>(-left, max<i32>(largestCount >> 3, 1))
    store<i16>(counts + (largest << 1), <i16>(largestCount - taken))
    left += taken
    largestCount = 0
    for (let symbol: u32 = 0; symbol < symbols; symbol++) {
      const states = <i32>load<i16>(counts + (symbol << 1))
      if (states > largestCount) {
        largest = symbol
        largestCount = states
      }
    }
  }
  store<i16>(counts + (largest << 1), <i16>(largestCount + left))
}

/** Bits that `total` symbols take with the normalised counts, in 1/256; u32.MAX_VALUE when one of them has no state. */
export function codedBits(histogram: usize, symbols: u32, counts: usize, known: u32, accuracy: u32): u32 {
  let bits: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<u32>(histogram + (symbol << 2))
    if (count == 0) continue
    const states = symbol < known ? <i32>load<i16>(counts + (symbol << 1)) : 0
    if (states == 0) return u32.MAX_VALUE
    bits += count * ((accuracy << 8) - logarithm(<u32>abs<i32>(states)))
  }
  return bits
}

/** Writes a table description (RFC 8878 section 4.1.1) from NORMALISED; returns its end. */
export function writeCounts(out: usize, symbols: u32, accuracy: u32, workspace: usize): usize {
  const counts = workspace + NORMALISED
  let word: u64 = accuracy - 5
  let filled: u64 = 4
  let remaining: i32 = (1 << accuracy) + 1
  let threshold: i32 = 1 << accuracy
  let width = accuracy + 1
  let symbol: u32 = 0
  let afterZero = false
  while (remaining > 1 && symbol < symbols) {
    if (afterZero) {
      const start = symbol
      while (symbol < symbols && load<i16>(counts + (symbol << 1)) == 0) symbol += 1
      let run = symbol - start
      for (; run >= 3; run -= 3) {
        word |= (<u64>3) << filled
        filled += 2
        if (filled >= 32) {
          store<u32>(out, <u32>word)
          out += 4
          word >>= 32
          filled -= 32
        }
      }
      word |= <u64>run << filled
      filled += 2
    }
    const count = <i32>load<i16>(counts + (symbol << 1))
    const spare = 2 * threshold - 1 - remaining
    remaining -= count < 0 ? -count : count
    let value = count + 1
    if (value >= threshold) value += spare
    word |= <u64>(<u32>value) << filled
    filled += value < spare ? width - 1 : width
    afterZero = value == 1
    symbol += 1
    while (remaining < threshold && threshold > 1) {
      width -= 1
      threshold >>= 1
    }
    if (filled >= 32) {
      store<u32>(out, <u32>word)
      out += 4
      word >>= 32
      filled -= 32
    }
  }
  store<u64>(out, word)
  return out + <usize>((filled + 7) >> 3)
}

/**
 * Builds an encoding table from normalised counts. The number of bits that a symbol takes in a state is (state + first u32 of the symbol)
 * >> 16; what is left of the state, shifted by it, plus the second u32 is the index of the next state.
 */
export function buildEncodingTable(table: usize, symbols: u32, counts: usize, accuracy: u32, workspace: usize): void {
  const spread = workspace + ENCODE_SPREAD
  const places = workspace + CUMULATED
  const size: u32 = 1 << accuracy
  const mask = size - 1
  const step = (size >> 1) + (size >> 3) + 3
  store<u32>(table, accuracy)
  let last = size - 1
  let place: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = <i32>load<i16>(counts + (symbol << 1))
    store<u16>(places + (symbol << 1), <u16>place)
    const entry = table + ENCODE_TABLE_SYMBOLS + (symbol << 3)
    if (count == -1) {
      store<u8>(spread + last, <u8>symbol)
      last -= 1
    }
    if (count == -1 || count == 1) {
      store<u32>(entry, (accuracy << 16) - size)
      store<u32>(entry, place - 1, 4)
      place += 1
    } else if (count > 0) {
      const width = accuracy - (31 - clz<u32>(<u32>count - 1))
      store<u32>(entry, (width << 16) - (<u32>count << width))
      store<u32>(entry, place - count, 4)
      place += count
    }
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
  const states = table + ENCODE_TABLE_STATES
  for (let index: u32 = 0; index < size; index++) {
    const symbol = <u32>load<u8>(spread + index)
    const target = <u32>load<u16>(places + (symbol << 1))
    store<u16>(places + (symbol << 1), <u16>(target + 1))
    store<u16>(states + (target << 1), <u16>(size + index))
  }
}

/** Makes a table of one state: its only symbol takes no bits. */
export function buildSingleEncodingTable(table: usize, symbol: u32): void {
  store<u32>(table, 0)
  store<u64>(table + ENCODE_TABLE_SYMBOLS + (symbol << 3), 0)
  store<u16>(table + ENCODE_TABLE_STATES, 0)
}

/** The state that stands for the last symbol of a stream. */
export function firstState(table: usize, symbol: u32): u32 {
  const entry = table + ENCODE_TABLE_SYMBOLS + (symbol << 3)
  const change = load<u32>(entry)
  const width = (change + 0x8000) >> 16
  const value = (width << 16) - change
  return <u32>load<u16>(table + ENCODE_TABLE_STATES + (((value >> width) + load<u32>(entry, 4)) << 1))
}
