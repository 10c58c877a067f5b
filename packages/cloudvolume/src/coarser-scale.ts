import { isJsonObject, type JsonObject, resolveLocation, SourceError } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import type { AddScaleOptions } from './add-scale.js'
import { recommendedSharding } from './choose-sharding.js'
import { chunkCodecs, isQuality, writesEncoding, writtenEncodings } from './chunk-encoding.js'
import { placeOfCloudpath } from './cloudpath.js'
import { changeInfo } from './create.js'
import { parseInfo, scaleAt, scaleKeys } from './info.js'
import { encodingMembers } from './new-scale.js'
import { scaleKeyOf } from './scale-key.js'
import { formatSharding, parseSharding } from './sharding.js'
import { mapTriple } from './triple.js'

/** What {@link addScale} of the root entry does. */
export async function addCoarserScale(cloudpath: string, options: AddScaleOptions): Promise<string> {
  const { factor } = options
  if (factor.length !== 3 || factor.some((each) => !Number.isFinite(each) || each <= 0))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`factor\` is three numbers above 0, found [${factor.join(', ')}]`)
  const { store, path } = await resolveLocation(placeOfCloudpath(cloudpath), options.context ?? {})
  let key = ''
  await changeInfo(store, (document) => {
    if (document === undefined) throw new SourceError('ERR_NOT_FOUND', `${path ?? 'the store'} is no precomputed layer`, { path })
    const scale = coarserScale(document, options)
    key = String(scale.key)
    return { ...document, scales: [...(Array.isArray(document.scales) ? document.scales : []), scale] }
  })
  return key
}

function coarserScale(document: JsonObject, options: AddScaleOptions): JsonObject {
  const info = parseInfo(document)
  const finest = scaleAt(info, 0)
  const { factor, sharding = false } = options
  const resolution = mapTriple(finest.resolution, (length, axis) => length * factor[axis])
  const key = options.key ?? scaleKeyOf(resolution, /\d\.\d/.test(finest.key))
  if (scaleKeys(info).includes(key)) throw new SourceError('ERR_ALREADY_EXISTS', `the volume has a scale ${JSON.stringify(key)} already`)
  const size = mapTriple(finest.size, (length, axis) => Math.ceil(length / factor[axis]))
  const chunkSize = options.chunkSize ?? finest.chunkSize
  const encoding = options.encoding ?? finest.encoding
  if (!writesEncoding(encoding)) {
    const message = `chunks of encoding ${JSON.stringify(encoding)} are not written here; give \`encoding\`, one of ${writtenEncodings().join(', ')}`
    throw new SourceError('ERR_UNSUPPORTED', message)
  }
  const { compressed_segmentation_block_size: finestBlockSize, jpeg_quality: jpegQuality, png_level: pngLevel } = finest.document
  const blockSize = options.compressedSegmentationBlockSize ?? finestBlockSize
  const scale: JsonObject = {
    key,
    size: [...size],
    resolution: [...resolution],
    voxel_offset: mapTriple(finest.voxelOffset, (at, axis) => Math.floor(at / factor[axis])).map((at) => at + 0),
    chunk_sizes: [[...chunkSize]],
    encoding,
    ...encodingMembers(encoding, {
      ...(Array.isArray(blockSize) && { compressedSegmentationBlockSize: [...blockSize] }),
      ...(isQuality(jpegQuality) && { jpegQuality }),
      ...(pngLevel !== undefined && { pngLevel })
    })
  }
  chunkCodecs(encoding, info.dtype, info.channels, scale)
  const voxelBytes = info.channels * itemSizeOf(info.dtype)
  const chosen = isJsonObject(sharding)
    ? parseSharding(sharding)
    : sharding
      ? recommendedSharding({ size, chunkSize, encoding, voxelBytes })
      : undefined
  return chosen === undefined ? scale : { ...scale, sharding: formatSharding(chosen) }
}
