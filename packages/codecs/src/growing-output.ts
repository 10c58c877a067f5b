import { corrupt } from './codec-errors.js'
import type { ExpectedLength } from './codec-step.js'

/** Output of a decoder that learns its length while writing. Grows as bytes arrive, never beyond what was expected. */
export class GrowingOutput {
  readonly #codec: string
  readonly #max: number
  /** Room for writing; replaced by {@link reserve}. */
  bytes: Uint8Array
  /** Bytes written. */
  length = 0

  constructor(codec: string, expected: ExpectedLength, encodedLength: number) {
    this.#codec = codec
    this.#max = expected.max
    this.bytes = new Uint8Array(
      expected.exact ? expected.max : Math.min(expected.max, expected.likely ?? Math.max(4096, encodedLength * 4))
    )
  }

  /** Makes room for `byteLength` more bytes. */
  reserve(byteLength: number): void {
    const needed = this.length + byteLength
    if (needed > this.#max) throw corrupt(this.#codec, `the stream is longer than the ${this.#max} bytes expected`)
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.min(this.#max, Math.max(needed, this.bytes.length * 2)))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  /** The bytes written. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}
