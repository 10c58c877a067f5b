import { forEachOffset, type Loop, oneStep } from './loops.js'
import { wordSize, words32, words64 } from './words.js'

/** Rows up to this many bytes are copied by a loop over words, longer ones by `set`: a call costs more than the loop. */
const wordLoopBytes = 512

/**
 * Whether this engine moves 64-bit words without making a BigInt of each, as V8 does in compiled code. Measured on rows of 128 bytes:
 * 2.4 times as fast as 32-bit words. (As float64, NaNs would lose their payload.)
 */
const moves64 = globalThis.process?.versions?.v8 !== undefined

/**
 * Copies rows of neighbouring bytes.
 *
 * @param loops All axes but that of the rows; the last one is used up.
 */
export function copyRows(
  source: Uint8Array,
  sourceOffset: number,
  destination: Uint8Array,
  destinationOffset: number,
  loops: Loop[],
  rowBytes: number
): void {
  const rows = loops.pop() ?? oneStep
  const unit = wordSize(rowBytes, source.byteOffset + sourceOffset, destination.byteOffset + destinationOffset, loops.concat(rows))
  if (rowBytes > wordLoopBytes || unit < 4) {
    forEachOffset(loops, sourceOffset, destinationOffset, (read, write) => copyLongRows(source, destination, read, write, rows, rowBytes))
  } else if (unit === 8 && moves64) {
    const [from, to] = [words64(source), words64(destination)]
    const [readShift, writeShift] = [source.byteOffset % 8, destination.byteOffset % 8]
    forEachOffset(loops, sourceOffset + readShift, destinationOffset + writeShift, (read, write) =>
      copyRows64(from, to, read, write, rows, rowBytes / 8)
    )
  } else {
    const [from, to] = [words32(source), words32(destination)]
    const [readShift, writeShift] = [source.byteOffset % 4, destination.byteOffset % 4]
    forEachOffset(loops, sourceOffset + readShift, destinationOffset + writeShift, (read, write) =>
      copyRows32(from, to, read, write, rows, rowBytes / 4)
    )
  }
}

function copyLongRows(source: Uint8Array, destination: Uint8Array, from: number, to: number, rows: Loop, rowBytes: number): void {
  for (let row = 0; row < rows.length; row++) {
    const start = from + row * rows.sourceStride
    destination.set(source.subarray(start, start + rowBytes), to + row * rows.destinationStride)
  }
}

/** Eight words at a step. It stands here twice: an engine compiles each for one kind of array. */
function copyRows64(source: BigInt64Array, destination: BigInt64Array, from: number, to: number, rows: Loop, words: number): void {
  const unrolled = words - (words % 8)
  for (let row = 0; row < rows.length; row++) {
    let read = (from + row * rows.sourceStride) / 8
    let write = (to + row * rows.destinationStride) / 8
    const stop = read + unrolled
    for (; read < stop; read += 8, write += 8) {
      destination[write] = source[read]!
      destination[write + 1] = source[read + 1]!
      destination[write + 2] = source[read + 2]!
      destination[write + 3] = source[read + 3]!
      destination[write + 4] = source[read + 4]!
      destination[write + 5] = source[read + 5]!
      destination[write + 6] = source[read + 6]!
      destination[write + 7] = source[read + 7]!
    }
    for (let word = unrolled; word < words; word++) destination[write++] = source[read++]!
  }
}

function copyRows32(source: Uint32Array, destination: Uint32Array, from: number, to: number, rows: Loop, words: number): void {
  const unrolled = words - (words % 8)
  for (let row = 0; row < rows.length; row++) {
    let read = (from + row * rows.sourceStride) / 4
    let write = (to + row * rows.destinationStride) / 4
    const stop = read + unrolled
    for (; read < stop; read += 8, write += 8) {
      destination[write] = source[read]!
      destination[write + 1] = source[read + 1]!
      destination[write + 2] = source[read + 2]!
      destination[write + 3] = source[read + 3]!
      destination[write + 4] = source[read + 4]!
      destination[write + 5] = source[read + 5]!
      destination[write + 6] = source[read + 6]!
      destination[write + 7] = source[read + 7]!
    }
    for (let word = unrolled; word < words; word++) destination[write++] = source[read++]!
  }
}
