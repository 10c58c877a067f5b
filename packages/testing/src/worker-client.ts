import type { Json } from '@bioimage/core'
import { nodeModule } from './platform.js'
import type { SpecReply, SpecRequest } from './worker.js'

/**
 * How a worker with the backend starts. In Node: the modules to import in it, as URLs (`import.meta.resolve('@bioimage/zarr')`, or
 * `new URL('../dist/index.js', import.meta.url).href`); they must be runnable as they are, so built, not TypeScript. In browsers:
 * a function that makes a Web Worker whose module imports the backend and calls `answerSpecs` of `@bioimage/testing/worker`.
 */
export type WorkerSetup = { readonly modules: readonly string[] } | { readonly create: () => Worker }

/** Sends a spec to a worker and waits for what it reads there. */
export async function askWorker(setup: WorkerSetup, spec: Json): Promise<SpecReply> {
  return 'create' in setup ? askWebWorker(setup.create(), { modules: [], spec }) : askThread({ modules: setup.modules, spec })
}

/** Replaces everything in an array, many times, from another thread. */
export async function rewriteInThread({ modules }: { readonly modules: readonly string[] }, spec: Json, rewrites: number): Promise<void> {
  const reply = await askThread({ modules, spec, rewrites })
  if ('error' in reply) throw new Error(`the thread could not write: ${reply.error}`)
}

async function askWebWorker(worker: Worker, request: SpecRequest): Promise<SpecReply> {
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', (event: MessageEvent<SpecReply>) => resolve(event.data))
      worker.addEventListener('error', (event) => reject(new Error(`the worker failed: ${event.message}`)))
      worker.postMessage(request)
    })
  } finally {
    worker.terminate()
  }
}

/** Runs as CommonJS; the module that it imports is the published worker entry. */
const threadSource = `import(require('node:worker_threads').workerData).then(({ answerSpecs }) => answerSpecs())`

/** A thread with the modules of one list. It is kept: to start one takes longer than most requests. */
class Thread {
  readonly #worker: InstanceType<typeof import('node:worker_threads').Worker>
  #last: Promise<unknown> = Promise.resolve()
  #onReply: (reply: SpecReply) => void = () => undefined
  #onFailure: (error: unknown) => void = () => undefined

  constructor(onExit: () => void) {
    const threads = nodeModule('node:worker_threads')
    const modules = nodeModule('node:module')
    const urls = nodeModule('node:url')
    if (threads === undefined || modules === undefined || urls === undefined) {
      throw new Error('this platform has no worker threads; give the capability `spec: { worker: { create: () => new Worker(…) } }`')
    }
    // By the manifest and not by the entry's name: under a test runner's conditions that would be TypeScript.
    const manifest = modules.createRequire(import.meta.url).resolve('@bioimage/testing/package.json')
    const entry = new URL('dist/worker.js', urls.pathToFileURL(manifest))
    // No flags of this process: a test runner's loaders must not follow into the worker.
    this.#worker = new threads.Worker(threadSource, { eval: true, workerData: entry.href, execArgv: [], stdout: false })
    this.#worker.on('message', (reply: SpecReply) => this.#onReply(reply))
    this.#worker.on('error', (error) => this.#onFailure(error))
    this.#worker.on('exit', (code) => {
      onExit()
      this.#onFailure(new Error(`the worker ended with code ${code} before it answered`))
    })
  }

  /** Requests wait for each other. */
  ask(request: SpecRequest): Promise<SpecReply> {
    const reply = this.#last.then(() => this.#answer(request))
    this.#last = reply.catch(() => undefined)
    return reply
  }

  async #answer(request: SpecRequest): Promise<SpecReply> {
    const worker = this.#worker
    // An idle thread does not keep the process.
    worker.ref()
    try {
      return await new Promise((resolve, reject) => {
        this.#onReply = resolve
        this.#onFailure = reject
        worker.postMessage(request)
      })
    } finally {
      worker.unref()
    }
  }
}

const threads = new Map<string, Thread>()

async function askThread(request: SpecRequest): Promise<SpecReply> {
  const key = request.modules.join('\n')
  const thread = threads.get(key) ?? new Thread(() => threads.delete(key))
  threads.set(key, thread)
  return thread.ask(request)
}
