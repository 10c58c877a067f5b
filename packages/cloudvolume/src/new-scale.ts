import { type CreateRequest, type DType, type Json, type JsonObject, SourceError, type SourceMetadata } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import { recommendedSharding, shardingOfBox } from './choose-sharding.js'
import { chunkCodecs, defaultJpegQuality, isQuality, writesEncoding, writtenEncodings } from './chunk-encoding.js'
import { writtenDTypes } from './info.js'
import { scaleKeyOf } from './scale-key.js'
import { formatSharding, parseSharding, type Sharding } from './sharding.js'
import { mapTriple, reversed, type Triple } from './triple.js'

/** What a new volume is made of, beside its scales. */
export interface NewVolume {
  readonly type: 'image' | 'segmentation'
  readonly dtype: DType
  readonly channels: number
  /** The member of `scales`. */
  readonly scale: JsonObject
}

/** Options that only make a volume, and have no place in a spec. */
export const creationParams: ReadonlySet<string> = new Set([
  'encoding',
  'layerType',
  'resolution',
  'voxelOffset',
  'key',
  'compressedSegmentationBlockSize',
  'jpegQuality',
  'pngLevel',
  'sharding'
])

const defaultChunk: Triple = [128, 128, 64]
const nanometres: Readonly<Record<string, number>> = {
  angstrom: 0.1,
  nanometer: 1,
  micrometer: 1e3,
  millimeter: 1e6,
  centimeter: 1e7,
  meter: 1e9
}

/**
 * What a request to create an array asks for.
 *
 * @throws ERR_UNSUPPORTED for what the format cannot hold, ERR_INVALID_ARGUMENT.
 */
export function newVolume(request: CreateRequest): NewVolume {
  const { shape, dtype, fillValue, metadata, params } = request
  if (shape.length !== 3 && shape.length !== 4)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `a precomputed volume has the axes z, y, x, or channel, z, y, x; this array has ${shape.length}`
    )
  if (!writtenDTypes.includes(dtype))
    throw new SourceError('ERR_UNSUPPORTED', `a precomputed volume is of ${writtenDTypes.join(', ')}, not of ${dtype}`)
  if (fillValue !== undefined && Number(fillValue) !== 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      'the format has no fill value; open the volume with `fillMissing` and `backgroundColor` instead'
    )
  }
  const axes = shape.length === 4 ? metadata.axes?.slice(1) : metadata.axes
  checkAxes(metadata, shape.length)
  const channels = shape.length === 4 ? (shape[0] ?? 1) : 1
  if (channels < 1) throw new SourceError('ERR_UNSUPPORTED', 'a precomputed volume has at least one channel')
  const size = spaceOf(shape)
  const encoding = typeof params.encoding === 'string' ? params.encoding : 'raw'
  if (!writesEncoding(encoding))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `chunks of encoding ${JSON.stringify(encoding)} are not written here; choose one of ${writtenEncodings().join(', ')}`
    )
  const resolution = tripleParam(params, 'resolution') ?? mapTriple([2, 1, 0], (axis) => resolutionOf(axes?.[axis]))
  if (resolution.some((length) => !(length > 0)))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`resolution\` is three numbers above 0, found [${resolution.join(', ')}]`)
  const chunkSize = request.chunks === undefined ? defaultChunk : spaceOf(request.chunks)
  if (shape.length === 4 && request.chunks !== undefined && request.chunks[0] !== channels)
    throw new SourceError('ERR_UNSUPPORTED', `a chunk holds all ${channels} channels, \`chunks\` asks for ${request.chunks[0]}`)
  const scale: JsonObject = {
    key: keyOf(request, resolution),
    size: [...size],
    resolution: [...resolution],
    voxel_offset: [...(tripleParam(params, 'voxelOffset') ?? mapTriple([2, 1, 0], (axis) => offsetOf(axes?.[axis])))],
    chunk_sizes: [[...chunkSize]],
    encoding,
    ...encodingMembers(encoding, params)
  }
  const sharding = shardingOf(request, { size, chunkSize, encoding, channels })
  // What the encoding cannot hold is told before anything is written.
  checkEncoding(() => chunkCodecs(encoding, dtype, channels, scale))
  return {
    type:
      params.layerType === 'segmentation' || (params.layerType === undefined && encoding === 'compressed_segmentation')
        ? 'segmentation'
        : 'image',
    dtype,
    channels,
    scale: sharding === undefined ? scale : { ...scale, sharding: formatSharding(sharding) }
  }
}

