import { type DType, isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { parseIntegers, parseObject } from '@bioimage/core/backend'
import { compareMags, type Mag, parseMag } from './mag.js'

/** A box of voxels of Mag(1), along x, y and z. */
export interface Box {
  readonly topLeft: readonly number[]
  readonly size: readonly number[]
}

/** One resolution of a layer. */
export interface LayerMag {
  readonly mag: Mag
  /** Where a local dataset keeps it: relative to its folder, absolute or a URL. */
  readonly path: string | undefined
  /** Axis of the stored array that x, y, z and c lie along. */
  readonly axisOrder: Readonly<Record<string, number>> | undefined
  /** The one channel of the stored array that the layer shows. */
  readonly channelIndex: number | undefined
}

/** An axis beside x, y, z and channel, such as time. */
export interface AdditionalAxis {
  readonly name: string
  /** First position, and the one behind the last. */
  readonly bounds: readonly number[]
  /** Axis of the stored array. */
  readonly index: number
}

/** A layer of a dataset, as `datasource-properties.json` and the server describe it. */
export interface Layer {
  readonly name: string
  readonly category: 'color' | 'segmentation'
  readonly dtype: DType
  readonly channels: number
  readonly box: Box
  /** Finest first. */
  readonly mags: readonly LayerMag[]
  readonly additionalAxes: readonly AdditionalAxis[]
  /** How a local dataset stores it: `"wkw"`, `"zarr"`, `"zarr3"`, `"n5"` or `"neuroglancerPrecomputed"`. */
  readonly dataFormat: string | undefined
  readonly largestSegmentId: bigint | undefined
  /** Names of the agglomerate mappings. */
  readonly agglomerates: readonly string[]
  /** The layer's own document. */
  readonly document: JsonObject
}

/** Type of the elements of a voxel, and how many a voxel has if it has one channel only. */
const elementClasses: Readonly<Record<string, { readonly dtype: DType; readonly bits: number }>> = {
  uint8: { dtype: 'uint8', bits: 8 },
  uint16: { dtype: 'uint16', bits: 16 },
  uint24: { dtype: 'uint8', bits: 24 },
  uint32: { dtype: 'uint32', bits: 32 },
  uint64: { dtype: 'uint64', bits: 64 },
  int8: { dtype: 'int8', bits: 8 },
  int16: { dtype: 'int16', bits: 16 },
  int32: { dtype: 'int32', bits: 32 },
  int64: { dtype: 'int64', bits: 64 },
  float: { dtype: 'float32', bits: 32 },
  double: { dtype: 'float64', bits: 64 }
}

/** Element types by kind and bits, for voxels of several channels. */
const bySize: Readonly<Record<string, DType>> = {
  u8: 'uint8',
  u16: 'uint16',
  u32: 'uint32',
  u64: 'uint64',
  i8: 'int8',
  i16: 'int16',
  i32: 'int32',
  i64: 'int64',
  f32: 'float32',
  f64: 'float64'
}

/** The name of a layer's document. @throws ERR_CORRUPT_DATA */
export function layerName(document: Json | undefined): string {
  const { name } = parseObject('dataLayers', document)
  if (typeof name === 'string' && name !== '' && !name.includes('/') && !name.startsWith('.')) return name
  throw new SourceError('ERR_CORRUPT_DATA', `a layer has the name ${JSON.stringify(name)?.slice(0, 80)}`)
}

/**
 * Reads the description of a layer, of any version.
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseLayer(document: JsonObject): Layer {
  const name = layerName(document)
  const { category = 'color' } = document
  if (category !== 'color' && category !== 'segmentation')
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `layer ${JSON.stringify(name)} is of category ${JSON.stringify(category)}, known are color and segmentation`
    )
  const { dataFormat, attachments } = document
  return {
    name,
    category,
    ...parseElements(document),
    box: parseBox(document.boundingBox),
    mags: parseMags(document),
    additionalAxes: parseAdditionalAxes(document.additionalAxes),
    dataFormat: typeof dataFormat === 'string' ? dataFormat : undefined,
    largestSegmentId: parseSegmentId(document.largestSegmentId),
    agglomerates: isJsonObject(attachments) ? namesOf(attachments.agglomerates) : [],
    document
  }
}

/** `elementClass` has the bits of the whole voxel. */
function parseElements({ elementClass, numChannels }: JsonObject): { readonly dtype: DType; readonly channels: number } {
  const element = typeof elementClass === 'string' && Object.hasOwn(elementClasses, elementClass) ? elementClasses[elementClass] : undefined
  if (element === undefined)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `elementClass ${JSON.stringify(elementClass)} is not supported; known are ${Object.keys(elementClasses).join(', ')}`
    )
  if (elementClass === 'uint24') return { dtype: 'uint8', channels: 3 }
  const channels = numChannels ?? 1
  if (channels === 1) return { dtype: element.dtype, channels }
  const kind = element.dtype.startsWith('f') ? 'f' : element.dtype.charAt(0)
  const dtype = typeof channels === 'number' ? bySize[`${kind}${element.bits / channels}`] : undefined
  if (dtype !== undefined && typeof channels === 'number') return { dtype, channels }
  throw new SourceError('ERR_CORRUPT_DATA', `voxels of ${JSON.stringify(elementClass)} cannot hold ${JSON.stringify(channels)} channels`)
}

