import { corrupt } from './codec-errors.js'

/** Reads bits of a stream, the highest of each byte first. */
export class BitReader {
  readonly #codec: string
  readonly #bytes: Uint8Array
  /** The next byte. */
  position: number
  #bits = 0
  #count = 0

  /** @param codec Named in errors. */
  constructor(codec: string, bytes: Uint8Array, position = 0) {
    this.#codec = codec
    this.#bytes = bytes
    this.position = position
  }

  /**
   * Up to 24 bits.
   *
   * @throws ERR_CORRUPT_DATA where the stream ends
   */
  take(count: number): number {
    while (this.#count < count) {
      if (this.position >= this.#bytes.length) throw corrupt(this.#codec, 'the data ends too early')
      this.#bits = ((this.#bits << 8) | this.#bytes[this.position++]!) >>> 0
      this.#count += 8
    }
    this.#count -= count
    return (this.#bits >>> this.#count) & ((1 << count) - 1)
  }

  /** Up to 48 bits. */
  takeLong(count: number): number {
    return count <= 24 ? this.take(count) : this.take(count - 24) * 2 ** 24 + this.take(24)
  }

  /** The zeros before the next one, which is read too: the fundamental sequence of Golomb and Rice codes. */
  zeros(): number {
    let zeros = 0
    for (;;) {
      const left = this.#bits & ((1 << this.#count) - 1)
      if (left !== 0) {
        const one = 31 - Math.clz32(left)
        zeros += this.#count - 1 - one
        this.#count = one
        return zeros
      }
      zeros += this.#count
      this.#count = 0
      this.#bits = this.take(8)
      this.#count = 8
    }
  }

  /** Drops the rest of a byte. */
  align(): void {
    this.#count = 0
  }
}
