// Deflate (RFC 1951). The bit container holds 64 bits; one refill is enough for a length with its distance.
// Reads up to 8 bytes behind the source and writes up to 31 behind the destination.
// Decoding may stop between any two symbols and go on later, with other input and output: the workspace keeps the codes of the block.
import { copyMatch } from './copy'

export const INFLATE_CORRUPT: i32 = -1
export const INFLATE_TRUNCATED: i32 = -2
export const INFLATE_TOO_LONG: i32 = -3
export const INFLATE_END: i32 = 0
export const INFLATE_STOPPED: i32 = 1
export const INFLATE_NEEDS_INPUT: i32 = 2

// Table entries: bits 0-7 are the bits to consume (with extra bits), 8-13 the code's own length, 16-30 the value.
const LITERAL: u32 = 0x80000000
const EXCEPTION: u32 = 0x8000
const SUBTABLE: u32 = 0x4000
const END: u32 = 0x2000

const LITERAL_BITS: u32 = 11
const DISTANCE_BITS: u32 = 8
const PRECODE_BITS: u32 = 7

// Most entries that codes of 288 and 32 symbols of up to 15 bits need with these root tables (computed by zlib's `enough`).
const LITERAL_ENTRIES: usize = 2342
const DISTANCE_ENTRIES: usize = 402

// Where decoding stands, as 32-bit integers; `src/kernel/kernel-functions.ts` names them for callers.
const CONSUMED: usize = 0
const BIT: usize = 4
const PRODUCED: usize = 8
const STATE: usize = 12
const LAST: usize = 16
const STORED_LEFT: usize = 20
const HEADER_START: usize = 24
const HEADER_BIT: usize = 28
const HEADER_END: usize = 32
const COUNTS: usize = 64
const OFFSETS: usize = COUNTS + 64
const SORTED: usize = OFFSETS + 64
const LENGTHS: usize = SORTED + 640
const LITERAL_TABLE: usize = LENGTHS + 512
const DISTANCE_TABLE: usize = LITERAL_TABLE + LITERAL_ENTRIES * 4
const PRECODE_TABLE: usize = DISTANCE_TABLE + DISTANCE_ENTRIES * 4
const WORKSPACE_SIZE: usize = PRECODE_TABLE + 512

const AT_HEADER: u32 = 0
const IN_CODES: u32 = 1
const IN_STORED: u32 = 2
const AT_END: u32 = 3

// Bytes that the longest header of a block and the longest symbol take, with those read ahead.
const HEADER_BYTES: usize = 1024
const SYMBOL_BYTES: usize = 32

const KIND_PRECODE: u32 = 0
const KIND_LITERAL: u32 = 1
const KIND_DISTANCE: u32 = 2

/** Bytes of workspace that `inflate` needs; its address must be a multiple of 4. */
export function inflateWorkspaceSize(): i32 {
  return WORKSPACE_SIZE as i32
}

/** What a symbol means, without its code length. */
@inline
function entryOf(kind: u32, symbol: u32): u32 {
  if (kind == KIND_PRECODE) return symbol << 16
  if (kind == KIND_LITERAL) {
    if (symbol < 256) return LITERAL | (symbol << 16)
    if (symbol == 256) return EXCEPTION | END
    const index = symbol - 257
    if (index > 28) return EXCEPTION
    if (index < 8) return (index + 3) << 16
    if (index == 28) return 258 << 16
    const extra = (index >> 2) - 1
    return ((3 + ((4 + (index & 3)) << extra)) << 16) | extra
  }
  if (symbol > 29) return EXCEPTION
  if (symbol < 4) return (symbol + 1) << 16
  const extra = (symbol >> 1) - 1
  return ((1 + ((2 + (symbol & 1)) << extra)) << 16) | extra
}

