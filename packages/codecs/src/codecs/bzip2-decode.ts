import { BitReader } from '../bit-reader.js'
import { corrupt } from '../codec-errors.js'
import type { ExpectedLength } from '../codec-step.js'
import { GrowingOutput } from '../growing-output.js'

// The format has no specification by its author; this follows "BZIP2: Format Specification" (J. Tsai, 2016).

const blockMagic = 0x314159265359
const endMagic = 0x177245385090
const groupLength = 50
const maxCodeLength = 20

/** Decodes one or several streams, of which no more than what gives `stopAfter` bytes; zero bytes may follow the last. */
export function decodeBzip2(bytes: Uint8Array, expected: ExpectedLength, stopAfter: number): Uint8Array {
  const output = new GrowingOutput('bz2', expected, bytes.length)
  let position = 0
  do {
    position = decodeStream(bytes, position, output, stopAfter)
    if (output.length >= stopAfter) return output.finish()
  } while (position < bytes.length && bytes[position] !== 0)
  for (; position < bytes.length; position++) {
    if (bytes[position] !== 0) throw corrupt('bz2', 'bytes that belong to nothing follow the stream')
  }
  return output.finish()
}

function decodeStream(bytes: Uint8Array, start: number, output: GrowingOutput, stopAfter: number): number {
  const level = bytes[start + 3]! - 0x30
  if (bytes[start] !== 0x42 || bytes[start + 1] !== 0x5a || bytes[start + 2] !== 0x68 || !(level >= 1 && level <= 9)) {
    throw corrupt('bz2', 'no bzip2 header')
  }
  const reader = new BitReader('bz2', bytes, start + 4)
  const block = new Uint32Array(level * 100_000)
  let combined = 0
  for (;;) {
    const magic = reader.takeLong(48)
    if (magic === endMagic) break
    if (magic !== blockMagic) throw corrupt('bz2', 'no block where one must be')
    const stored = reader.takeLong(32)
    const computed = decodeBlock(reader, block, output)
    if (computed !== stored) throw corrupt('bz2', 'the checksum of a block does not match')
    if (output.length >= stopAfter) return reader.position
    combined = (((combined << 1) | (combined >>> 31)) ^ computed) >>> 0
  }
  if (reader.takeLong(32) !== combined) throw corrupt('bz2', 'the checksum of the stream does not match')
  reader.align()
  return reader.position
}

/** Decodes a block behind its checksum and returns the checksum of its bytes. */
function decodeBlock(reader: BitReader, block: Uint32Array, output: GrowingOutput): number {
  if (reader.take(1) === 1) throw corrupt('bz2', 'randomised blocks of bzip2 before 0.9.5 are not read')
  const origin = reader.take(24)
  const symbols = readSymbols(reader)
  const groups = reader.take(3)
  const selectorCount = reader.take(15)
  if (groups < 2 || groups > 6 || selectorCount === 0 || symbols.length === 0) throw corrupt('bz2', 'the header of a block is damaged')
  const selectors = readSelectors(reader, groups, selectorCount)
  const codes = Array.from({ length: groups }, () => readCode(reader, symbols.length + 2))
  const length = readValues(reader, symbols, selectors, codes, block)
  if (origin >= length) throw corrupt('bz2', 'a block begins outside itself')
  return writeBlock(block, length, origin, output)
}

function readSymbols(reader: BitReader): Uint8Array {
  const used = reader.take(16)
  const symbols: number[] = []
  for (let high = 0; high < 16; high++) {
    if (!(used & (0x8000 >> high))) continue
    const low = reader.take(16)
    for (let index = 0; index < 16; index++) if (low & (0x8000 >> index)) symbols.push(high * 16 + index)
  }
  return Uint8Array.from(symbols)
}

function readSelectors(reader: BitReader, groups: number, count: number): Uint8Array {
  const selectors = new Uint8Array(count)
  const recent = Array.from({ length: groups }, (_, group) => group)
  for (let index = 0; index < count; index++) {
    let place = 0
    while (reader.take(1) === 1) if (++place >= groups) throw corrupt('bz2', 'a selector is damaged')
    const [group] = recent.splice(place, 1)
    recent.unshift(group!)
    selectors[index] = group!
  }
  return selectors
}

