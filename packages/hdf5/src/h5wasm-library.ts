import { SourceError } from '@bioimage/core'
import type { LibraryTask } from './h5wasm-protocol.js'
import { LibraryThread } from './h5wasm-thread.js'

/** Threads without a file, kept for the next one: to start one and the library takes a tenth of a second. */
const spare: LibraryThread[] = []
const spareThreads = 2

/**
 * One file open in h5wasm, in a thread of its own. The thread is ended after any error of the library, which would leak descriptors
 * and memory; the next task starts a new one and opens the file again.
 */
export class LibraryFile {
  readonly #path: string
  readonly #writable: boolean
  #thread: LibraryThread | undefined
  #opened: Promise<unknown> | undefined

  constructor(path: string, writable: boolean) {
    this.#path = path
    this.#writable = writable
  }

  /** @throws ERR_UNSUPPORTED without h5wasm, ERR_IO for an error of the library. */
  async run(task: LibraryTask, transfer: readonly ArrayBuffer[] = []): Promise<Uint8Array | undefined> {
    const thread = this.#thread ?? takeThread()
    this.#thread = thread
    this.#opened ??= thread.send({ task: 'open', path: this.#path, writable: this.#writable }, [])
    try {
      await this.#opened
      return await thread.send(task, transfer)
    } catch (failure) {
      if (this.#thread === thread) this.#forget()
      await thread.end()
      throw this.#error(failure)
    }
  }

  /** Closes the file, which the next task opens again. */
  async close(): Promise<void> {
    const thread = this.#thread
    if (thread === undefined) return
    await this.run({ task: 'close' })
    this.#forget()
    if (spare.length < spareThreads) spare.push(thread)
    else await thread.end()
  }

  #forget(): void {
    this.#thread = undefined
    this.#opened = undefined
  }

  #error(failure: unknown): unknown {
    if (typeof failure !== 'object' || failure === null || !('reason' in failure) || !('missing' in failure)) return failure
    const details = { kind: 'hdf5', path: this.#path }
    if (failure.missing === true) {
      return new SourceError(
        'ERR_UNSUPPORTED',
        'this needs the package h5wasm, which is not installed: `npm install h5wasm@0.10.3`',
        details
      )
    }
    return new SourceError(
      'ERR_IO',
      `h5wasm: ${String(failure.reason)
        .replace(/\s*\n\s*/g, '; ')
        .slice(0, 600)}`,
      details
    )
  }
}

function takeThread(): LibraryThread {
  return spare.pop() ?? new LibraryThread()
}
