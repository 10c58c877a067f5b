import { inflateFields, inflateStates } from '../inflate-state.js'
import { copyMatch } from './copy.js'

const corrupt = -1
const truncated = -2
const tooLong = -3

/** Thrown inside and answered as an error code: reading bits happens in many places. */
class Failure extends Error {
  readonly code: number

  constructor(code: number) {
    super()
    this.code = code
  }
}

/** The fields, and the lengths of the codes of the block: literals, distances, and how many of each. */
const lengthsAt = 40

export function inflateWorkspaceSize(): number {
  return lengthsAt + 320
}

export function inflateConsumed(memory: Uint8Array, workspace: number): number {
  return fieldsOf(memory, workspace).getInt32(inflateFields.consumed, true)
}

export function inflateBegin(memory: Uint8Array, workspace: number, bit: number, storedLeft: number, isLastBlock: number): void {
  const fields = fieldsOf(memory, workspace)
  fields.setInt32(inflateFields.bit, bit, true)
  fields.setInt32(inflateFields.state, storedLeft > 0 ? inflateStates.stored : inflateStates.header, true)
  fields.setInt32(inflateFields.last, isLastBlock, true)
  fields.setInt32(inflateFields.storedLeft, storedLeft, true)
}

export function inflateSeek(memory: Uint8Array, workspace: number, bit: number): void {
  fieldsOf(memory, workspace).setInt32(inflateFields.bit, bit, true)
}

function fieldsOf(memory: Uint8Array, workspace: number): DataView {
  return new DataView(memory.buffer, memory.byteOffset + workspace, lengthsAt)
}

/** A canonical code: how many codes there are of each length, and their symbols in order. */
interface Code {
  readonly counts: Uint16Array
  readonly symbols: Uint16Array
}

function buildCode(lengths: Uint8Array, mayBeIncomplete: boolean): Code {
  const counts = new Uint16Array(16)
  for (const length of lengths) counts[length]!++
  counts[0] = 0
  let left = 1
  const offsets = new Uint16Array(17)
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - counts[length]!
    if (left < 0) throw new Failure(corrupt)
    offsets[length + 1] = offsets[length]! + counts[length]!
  }
  const longest = counts.findLastIndex((count) => count > 0)
  if (left > 0 && (!mayBeIncomplete || longest > 1)) throw new Failure(corrupt)
  const symbols = new Uint16Array(lengths.length)
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[offsets[length]!++] = symbol
  return { counts, symbols }
}

const precodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Deflate decoder; see `assembly/inflate.ts`. This one reads bit by bit. */
export function inflate(
  memory: Uint8Array,
  source: number,
  sourceLength: number,
  destination: number,
  capacity: number,
  workspace: number
): number {
  inflateBegin(memory, workspace, 0, 0, 0)
  const status = inflateSome(memory, source, sourceLength, 1, destination, destination, capacity, -1, workspace)
  return status < 0 ? status : fieldsOf(memory, workspace).getInt32(inflateFields.produced, true)
}

const stopped = 1
const needsInput = 2
/** Bytes that the longest header of a block and the longest symbol take, as in `assembly/inflate.ts`. */
const headerBytes = 1024
const symbolBytes = 32

