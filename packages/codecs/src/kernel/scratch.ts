import { SourceError } from '@bioimage/core'
import { slack } from './kernel-functions.js'
import type { KernelMemory } from './kernel-memory.js'

/** Bytes that one chain of kernel steps may hold at once. Chunks are megabytes; a limit keeps hostile ones from taking all memory. */
const defaultLimit = 2 ** 30

/**
 * Hands out places in the kernel's memory, one behind the other. Work takes a mark before its first place and releases it at
 * the end, so places live no longer than one synchronous run of kernel steps.
 */
export class Scratch {
  readonly #memory: KernelMemory
  readonly #limit: number
  // Offset 0 stays free, so that no place looks like "none".
  #top = 64

  constructor(memory: KernelMemory, limit: number = defaultLimit) {
    this.#memory = memory
    this.#limit = limit
  }

  /** The whole memory as it is now. Dies at the next {@link allocate}. */
  get bytes(): Uint8Array {
    return this.#memory.bytes
  }

  /** A place of `byteLength` bytes, aligned to 16, with the slack that kernel functions ask for. Its content is undefined. */
  allocate(byteLength: number): number {
    const offset = this.#top
    const end = offset + Math.ceil((byteLength + slack) / 16) * 16
    if (end > this.#limit) {
      throw new SourceError(
        'ERR_TOO_LARGE',
        `A chunk needs ${end} bytes of working memory, more than the limit of ${this.#limit}. Use smaller chunks.`
      )
    }
    // Growing by half at least, since growing costs a system call and a new view.
    if (end > this.#memory.bytes.byteLength) {
      this.#memory.grow(Math.min(this.#limit, Math.max(end, Math.floor(this.#memory.bytes.byteLength * 1.5))))
    }
    this.#top = end
    return offset
  }

  /** Copies bytes into a new place. They must not lie in this memory. */
  place(bytes: Uint8Array): number {
    const offset = this.allocate(bytes.byteLength)
    this.#memory.bytes.set(bytes, offset)
    return offset
  }

  /** The bytes of a place. Dies at the next {@link allocate}. */
  view(offset: number, byteLength: number): Uint8Array {
    return this.#memory.bytes.subarray(offset, offset + byteLength)
  }

  mark(): number {
    return this.#top
  }

  release(mark: number): void {
    this.#top = mark
  }
}
