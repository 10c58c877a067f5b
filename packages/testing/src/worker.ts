/**
 * The worker's half of the test "a spec reopens the source in a worker".
 *
 * In Node the suite starts it by itself. For browsers write a module that imports the backend and calls
 * {@link answerSpecs}, and give the suite `worker: { create: () => new Worker(new URL('./my-worker.js', import.meta.url), { type: 'module' }) }`.
 *
 * @module
 */
import { fromSpec, isSourceError, type Json } from '@bioimage/core'
import { bytesOf, isNdArray } from '@bioimage/core/backend'
import { copyOf } from './arrays/elements.js'
import { versionOf } from './arrays/versions.js'
import { nodeModule } from './platform.js'

/** What the suite sends to the worker. */
export interface SpecRequest {
  /** Modules to import first: they register the backends. */
  readonly modules: readonly string[]
  readonly spec: Json
  /** Times to replace everything, instead of reading it: by the versions of the suite in turns. Defaults to none. */
  readonly rewrites?: number | undefined
}

/** What the worker answers. */
export type SpecReply =
  | { readonly kind: string; readonly shape: readonly number[]; readonly dtype: string; readonly bytes: Uint8Array; readonly spec: string }
  | { readonly error: string }

/** Answers the requests that this worker gets: opens the spec, reads everything, posts it back. */
export function answerSpecs(): void {
  const port = nodeModule('node:worker_threads')?.parentPort
  if (port !== undefined && port !== null) {
    port.on('message', (request: SpecRequest) => {
      void answer(request).then((reply) => port.postMessage(reply))
    })
    return
  }
  globalThis.addEventListener('message', (event: MessageEvent<SpecRequest>) => {
    void answer(event.data).then((reply) => globalThis.postMessage(reply))
  })
}

async function answer({ modules, spec, rewrites = 0 }: SpecRequest): Promise<SpecReply> {
  try {
    for (const module of modules) await import(/* @vite-ignore */ /* webpackIgnore: true */ module)
    const source = await fromSpec(spec)
    try {
      for (let number = 0; number < rewrites; number++) await source.set('...', versionOf(source.shape, source.dtype, number))
      const array = await source.get('...')
      if (!isNdArray(array)) throw new TypeError('get gave no array')
      return {
        kind: source.kind,
        shape: source.shape,
        dtype: source.dtype,
        bytes: bytesOf(copyOf(array).data),
        spec: JSON.stringify(source.toSpec())
      }
    } finally {
      await source.close()
    }
  } catch (error) {
    return { error: `${isSourceError(error) ? `${error.code}: ` : ''}${error instanceof Error ? error.message : String(error)}` }
  }
}
