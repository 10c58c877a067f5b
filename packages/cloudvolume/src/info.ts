import type { DType, Json } from '@bioimage/core'
import { isJsonObject, type JsonObject, SourceError } from '@bioimage/core'
import { isDType, itemSizeOf } from '@bioimage/core/backend'
import { parseScale, type Scale } from './scale.js'

/** The document `info` of a layer. (Precomputed, "Volume".) */
export interface VolumeInfo {
  readonly type: 'image' | 'segmentation'
  readonly dtype: DType
  readonly channels: number
  /** The members `scales`, unchecked: a damaged one does not keep the others from being read. */
  readonly scaleDocuments: readonly Json[]
  /** The whole document. */
  readonly document: JsonObject
}

/** Data types that the format has and that new volumes may be of. */
export const writtenDTypes: readonly DType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'float32']
/** Further types that CloudVolume writes. */
const foreignDTypes: readonly DType[] = ['bool', 'int64', 'float64']
/** More channels than this are no image. */
const maximalChannels = 1 << 20

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (another kind of layer, a data type without counterpart). */
export function parseInfo(document: JsonObject): VolumeInfo {
  const layer = document['@type']
  if (layer !== undefined && layer !== 'neuroglancer_multiscale_volume')
    throw new SourceError('ERR_UNSUPPORTED', `the layer is of type ${JSON.stringify(layer)}, expected "neuroglancer_multiscale_volume"`)
  const { type = 'image', data_type: dataType, num_channels: channels, scales } = document
  if (type !== 'image' && type !== 'segmentation') throw corrupt(`\`type\` is "image" or "segmentation", found ${JSON.stringify(type)}`)
  if (typeof dataType !== 'string') throw corrupt(`\`data_type\` is the name of a type, found ${JSON.stringify(dataType)}`)
  const dtype = [...writtenDTypes, ...foreignDTypes].find((name) => name === dataType.toLowerCase())
  if (dtype === undefined || !isDType(dtype)) throw new SourceError('ERR_UNSUPPORTED', `data type ${JSON.stringify(dataType)}`)
  if (typeof channels !== 'number' || !Number.isInteger(channels) || channels < 1 || channels > maximalChannels)
    throw corrupt(`\`num_channels\` is an integer from 1 to ${maximalChannels}, found ${JSON.stringify(channels)}`)
  if (!Array.isArray(scales) || scales.length === 0) throw corrupt('`scales` is a list of at least one scale')
  return { type, dtype, channels, scaleDocuments: scales, document }
}

/** The scale of that index. @throws ERR_CORRUPT_DATA */
export function scaleAt(info: VolumeInfo, mip: number): Scale {
  const document = info.scaleDocuments[mip]
  if (!isJsonObject(document)) throw corrupt(`\`scales[${mip}]\` is an object, found ${JSON.stringify(document)}`)
  try {
    return parseScale(document, mip, info.channels * itemSizeOf(info.dtype))
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    throw new SourceError(error.code, `\`scales[${mip}]\`: ${error.message}`, { cause: error })
  }
}

/** Keys of the scales, in their order; `undefined` where one has none. */
export function scaleKeys(info: VolumeInfo): readonly (string | undefined)[] {
  return info.scaleDocuments.map((scale) => (isJsonObject(scale) && typeof scale.key === 'string' ? scale.key : undefined))
}

/**
 * Index of the scale that a caller names: by key, by index (negative ones count from the end) or by resolution.
 *
 * @throws ERR_NOT_FOUND naming the scales there are.
 */
export function chooseScale(info: VolumeInfo, key: string | undefined, mip: Json | undefined): number {
  const keys = scaleKeys(info)
  const known = (): string => keys.map((name, index) => `${index}: ${JSON.stringify(name)}`).join(', ')
  if (key !== undefined && key !== '') {
    const index = keys.findIndex((name) => name !== undefined && name.replace(/^\/+|\/+$/g, '') === key)
    if (index < 0) throw new SourceError('ERR_NOT_FOUND', `there is no scale ${JSON.stringify(key)}; the volume has ${known()}`)
    if (mip !== undefined && index !== chooseScale(info, undefined, mip))
      throw new SourceError(
        'ERR_INVALID_ARGUMENT',
        `\`internalPath\` ${JSON.stringify(key)} and \`mip\` ${JSON.stringify(mip)} name two scales`
      )
    return index
  }
  if (mip === undefined) return 0
  if (Array.isArray(mip)) {
    const index = info.scaleDocuments.findIndex((scale) => isJsonObject(scale) && sameNumbers(scale.resolution, mip))
    if (index < 0) throw new SourceError('ERR_NOT_FOUND', `no scale has the resolution [${mip.join(', ')}]; the volume has ${known()}`)
    return index
  }
  if (typeof mip !== 'number' || !Number.isInteger(mip))
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `\`mip\` is the index of a scale or a resolution of three numbers, found ${JSON.stringify(mip)}`
    )
  const index = mip < 0 ? mip + keys.length : mip
  if (index < 0 || index >= keys.length) throw new SourceError('ERR_NOT_FOUND', `there is no scale ${mip}; the volume has ${known()}`)
  return index
}

function sameNumbers(found: Json | undefined, wanted: readonly Json[]): boolean {
  return Array.isArray(found) && found.length === wanted.length && found.every((value, axis) => value === wanted[axis])
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
