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
  #highest = 64

  /** Called whenever places were given back. */
  onRelease: (() => void) | undefined

  constructor(memory: KernelMemory, limit: number = defaultLimit) {
    this.#memory = memory
    this.#limit = limit
  }

  /** The whole memory as it is now. Dies at the next {@link allocate}. */
  get bytes(): Uint8Array {
    return this.#memory.bytes
  }

  /** Whether a place of `byteLength` bytes can be had without growing, so that views stay alive. */
  hasRoom(byteLength: number): boolean {
    return this.#top + placeLength(byteLength) <= this.#memory.bytes.byteLength
  }

  /** Sees to it that {@link hasRoom}, up to the limit. Kills views. */
  ensureRoom(byteLength: number): void {
    const end = this.#top + placeLength(byteLength)
    if (end <= this.#limit) this.#grow(end)
  }

  /** A place of `byteLength` bytes, aligned to 16, with the slack that kernel functions ask for. Its content is undefined. */
  allocate(byteLength: number): number {
    const offset = this.#top
    const end = offset + placeLength(byteLength)
    if (end > this.#limit) {
      throw new SourceError(
        'ERR_TOO_LARGE',
        `A chunk needs ${end} bytes of working memory, more than the limit of ${this.#limit}. Use smaller chunks.`
      )
    }
    this.#grow(end)
    this.#top = end
    this.#highest = Math.max(this.#highest, end)
    return offset
  }

  // By half at least, since growing costs a system call and a new view.
  #grow(end: number): void {
    const byteLength = this.#memory.bytes.byteLength
    if (end > byteLength) this.#memory.grow(Math.min(this.#limit, Math.max(end, Math.floor(byteLength * 1.5))))
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

  /** Bytes that places took at most since this was asked last. */
  takeUse(): number {
    const most = this.#highest
    this.#highest = this.#top
    return most
  }

  mark(): number {
    return this.#top
  }

  release(mark: number): void {
    this.#top = mark
    this.onRelease?.()
  }
}

function placeLength(byteLength: number): number {
  return Math.ceil((byteLength + slack) / 16) * 16
}
