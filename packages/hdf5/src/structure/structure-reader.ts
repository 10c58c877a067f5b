import { SourceError } from '@bioimage/core'

/** Widths of addresses ("offsets") and sizes ("lengths") in a file, in bytes. */
export interface FieldWidths {
  readonly offsets: number
  readonly lengths: number
}

/** Bytes that are not what the format says. */
export function corrupt(message: string, cause?: unknown): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message, { kind: 'hdf5', cause })
}

/** A feature of the format that is not read here. */
export function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message, { kind: 'hdf5' })
}

/**
 * Reads the fields of one structure of a file, in order. Every read is checked to lie inside it.
 *
 * @throws ERR_CORRUPT_DATA naming the structure where it ends too early or a number is above 2^53.
 */
export class StructureReader {
  readonly bytes: Uint8Array
  readonly widths: FieldWidths
  /** Name of the structure, for messages. */
  readonly name: string
  /** Bytes read so far. */
  position = 0
  readonly #view: DataView
  readonly #length: number

  constructor(bytes: Uint8Array, widths: FieldWidths, name: string) {
    this.bytes = bytes
    this.widths = widths
    this.name = name
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#length = bytes.byteLength
  }

  get remaining(): number {
    return this.#length - this.position
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  /** An unsigned little-endian integer of 1 to 8 bytes. */
  uint(width: number): number {
    if (width === 8) {
      const start = this.#take(8)
      const high = this.#view.getUint32(start + 4, true)
      if (high >= 0x200000) throw corrupt(`the ${this.name} holds a number above 2^53`)
      return high * 2 ** 32 + this.#view.getUint32(start, true)
    }
    const start = this.#take(width)
    let value = 0
    for (let at = width - 1; at >= 0; at--) value = value * 256 + this.#view.getUint8(start + at)
    return value
  }

  /** A size. */
  length(): number {
    return this.uint(this.widths.lengths)
  }

  /** An address; `undefined` for the "undefined address", whose bytes are all ones. */
  address(): number | undefined {
    return this.#allOnes(this.widths.offsets) ? undefined : this.uint(this.widths.offsets)
  }

  /** An address that must be there. */
  definedAddress(): number {
    const address = this.address()
    if (address === undefined) throw corrupt(`the ${this.name} holds an undefined address`)
    return address
  }

  /** A size of which all ones means "unlimited": Infinity. */
  lengthOrUnlimited(): number {
    return this.#allOnes(this.widths.lengths) ? Number.POSITIVE_INFINITY : this.length()
  }

  take(count: number): Uint8Array {
    const start = this.#take(count)
    return this.bytes.subarray(start, start + count)
  }

  skip(count: number): void {
    this.#take(count)
  }

  /** The text of a fixed field, up to its first zero byte. */
  text(count: number): string {
    const field = this.take(count)
    const end = field.indexOf(0)
    return decodeText(end < 0 ? field : field.subarray(0, end))
  }

  /** A text that ends with a zero byte, which is read too. */
  zeroTerminated(): string {
    const end = this.bytes.indexOf(0, this.position)
    if (end < 0) throw corrupt(`a text in the ${this.name} does not end`)
    const text = decodeText(this.bytes.subarray(this.position, end))
    this.position = end + 1
    return text
  }

  signature(expected: string): void {
    const found = String.fromCharCode(...this.take(4))
    if (found !== expected) throw corrupt(`the ${this.name} begins with ${JSON.stringify(found)}, expected "${expected}"`)
  }

  /** A version number that must be one of those known. */
  version(...known: readonly number[]): number {
    const version = this.u8()
    if (!known.includes(version)) throw unsupported(`version ${version} of the ${this.name} is not known (known: ${known.join(', ')})`)
    return version
  }

  /** The next `count` bytes as a structure of their own. */
  part(count: number, name: string = this.name): StructureReader {
    return new StructureReader(this.take(count), this.widths, name)
  }

  #allOnes(width: number): boolean {
    const end = this.position + width
    if (end > this.#length) return false
    for (let at = this.position; at < end; at++) {
      if (this.bytes[at] !== 0xff) return false
    }
    this.position = end
    return true
  }

  #take(count: number): number {
    if (count < 0 || this.position + count > this.#length) {
      throw corrupt(`the ${this.name} ends early: ${count} bytes expected at byte ${this.position}, ${this.remaining} are left`)
    }
    const start = this.position
    this.position += count
    return start
  }
}

const utf8 = new TextDecoder()

/** UTF-8, which ASCII is too. */
export function decodeText(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}