/** Builds the table of a canonical code from its code lengths. False if the lengths form no code that zlib would accept. */
function buildTable(kind: u32, lengths: usize, symbols: u32, rootBits: u32, table: usize, workspace: usize): bool {
  const counts = workspace + COUNTS
  const offsets = workspace + OFFSETS
  const sorted = workspace + SORTED
  memory.fill(counts, 0, 64)
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const slot = counts + ((load<u8>(lengths + symbol) as usize) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  store<u32>(counts, 0)
  let longest: u32 = 15
  while (longest > 0 && load<u32>(counts + (longest << 2)) == 0) longest--
  let left: i32 = 1
  let offset: u32 = 0
  for (let length: u32 = 1; length <= 15; length++) {
    const count = load<u32>(counts + (length << 2))
    left = (left << 1) - count
    if (left < 0) return false
    store<u32>(offsets + (length << 2), offset)
    offset += count
  }
  if (left > 0) {
    // Zlib accepts an incomplete code only if it is a single code of one bit, or, for distances, none.
    if (kind == KIND_PRECODE || longest > 1) return false
    for (let index: u32 = 0; index < <u32>1 << rootBits; index++) store<u32>(table + (index << 2), EXCEPTION)
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol) as usize
    if (length == 0) continue
    const slot = offsets + (length << 2)
    const position = load<u32>(slot)
    store<u32>(slot, position + 1)
    store<u16>(sorted + (position << 1), symbol as u16)
  }

  let code: u32 = 0 // bit-reversed, as the stream has it
  let position: u32 = 0
  let next: u32 = 1 << rootBits
  let subtable: u32 = 0
  let subtableBits: u32 = 0
  let subtablePrefix: u32 = 0xffffffff
  for (let length: u32 = 1; length <= longest; length++) {
    for (let count = load<u32>(counts + (length << 2)); count > 0; count--) {
      const entry = entryOf(kind, load<u16>(sorted + (position << 1)))
      position++
      if (length <= rootBits) {
        const full = (entry + length) | (length << 8)
        for (let index = code; index < <u32>1 << rootBits; index += <u32>1 << length) store<u32>(table + (index << 2), full)
      } else {
        const prefix = code & ((1 << rootBits) - 1)
        if (prefix != subtablePrefix) {
          subtablePrefix = prefix
          subtable = next
          // As wide as the codes that begin with this prefix need: wider until they fill the table.
          subtableBits = length - rootBits
          let space: i32 = (1 << subtableBits) - count
          while (space > 0 && subtableBits + rootBits < longest) {
            subtableBits++
            space = (space << 1) - load<u32>(counts + ((rootBits + subtableBits) << 2))
          }
          next = subtable + (1 << subtableBits)
          store<u32>(table + (prefix << 2), (subtable << 16) | EXCEPTION | SUBTABLE | (subtableBits << 8) | rootBits)
        }
        const rest = length - rootBits
        const full = (entry + rest) | (rest << 8)
        for (let index = code >> rootBits; index < <u32>1 << subtableBits; index += <u32>1 << rest) {
          store<u32>(table + ((subtable + index) << 2), full)
        }
      }
      // The next code of this length: add one to the reversed number.
      let bit: u32 = 1 << (length - 1)
      while ((code & bit) != 0) bit >>= 1
      code = bit == 0 ? 0 : (code & (bit - 1)) | bit
    }
  }
  return true
}

function fixedTables(workspace: usize): void {
  const lengths = workspace + LENGTHS
  memory.fill(lengths, 8, 144)
  memory.fill(lengths + 144, 9, 112)
  memory.fill(lengths + 256, 7, 24)
  memory.fill(lengths + 280, 8, 8)
  buildTable(KIND_LITERAL, lengths, 288, LITERAL_BITS, workspace + LITERAL_TABLE, workspace)
  memory.fill(lengths, 5, 32)
  buildTable(KIND_DISTANCE, lengths, 32, DISTANCE_BITS, workspace + DISTANCE_TABLE, workspace)
}

/** Bytes of the source that the last `inflate` with this workspace consumed. */
export function inflateConsumed(workspace: usize): i32 {
  return load<u32>(workspace + CONSUMED) as i32
}

/**
 * Decodes one deflate stream. Returns its length or -1 corrupt, -2 truncated, -3 longer than `capacity`.
 */
export function inflate(source: usize, sourceLength: usize, destination: usize, capacity: usize, workspace: usize): i32 {
  inflateBegin(workspace, 0, 0, 0)
  const status = inflateSome(source, sourceLength, 1, destination, destination, capacity, -1, workspace)
  return status < 0 ? status : (load<u32>(workspace + PRODUCED) as i32)
}

