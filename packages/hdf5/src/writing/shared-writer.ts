import type { NdArray, Region } from '@bioimage/core'
import { bytesOf, copyStrided, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { LibraryFile } from '../h5wasm-library.js'
import { type Box, piecesOf } from '../pieces.js'
import { type FileGate, gateOf } from './file-gate.js'
import { takeWriterLock, type WriterLock } from './file-lock.js'

/** The one writer of a file in this process. All sources that write the file share it. */
export class SharedWriter {
  readonly #path: string
  readonly #library: LibraryFile
  readonly #gate: FileGate
  readonly #lock: WriterLock
  #users = 0
  #damaged = false

  private constructor(path: string, gate: FileGate, lock: WriterLock) {
    this.#path = path
    this.#gate = gate
    this.#lock = lock
    this.#library = new LibraryFile(path, true)
  }

  /**
   * The writer of a file, which `release` gives back.
   *
   * @throws ERR_ACCESS_DENIED if another process writes the file.
   */
  static async acquire(path: string, identity: string): Promise<SharedWriter> {
    let writer = writers.get(path)
    if (writer === undefined) {
      writer = takeWriterLock(path).then((lock) => new SharedWriter(path, gateOf(identity), lock))
      writers.set(path, writer)
      writer.catch(() => writers.delete(path))
    }
    const acquired = await writer
    // The last user may have let go meanwhile.
    if (writers.get(path) !== writer) return SharedWriter.acquire(path, identity)
    acquired.#users++
    return acquired
  }

  async release(): Promise<void> {
    if (--this.#users > 0) return
    writers.delete(this.#path)
    try {
      await this.#library.close()
    } finally {
      if (!this.#damaged) await this.#lock.release()
    }
  }

  /** Stores a region; readers see all of it or nothing. */
  async write(
    dataset: string,
    region: Region,
    value: NdArray,
    chunks: readonly number[] | null,
    signal: AbortSignal | undefined
  ): Promise<void> {
    await this.change(async () => {
      for (const piece of piecesOf(region, chunks, itemSizeOf(value.dtype))) {
        signal?.throwIfAborted()
        const bytes = gather(value, region, piece)
        await this.#library.run({ task: 'write', dataset, start: piece.start, shape: piece.shape, bytes }, [bytes.buffer])
      }
    })
  }

  /**
   * Runs a change of the file alone: no read of this process runs beside it, other processes see by the lock that it is under way,
   * and all of it is stored when it ends.
   */
  async change(work: (library: LibraryFile) => Promise<void>): Promise<void> {
    await this.#gate.write(async () => {
      await this.#lock.setWriting(true)
      try {
        await work(this.#library)
        // Closed and not only flushed: newer files say of themselves that a writer has them open.
        await this.#library.close()
      } catch (error) {
        await this.#recover()
        throw error
      }
      await this.#lock.setWriting(false)
    })
  }

  /** After a failure: stores what was done so far and opens the file anew. Only if that works is the file whole. */
  async #recover(): Promise<void> {
    try {
      await this.#library.run({ task: 'flush' })
      await this.#library.close()
      await this.#library.run({ task: 'flush' })
      await this.#lock.setWriting(false)
    } catch {
      // The lock goes on saying that a change did not end: readers report the file as damaged.
      this.#damaged = true
    }
  }
}

const writers = new Map<string, Promise<SharedWriter>>()

/** The elements of a piece in C order, in memory of their own. */
function gather(value: NdArray, region: Region, piece: Box): Uint8Array<ArrayBuffer> {
  const itemSize = itemSizeOf(value.dtype)
  const bytes = new Uint8Array(sizeOf(piece.shape) * itemSize)
  const strides = new Array<number>(piece.shape.length)
  let step = itemSize
  for (let axis = piece.shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= piece.shape[axis] ?? 1
  }
  const offset = piece.start.reduce(
    (sum, at, axis) => sum + (at - (region.start[axis] ?? 0)) * (value.stride[axis] ?? 0),
    value.offset ?? 0
  )
  copyStrided({
    shape: piece.shape,
    itemSize,
    source: bytesOf(value.data),
    sourceOffset: offset * itemSize,
    sourceStrides: value.stride.map((stride) => stride * itemSize),
    destination: bytes,
    destinationOffset: 0,
    destinationStrides: strides
  })
  return bytes
}
