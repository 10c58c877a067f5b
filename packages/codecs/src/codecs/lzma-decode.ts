import { corrupt } from '../codec-errors.js'
import type { GrowingOutput } from '../growing-output.js'

// LZMA as in "LZMA specification" (I. Pavlov, 2015), and LZMA2, which cuts it into chunks.

const probabilityBits = 11
const initialProbability = 1 << (probabilityBits - 1)
const moveBits = 5

/** Literal context, literal position and position bits of a stream. */
export interface LzmaProperties {
  readonly lc: number
  readonly lp: number
  readonly pb: number
}

/** Reads the byte that holds the three properties. */
export function parseProperties(value: number): LzmaProperties {
  if (value >= 225) throw corrupt('lzma', `the properties are ${value}`)
  return { lc: value % 9, lp: Math.trunc(value / 9) % 5, pb: Math.trunc(value / 45) }
}

// Places of the probabilities in one array.
const isMatch = 0
const isRep = isMatch + 192
const isRepG0 = isRep + 12
const isRepG1 = isRepG0 + 12
const isRepG2 = isRepG1 + 12
const isRep0Long = isRepG2 + 12
const slots = isRep0Long + 192
const specials = slots + 256
const aligns = specials + 128
const lengths = aligns + 16
const lengthSize = 2 + 128 + 128 + 256
const repLengths = lengths + lengthSize
const literals = repLengths + lengthSize

/** Decodes LZMA into a growing output, which is its dictionary too. State survives from chunk to chunk, as LZMA2 needs. */
export class LzmaDecoder {
  readonly #bytes: Uint8Array
  readonly #output: GrowingOutput
  /** The next byte of the input. */
  position: number
  #end = 0
  #range = 0
  #code = 0
  #probabilities = new Uint16Array(literals)
  #lc = 0
  #lpMask = 0
  #pbMask = 0
  #state = 0
  #rep0 = 0
  #rep1 = 0
  #rep2 = 0
  #rep3 = 0
  /** Where the dictionary begins in the output: matches must not reach before. */
  dictionaryStart: number
  /** Where positions are counted from: literals and matches depend on their lowest bits. */
  #positionStart: number

  constructor(bytes: Uint8Array, position: number, output: GrowingOutput) {
    this.#bytes = bytes
    this.#output = output
    this.position = position
    this.dictionaryStart = output.length
    this.#positionStart = output.length
  }

  setProperties({ lc, lp, pb }: LzmaProperties): void {
    this.#lc = lc
    this.#lpMask = (1 << lp) - 1
    this.#pbMask = (1 << pb) - 1
    this.#probabilities = new Uint16Array(literals + (0x300 << (lc + lp)))
    this.resetState()
  }

  resetState(): void {
    this.#probabilities.fill(initialProbability)
    this.#state = 0
    this.#rep0 = 0
    this.#rep1 = 0
    this.#rep2 = 0
    this.#rep3 = 0
  }

  resetDictionary(): void {
    this.dictionaryStart = this.#output.length
    this.#positionStart = this.#output.length
  }

