import { type Axis, isJsonObject, type Json, type JsonObject, type Level, type SourceMetadata, zeros } from '@bioimage/core'
import { sizeOf, wholeRegion } from '@bioimage/core/backend'
import { attributesAsJson } from '../attribute-values.js'
import { asNumeric, parseDataset } from '../dataset.js'
import { findLink, kindOf, listLinks } from '../groups/group.js'
import { rootOf } from '../groups/resolve-path.js'
import { datasetAccess } from '../layout.js'
import { readAttributes } from '../messages/attributes.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { type ObjectHeader, readObjectHeader } from '../structure/object-header.js'
import { elementSizeAttribute, metadataOfAttributes } from './own-attributes.js'

/** What {@link imageMetadata} looks at. */
export interface ImageDataset {
  readonly file: Hdf5File
  readonly path: string
  readonly shape: readonly number[]
  readonly attrs: JsonObject
  /** The text of the file of the same name with the ending `.xml`, for BigDataViewer. */
  readonly companion: (() => Promise<string | undefined>) | undefined
}

/** Axes, voxel size and levels: from what this package wrote, ilastik, BigDataViewer, Imaris, or `element_size_um`. */
export async function imageMetadata(dataset: ImageDataset, options: ReadOptions): Promise<SourceMetadata> {
  const own = metadataOfAttributes(dataset.attrs, dataset.shape.length)
  if (own.axes !== undefined) return own
  return (
    (await bigDataViewer(dataset, options)) ?? (await imaris(dataset, options)) ?? ilastik(dataset) ?? elementSize(dataset) ?? { ...own }
  )
}

const space = (name: string, scale: number | undefined, unit: string | undefined): Axis => ({
  name,
  type: 'space',
  ...(unit !== undefined && { unit }),
  ...(scale !== undefined && { scale })
})

const zyx = ['z', 'y', 'x'] as const

/** `t00000/s00/0/cells`: `s00/resolutions` holds the downsampling of each level in x, y, z; the voxel size stands in the XML. */
async function bigDataViewer({ file, path, shape, companion }: ImageDataset, options: ReadOptions): Promise<SourceMetadata | undefined> {
  const match = /^(t\d+)\/(s\d+)\/(\d+)\/cells$/.exec(path)
  if (match === null || shape.length !== 3) return undefined
  const [, time = '', setup = '', level = ''] = match
  const resolutions = await readNumbers(file, `${setup}/resolutions`, options)
  if (resolutions === undefined) return undefined
  const voxel = voxelSizeOf(await companion?.(), Number(setup.slice(1)))
  const scaleOf = (number: number): number[] =>
    zyx.map((_, axis) => (voxel?.size[2 - axis] ?? 1) * (resolutions[number * 3 + 2 - axis] ?? 1))
  const count = Math.floor(resolutions.length / 3)
  const levels: Level[] = Array.from({ length: count }, (_, number) => ({
    internalPath: `${time}/${setup}/${number}/cells`,
    scale: scaleOf(number)
  }))
  const scale = scaleOf(Number(level))
  return { axes: zyx.map((name, axis) => space(name, scale[axis], voxel?.unit)), levels }
}

/** The voxel size of a view setup, in x, y, z. */
function voxelSizeOf(
  xml: string | undefined,
  setup: number
): { readonly size: readonly number[]; readonly unit: string | undefined } | undefined {
  for (const [, body = ''] of (xml ?? '').matchAll(/<ViewSetup>([\s\S]*?)<\/ViewSetup>/g)) {
    if (Number(/<id>\s*(\d+)\s*<\/id>/.exec(body)?.[1]) !== setup) continue
    const voxel = /<voxelSize>([\s\S]*?)<\/voxelSize>/.exec(body)?.[1] ?? ''
    const size = (/<size>([^<]*)<\/size>/.exec(voxel)?.[1] ?? '').trim().split(/\s+/).map(Number)
    const unit = /<unit>([^<]*)<\/unit>/.exec(voxel)?.[1]?.trim()
    return size.length === 3 && size.every((length) => length > 0) ? { size, unit: unitOf(unit) } : undefined
  }
  return undefined
}

