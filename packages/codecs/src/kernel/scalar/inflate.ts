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

export function inflateWorkspaceSize(): number {
  return 4
}

export function inflateConsumed(memory: Uint8Array, workspace: number): number {
  return new DataView(memory.buffer, memory.byteOffset + workspace, 4).getUint32(0, true)
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
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let output = destination
  let bits = 0
  let bitCount = 0

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
  const dynamicCodes = (): [Code, Code] => {
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
    const distanceCode = buildCode(lengths.subarray(literals), true)
    return [buildCode(lengths.subarray(0, literals), true), distanceCode]
  }
  const stored = (): void => {
    bits = 0
    bitCount = 0
    if (inputEnd - input < 4) throw new Failure(truncated)
    const length = memory[input]! | (memory[input + 1]! << 8)
    if ((length ^ (memory[input + 2]! | (memory[input + 3]! << 8))) !== 0xffff) throw new Failure(corrupt)
    input += 4
    if (length > inputEnd - input) throw new Failure(truncated)
    if (length > outputEnd - output) throw new Failure(tooLong)
    memory.copyWithin(output, input, input + length)
    input += length
    output += length
  }
  const block = (literalCode: Code, distanceCode: Code): void => {
    for (;;) {
      const symbol = decode(literalCode)
      if (symbol === 256) return
      if (symbol < 256) {
        if (output >= outputEnd) throw new Failure(tooLong)
        memory[output++] = symbol
        continue
      }
      const length = lengthOf(symbol - 257, take)
      const distance = distanceOf(decode(distanceCode), take)
      if (distance > output - destination) throw new Failure(corrupt)
      if (length > outputEnd - output) throw new Failure(tooLong)
      copyMatch(memory, output, distance, length)
      output += length
    }
  }

  try {
    for (let last = 0; last === 0; ) {
      last = take(1)
      const type = take(2)
      if (type === 0) stored()
      else if (type === 1) block(fixedLiterals, fixedDistances)
      else if (type === 2) block(...dynamicCodes())
      else return corrupt
    }
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
  // Whole bytes that were taken too early belong to what follows.
  new DataView(memory.buffer, memory.byteOffset + workspace, 4).setUint32(0, input - (bitCount >> 3) - source, true)
  return output - destination
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

const fixedLiterals = buildCode(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  false
)
const fixedDistances = buildCode(new Uint8Array(32).fill(5), false)