export function inflateSome(
  memory: Uint8Array,
  source: number,
  sourceLength: number,
  isAllInput: number,
  history: number,
  destination: number,
  capacity: number,
  stop: number,
  workspace: number
): number {
  const fields = fieldsOf(memory, workspace)
  fields.setInt32(inflateFields.headerStart, -1, true)
  if (isAllInput === 0 && sourceLength < headerBytes) {
    fields.setInt32(inflateFields.consumed, 0, true)
    fields.setInt32(inflateFields.produced, 0, true)
    return needsInput
  }
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  const stopAt = stop < 0 ? Number.POSITIVE_INFINITY : destination + stop
  let input = source
  let output = destination
  let bits = 0
  let bitCount = 0
  let state = fields.getInt32(inflateFields.state, true)
  let last = fields.getInt32(inflateFields.last, true)
  let codes: readonly [Code, Code] | undefined

  const take = (count: number): number => {
    while (bitCount < count) {
      if (input >= inputEnd) throw new Failure(truncated)
      bits |= memory[input++]! << bitCount
      bitCount += 8
    }
    const value = bits & ((1 << count) - 1)
    bits >>>= count
    bitCount -= count
    return value
  }
  const decode = ({ counts, symbols }: Code): number => {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= 15; length++) {
      code |= take(1)
      const count = counts[length]!
      if (code - count < first) return symbols[index + (code - first)]!
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new Failure(corrupt)
  }
  /** Whether the input may end before `count` bytes are read. */
  const isShort = (count: number): boolean => isAllInput === 0 && input - (bitCount >> 3) > inputEnd - count
  const storeLengths = (lengths: Uint8Array, literals: number): void => {
    fields.setUint16(36, literals, true)
    fields.setUint16(38, lengths.length, true)
    memory.set(lengths, workspace + lengthsAt)
  }
  const storedCodes = (): readonly [Code, Code] => {
    const literals = fields.getUint16(36, true)
    const lengths = memory.slice(workspace + lengthsAt, workspace + lengthsAt + fields.getUint16(38, true))
    const distanceCode = buildCode(lengths.subarray(literals), true)
    return [buildCode(lengths.subarray(0, literals), true), distanceCode]
  }
  const dynamicLengths = (): void => {
    const literals = take(5) + 257
    const distances = take(5) + 1
    const precodes = take(4) + 4
    if (literals > 286 || distances > 30) throw new Failure(corrupt)
    const precodeLengths = new Uint8Array(19)
    for (let index = 0; index < precodes; index++) precodeLengths[precodeOrder[index]!] = take(3)
    const precode = buildCode(precodeLengths, false)
    const lengths = new Uint8Array(literals + distances)
    let index = 0
    while (index < lengths.length) {
      const symbol = decode(precode)
      if (symbol < 16) {
        lengths[index++] = symbol
        continue
      }
      if (symbol === 16 && index === 0) throw new Failure(corrupt)
      const value = symbol === 16 ? lengths[index - 1]! : 0
      const repeat = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7)
      if (repeat > lengths.length - index) throw new Failure(corrupt)
      lengths.fill(value, index, index + repeat)
      index += repeat
    }
    if (lengths[256] === 0) throw new Failure(corrupt)
    storeLengths(lengths, literals)
  }
  const header = (): void => {
    fields.setInt32(inflateFields.headerStart, input - source - ((bitCount + 7) >> 3), true)
    fields.setInt32(inflateFields.headerBit, -bitCount & 7, true)
    last = take(1)
    const type = take(2)
    if (type === 3) throw new Failure(corrupt)
    if (type === 0) {
      input -= bitCount >> 3
      bits = 0
      bitCount = 0
      if (inputEnd - input < 4) throw new Failure(truncated)
      const length = memory[input]! | (memory[input + 1]! << 8)
      if ((length ^ (memory[input + 2]! | (memory[input + 3]! << 8))) !== 0xffff) throw new Failure(corrupt)
      input += 4
      fields.setInt32(inflateFields.storedLeft, length, true)
      state = inflateStates.stored
    } else {
      if (type === 1) storeLengths(fixedLengths, 288)
      else dynamicLengths()
      codes = storedCodes()
      state = inflateStates.codes
    }
    fields.setInt32(inflateFields.headerEnd, input - (bitCount >> 3) - source, true)
  }
  /** Copies what is there of a stored block. Returns a status, or 0 at its end. */
  const stored = (): number => {
    const left = fields.getInt32(inflateFields.storedLeft, true)
    const available = inputEnd - input
    if (stop < 0 && isAllInput !== 0 && left > available) throw new Failure(truncated)
    if (stop < 0 && left > outputEnd - output) throw new Failure(tooLong)
    const room = output >= stopAt ? 0 : Math.min(stopAt - output, outputEnd - output)
    const length = Math.min(left, available, room)
    memory.copyWithin(output, input, input + length)
    input += length
    output += length
    fields.setInt32(inflateFields.storedLeft, left - length, true)
    if (length < left && length !== room && isAllInput !== 0) throw new Failure(truncated)
    if (length < left) return length === room ? stopped : needsInput
    state = inflateStates.header
    return 0
  }
  /** Decodes symbols. Returns a status, or 0 at the end of the block. */
  const block = ([literalCode, distanceCode]: readonly [Code, Code]): number => {
    for (;;) {
      if (output >= stopAt) return stopped
      if (isShort(symbolBytes)) return needsInput
      const symbol = decode(literalCode)
      if (symbol === 256) {
        state = inflateStates.header
        return 0
      }
      if (symbol < 256) {
        if (output >= outputEnd) throw new Failure(tooLong)
        memory[output++] = symbol
        continue
      }
      const length = lengthOf(symbol - 257, take)
      const distance = distanceOf(decode(distanceCode), take)
      if (distance > output - history) throw new Failure(corrupt)
      if (length > outputEnd - output) throw new Failure(tooLong)
      copyMatch(memory, output, distance, length)
      output += length
    }
  }
  const run = (): number => {
    const bit = fields.getInt32(inflateFields.bit, true)
    if (bit !== 0) {
      bits = memory[input++]! >> bit
      bitCount = 8 - bit
    }
    for (;;) {
      if (state === inflateStates.header) {
        if (last !== 0) {
          state = inflateStates.end
          return 0
        }
        if (output >= stopAt && output > destination) return stopped
        if (isShort(headerBytes)) return needsInput
        header()
      }
      const status = state === inflateStates.stored ? stored() : block(codes ?? storedCodes())
      if (status !== 0) return status
    }
  }

  let status: number
  try {
    status = run()
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
  // Whole bytes that were taken too early belong to what follows, and the rest of a byte to the stream as long as it goes on.
  input -= bitCount >> 3
  const rest = state === inflateStates.end ? 0 : bitCount & 7
  fields.setInt32(inflateFields.bit, rest === 0 ? 0 : 8 - rest, true)
  fields.setInt32(inflateFields.consumed, input - (rest === 0 ? 0 : 1) - source, true)
  fields.setInt32(inflateFields.produced, output - destination, true)
  fields.setInt32(inflateFields.state, state, true)
  fields.setInt32(inflateFields.last, last, true)
  return status
}

function lengthOf(index: number, take: (count: number) => number): number {
  if (index > 28) throw new Failure(corrupt)
  if (index < 8) return index + 3
  if (index === 28) return 258
  const extra = (index >> 2) - 1
  return 3 + ((4 + (index & 3)) << extra) + take(extra)
}

function distanceOf(symbol: number, take: (count: number) => number): number {
  if (symbol > 29) throw new Failure(corrupt)
  if (symbol < 4) return symbol + 1
  const extra = (symbol >> 1) - 1
  return 1 + ((2 + (symbol & 1)) << extra) + take(extra)
}

const fixedLengths = Uint8Array.from({ length: 320 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : symbol < 288 ? 8 : 5
)