/** `DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data`: the extent stands in `DataSetInfo/Image`, digit by digit. */
async function imaris({ file, path, shape }: ImageDataset, options: ReadOptions): Promise<SourceMetadata | undefined> {
  const match = /^DataSet\/ResolutionLevel (\d+)\/(TimePoint \d+\/Channel \d+)\/Data$/.exec(path)
  if (match === null || shape.length !== 3) return undefined
  const image = await findAt(file, 'DataSetInfo/Image', options)
  const levelsGroup = await findAt(file, 'DataSet', options)
  if (image === undefined || levelsGroup === undefined) return undefined
  const info = await attributesOf(file, image, options)
  const lowest = ['ExtMin2', 'ExtMin1', 'ExtMin0'].map((name) => Number(text(info[name])))
  const highest = ['ExtMax2', 'ExtMax1', 'ExtMax0'].map((name) => Number(text(info[name])))
  const unit = unitOf(text(info.Unit) || 'um')
  const scaleOf = (size: readonly number[]): number[] => size.map((length, axis) => ((highest[axis] ?? 0) - (lowest[axis] ?? 0)) / length)
  const levels: Level[] = []
  let own: readonly number[] | undefined
  const numbers = (await listLinks(file, levelsGroup, options)).flatMap(({ name }) => /^ResolutionLevel (\d+)$/.exec(name)?.[1] ?? [])
  for (const number of numbers.map(Number).sort((a, b) => a - b)) {
    // Datasets are padded to whole chunks: the true size stands in the attributes of the channel.
    const channelPath = `DataSet/ResolutionLevel ${number}/${match[2]}`
    const channel = await findAt(file, channelPath, options)
    if (channel === undefined) continue
    const sizes = await attributesOf(file, channel, options)
    const size = ['ImageSizeZ', 'ImageSizeY', 'ImageSizeX'].map((name) => Number(text(sizes[name])))
    const scale = scaleOf(size)
    if (!scale.every((length) => Number.isFinite(length) && length > 0)) return undefined
    levels.push({ internalPath: `${channelPath}/Data`, scale, translation: lowest })
    if (number === Number(match[1])) own = scale
  }
  const scale = own
  return scale === undefined
    ? undefined
    : { axes: zyx.map((name, axis) => ({ ...space(name, scale[axis], unit), translation: lowest[axis] })), levels }
}

/** Vigra's `axistags`: JSON with a key and a resolution per axis. */
function ilastik({ attrs, shape }: ImageDataset): SourceMetadata | undefined {
  const tags = attrs.axistags
  if (typeof tags !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(tags)
    const entries: readonly Json[] = isJsonObject(parsed) && Array.isArray(parsed.axes) ? parsed.axes : []
    const sizes = numbersOf(attrs[elementSizeAttribute])
    const axes = entries.flatMap((entry): Axis[] => {
      if (!isJsonObject(entry) || typeof entry.key !== 'string') return []
      const { key, resolution } = entry
      const spatial = (zyx as readonly string[]).indexOf(key)
      const type = spatial >= 0 ? 'space' : key === 't' ? 'time' : key === 'c' ? 'channel' : 'index'
      const size = spatial >= 0 && sizes?.length === 3 ? sizes[spatial] : undefined
      const scale = size ?? (typeof resolution === 'number' && resolution > 0 ? resolution : undefined)
      return [{ name: key, type, ...(scale !== undefined && { scale }), ...(size !== undefined && { unit: 'micrometer' }) }]
    })
    return axes.length === shape.length ? { axes } : undefined
  } catch {
    return undefined
  }
}

function elementSize({ attrs, shape }: ImageDataset): SourceMetadata | undefined {
  const sizes = numbersOf(attrs[elementSizeAttribute])
  if (sizes?.length !== 3 || shape.length !== 3) return undefined
  return { axes: zyx.map((name, axis) => space(name, sizes[axis], 'micrometer')) }
}

/** A small dataset of little-endian doubles that lies in one piece. */
async function readNumbers(file: Hdf5File, path: string, options: ReadOptions): Promise<readonly number[] | undefined> {
  const header = await findAt(file, path, options)
  if (header === undefined || kindOf(header) !== 'dataset') return undefined
  const dataset = asNumeric(await parseDataset(file, header, options), path)
  const { shape } = dataset.space
  if (dataset.numeric.dtype !== 'float64' || sizeOf(shape) > 512) return undefined
  const out = zeros(shape, dataset.numeric.dtype)
  await datasetAccess(file, dataset, { context: { cache: false }, identity: path }).read(wholeRegion(shape), out, options)
  return out.data instanceof Float64Array ? [...out.data] : undefined
}

async function findAt(file: Hdf5File, path: string, options: ReadOptions): Promise<ObjectHeader | undefined> {
  let { header } = await rootOf(file, options)
  for (const name of path.split('/')) {
    const link = await findLink(file, header, name, options)
    if (link?.type !== 'hard') return undefined
    header = await readObjectHeader(file, link.address, options)
  }
  return header
}

async function attributesOf(file: Hdf5File, header: ObjectHeader, options: ReadOptions): Promise<JsonObject> {
  return attributesAsJson(file, await readAttributes(file, header, options), options)
}

/** Imaris stores texts as lists of single characters. */
function text(value: Json | undefined): string {
  if (Array.isArray(value)) return value.join('').trim()
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
}

function numbersOf(value: Json | undefined): readonly number[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && item > 0) ? value.map(Number) : undefined
}

/** Units as OME-NGFF spells them. */
function unitOf(unit: string | undefined): string | undefined {
  if (unit === undefined || unit === '' || unit === 'pixel' || unit === 'px') return undefined
  const names: Readonly<Record<string, string>> = {
    um: 'micrometer',
    µm: 'micrometer',
    μm: 'micrometer',
    micron: 'micrometer',
    microns: 'micrometer',
    nm: 'nanometer',
    mm: 'millimeter',
    m: 'meter'
  }
  return names[unit] ?? unit
}
