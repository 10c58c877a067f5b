/** Collects the little-endian fields of a structure. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  get byteLength(): number {
    return this.#length
  }

  u8(...values: readonly number[]): this {
    return this.bytes(Uint8Array.from(values))
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.uint(value, 2)
    return this
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.uint(value, 4)
    return this
  }

  u64(...values: readonly number[]): this {
    for (const value of values) this.uint(value, 8)
    return this
  }

  /** The "undefined address". */
  noAddress(): this {
    return this.bytes(new Uint8Array(8).fill(0xff))
  }

  uint(value: number, width: number): this {
    const field = new Uint8Array(width)
    let rest = value
    for (let at = 0; at < width; at++) {
      field[at] = rest % 256
      rest = Math.floor(rest / 256)
    }
    return this.bytes(field)
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text))
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#length += bytes.byteLength
    return this
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.byteLength
    }
    return whole
  }
}
