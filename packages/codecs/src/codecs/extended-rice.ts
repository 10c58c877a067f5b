import { BitReader } from '../bit-reader.js'
import { corrupt } from '../codec-errors.js'

// CCSDS 121.0-B-3, "Lossless Data Compression", section 3: the adaptive entropy coder behind szip.

/** How samples were encoded. */
export interface RiceParameters {
  readonly bitsPerSample: number
  /** Samples of a block; even. */
  readonly blockSize: number
  /** Blocks from one reference sample to the next. */
  readonly blocksPerInterval: number
  /** Differences to the sample before, mapped to integers that are not negative, instead of the samples. */
  readonly predicted: boolean
}

/** Zero blocks: the code that stands for "up to the end of the segment". */
const restOfSegment = 5
const segmentBlocks = 64
/** The largest code of a pair in the second extension, of which 13 rows exist. */
const maximalPair = 90

/** Sum of the pair and the first code of that sum, for each code of the second extension. */
const pairSums = new Uint8Array(maximalPair + 1)
const pairStarts = new Uint8Array(maximalPair + 1)
for (let sum = 0, code = 0; sum <= 12; sum++) {
  const start = code
  for (let at = 0; at <= sum; at++, code++) {
    pairSums[code] = sum
    pairStarts[code] = start
  }
}

/**
 * Decodes samples until `output` is full.
 *
 * @throws ERR_CORRUPT_DATA
 */
export function decodeExtendedRice(encoded: Uint8Array, parameters: RiceParameters, output: Uint32Array): void {
  const { bitsPerSample, blockSize, blocksPerInterval, predicted } = parameters
  const reader = new BitReader('szip', encoded)
  const idBits = bitsPerSample > 16 ? 5 : bitsPerSample > 8 ? 4 : 3
  const uncompressed = 2 ** idBits - 1
  const block = new Uint32Array(blockSize)
  const predictor = new Predictor(bitsPerSample)
  let zeroBlocks = 0
  for (let done = 0, number = 0; done < output.length; done += blockSize, number = (number + 1) % blocksPerInterval) {
    // The first sample of an interval stands there as it is.
    let first = predicted && number === 0 ? 1 : 0
    if (zeroBlocks > 0) {
      zeroBlocks--
      block.fill(0)
      first = 0
    } else {
      const id = reader.take(idBits)
      if (id === uncompressed) {
        for (let at = 0; at < blockSize; at++) block[at] = reader.takeLong(bitsPerSample)
      } else if (id > 0) {
        if (first === 1) block[0] = reader.takeLong(bitsPerSample)
        readSplit(reader, block, first, id - 1)
      } else {
        const isPairs = reader.take(1) === 1
        if (first === 1) block[0] = reader.takeLong(bitsPerSample)
        if (isPairs) readPairs(reader, block, first)
        else {
          zeroBlocks = zeroRun(reader, number, blocksPerInterval) - 1
          block.fill(0, first)
        }
      }
    }
    const count = Math.min(blockSize, output.length - done)
    if (!predicted) {
      for (let at = 0; at < count; at++) output[done + at] = block[at]!
      continue
    }
    if (first === 1) predictor.start(block[0]!)
    if (first === 1) output[done] = block[0]!
    for (let at = first; at < count; at++) output[done + at] = predictor.next(block[at]!)
  }
}

/** Blocks of nothing but zeros, the present one included. */
function zeroRun(reader: BitReader, number: number, blocksPerInterval: number): number {
  const code = reader.zeros() + 1
  const left = blocksPerInterval - number
  const run = code === restOfSegment ? Math.min(left, segmentBlocks - (number % segmentBlocks)) : code > restOfSegment ? code - 1 : code
  if (run > left) throw corrupt('szip', `${run} blocks of zeros, but only ${left} are left in the interval`)
  return run
}

/** The high parts of all samples in unary, then the `low` bits of each. */
function readSplit(reader: BitReader, block: Uint32Array, first: number, low: number): void {
  for (let at = first; at < block.length; at++) block[at] = reader.zeros()
  if (low === 0) return
  const scale = 2 ** low
  for (let at = first; at < block.length; at++) {
    const value = block[at]! * scale + reader.takeLong(low)
    if (value > 0xffffffff) throw corrupt('szip', 'a sample is too large')
    block[at] = value
  }
}

/** Two samples by one code; the reference sample takes the place of the first. */
function readPairs(reader: BitReader, block: Uint32Array, first: number): void {
  for (let at = 0; at < block.length; at += 2) {
    const code = reader.zeros()
    if (code > maximalPair) throw corrupt('szip', 'a pair of samples is too large')
    const second = code - pairStarts[code]!
    if (at >= first) block[at] = pairSums[code]! - second
    block[at + 1] = second
  }
}

/** Undoes the unit-delay predictor: differences are mapped so that none leaves the range of the samples (section 4). */
class Predictor {
  readonly #maximum: number
  readonly #middle: number
  #sample = 0

  constructor(bitsPerSample: number) {
    this.#maximum = 2 ** bitsPerSample - 1
    this.#middle = 2 ** (bitsPerSample - 1)
  }

  start(sample: number): void {
    this.#sample = sample
  }

  next(mapped: number): number {
    const sample = this.#sample
    const room = sample >= this.#middle ? this.#maximum - sample : sample
    const half = Math.ceil(mapped / 2)
    let next: number
    if (half <= room) next = mapped % 2 === 0 ? sample + mapped / 2 : sample - half
    else next = sample >= this.#middle ? this.#maximum - mapped : mapped
    if (next < 0 || next > this.#maximum) throw corrupt('szip', 'a sample is out of range')
    this.#sample = next
    return next
  }
}
