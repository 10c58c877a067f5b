import type { AccessOptions } from './define-source.js'
import { itemSizeOf } from './dtype.js'
import { type NdArray, sizeOf } from './nd-array.js'
import { nodeModule } from './platform.js'

/** Memory that is made at a time: long enough that a call costs little, short enough to be waited for. */
const pieceLength = 4 << 20
/** Memory that is made before it is asked for. */
const ahead = 32 << 20
/** Smaller outputs are made faster than a thread is asked. */
const smallestOutput = 16 << 20

/** Whether nobody has written to the memory of `out` yet. A part of a larger array may lie beside what is there already. */
export function isWhollyNew(out: NdArray, { isNew = false }: AccessOptions): boolean {
  return isNew && sizeOf(out.shape) * itemSizeOf(out.dtype) === out.data.buffer.byteLength
}

/**
 * The pages of new memory exist from their first use on: the kernel then stops the thread and clears a page, 65,536 times for 256 MiB,
 * which takes as long as to copy 256 MiB of chunks. Here another thread of Node uses them first, by reading zeros into them, while this
 * one decodes. Without Node, or where there is no `/dev/zero`, nothing is made ahead.
 */
export class NewPages {
  readonly #fs: typeof import('node:fs')
  readonly #zeros: number
  readonly #memory: Uint8Array
  /** By their place; no entry for pieces that nobody asked for, `true` for those that are there. */
  readonly #pieces: (Promise<void> | true | undefined)[] = []
  #last: Promise<void> = Promise.resolve()
  #stopped = false

  private constructor(fs: typeof import('node:fs'), zeros: number, memory: Uint8Array) {
    this.#fs = fs
    this.#zeros = zeros
    this.#memory = memory
  }

  /** For memory that nobody has written to since it was allocated: it is zero, and becomes zero again. */
  static of(memory: Uint8Array): NewPages | undefined {
    if (memory.byteLength < smallestOutput) return undefined
    const fs = nodeModule('node:fs')
    try {
      const zeros = fs?.openSync('/dev/zero', 'r')
      return fs === undefined || zeros === undefined ? undefined : new NewPages(fs, zeros, memory)
    } catch {
      return undefined
    }
  }

  /** Waits until these bytes may be written to; those behind them are likely to be next. */
  before(start: number, end: number): Promise<void> | undefined {
    const missing: Promise<void>[] = []
    const [first, last] = [Math.floor(start / pieceLength), Math.ceil(end / pieceLength)]
    for (let piece = first; piece < last; piece++) {
      const made = this.#pieces[piece] ?? this.#make(piece)
      if (made !== true) missing.push(made)
    }
    const behind = Math.ceil(Math.min(this.#memory.byteLength, end + ahead) / pieceLength)
    for (let piece = last; piece < behind; piece++) this.#pieces[piece] ??= this.#make(piece)
    return missing.length === 0 ? undefined : Promise.all(missing).then(() => undefined)
  }

  /** Begins nothing new and waits for what is under way: only then the memory is safe from zeros that come late. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#last
    this.#fs.closeSync(this.#zeros)
  }

  #make(piece: number): Promise<void> {
    const made = this.#last.then(() => this.#read(piece))
    this.#last = made
    this.#pieces[piece] = made
    return made
  }

  #read(piece: number): Promise<void> | void {
    const start = piece * pieceLength
    const length = Math.min(pieceLength, this.#memory.byteLength - start)
    if (this.#stopped) return
    return new Promise((resolve) => {
      // An error or fewer bytes are no harm: the memory is zero as it is.
      this.#fs.read(this.#zeros, this.#memory, start, length, null, () => {
        this.#pieces[piece] = true
        resolve()
      })
    })
  }
}

/** The bytes from the first element of a box to its last one. All counts but the shape's are bytes. */
export function reachOf(
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  itemSize: number
): { readonly first: number; readonly end: number } {
  let first = offset
  let end = offset + itemSize
  for (const [axis, length] of shape.entries()) {
    const reach = (length - 1) * (strides[axis] ?? 0)
    if (reach < 0) first += reach
    else end += reach
  }
  return { first, end }
}
