import {
  type Axis,
  type AxisType,
  isJsonObject,
  type Json,
  type JsonObject,
  joinKey,
  type Level,
  type SourceMetadata
} from '@bioimage/core'
import { axisTypeOfName, numbersOf } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'

/** Attributes of a group above an array, with the array's path below that group. */
export interface GroupAttributes {
  /** Path of the group in the container. */
  readonly path: string
  readonly attributes: JsonObject
}

/**
 * The normalised metadata of an array: OME-NGFF (0.1 to 0.5) of a group above it, our own axes, else the names of its
 * dimensions. Metadata that make no sense are left out: they are no reason not to read voxels.
 */
export function metadataOf(
  array: Pick<ArrayMetadata, 'shape' | 'attributes' | 'dimensionNames'>,
  path: string,
  groups: readonly GroupAttributes[]
): SourceMetadata {
  for (const group of groups) {
    const found = multiscaleOf(group, path, array.shape.length)
    if (found !== undefined) return found
  }
  const own = isJsonObject(array.attributes.bioimage) ? array.attributes.bioimage : {}
  const axes = parseAxes(own.axes, array.shape.length) ?? axesOfNames(array.dimensionNames)
  return axes === undefined ? {} : { axes }
}

/** The attributes that hold this metadata in an array of its own. */
export function attributesOf(metadata: SourceMetadata): JsonObject {
  if (metadata.axes === undefined) return {}
  const axes = metadata.axes.map((axis): JsonObject => ({ ...axis }))
  return { bioimage: { axes } }
}

/** The datasets of the first multiscale image of a group, as paths in the container. */
export function datasetPaths(group: GroupAttributes): readonly string[] {
  return multiscalesOf(group.attributes).flatMap((multiscale) => datasetsOf(multiscale).map((dataset) => joinKey(group.path, dataset.path)))
}

function multiscaleOf(group: GroupAttributes, path: string, rank: number): SourceMetadata | undefined {
  for (const multiscale of multiscalesOf(group.attributes)) {
    const datasets = datasetsOf(multiscale)
    const own = datasets.find((dataset) => joinKey(group.path, dataset.path) === path)
    if (own === undefined) continue
    const common = transformOf(multiscale.coordinateTransformations, rank)
    const compose = (dataset: Dataset): Transform => composeTransforms(transformOf(dataset.transformations, rank), common)
    const { scale, translation } = compose(own)
    const named = parseAxes(multiscale.axes, rank) ?? (rank === 5 ? axesOfNames(['t', 'c', 'z', 'y', 'x']) : undefined)
    const axes = named?.map((axis, at): Axis => {
      const step = scale?.[at]
      const origin = translation?.[at]
      return { ...axis, ...(step !== undefined && { scale: step }), ...(origin !== undefined && { translation: origin }) }
    })
    const levels = datasets.map((dataset): Level => {
      const transform = compose(dataset)
      return { internalPath: joinKey(group.path, dataset.path), ...transform }
    })
    const channels = channelsOf(group.attributes)
    return { ...(axes !== undefined && { axes }), ...(channels !== undefined && { channels }), ...(levels.length > 1 && { levels }) }
  }
  return undefined
}

/** 0.5 keeps everything under `ome`. */
function omeOf(attributes: JsonObject): JsonObject {
  return isJsonObject(attributes.ome) ? attributes.ome : attributes
}

function multiscalesOf(attributes: JsonObject): readonly JsonObject[] {
  const { multiscales } = omeOf(attributes)
  return Array.isArray(multiscales) ? multiscales.filter(isJsonObject) : []
}

interface Dataset {
  readonly path: string
  readonly transformations: Json | undefined
}

function datasetsOf(multiscale: JsonObject): readonly Dataset[] {
  const { datasets } = multiscale
  if (!Array.isArray(datasets)) return []
  return datasets
    .filter(isJsonObject)
    .flatMap(({ path, coordinateTransformations }) =>
      typeof path === 'string' ? [{ path: path.replace(/^\/+|\/+$/g, ''), transformations: coordinateTransformations }] : []
    )
}

interface Transform {
  readonly scale?: readonly number[]
  readonly translation?: readonly number[]
}

function transformOf(list: Json | undefined, rank: number): Transform {
  let transform: Transform = {}
  for (const item of Array.isArray(list) ? list : []) {
    if (!isJsonObject(item)) continue
    const scale = numbersOf(item.scale, rank)
    const translation = numbersOf(item.translation, rank)
    if (scale !== undefined) transform = composeTransforms(transform, { scale })
    if (translation !== undefined) transform = composeTransforms(transform, { translation })
  }
  return transform
}

/** First the one, then the other. */
function composeTransforms(first: Transform, second: Transform): Transform {
  const { scale: factor, translation: shift } = second
  const scale = factor === undefined ? first.scale : factor.map((value, at) => value * (first.scale?.[at] ?? 1))
  const moved = first.translation?.map((value, at) => value * (factor?.[at] ?? 1))
  const translation = shift === undefined ? moved : shift.map((value, at) => value + (moved?.[at] ?? 0))
  return { ...(scale !== undefined && { scale }), ...(translation !== undefined && { translation }) }
}

/** `axes` of 0.4 and later (objects) and of 0.3 (names). */
function parseAxes(value: Json | undefined, rank: number): readonly Axis[] | undefined {
  if (!Array.isArray(value) || value.length !== rank) return undefined
  const axes: Axis[] = []
  for (const item of value) {
    const axis = typeof item === 'string' ? { name: item } : item
    if (!isJsonObject(axis) || typeof axis.name !== 'string') return undefined
    axes.push({
      name: axis.name,
      type: typeof axis.type === 'string' && isAxisType(axis.type) ? axis.type : axisTypeOfName(axis.name),
      ...(typeof axis.unit === 'string' && { unit: axis.unit }),
      ...(typeof axis.scale === 'number' && { scale: axis.scale }),
      ...(typeof axis.translation === 'number' && { translation: axis.translation })
    })
  }
  return axes
}

function axesOfNames(names: readonly (string | null)[] | undefined): readonly Axis[] | undefined {
  return names?.map((name) => ({ name: name ?? '', type: axisTypeOfName(name ?? '') }))
}

function isAxisType(type: string): type is AxisType {
  return type === 'space' || type === 'time' || type === 'channel' || type === 'index'
}

function channelsOf(attributes: JsonObject): readonly string[] | undefined {
  const { omero } = omeOf(attributes)
  if (!isJsonObject(omero) || !Array.isArray(omero.channels)) return undefined
  const labels = omero.channels.map((channel: Json) => (isJsonObject(channel) && typeof channel.label === 'string' ? channel.label : ''))
  return labels.some((label) => label !== '') ? labels : undefined
}
