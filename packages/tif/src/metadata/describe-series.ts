import { type Axis, isJsonObject, type JsonObject, type Level, type SourceMetadata } from '@bioimage/core'
import { axisTypeOfName } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import { parseImagej } from '../series/imagej.js'
import type { OmeImage } from '../series/ome-xml.js'
import type { Series } from '../series/series.js'
import { unitName } from './units.js'

/** What is known of a series beside its pixels. */
export interface SeriesTexts {
  readonly descriptions: readonly string[]
  readonly omeXml: string | undefined
  readonly image: OmeImage | undefined
}

interface Spacing {
  readonly scale: number
  readonly unit: string | undefined
}

/** Centimeter, millimeter and micrometer; an inch is what programs write that know no size of a pixel. */
const resolutionUnits: Readonly<Record<number, string>> = { 3: 'centimeter', 4: 'millimeter', 5: 'micrometer' }

/** The same view of the metadata as for every format. */
export async function metadataOf(
  series: Series,
  level: { readonly index: number; readonly top: Series; readonly number: number },
  texts: SeriesTexts,
  options: ReadOptions
): Promise<SourceMetadata> {
  const own = series.kind === 'shaped' && level.index === 0 ? ownMetadata(texts.descriptions, series.shape.length) : undefined
  if (own !== undefined) return own
  const spacings = await spacingsOf(level.top, texts, options)
  const describeAxis = (letter: string, at: number): Axis => {
    const name = letter.toLowerCase()
    const type = letter === 'S' ? 'channel' : axisTypeOfName(name)
    const spacing = spacings[letter]
    if (spacing === undefined) return { name, type }
    const factor = (level.top.shape[at] ?? 1) / (series.shape[at] ?? 1)
    return { name, type, ...(spacing.unit !== undefined && { unit: spacing.unit }), scale: spacing.scale * factor }
  }
  const axes = [...series.axes].map(describeAxis)
  const channels = channelsOf(series, texts)
  return {
    axes,
    ...(channels !== undefined && { channels }),
    ...(level.top.levels.length > 0 && { levels: levelsOf(level.top, level.number, spacings) })
  }
}

/** What our own writer adds to the description of tifffile. */
function ownMetadata(descriptions: readonly string[], rank: number): SourceMetadata | undefined {
  const text = descriptions.find((description) => description.startsWith('{') && description.includes('"bioimage":'))
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const own = isJsonObject(value) && isJsonObject(value.bioimage) ? value.bioimage : undefined
  if (own === undefined) return undefined
  const axes = Array.isArray(own.axes) ? own.axes.map(axisOf) : []
  const channels = Array.isArray(own.channels) ? own.channels.filter((name) => typeof name === 'string') : undefined
  return {
    ...(axes.length === rank && { axes: axes.filter((axis) => axis !== undefined) }),
    ...(channels !== undefined && { channels })
  }
}

const axisTypes = ['space', 'time', 'channel', 'index'] as const

function axisOf(value: unknown): Axis | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, unit, scale, translation } = value
  const type = axisTypes.find((each) => each === value.type)
  if (typeof name !== 'string' || type === undefined) return undefined
  return {
    name,
    type,
    ...(typeof unit === 'string' && { unit }),
    ...(typeof scale === 'number' && { scale }),
    ...(typeof translation === 'number' && { translation })
  }
}

/** Path of a series or a level of one, as `listArrays` gives it and `internalPath` takes it. */
export function pathOf(series: number, level: number): string {
  return level === 0 ? String(series) : `${series}/${level}`
}

function levelsOf(top: Series, number: number, spacings: Readonly<Record<string, Spacing>>): readonly Level[] {
  return [top, ...top.levels].map((level, index) => {
    const scale = [...top.axes].map((axis, at) => (spacings[axis]?.scale ?? 1) * ((top.shape[at] ?? 1) / (level.shape[at] ?? 1)))
    return { internalPath: pathOf(number, index), scale }
  })
}

/** Distance of neighbours along each axis, by its letter. */
async function spacingsOf(series: Series, texts: SeriesTexts, options: ReadOptions): Promise<Readonly<Record<string, Spacing>>> {
  if (texts.image !== undefined) {
    return Object.fromEntries(
      Object.entries(texts.image.physicalSizes).map(([axis, { size, unit }]) => [axis, { scale: size, unit: unitName(unit) }])
    )
  }
  const imagej = texts.descriptions.map(parseImagej).find((parsed) => parsed !== undefined)
  const { ifd } = series.first
  const resolutionUnit = resolutionUnits[(await ifd.number(tags.resolutionUnit, options)) ?? 2]
  const unit = imagej === undefined ? resolutionUnit : unitName(imagej.unit)
  const spacings: Record<string, Spacing> = {}
  if (imagej === undefined && unit === undefined) return spacings
  for (const [axis, tag] of [
    ['X', tags.xResolution],
    ['Y', tags.yResolution]
  ] as const) {
    const resolution = (await ifd.number(tag, options)) ?? 0
    // ImageJ without a unit has a resolution of 1, which says nothing.
    if (Number.isFinite(resolution) && resolution > 0 && (unit !== undefined || resolution !== 1))
      spacings[axis] = { scale: 1 / resolution, unit }
  }
  const spacing = Math.abs(Number(imagej?.spacing))
  if (spacing > 0) spacings.Z = { scale: spacing, unit }
  const interval = Number(imagej?.finterval)
  if (interval > 0) spacings.T = { scale: interval, unit: unitName(imagej?.tunit) ?? 'second' }
  return spacings
}

function channelsOf(series: Series, { image }: SeriesTexts): readonly string[] | undefined {
  const at = series.axes.indexOf('C')
  const names = image?.channels.map(({ name }) => name) ?? []
  return at >= 0 && names.length === series.shape[at] && names.every((name) => name !== undefined)
    ? names.filter((name) => name !== undefined)
    : undefined
}

/** The format's own metadata. */
export async function attributesOf(series: Series, { descriptions, omeXml }: SeriesTexts, options: ReadOptions): Promise<JsonObject> {
  const { ifd } = series.first
  const attrs: { [name: string]: JsonObject[string] } = {}
  const [description] = descriptions
  if (description !== undefined) attrs.imageDescription = description
  if (omeXml !== undefined) attrs.omeXml = omeXml
  const imagej = descriptions.map(parseImagej).find((parsed) => parsed !== undefined)
  if (imagej !== undefined) attrs.imagej = { ...imagej }
  for (const name of ['software', 'dateTime'] as const) {
    const text = ifd.count(tags[name]) > 0 ? await ifd.text(tags[name], options) : undefined
    if (text !== undefined && text !== '') attrs[name] = text
  }
  for (const name of ['photometric', 'compression', 'orientation', 'xResolution', 'yResolution', 'resolutionUnit'] as const) {
    const value = await ifd.number(tags[name], options)
    if (value !== undefined && Number.isFinite(value)) attrs[name] = value
  }
  return attrs
}
