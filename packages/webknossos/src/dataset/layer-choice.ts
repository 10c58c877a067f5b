import { type JsonObject, SourceError } from '@bioimage/core'
import type { Layer, LayerMag } from './layer.js'
import { equalMags, type Mag, magOption, parseMag, shortName } from './mag.js'
import type { DatasetProperties } from './properties.js'
import { boxOfMag, type MagBox } from './region.js'

/** What a caller chooses of a dataset. */
export interface Choice {
  readonly layer: Layer
  readonly mag: LayerMag
  /** The voxels to show. */
  readonly box: MagBox
  /** The channel to show, where the layer has several and one is chosen. */
  readonly channel: number | undefined
  /** Positions along additional axes, by their names. */
  readonly coordinates: Readonly<Record<string, number>>
}

/** What names a layer and magnification: options, or a path `layer/mag`. */
export interface ChoiceRequest {
  readonly internalPath: string | undefined
  readonly params: JsonObject
  /** Of the dataset, for messages. */
  readonly where: string
}

/**
 * Finds what is asked for. The finest magnification is taken where none is named; a layer must be named where there are several.
 *
 * @param stored The layer as its array is stored, where that is known better.
 * @throws ERR_NOT_FOUND (listing the choices), ERR_ARRAY_NOT_CHOSEN, ERR_INVALID_ARGUMENT, ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function chooseLayer(properties: DatasetProperties, request: ChoiceRequest, stored?: Layer): Choice {
  const { params, where } = request
  const names = namedPath(request)
  const layerName = names.layer ?? onlyLayer(properties, where)
  const layer = stored ?? properties.layer(layerName)
  if (layer === undefined) {
    const known = properties.layerNames.map((name) => JSON.stringify(name)).join(', ') || 'none'
    throw notFound(`${where}: the layer ${JSON.stringify(layerName)} is not available; choose one of ${known}`)
  }
  const mag = chooseMag(layer, names.mag, where)
  return {
    layer,
    mag,
    box: chooseBox(layer, mag.mag, params),
    channel: chooseChannel(layer, params),
    coordinates: chooseCoordinates(layer, params)
  }
}

function namedPath({ internalPath, params, where }: ChoiceRequest): { readonly layer: string | undefined; readonly mag: Mag | undefined } {
  const { layerName, mag } = params
  const option = mag === undefined ? undefined : magOption(mag)
  const layerOption = typeof layerName === 'string' ? layerName : undefined
  if (internalPath === undefined || internalPath === '') return { layer: layerOption, mag: option }
  const [layer, magName, ...others] = internalPath.split('/')
  const named = magName === undefined ? undefined : parseMag(magName)
  if (others.length > 0 || (magName !== undefined && named === undefined))
    throw notFound(`${where}: ${JSON.stringify(internalPath)} is no array; name one as LAYER/MAG, such as color/2-2-1`)
  if ((layerOption !== undefined && layerOption !== layer) || (option !== undefined && named !== undefined && !equalMags(option, named)))
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `\`internalPath\` ${JSON.stringify(internalPath)} names another array than \`layerName\` and \`mag\``
    )
  return { layer, mag: named ?? option }
}

function onlyLayer(properties: DatasetProperties, where: string): string {
  const [only, ...others] = properties.layerNames
  if (only !== undefined && others.length === 0) return only
  const known = properties.layerNames.map((name) => JSON.stringify(name)).join(', ') || 'none'
  throw new SourceError('ERR_ARRAY_NOT_CHOSEN', `${where} has several layers; choose one by \`layerName\`: ${known}`)
}

function chooseMag(layer: Layer, wanted: Mag | undefined, where: string): LayerMag {
  const found = wanted === undefined ? layer.mags[0] : layer.mags.find(({ mag }) => equalMags(mag, wanted))
  if (found !== undefined) return found
  const known = layer.mags.map(({ mag }) => shortName(mag)).join(', ') || 'none'
  const asked = wanted === undefined ? 'has no magnification' : `has no magnification ${shortName(wanted)}`
  throw notFound(`${where}: layer ${JSON.stringify(layer.name)} ${asked}; choose one of ${known}`)
}

/** `offset` and `size` are voxels of Mag(1), x, y, z, and whole voxels of the magnification. */
function chooseBox(layer: Layer, mag: Mag, params: JsonObject): MagBox {
  const whole = boxOfMag(layer.box, mag)
  const start = vector('offset', params.offset)?.map((at, axis) => divide('offset', at, mag, axis)) ?? whole.start
  const shape =
    vector('size', params.size)?.map((length, axis) => divide('size', length, mag, axis)) ??
    start.map((at, axis) => (whole.start[axis] ?? 0) + (whole.shape[axis] ?? 0) - at)
  if (shape.every((length) => length >= 0)) return { start, shape }
  throw new SourceError('ERR_INVALID_ARGUMENT', 'the region that `offset` and `size` name has a negative extent')
}

function vector(name: string, value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined
  const numbers = Array.isArray(value) ? value.filter((item: unknown): item is number => Number.isSafeInteger(item)) : []
  if (numbers.length === 3) return numbers
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `\`${name}\` is a list of three integers (x, y, z), found ${JSON.stringify(value)?.slice(0, 80)}`
  )
}

function divide(name: string, value: number, mag: Mag, axis: number): number {
  const factor = mag[axis] ?? 1
  if (value % factor === 0) return value / factor
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `\`${name}\` is ${value} along ${'xyz'.charAt(axis)}, which is no multiple of the magnification ${shortName(mag)}`
  )
}

function chooseChannel(layer: Layer, { channel }: JsonObject): number | undefined {
  if (channel === undefined) return undefined
  if (typeof channel === 'number' && Number.isInteger(channel) && channel >= 0 && channel < layer.channels) return channel
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `layer ${JSON.stringify(layer.name)} has ${layer.channels} channels, counted from 0; found \`channel\` ${JSON.stringify(channel)}`
  )
}

function chooseCoordinates(layer: Layer, { additionalCoordinates }: JsonObject): Readonly<Record<string, number>> {
  const chosen: Record<string, number> = {}
  if (additionalCoordinates === undefined || additionalCoordinates === null || typeof additionalCoordinates !== 'object') return chosen
  for (const [name, value] of Object.entries(additionalCoordinates)) {
    const [low = 0, high = 0] = layer.additionalAxes.find((axis) => axis.name === name)?.bounds ?? []
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value >= high) {
      const known =
        layer.additionalAxes.map(({ name, bounds: [low = 0, high = 0] }) => `${name} from ${low} to ${high - 1}`).join(', ') || 'none'
      throw new SourceError(
        'ERR_INVALID_ARGUMENT',
        `\`additionalCoordinates\` places ${name} at ${JSON.stringify(value)}; the layer has ${known}`
      )
    }
    chosen[name] = value
  }
  return chosen
}

function notFound(message: string): SourceError {
  return new SourceError('ERR_NOT_FOUND', message, { kind: 'webknossos' })
}
