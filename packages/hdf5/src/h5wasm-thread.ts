import type { LibraryReply, LibraryRequest, LibraryTask } from './h5wasm-protocol.js'
import { nodeModule } from './writing/node-modules.js'

type Worker = import('node:worker_threads').Worker

/** What a task of the library gave instead of a result. */
export interface LibraryFailure {
  readonly reason: string
  /** The package is not installed. */
  readonly missing: boolean
}

interface Waiting {
  resolve(bytes: Uint8Array | undefined): void
  reject(failure: LibraryFailure): void
}

/** A thread that runs h5wasm. */
export class LibraryThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #ended: string | undefined

  constructor() {
    const { Worker } = nodeModule('node:worker_threads', 'h5wasm')
    this.#worker = new Worker(workerUrl())
    this.#worker.unref()
    this.#worker.on('message', (reply: LibraryReply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (this.#waiting.size === 0) this.#worker.unref()
      if ('error' in reply) waiting?.reject({ reason: reply.error, missing: reply.missing === true })
      else waiting?.resolve(reply.bytes)
    })
    // An abort of the WebAssembly module, or no memory.
    this.#worker.on('error', (error: unknown) => this.#stop(error instanceof Error ? error.message : String(error)))
    this.#worker.on('exit', (code) => this.#stop(`its thread ended (${code})`))
  }

  /** Rejects with a {@link LibraryFailure}. */
  send(task: LibraryTask, transfer: readonly ArrayBuffer[]): Promise<Uint8Array | undefined> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject({ reason: this.#ended, missing: false } satisfies LibraryFailure)
        return
      }
      this.#waiting.set(id, { resolve, reject })
      // An idle thread does not keep the program running; one at work does.
      this.#worker.ref()
      this.#worker.postMessage({ id, task } satisfies LibraryRequest, [...transfer])
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #stop(reason: string): void {
    this.#ended ??= reason
    for (const waiting of this.#waiting.values()) waiting.reject({ reason, missing: false })
    this.#waiting.clear()
  }
}

/** The thread runs the built module, also where tests run this source. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../dist/h5wasm-worker.js' : './h5wasm-worker.js', import.meta.url)
}
