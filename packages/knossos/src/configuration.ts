import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { parse as parseToml, TomlError } from 'smol-toml'
import { shareableFields } from './shareable-fields.js'

/** What a configuration says of a data set; everything else is in `attrs`. All lists are along x, y, z. */
export interface Configuration {
  readonly name: string | undefined
  /** Voxels of the finest magnification. */
  readonly extent: readonly number[] | undefined
  /** Nanometers of a voxel, of each magnification in order, finest first. */
  readonly voxelSizes: readonly (readonly number[])[]
  readonly cubeShape: readonly number[] | undefined
  /** Extensions of the cubes, the preferred one first. */
  readonly extensions: readonly string[]
  /** Whether magnifications are numbered 1, 2, 3 instead of 1, 2, 4. */
  readonly isOrdinal: boolean
  readonly attrs: JsonObject
}

export const noConfiguration: Configuration = {
  name: undefined,
  extent: undefined,
  voxelSizes: [],
  cubeShape: undefined,
  extensions: [],
  isOrdinal: false,
  attrs: {}
}

/**
 * Reads a configuration in any of the three languages that there are. Its attributes are the fields that are known to hold no secret: not
 * the addresses, users and passwords of servers.
 *
 * @param fileName Tells the language.
 * @throws ERR_CORRUPT_DATA; ERR_UNSUPPORTED for data sets that are not of cubes.
 */
export function parseConfiguration(fileName: string, text: string): Configuration {
  if (/\.toml$/i.test(fileName)) return fromToml(text)
  return /\.pyk(nossos)?\.conf$/i.test(fileName) ? fromIni(text) : fromConf(text)
}

/** `knossos.conf`: `experiment name "…";`, `boundary x 1024;`. */
function fromConf(text: string): Configuration {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([a-z_]+(?:\s+(?:name|[xyz]))?)\s+"?([^";]*)"?\s*;/i.exec(line) ?? []
    if (key !== undefined && value !== undefined) fields.set(key.replace(/\s+/g, ' ').toLowerCase(), value.trim())
    else if (/^\s*png\s*;/.test(line)) fields.set('png', 'true')
  }
  const triple = (name: string): number[] | undefined => positive(['x', 'y', 'z'].map((axis) => Number(fields.get(`${name} ${axis}`))))
  const scale = triple('scale')
  const ratio = fields.get('compression_ratio')
  const edge = Number(fields.get('cube_edge_length'))
  return {
    name: fields.get('experiment name'),
    extent: triple('boundary'),
    voxelSizes: scale === undefined ? [] : [scale],
    cubeShape: positive([edge, edge, edge]),
    extensions: fields.has('png') ? ['.png'] : ratio === undefined ? [] : extensionsOfRatio(Number(ratio)),
    isOrdinal: false,
    attrs: shareableFields(fields)
  }
}

/** As KNOSSOS takes it: `.6.jp2` is the only extension with a ratio. */
function extensionsOfRatio(ratio: number): string[] {
  if (ratio === 0) return ['.raw']
  if (ratio === 1000) return ['.jpg']
  return [ratio === 6 ? '.6.jp2' : '.j2k']
}

/** PyKnossos: an INI file with a section `[Dataset]`. */
function fromIni(text: string): Configuration {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*(_[A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) fields.set(key, value)
  }
  const numbers = (name: string): number[] =>
    (fields.get(name) ?? '')
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number)
  const scales = numbers('_DataScale')
  const cube = numbers('_CubeSize')
  const baseExtension = fields.get('_BaseExt')
  const typed = ['.raw', undefined, '.png', '.jpg'][Number(fields.get('_FileType') ?? 1)]
  return {
    name: fields.get('_BaseName'),
    extent: positive(numbers('_Extent')),
    voxelSizes: Array.from({ length: Math.floor(scales.length / 3) }, (_, at) => scales.slice(3 * at, 3 * at + 3)),
    cubeShape: positive(cube),
    extensions: baseExtension !== undefined && baseExtension !== '' ? [baseExtension] : typed === undefined ? [] : [typed],
    isOrdinal: fields.get('_ServerFormat') !== 'knossos',
    attrs: shareableFields(fields)
  }
}

/** The TOML of KNOSSOS 5: `[[Layer]]`. The first layer is the image. */
function fromToml(text: string): Configuration {
  let document: unknown
  try {
    document = parseToml(text)
  } catch (error) {
    // The message of the parser shows the line, which may hold a password.
    const where = error instanceof TomlError ? `: line ${error.line}, column ${error.column} cannot be read` : ''
    throw new SourceError('ERR_CORRUPT_DATA', `the configuration is no TOML${where}`)
  }
  const layers = isJsonObject(document) ? document.Layer : undefined
  const layer: Json | undefined = Array.isArray(layers) ? layers[0] : undefined
  if (!isJsonObject(layer)) throw new SourceError('ERR_CORRUPT_DATA', 'the configuration has no [[Layer]]')
  const format = layer.ServerFormat
  if (format !== undefined && format !== 'knossos' && format !== 'pyknossos') {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `the data set has the server format ${JSON.stringify(format)}, which is no folder of cubes; open it by its own package`
    )
  }
  const sizes = Array.isArray(layer.VoxelSize_nm) ? layer.VoxelSize_nm : []
  return {
    name: typeof layer.Name === 'string' ? layer.Name : undefined,
    extent: positive(numbersOf(layer.Extent_px)),
    voxelSizes: sizes.map(numbersOf).filter((size) => size.length === 3),
    cubeShape: positive(numbersOf(layer.CubeShape_px)),
    extensions: Array.isArray(layer.FileExtension) ? layer.FileExtension.filter((item: Json) => typeof item === 'string') : [],
    isOrdinal: format === 'pyknossos',
    attrs: shareableFields(Object.entries(layer))
  }
}

function numbersOf(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.filter((item: Json): item is number => typeof item === 'number') : []
}

/** Three numbers above 0, else `undefined`. */
function positive(values: readonly number[]): number[] | undefined {
  return values.length === 3 && values.every((value) => Number.isFinite(value) && value > 0) ? [...values] : undefined
}
