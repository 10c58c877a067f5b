import { type CodecSpec, joinKey } from '@bioimage/core'
import { type ChunkStorage, itemSizeOf } from '@bioimage/core/backend'
import { cachedChunks } from './cached-chunks.js'
import { type Compression, contentEncodings } from './content-encodings.js'
import type { DiskCache } from './disk-cache.js'
import type { Layer } from './layer.js'
import { mortonAxes, mortonCode } from './morton.js'
import { cellOf } from './object-storage.js'
import { type DiskCacheOptions, openDiskCache } from './open-disk-cache.js'
import { chunkName, gridOf, type Scale } from './scale.js'
import { mapTriple } from './triple.js'

/** Chunks of a scale that are kept on disk, and how. */
export interface KeepOnDiskOptions {
  readonly layer: Layer
  readonly scale: Scale
  /** Codecs of a chunk without compressions around it. */
  readonly codecs: readonly CodecSpec[]
  /** Of written objects; what is kept gets the same. */
  readonly compression: Compression
  readonly diskCache: DiskCacheOptions
}

/**
 * The chunks of a scale, kept on disk in CloudVolume's layout: by their names, and by their numbers where they lie in shards.
 *
 * @throws as `openDiskCache`
 */
export async function keepOnDisk(
  storage: ChunkStorage,
  { layer, scale, codecs, compression, diskCache }: KeepOnDiskOptions
): Promise<{ readonly storage: ChunkStorage; readonly cache: DiskCache }> {
  const cache = await openDiskCache(layer, scale, diskCache)
  const grid = gridOf(scale)
  const axes = mortonAxes(grid)
  const { sharding, size, chunkSize } = scale
  const voxelBytes = layer.info.channels * itemSizeOf(layer.info.dtype)
  const gzip = contentEncodings.find(({ name }) => name === 'gzip')
  const kept = cachedChunks(storage, {
    cache,
    codecs,
    isRaw: scale.encoding === 'raw',
    stored: sharding === undefined ? undefined : sharding.dataEncoding === 'gzip' ? gzip : 'none',
    compression: compression.encoding,
    nameOf(position) {
      const cell = cellOf(position)
      return joinKey(scale.key, sharding === undefined ? chunkName(scale, cell) : String(mortonCode(cell, grid, axes)))
    },
    byteLengthOf(position) {
      const [x, y, z] = mapTriple(cellOf(position), (at, axis) => Math.min(chunkSize[axis], size[axis] - at * chunkSize[axis]))
      return x * y * z * voxelBytes
    }
  })
  return { cache, storage: kept }
}
