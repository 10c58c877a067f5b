import { type Axis, type AxisType, isJsonObject, type Json, type JsonObject, type SourceMetadata } from '@bioimage/core'

/** Axes as JSON text: the attribute of arrays that this package makes. */
export const axesAttribute = 'bioimage.axes'
/** Voxel size in micrometer, slowest axis first: the attribute of Fiji's HDF5 plugin and ilastik. */
export const elementSizeAttribute = 'element_size_um'

/** Micrometers per unit. */
const micrometers: Readonly<Record<string, number>> = {
  angstrom: 1e-4,
  nanometer: 1e-3,
  micrometer: 1,
  millimeter: 1e3,
  centimeter: 1e4,
  meter: 1e6
}

/** The attributes that say what metadata say. */
export function attributesOfMetadata({ axes, channels }: SourceMetadata): JsonObject {
  if (axes === undefined) return channels === undefined ? {} : { 'bioimage.channels': [...channels] }
  const spatial = axes.filter((axis) => axis.type === 'space')
  const sizes = spatial.map(({ scale, unit }) =>
    scale === undefined || unit === undefined ? undefined : scale * (micrometers[unit] ?? Number.NaN)
  )
  const known = sizes.every((size) => size !== undefined && Number.isFinite(size))
  return {
    [axesAttribute]: JSON.stringify(axes),
    ...(spatial.length === 3 && known && { [elementSizeAttribute]: sizes.map(Number) }),
    ...(channels !== undefined && { 'bioimage.channels': [...channels] })
  }
}

/** The metadata that such attributes hold for an array of that many axes. */
export function metadataOfAttributes(attrs: JsonObject, ndim: number): SourceMetadata {
  const channels = stringsOf(attrs['bioimage.channels'])
  const axes = axesOf(attrs[axesAttribute], ndim)
  return { ...(axes !== undefined && { axes }), ...(channels !== undefined && { channels }) }
}

function axesOf(value: Json | undefined, ndim: number): readonly Axis[] | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    if (!Array.isArray(parsed) || parsed.length !== ndim) return undefined
    const axes = parsed.map(axisOf)
    return axes.every((axis) => axis !== undefined) ? axes : undefined
  } catch {
    return undefined
  }
}

const axisTypes: readonly AxisType[] = ['space', 'time', 'channel', 'index']

function axisOf(value: unknown): Axis | undefined {
  if (!isJsonObject(value) || typeof value.name !== 'string') return undefined
  const type = axisTypes.find((type) => type === value.type)
  if (type === undefined) return undefined
  return {
    name: value.name,
    type,
    ...(typeof value.unit === 'string' && { unit: value.unit }),
    ...(typeof value.scale === 'number' && { scale: value.scale }),
    ...(typeof value.translation === 'number' && { translation: value.translation })
  }
}

function stringsOf(value: Json | undefined): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}
