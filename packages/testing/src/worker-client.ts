import type { Json } from '@bioimage/core'
import { nodeModule } from './platform.js'
import type { SpecReply, SpecRequest } from './worker.js'

/**
 * How a worker with the backend starts. In Node: the modules to import in it, as URLs (`import.meta.resolve('@bioimage/zarr')`, or
 * `new URL('../dist/index.js', import.meta.url).href`); they must be runnable as they are, so built, not TypeScript. In browsers:
 * a function that makes a Web Worker whose module imports the backend and calls `answerSpecs` of `@bioimage/testing/worker`.
 */
export type WorkerSetup = { readonly modules: readonly string[] } | { readonly create: () => Worker }

/** Sends a spec to a fresh worker and waits for what it reads there. */
export async function askWorker(setup: WorkerSetup, spec: Json): Promise<SpecReply> {
  return 'create' in setup ? askWebWorker(setup.create(), { modules: [], spec }) : askThread({ modules: setup.modules, spec })
}

/** Replaces everything in an array, many times, from a fresh thread. */
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

async function askThread(request: SpecRequest): Promise<SpecReply> {
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
  const worker = new threads.Worker(threadSource, { eval: true, workerData: entry.href, execArgv: [], stdout: false })
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`the worker ended with code ${code} before it answered`)))
      worker.postMessage(request)
    })
  } finally {
    await worker.terminate()
  }
}
