import { type ChunkedLayout, chunkedAccess, defineSource, itemSizeOf, objectPerChunk } from '../../src/backend.js'
import type { CodecSpec, Context, DType, Source, Store } from '../../src/index.js'
import { type TestRuntime, testRuntime } from './runtime.js'

export interface ChunkedArrayOptions<D extends DType> {
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly dtype: D
  readonly codecs?: readonly CodecSpec[]
  readonly layout?: Partial<ChunkedLayout<D>>
  readonly context?: Context
  readonly runtime?: TestRuntime
}

export interface ChunkedArray<D extends DType> {
  readonly source: Source<D>
  readonly layout: ChunkedLayout<D>
  readonly runtime: TestRuntime
}

let counter = 0

/** An array of one object per chunk, named `c/0/0`. */
export function chunkedArray<D extends DType>(store: Store, options: ChunkedArrayOptions<D>): ChunkedArray<D> {
  const runtime = options.runtime ?? testRuntime()
  const layout: ChunkedLayout<D> = {
    shape: options.shape,
    dtype: options.dtype,
    chunks: options.chunks,
    codecs: options.codecs ?? [],
    fill: new Uint8Array(itemSizeOf(options.dtype)),
    storage: objectPerChunk(store, (position) => ['c', ...position].join('/')),
    identity: `test:${counter++}`,
    ...options.layout
  }
  const access = chunkedAccess(layout, runtime, options.context)
  const source = defineSource<D>({
    kind: 'chunky',
    shape: options.shape,
    dtype: options.dtype,
    chunks: options.chunks,
    writable: true,
    access
  })
  return { source, layout, runtime }
}
