/** Collects bits, the highest first, into bytes of entropy-coded data: a zero follows every byte of ones (ITU-T T.81, F.1.2.3). */
export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0
  #pending = 0
  #count = 0

  /** @param likelyBytes Room to begin with. */
  constructor(likelyBytes: number) {
    this.#bytes = new Uint8Array(likelyBytes)
  }

  /** @param length At most 16. */
  write(bits: number, length: number): void {
    // Fewer than 8 are pending, so that 24 bits do.
    this.#pending = (this.#pending << length) | bits
    this.#count += length
    while (this.#count >= 8) {
      this.#count -= 8
      this.#append((this.#pending >> this.#count) & 0xff)
    }
    this.#pending &= (1 << this.#count) - 1
  }

  /** The bytes, the last one filled up with ones. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#count > 0) this.write((1 << (8 - this.#count)) - 1, 8 - this.#count)
    return this.#bytes.subarray(0, this.#length)
  }

  #append(byte: number): void {
    if (this.#length + 2 > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length + 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length++] = byte
    if (byte === 0xff) this.#bytes[this.#length++] = 0
  }
}