/** @throws ERR_CORRUPT_DATA */
export function parseBox(value: Json | undefined): Box {
  const { topLeft, width, height, depth } = parseObject('boundingBox', value)
  const corner = parseIntegers('topLeft', topLeft, Number.MIN_SAFE_INTEGER)
  const size = parseIntegers('boundingBox', [width ?? null, height ?? null, depth ?? null], 0)
  if (corner.length !== 3) throw new SourceError('ERR_CORRUPT_DATA', `\`topLeft\` is a list of three integers, found ${corner.length}`)
  return { topLeft: corner, size }
}

/** `mags`, or their older names `wkwResolutions` and `resolutions`. */
function parseMags(document: JsonObject): readonly LayerMag[] {
  const named = [document.mags, document.wkwResolutions, document.resolutions].find((list) => Array.isArray(list) && list.length > 0)
  const mags = (Array.isArray(named) ? named : []).map((entry: Json): LayerMag => {
    const described = isJsonObject(entry) ? entry : undefined
    const mag = parseMag(described === undefined ? entry : (described.mag ?? described.resolution))
    if (mag === undefined) throw new SourceError('ERR_CORRUPT_DATA', `${JSON.stringify(entry)?.slice(0, 200)} is no magnification`)
    const { path, axisOrder, channelIndex } = described ?? {}
    return {
      mag,
      path: typeof path === 'string' && path !== '' ? path : undefined,
      axisOrder: isJsonObject(axisOrder) ? parseAxisOrder(axisOrder) : undefined,
      channelIndex: typeof channelIndex === 'number' ? channelIndex : undefined
    }
  })
  return mags.sort((one, other) => compareMags(one.mag, other.mag))
}

function parseAxisOrder(order: JsonObject): Readonly<Record<string, number>> {
  const axes: Record<string, number> = {}
  for (const [name, axis] of Object.entries(order)) {
    if (axis === undefined || axis === null) continue
    if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < 0)
      throw new SourceError('ERR_CORRUPT_DATA', `\`axisOrder\` places ${name} at ${JSON.stringify(axis)}`)
    axes[name] = axis
  }
  return axes
}

function parseAdditionalAxes(value: Json | undefined): readonly AdditionalAxis[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new SourceError('ERR_CORRUPT_DATA', '`additionalAxes` is a list')
  const axes = value.map((entry: Json): AdditionalAxis => {
    const { name, bounds, index } = parseObject('additionalAxes', entry)
    const [low = 0, high = 0] = parseIntegers('bounds', bounds, Number.MIN_SAFE_INTEGER)
    if (typeof name !== 'string' || name === '' || high < low)
      throw new SourceError('ERR_CORRUPT_DATA', `${JSON.stringify(entry).slice(0, 200)} is no axis`)
    return { name, bounds: [low, high], index: typeof index === 'number' ? index : 0 }
  })
  return axes.sort((one, other) => one.index - other.index)
}

/** A number, or its digits where a number cannot hold it, which newer writers put into `{ customJsonEncoding: "bigint", value }`. */
function parseSegmentId(value: Json | undefined): bigint | undefined {
  if (isJsonObject(value) && value.customJsonEncoding === 'bigint') return parseSegmentId(value.value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

/** Names of attachments: texts, or objects with a name. */
function namesOf(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  return value
    .map((entry: Json) => (isJsonObject(entry) ? entry.name : entry))
    .filter((name: Json | undefined): name is string => typeof name === 'string')
}
