import type { Scratch } from './kernel/scratch.js'

/**
 * The bytes between two steps of a chain: outside the kernel's memory, inside it, or both. A step asks for them where it
 * needs them, so that consecutive kernel steps hand each other places and nothing is copied.
 */
export class Payload {
  readonly byteLength: number
  readonly #outside: Uint8Array | undefined
  readonly #scratch: Scratch | undefined
  #offset: number | undefined

  private constructor(byteLength: number, outside: Uint8Array | undefined, scratch: Scratch | undefined, offset: number | undefined) {
    this.byteLength = byteLength
    this.#outside = outside
    this.#scratch = scratch
    this.#offset = offset
  }

  /** Bytes outside the kernel's memory, which stay as they are as long as the payload is used. */
  static of(bytes: Uint8Array): Payload {
    // `slice` of a Buffer is a view, against the contract of Uint8Array: none leaves this package.
    const plain = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new Payload(bytes.byteLength, plain, undefined, undefined)
  }

  /** Bytes at a place in scratch memory. They live as long as the mark below them. */
  static at(scratch: Scratch, offset: number, byteLength: number): Payload {
    return new Payload(byteLength, undefined, scratch, offset)
  }

  /** Where the bytes lie in scratch memory; copies them there at the first call if they lie outside. */
  place(scratch: Scratch): number {
    if (this.#offset === undefined && this.#outside !== undefined) this.#offset = scratch.place(this.#outside)
    return this.#offset ?? 0
  }

  /** The bytes, to be read before anything allocates scratch memory. */
  view(): Uint8Array {
    if (this.#outside !== undefined) return this.#outside
    return this.#scratch!.view(this.#offset!, this.byteLength)
  }

  /** Whether the bytes lie only in scratch memory. */
  get isInside(): boolean {
    return this.#outside === undefined
  }

  /** The bytes outside the kernel's memory, where they survive waiting. Copies only those that lie inside. */
  lasting(): Uint8Array {
    return this.#outside ?? this.view().slice()
  }

  /** A part of the bytes, at the same place. */
  slice(start: number, end: number): Payload {
    const outside = this.#outside?.subarray(start, end)
    const offset = this.#offset === undefined ? undefined : this.#offset + start
    return new Payload(end - start, outside, this.#scratch, offset)
  }
}
