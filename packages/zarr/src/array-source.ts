import { codecRuntime } from '@bioimage/codecs'
import { type Context, type JsonObject, joinKey, SourceError, type SourceMetadata, type Store } from '@bioimage/core'
import { type ChunkStorage, chunkedAccess, defineSource, objectName, objectPerChunk, type RegionAccess } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import type { ZarrSource, ZarrSpec } from './driver.js'
import { shardStorage } from './shard-storage.js'

/** What makes a source of an array's metadata. */
export interface ArraySourceOptions {
  readonly store: Store
  readonly path: string
  readonly array: ArrayMetadata
  readonly metadata: SourceMetadata
  readonly writable: boolean
  readonly writeEmptyChunks: boolean
  readonly context: Context
  readonly toSpec: (() => ZarrSpec) | undefined
}

/** A source on the chunked engine. */
export function arraySource(options: ArraySourceOptions): ZarrSource {
  const { store, path, array, metadata, writable, context, toSpec } = options
  if (writable && store.set === undefined) {
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'this store'} cannot be written; open it with mode 'r'`, {
      kind: 'zarr',
      path: store.path
    })
  }
  const storage = array.shardLevels.length > 0 ? shardStorage(store, path, array, codecRuntime) : chunkStorage(store, path, array)
  const access: RegionAccess = chunkedAccess(
    {
      shape: array.shape,
      dtype: array.dtype,
      chunks: array.chunks,
      axisOrder: array.axisOrder,
      byteOrder: array.byteOrder,
      codecs: array.codecs,
      fill: array.fill,
      storage,
      identity: identityOf(store, path),
      // Without a way to delete, an empty chunk must be stored.
      writeEmptyChunks: options.writeEmptyChunks || store.delete === undefined
    },
    codecRuntime,
    context
  )
  const attrs: JsonObject = array.attributes
  return defineSource(
    {
      kind: 'zarr',
      shape: array.shape,
      dtype: array.dtype,
      chunks: array.chunks,
      shards: array.shardLevels[0]?.shape,
      attrs,
      metadata,
      writable,
      access,
      toSpec
    },
    { kind: 'zarr' as const, zarrFormat: array.zarrFormat }
  )
}

/** Name of an array in caches and locks. */
export function identityOf(store: Store, path: string): string {
  return objectName(store, path)
}

function chunkStorage(store: Store, path: string, array: ArrayMetadata): ChunkStorage {
  return objectPerChunk(store, (position) => joinKey(path, array.keyOf(position)))
}