/** Prepares to decode from a bit on: at the header of a block, or where `storedLeft` bytes of a stored block are left. */
export function inflateBegin(workspace: usize, bit: i32, storedLeft: i32, isLastBlock: i32): void {
  store<u32>(workspace + BIT, bit)
  store<u32>(workspace + STATE, storedLeft > 0 ? IN_STORED : AT_HEADER)
  store<u32>(workspace + LAST, isLastBlock)
  store<u32>(workspace + STORED_LEFT, storedLeft)
}

/** Goes on at another bit of the block whose header was decoded. */
export function inflateSeek(workspace: usize, bit: i32): void {
  store<u32>(workspace + BIT, bit)
}

/**
 * Decodes until the stream ends (0), `stop` bytes or a few more are written (1), or the input is used up (2, unless `isAllInput`).
 * Errors as from `inflate`. `history` is where the output begins that may be repeated.
 */
export function inflateSome(
  source: usize,
  sourceLength: usize,
  isAllInput: i32,
  history: usize,
  destination: usize,
  capacity: usize,
  stop: usize,
  workspace: usize
): i32 {
  store<i32>(workspace + HEADER_START, -1)
  if (isAllInput == 0 && sourceLength < HEADER_BYTES) {
    store<u32>(workspace + CONSUMED, 0)
    store<u32>(workspace + PRODUCED, 0)
    return INFLATE_NEEDS_INPUT
  }
  const inputEnd = source + sourceLength
  const headerLimit = isAllInput != 0 ? inputEnd : inputEnd - HEADER_BYTES
  const symbolLimit = isAllInput != 0 ? inputEnd : inputEnd - SYMBOL_BYTES
  const outputEnd = destination + capacity
  // All ones, for "never", stay above every address.
  const stopAt = stop == (-1 as usize) ? stop : destination + stop
  const literalTable = workspace + LITERAL_TABLE
  const distanceTable = workspace + DISTANCE_TABLE
  let input = source
  let output = destination
  let bits: u64 = 0
  let bitCount: u32 = 0
  let state = load<u32>(workspace + STATE)
  let last = load<u32>(workspace + LAST) != 0
  let hasFixedTables: bool = false
  let status = INFLATE_END
  const bit = load<u32>(workspace + BIT)
  if (bit != 0) {
    bits = (load<u8>(input) >> (bit as u8)) as u64
    bitCount = 8 - bit
    input++
  }

  while (true) {
    if (state == AT_HEADER) {
      if (last) {
        state = AT_END
        break
      }
      // What follows what was wanted may be damaged. A call for no bytes decodes a header.
      if (output >= stopAt && output > destination) {
        status = INFLATE_STOPPED
        break
      }
      if (input - (bitCount >> 3) > headerLimit) {
        if (isAllInput != 0) return INFLATE_TRUNCATED
        status = INFLATE_NEEDS_INPUT
        break
      }
      store<u32>(workspace + HEADER_START, (input - source - ((bitCount + 7) >> 3)) as u32)
      store<u32>(workspace + HEADER_BIT, (0 - bitCount) & 7)
      bits |= load<u64>(input) << bitCount
      input += (63 - bitCount) >> 3
      bitCount |= 56
      last = (bits & 1) != 0
      const type = ((bits >> 1) & 3) as u32
      bits >>= 3
      bitCount -= 3

      if (type == 0) {
        input -= bitCount >> 3
        bits = 0
        bitCount = 0
        if (input > inputEnd || inputEnd - input < 4) return INFLATE_TRUNCATED
        const length = load<u16>(input) as u32
        if ((length ^ load<u16>(input, 2)) != 0xffff) return INFLATE_CORRUPT
        input += 4
        store<u32>(workspace + STORED_LEFT, length)
        state = IN_STORED
      } else if (type == 3) {
        return INFLATE_CORRUPT
      } else {
        if (type == 1) {
          if (!hasFixedTables) fixedTables(workspace)
          hasFixedTables = true
        } else {
          hasFixedTables = false
          const literals = ((bits & 31) as u32) + 257
          const distances = (((bits >> 5) & 31) as u32) + 1
          const precodes = (((bits >> 10) & 15) as u32) + 4
          bits >>= 14
          bitCount -= 14
          if (literals > 286 || distances > 30) return INFLATE_CORRUPT
          const lengths = workspace + LENGTHS
          memory.fill(lengths, 0, 19)
          for (let index: u32 = 0; index < precodes; index++) {
            if (bitCount < 3) {
              bits |= load<u64>(input) << bitCount
              input += (63 - bitCount) >> 3
              bitCount |= 56
            }
            store<u8>(lengths + precodePlace(index), (bits & 7) as u8)
            bits >>= 3
            bitCount -= 3
          }
          const precodeTable = workspace + PRECODE_TABLE
          if (!buildTable(KIND_PRECODE, lengths, 19, PRECODE_BITS, precodeTable, workspace)) return INFLATE_CORRUPT
          const total = literals + distances
          let index: u32 = 0
          while (index < total) {
            if (input - (bitCount >> 3) > inputEnd) return INFLATE_TRUNCATED
            bits |= load<u64>(input) << bitCount
            input += (63 - bitCount) >> 3
            bitCount |= 56
            const entry = load<u32>(precodeTable + (((bits & 127) as usize) << 2))
            const used = entry & 255
            bits >>= used
            bitCount -= used
            const symbol = entry >> 16
            if (symbol < 16) {
              store<u8>(lengths + index++, symbol as u8)
              continue
            }
            let value: u32 = 0
            let repeat: u32
            if (symbol == 16) {
              if (index == 0) return INFLATE_CORRUPT
              value = load<u8>(lengths + index - 1)
              repeat = 3 + ((bits & 3) as u32)
              bits >>= 2
              bitCount -= 2
            } else if (symbol == 17) {
              repeat = 3 + ((bits & 7) as u32)
              bits >>= 3
              bitCount -= 3
            } else {
              repeat = 11 + ((bits & 127) as u32)
              bits >>= 7
              bitCount -= 7
            }
            if (repeat > total - index) return INFLATE_CORRUPT
            memory.fill(lengths + index, value as u8, repeat)
            index += repeat
          }
          // Without an end-of-block code the block could never end.
          if (load<u8>(lengths, 256) == 0) return INFLATE_CORRUPT
          if (!buildTable(KIND_DISTANCE, lengths + literals, distances, DISTANCE_BITS, distanceTable, workspace)) return INFLATE_CORRUPT
          if (!buildTable(KIND_LITERAL, lengths, literals, LITERAL_BITS, literalTable, workspace)) return INFLATE_CORRUPT
        }
        state = IN_CODES
      }
      store<u32>(workspace + HEADER_END, (input - (bitCount >> 3) - source) as u32)
    }

    if (state == IN_STORED) {
      const left = load<u32>(workspace + STORED_LEFT) as usize
      const available = inputEnd - input
      if (stopAt == (-1 as usize)) {
        if (isAllInput != 0 && left > available) return INFLATE_TRUNCATED
        if (left > outputEnd - output) return INFLATE_TOO_LONG
      }
      let room: usize = 0
      if (output < stopAt) room = min(stopAt - output, outputEnd - output)
      const length = min(left, min(available, room))
      memory.copy(output, input, length)
      input += length
      output += length
      store<u32>(workspace + STORED_LEFT, (left - length) as u32)
      if (length < left) {
        if (length != room && isAllInput != 0) return INFLATE_TRUNCATED
        status = length == room ? INFLATE_STOPPED : INFLATE_NEEDS_INPUT
        break
      }
      state = AT_HEADER
      continue
    }

    while (true) {
      if (output >= stopAt) {
        status = INFLATE_STOPPED
        break
      }
      if (input - (bitCount >> 3) > symbolLimit) {
        if (isAllInput != 0) return INFLATE_TRUNCATED
        status = INFLATE_NEEDS_INPUT
        break
      }
      bits |= load<u64>(input) << bitCount
      input += (63 - bitCount) >> 3
      bitCount |= 56
      let entry = load<u32>(literalTable + (((bits & 0x7ff) as usize) << 2))
      if ((entry & LITERAL) != 0) {
        // Up to three literals of the root table, 11 bits each, need no refill between them.
        if (outputEnd - output < 3) {
          if (output >= outputEnd) return INFLATE_TOO_LONG
          const used = entry & 255
          bits >>= used
          bitCount -= used
          store<u8>(output++, (entry >> 16) as u8)
          continue
        }
        let used = entry & 255
        bits >>= used
        bitCount -= used
        store<u8>(output++, (entry >> 16) as u8)
        entry = load<u32>(literalTable + (((bits & 0x7ff) as usize) << 2))
        if ((entry & LITERAL) != 0) {
          used = entry & 255
          bits >>= used
          bitCount -= used
          store<u8>(output++, (entry >> 16) as u8)
          entry = load<u32>(literalTable + (((bits & 0x7ff) as usize) << 2))
          if ((entry & LITERAL) != 0) {
            used = entry & 255
            bits >>= used
            bitCount -= used
            store<u8>(output++, (entry >> 16) as u8)
            continue
          }
        }
        bits |= load<u64>(input) << bitCount
        input += (63 - bitCount) >> 3
        bitCount |= 56
      }
      if ((entry & EXCEPTION) != 0) {
        if ((entry & SUBTABLE) != 0) {
          bits >>= LITERAL_BITS
          bitCount -= LITERAL_BITS
          const mask = (<u64>1 << ((entry >> 8) & 15)) - 1
          entry = load<u32>(literalTable + ((((entry >> 16) as usize) + ((bits & mask) as usize)) << 2))
          if ((entry & LITERAL) != 0) {
            if (output >= outputEnd) return INFLATE_TOO_LONG
            const used = entry & 255
            bits >>= used
            bitCount -= used
            store<u8>(output++, (entry >> 16) as u8)
            continue
          }
        }
        if ((entry & EXCEPTION) != 0) {
          if ((entry & END) == 0) return INFLATE_CORRUPT
          const used = entry & 255
          bits >>= used
          bitCount -= used
          state = AT_HEADER
          break
        }
      }
      let used = entry & 255
      const length = <usize>(entry >> 16) + <usize>((bits & ((<u64>1 << used) - 1)) >> ((entry >> 8) & 15))
      bits >>= used
      bitCount -= used

      entry = load<u32>(distanceTable + (((bits & 0xff) as usize) << 2))
      if ((entry & EXCEPTION) != 0) {
        if ((entry & SUBTABLE) == 0) return INFLATE_CORRUPT
        bits >>= DISTANCE_BITS
        bitCount -= DISTANCE_BITS
        const mask = (<u64>1 << ((entry >> 8) & 15)) - 1
        entry = load<u32>(distanceTable + ((((entry >> 16) as usize) + ((bits & mask) as usize)) << 2))
        if ((entry & EXCEPTION) != 0) return INFLATE_CORRUPT
      }
      used = entry & 255
      const distance = <usize>(entry >> 16) + <usize>((bits & ((<u64>1 << used) - 1)) >> ((entry >> 8) & 15))
      bits >>= used
      bitCount -= used

      if (distance > output - history) return INFLATE_CORRUPT
      if (length > outputEnd - output) return INFLATE_TOO_LONG
      copyMatch(output, distance, length)
      output += length
    }
    if (status != INFLATE_END) break
  }

  input -= bitCount >> 3
  if (isAllInput != 0 && input > inputEnd) return INFLATE_TRUNCATED
  // What is left of the last byte belongs to it as long as the stream goes on.
  const rest = bitCount & 7
  if (rest != 0 && state != AT_END) {
    input--
    store<u32>(workspace + BIT, 8 - rest)
  } else {
    store<u32>(workspace + BIT, 0)
  }
  store<u32>(workspace + CONSUMED, (input - source) as u32)
  store<u32>(workspace + PRODUCED, (output - destination) as u32)
  store<u32>(workspace + STATE, state)
  store<u32>(workspace + LAST, last ? 1 : 0)
  return status
}

/** The order in which a block lists the lengths of its code length code: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15. */
@inline
function precodePlace(index: u32): usize {
  if (index < 3) return 16 + index
  if (index == 3) return 0
  const half = index >> 1
  return (index & 1) == 0 ? 6 + half : 9 - half
}