  /** Starts the range coder on `byteLength` bytes of input. */
  start(byteLength: number): void {
    this.#end = this.position + byteLength
    if (byteLength < 5 || this.#end > this.#bytes.length) throw corrupt('lzma', 'the data ends too early')
    if (this.#bytes[this.position] !== 0) throw corrupt('lzma', 'the range coder does not begin with 0')
    this.#range = 0xffffffff
    this.#code = 0
    for (let index = 1; index < 5; index++) this.#code = ((this.#code << 8) | this.#bytes[this.position + index]!) >>> 0
    this.position += 5
  }

  /** Whether the range coder is in the state that a complete stream leaves behind. */
  get isFinished(): boolean {
    return this.#code === 0
  }

  /**
   * Decodes up to `byteLength` bytes, or to the end marker where one may come. Returns whether the marker came.
   */
  decode(byteLength: number, mayEnd: boolean): boolean {
    const output = this.#output
    const end = output.length + byteLength
    for (;;) {
      if (output.length >= end) {
        // A stream of known length may still have an end marker.
        if (mayEnd) this.#normalize()
        if (!mayEnd || this.isFinished) return false
      }
      const posState = (output.length - this.#positionStart) & this.#pbMask
      if (this.#bit(isMatch + (this.#state << 4) + posState) === 0) {
        if (output.length >= end) throw corrupt('lzma', 'the data goes on behind its end')
        this.#literal()
        continue
      }
      let length: number
      if (this.#bit(isRep + this.#state) !== 0) {
        length = this.#repeated(posState)
        if (length === 0) continue
      } else {
        this.#rep3 = this.#rep2
        this.#rep2 = this.#rep1
        this.#rep1 = this.#rep0
        length = this.#length(lengths, posState)
        this.#state = this.#state < 7 ? 7 : 10
        this.#rep0 = this.#distance(length)
        if (this.#rep0 === 0xffffffff) {
          if (!mayEnd) throw corrupt('lzma', 'an end marker inside a chunk')
          this.#normalize()
          return true
        }
      }
      this.#copy(this.#rep0 + 1, length, end)
    }
  }

  #literal(): void {
    const output = this.#output
    const position = output.length - this.#positionStart
    const before = output.length > this.dictionaryStart ? output.bytes[output.length - 1]! : 0
    const context = ((position & this.#lpMask) << this.#lc) + (before >> (8 - this.#lc))
    const base = literals + 0x300 * context
    let symbol = 1
    if (this.#state >= 7) {
      if (this.#rep0 >= output.length - this.dictionaryStart) throw corrupt('lzma', 'a match reaches before the data')
      let match = output.bytes[output.length - this.#rep0 - 1]!
      do {
        const matchBit = (match >> 7) & 1
        match <<= 1
        const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (matchBit !== bit) break
      } while (symbol < 0x100)
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol)
    if (output.length >= output.bytes.length) output.reserve(1)
    output.bytes[output.length++] = symbol
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
  }

  /** A match at one of the last four distances; returns its length, or 0 for a single byte, which it copies. */
  #repeated(posState: number): number {
    const state = this.#state
    if (this.#bit(isRepG0 + state) === 0) {
      if (this.#bit(isRep0Long + (state << 4) + posState) === 0) {
        this.#state = state < 7 ? 9 : 11
        this.#copy(this.#rep0 + 1, 1, Number.POSITIVE_INFINITY)
        return 0
      }
    } else {
      let distance = this.#rep1
      if (this.#bit(isRepG1 + state) !== 0) {
        distance = this.#rep2
        if (this.#bit(isRepG2 + state) !== 0) {
          distance = this.#rep3
          this.#rep3 = this.#rep2
        }
        this.#rep2 = this.#rep1
      }
      this.#rep1 = this.#rep0
      this.#rep0 = distance
    }
    this.#state = state < 7 ? 8 : 11
    return this.#length(repLengths, posState)
  }

  #length(base: number, posState: number): number {
    if (this.#bit(base) === 0) return 2 + this.#tree(base + 2 + (posState << 3), 3)
    if (this.#bit(base + 1) === 0) return 10 + this.#tree(base + 130 + (posState << 3), 3)
    return 18 + this.#tree(base + 258, 8)
  }

  #distance(length: number): number {
    const slot = this.#tree(slots + (Math.min(length - 2, 3) << 6), 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const base = ((2 | (slot & 1)) << bits) >>> 0
    if (slot < 14) return base + this.#reverseTree(specials + base - slot, bits)
    return base + this.#direct(bits - 4) * 16 + this.#reverseTree(aligns, 4)
  }

  #copy(distance: number, length: number, end: number): void {
    const output = this.#output
    if (distance > output.length - this.dictionaryStart) throw corrupt('lzma', 'a match reaches before the data')
    if (length > end - output.length) throw corrupt('lzma', 'a match is longer than its chunk')
    output.reserve(length)
    const bytes = output.bytes
    let target = output.length
    for (let index = 0; index < length; index++, target++) bytes[target] = bytes[target - distance]!
    output.length = target
  }

  #tree(base: number, bits: number): number {
    let symbol = 1
    for (let index = 0; index < bits; index++) symbol = (symbol << 1) | this.#bit(base + symbol)
    return symbol - (1 << bits)
  }

  #reverseTree(base: number, bits: number): number {
    let node = 1
    let symbol = 0
    for (let index = 0; index < bits; index++) {
      const bit = this.#bit(base + node)
      node = (node << 1) | bit
      symbol |= bit << index
    }
    return symbol
  }

  #direct(bits: number): number {
    let value = 0
    for (let index = 0; index < bits; index++) {
      this.#normalize()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
    }
    return value
  }

  #bit(index: number): number {
    this.#normalize()
    const probability = this.#probabilities[index]!
    const bound = (this.#range >>> probabilityBits) * probability
    if (this.#code < bound) {
      this.#range = bound
      this.#probabilities[index] = probability + (((1 << probabilityBits) - probability) >> moveBits)
      return 0
    }
    this.#range -= bound
    this.#code -= bound
    this.#probabilities[index] = probability - (probability >> moveBits)
    return 1
  }

  // Before each bit instead of after it, so that no byte behind the stream is asked for.
  #normalize(): void {
    if (this.#range >= 0x1000000) return
    if (this.position >= this.#end) throw corrupt('lzma', 'the data ends too early')
    this.#range = (this.#range << 8) >>> 0
    this.#code = ((this.#code << 8) | this.#bytes[this.position++]!) >>> 0
  }

  /** Reads what the range coder still has to read of its chunk. */
  finish(): void {
    this.#normalize()
  }
}

/** Decodes a stream of LZMA2 chunks and returns the position behind it. */
export function decodeLzma2(bytes: Uint8Array, start: number, output: GrowingOutput): number {
  const decoder = new LzmaDecoder(bytes, start, output)
  let needsDictionary = true
  let needsProperties = true
  let needsState = true
  for (;;) {
    const control = bytes[decoder.position++]
    if (control === undefined) throw corrupt('lzma', 'the data ends too early')
    if (control === 0) return decoder.position
    const isCompressed = control >= 0x80
    const resets = isCompressed ? (control >> 5) & 3 : 0
    if (resets === 3 || control === 1) {
      needsDictionary = false
      decoder.resetDictionary()
    } else if (needsDictionary) {
      throw corrupt('lzma', 'the first chunk does not reset the dictionary')
    }
    const header = decoder.position
    const headerLength = isCompressed ? (resets >= 2 ? 5 : 4) : 2
    if (header + headerLength > bytes.length) throw corrupt('lzma', 'the data ends too early')
    if (!isCompressed) {
      if (control > 2) throw corrupt('lzma', `a chunk of kind ${control}`)
      const length = bytes[header]! * 256 + bytes[header + 1]! + 1
      const from = header + 2
      if (from + length > bytes.length) throw corrupt('lzma', 'the data ends too early')
      output.reserve(length)
      output.bytes.set(bytes.subarray(from, from + length), output.length)
      output.length += length
      decoder.position = from + length
      continue
    }
    const length = ((control & 31) << 16) + bytes[header]! * 256 + bytes[header + 1]! + 1
    const encodedLength = bytes[header + 2]! * 256 + bytes[header + 3]! + 1
    decoder.position = header + headerLength
    if (resets >= 2) {
      const properties = parseProperties(bytes[header + 4]!)
      if (properties.lc + properties.lp > 4) throw corrupt('lzma', 'the literal properties are too large')
      decoder.setProperties(properties)
      needsProperties = false
      needsState = false
    } else if (needsProperties) {
      throw corrupt('lzma', 'the first compressed chunk has no properties')
    } else if (resets === 1) {
      decoder.resetState()
      needsState = false
    } else if (needsState) {
      throw corrupt('lzma', 'the first compressed chunk does not reset the state')
    }
    const end = decoder.position + encodedLength
    decoder.start(encodedLength)
    decoder.decode(length, false)
    decoder.finish()
    if (decoder.position !== end || !decoder.isFinished) throw corrupt('lzma', 'a chunk is not as long as it says')
  }
}