/** A canonical Huffman code: per length the first code, how many there are, and where their symbols begin. */
interface Code {
  readonly first: Int32Array
  readonly counts: Int32Array
  readonly starts: Int32Array
  readonly symbols: Uint16Array
  readonly shortest: number
}

function readCode(reader: BitReader, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount)
  let length = reader.take(5)
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength) throw corrupt('bz2', 'a code length is damaged')
      if (reader.take(1) === 0) break
      length += reader.take(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  const counts = new Int32Array(maxCodeLength + 1)
  for (const each of lengths) counts[each]!++
  const first = new Int32Array(maxCodeLength + 1)
  const starts = new Int32Array(maxCodeLength + 1)
  let code = 0
  let start = 0
  for (let bits = 1; bits <= maxCodeLength; bits++) {
    first[bits] = code
    starts[bits] = start
    code = (code + counts[bits]!) << 1
    start += counts[bits]!
  }
  const symbols = new Uint16Array(symbolCount)
  const next = starts.slice()
  for (const [symbol, bits] of lengths.entries()) symbols[next[bits]!++] = symbol
  return { first, counts, starts, symbols, shortest: Math.min(...lengths) }
}

function readSymbol(reader: BitReader, { first, counts, starts, symbols, shortest }: Code): number {
  let code = reader.take(shortest)
  for (let bits = shortest; bits <= maxCodeLength; bits++) {
    const offset = code - first[bits]!
    if (offset >= 0 && offset < counts[bits]!) return symbols[starts[bits]! + offset]!
    code = (code << 1) | reader.take(1)
  }
  throw corrupt('bz2', 'a code is damaged')
}

/** Undoes Huffman code, run lengths and move-to-front. Writes one byte into each number of `block`; returns how many. */
function readValues(reader: BitReader, symbols: Uint8Array, selectors: Uint8Array, codes: readonly Code[], block: Uint32Array): number {
  const recent = symbols.slice()
  const end = symbols.length + 1
  let length = 0
  let run = 0
  let weight = 1
  for (const selector of selectors) {
    const code = codes[selector]!
    for (let index = 0; index < groupLength; index++) {
      const symbol = readSymbol(reader, code)
      if (symbol < 2) {
        // Runs are numbers in bijective base 2, lowest digit first.
        run += weight << symbol
        weight <<= 1
        if (run > block.length - length) throw corrupt('bz2', 'a run is longer than a block')
        continue
      }
      if (run > 0) {
        block.fill(recent[0]!, length, length + run)
        length += run
        run = 0
        weight = 1
      }
      if (symbol === end) return length
      if (length >= block.length) throw corrupt('bz2', 'a block is too long')
      const place = symbol - 1
      const value = recent[place]!
      recent.copyWithin(1, 0, place)
      recent[0] = value
      block[length++] = value
    }
  }
  throw corrupt('bz2', 'a block has no end')
}

/** Undoes the Burrows-Wheeler transform and the first run lengths. */
function writeBlock(block: Uint32Array, length: number, origin: number, output: GrowingOutput): number {
  const starts = new Uint32Array(257)
  for (let index = 0; index < length; index++) starts[block[index]! + 1]!++
  for (let value = 0; value < 256; value++) starts[value + 1]! += starts[value]!
  // The upper 24 bits become the successor, the low 8 stay the byte.
  for (let index = 0; index < length; index++) block[starts[block[index]! & 255]!++]! |= index << 8
  let checksum = 0xffffffff
  let position = block[origin]! >>> 8
  let previous = -1
  let repeats = 0
  for (let index = 0; index < length; index++) {
    const entry = block[position]!
    const value = entry & 255
    position = entry >>> 8
    let count = 1
    if (repeats === 4) {
      // After four equal bytes comes the number of further ones.
      count = value
      repeats = 0
      output.reserve(count)
      output.bytes.fill(previous, output.length, output.length + count)
      for (let each = 0; each < count; each++) checksum = (checksum << 8) ^ table[((checksum >>> 24) ^ previous) & 255]!
      output.length += count
      previous = -1
      continue
    }
    repeats = value === previous ? repeats + 1 : 1
    previous = value
    if (output.length >= output.bytes.length) output.reserve(1)
    output.bytes[output.length++] = value
    checksum = (checksum << 8) ^ table[((checksum >>> 24) ^ value) & 255]!
  }
  return ~checksum >>> 0
}

/** The CRC-32 of gzip with its bits the other way round. */
const table: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0)
  return value
})
