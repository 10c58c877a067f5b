import { codecRuntime } from '@bioimage/codecs'
import { type Context, joinKey, SourceError, type SourceMetadata, type Store } from '@bioimage/core'
import { chunkedAccess, defineSource, itemSizeOf, objectName, objectPerChunk } from '@bioimage/core/backend'
import type { DataSet } from './data-set.js'
import type { N5Source, N5Spec } from './driver.js'

/** What makes a source of a data set. */
export interface DataSetSourceOptions {
  readonly store: Store
  readonly path: string
  readonly dataSet: DataSet
  readonly metadata: SourceMetadata
  readonly writable: boolean
  readonly writeEmptyChunks: boolean
  readonly context: Context
  readonly toSpec: (() => N5Spec) | undefined
}

/**
 * A source on the chunked engine. The elements of a block lie with the first stored axis fastest: with the axes reversed, that
 * is C order, and nothing is transposed.
 */
export function dataSetSource(options: DataSetSourceOptions): N5Source {
  const { store, path, dataSet, metadata, writable, context, toSpec } = options
  const { shape, dtype, blockSize, compression, attributes } = dataSet
  if (writable && store.set === undefined) {
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'this store'} cannot be written; open it with mode 'r'`, {
      kind: 'n5',
      path: store.path
    })
  }
  const access = chunkedAccess(
    {
      shape,
      dtype,
      chunks: blockSize,
      edgeChunks: 'cut',
      byteOrder: itemSizeOf(dtype) > 1 ? 'big' : 'little',
      codecs: [{ id: 'n5_block', blockSize, codec: compression.codec === undefined ? null : { ...compression.codec } }],
      fill: new Uint8Array(itemSizeOf(dtype)),
      storage: objectPerChunk(store, (position) => joinKey(path, position.toReversed().join('/'))),
      identity: identityOf(store, path),
      writeEmptyChunks: options.writeEmptyChunks
    },
    codecRuntime,
    context
  )
  return defineSource(
    { kind: 'n5', shape, dtype, chunks: blockSize, attrs: attributes, metadata, writable, access, toSpec },
    { kind: 'n5' as const }
  )
}

/** Name of a data set in caches and locks. */
export function identityOf(store: Store, path: string): string {
  return objectName(store, path)
}
