import { SourceError } from '@bioimage/core'

/** That a field reaches past the bytes at hand. */
export class EndOfBytes extends Error {}

/** Reads fields one behind the other: little endian, without gaps. Throws {@link EndOfBytes} behind the last byte. */
export class LittleEndianReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #position: number

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.byteLength) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = position
    this.#end = end
  }

  get position(): number {
    return this.#position
  }

  skip(length: number): void {
    this.#take(length)
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** @throws ERR_CORRUPT_DATA for more than 2^53, which no position or length is. */
  uint64(what: string): number {
    const value = this.#view.getBigUint64(this.#take(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new SourceError('ERR_CORRUPT_DATA', `${what} is ${value}, which no file can have`)
    return Number(value)
  }

  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length))
  }

  /** `count` values of one field. */
  times<T>(count: number, read: () => T): T[] {
    return Array.from({ length: count }, read)
  }

  #take(length: number): number {
    const start = this.#position
    if (start + length > this.#end) throw new EndOfBytes(`${length} bytes at ${start} reach past ${this.#end}`)
    this.#position = start + length
    return start
  }
}
