import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import type { DType } from '@bioimage/core'
import { type Context, type Mode, SourceError, type Store } from '@bioimage/core'
import {
  bytesOf,
  type ChunkStorage,
  chunkedAccess,
  createData,
  defineSource,
  Float16View,
  type RegionAccess,
  type SourceDefinition
} from '@bioimage/core/backend'
import { alignedAccess } from './alignment.js'
import { chunkAxisOrder, chunkCodecs, writesEncoding } from './chunk-encoding.js'
import { cacheControlOf, compressionOf, contentTypeOf } from './content-encodings.js'
import type { CloudvolumeSource, CloudvolumeSpec } from './driver.js'
import { type Layer, scaleFolder } from './layer.js'
import { objectStorage } from './object-storage.js'
import type { Scale } from './scale.js'
import { shardStorage } from './shard-storage.js'
import { mapTriple, reversed } from './triple.js'
import { chooseView } from './view.js'
import { metadataOf, shapesOf } from './volume-description.js'
import type { VolumeParams } from './volume-params.js'
import { windowAccess } from './window-access.js'

/** What makes a source of a scale. */
export interface VolumeSourceOptions {
  readonly layer: Layer
  readonly scale: Scale
  readonly params: VolumeParams
  readonly mode: Mode
  readonly context: Context
  readonly toSpec: (() => CloudvolumeSpec) | undefined
}

/** A source on the chunked engine: axes channel, z, y, x, whose elements lie in C order in every chunk. */
export async function volumeSource(options: VolumeSourceOptions): Promise<CloudvolumeSource> {
  const { layer, scale, params, context, toSpec } = options
  const { info } = layer
  const view = chooseView(scale, info.channels, params)
  const { store, folder } = await scaleFolder(layer.location, scale.key, context)
  const writable = options.mode !== 'r'
  if (writable) checkWritable(store.set !== undefined, scale, layer.location.path)
  const shape = [info.channels, ...reversed(scale.size)]
  const chunks = [info.channels, ...reversed(scale.chunkSize)]
  const fill = fillOf(info.dtype, params.backgroundColor)
  const codecs = chunkCodecs(scale.encoding, info.dtype, info.channels, scale.document)
  const { fillMissing } = params
  const cacheControl = cacheControlOf(params.cdnCache)
  const { sharding } = scale
  const compression = compressionOf(scale.encoding, params.compress, params.compressLevel)
  const inShard = [...codecs, ...(sharding?.dataEncoding === 'gzip' ? [{ id: 'gzip', level: 5 }] : [])]
  const storage: ChunkStorage =
    sharding === undefined
      ? objectStorage({
          objects: { store, compression, contentType: contentTypeOf(scale.encoding), cacheControl },
          folder,
          scale,
          codecs,
          fillMissing
        })
      : shardStorage({ store, folder, scale, sharding, codecs: inShard, fillMissing, cacheControl })
  const { diskCache } = params
  const kept =
    diskCache === undefined || !store.remote
      ? { storage, cache: undefined }
      : await (await import('./keep-on-disk.js')).keepOnDisk(storage, { layer, scale, codecs, compression, diskCache })
  const access = chunkedAccess(
    {
      shape,
      dtype: info.dtype,
      chunks,
      edgeChunks: 'cut',
      axisOrder: chunkAxisOrder(scale.encoding),
      codecs: sharding === undefined ? [...codecs, ...compression.codecs] : inShard,
      fill,
      storage: kept.storage,
      identity: identityOf(store, folder),
      writeEmptyChunks: !params.deleteBlackUploads
    },
    codecRuntime,
    context
  )
  const shown = view.channelAxis ? [true, true, true, true] : [false, true, true, true]
  const closing: RegionAccess = { ...access, close: async () => Promise.all([access.close?.(), kept.cache?.settled()]).then(() => {}) }
  const aligned: RegionAccess = params.nonAlignedWrites ? closing : alignedAccess(closing, scale)
  const start = [view.channel, ...reversed(mapTriple(view.offset, (at, axis) => at - scale.voxelOffset[axis]))]
  const definition: SourceDefinition = {
    kind: 'cloudvolume',
    dtype: info.dtype,
    ...shapesOf(info, scale, view),
    attrs: info.document,
    metadata: metadataOf(info, scale, view),
    writable,
    access: windowAccess(aligned, { start, shown, bounds: shape, fill }),
    toSpec,
    readOnlyReason: readOnlyReason(store.set !== undefined, scale)
  }
  return defineSource(definition, {
    kind: 'cloudvolume' as const,
    mip: scale.mip,
    scaleKey: scale.key,
    resolution: scale.resolution,
    voxelOffset: view.offset
  })
}

/** Name of a scale in caches and locks. */
export function identityOf(store: Store, folder: string): string {
  return `${store.identity}\n${folder}`
}

function checkWritable(storeWrites: boolean, scale: Scale, path: string | undefined): void {
  if (!storeWrites) throw new SourceError('ERR_READ_ONLY', `${path ?? 'this store'} cannot be written; open it with mode 'r'`, { path })
  if (scale.locked) throw new SourceError('ERR_READ_ONLY', `scale ${JSON.stringify(scale.key)} is marked \`locked\` in \`info\``, { path })
  if (scale.severalChunkings) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `scale ${JSON.stringify(scale.key)} is stored in several chunk sizes, all of which a write would have to change`,
      { path }
    )
  }
  if (!writesEncoding(scale.encoding))
    throw new SourceError('ERR_UNSUPPORTED', `encoding ${JSON.stringify(scale.encoding)} is read and not written here`, { path })
}

function readOnlyReason(storeWrites: boolean, scale: Scale): string | undefined {
  if (scale.locked) return `scale ${JSON.stringify(scale.key)} is marked \`locked\` in \`info\``
  return storeWrites ? undefined : 'the place cannot be written; copy the volume to one that can'
}

/** The bytes of an element of that value. @throws ERR_INVALID_ARGUMENT unless the type holds it exactly. */
function fillOf(dtype: DType, value: number): Uint8Array {
  const data = createData(dtype, 1)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    if (Number.isSafeInteger(value)) data[0] = BigInt(value)
    if (Number(data[0]) === value) return bytesOf(data)
  } else if (!(data instanceof Float16View)) {
    data[0] = value
    if (data[0] === value || dtype === 'float32') return bytesOf(data)
  }
  throw new SourceError('ERR_INVALID_ARGUMENT', `\`backgroundColor\` ${value} is not a value of ${dtype}`)
}