function keyOf({ params, internalPath }: CreateRequest, resolution: Triple): string {
  if (internalPath !== undefined && internalPath !== '') return internalPath
  return typeof params.key === 'string' ? params.key : scaleKeyOf(resolution)
}

/** Members that an encoding needs or takes. */
export function encodingMembers(encoding: string, params: JsonObject): Record<string, Json> {
  const { compressedSegmentationBlockSize = [8, 8, 8], jpegQuality = defaultJpegQuality, pngLevel } = params
  if (!isQuality(jpegQuality))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`jpegQuality\` is an integer from 1 to 100, found ${JSON.stringify(jpegQuality)}`)
  return {
    ...(encoding === 'compressed_segmentation' && { compressed_segmentation_block_size: compressedSegmentationBlockSize }),
    ...(encoding === 'jpeg' && { jpeg_quality: jpegQuality }),
    ...(encoding === 'png' && pngLevel !== undefined && { png_level: pngLevel })
  }
}

interface ScaleShape {
  readonly size: Triple
  readonly chunkSize: Triple
  readonly encoding: string
  readonly channels: number
}

function shardingOf({ params, shards, shape, dtype }: CreateRequest, scale: ScaleShape): Sharding | undefined {
  const { size, chunkSize, encoding, channels } = scale
  const { sharding } = params
  if (shards !== undefined) {
    if (sharding !== undefined) throw new SourceError('ERR_INVALID_ARGUMENT', 'give `shards` or `sharding`, not both')
    if (shape.length === 4 && shards[0] !== channels)
      throw new SourceError('ERR_UNSUPPORTED', `a shard holds all ${channels} channels, \`shards\` asks for ${shards[0]}`)
    return shardingOfBox(
      spaceOf(shards),
      chunkSize,
      mapTriple(size, (length, axis) => Math.ceil(length / chunkSize[axis])),
      encoding
    )
  }
  if (sharding === undefined || sharding === false) return undefined
  if (sharding === true) return recommendedSharding({ size, chunkSize, encoding, voxelBytes: channels * itemSizeOf(dtype) })
  return asArgument(() => parseSharding(sharding))
}

/** What would be damage in a file is here what cannot be stored. */
function checkEncoding(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (error instanceof SourceError && error.code === 'ERR_CORRUPT_DATA')
      throw new SourceError('ERR_UNSUPPORTED', error.message, { cause: error })
    throw error
  }
}

/** Damage in what a caller gave is a wrong argument. */
function asArgument<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SourceError && error.code === 'ERR_CORRUPT_DATA')
      throw new SourceError('ERR_INVALID_ARGUMENT', `no such volume can be made: ${error.message}`, { cause: error })
    throw error
  }
}

function checkAxes({ axes }: SourceMetadata, ndim: number): void {
  if (axes === undefined || ndim === 3) return
  const [first] = axes
  if (first?.type === 'time')
    throw new SourceError('ERR_UNSUPPORTED', 'a precomputed volume has no time axis; write one volume per time point')
}

type AxisMetadata = NonNullable<SourceMetadata['axes']>[number]

/** Nanometres per voxel; 1 where the metadata do not say. */
function resolutionOf(axis: AxisMetadata | undefined): number {
  return (axis?.scale ?? 1) * (nanometres[axis?.unit ?? 'nanometer'] ?? 1)
}

/** The position of the first voxel in whole voxels; 0 where it is none. */
function offsetOf(axis: AxisMetadata | undefined): number {
  const voxels = (axis?.translation ?? 0) / (axis?.scale ?? 1)
  const whole = Math.round(voxels)
  return Math.abs(voxels - whole) < 1e-6 && Number.isSafeInteger(whole) ? whole + 0 : 0
}

/** The last three lengths as x, y, z. */
function spaceOf(lengths: readonly number[]): Triple {
  const [z = 1, y = 1, x = 1] = lengths.slice(-3)
  return reversed([z, y, x])
}

function tripleParam(params: JsonObject, name: string): Triple | undefined {
  const value = params[name]
  if (value === undefined) return undefined
  const numbers = Array.isArray(value) ? value.filter((item: Json): item is number => typeof item === 'number') : []
  const [x, y, z] = numbers
  if (x === undefined || y === undefined || z === undefined || numbers.length !== 3)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` is three numbers, x y z, found ${JSON.stringify(value)}`)
  return [x, y, z]
}
