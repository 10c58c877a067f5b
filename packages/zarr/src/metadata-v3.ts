import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { parseCodecs, parseExtension } from './codecs-v3.js'
import { parseTypeV3 } from './data-type.js'
import { parseFillValue } from './fill-value.js'
import { checkChunkBytes, checkFormat, checkRank, parseIntegers, parseObject } from './parse-members.js'

const arrayMembers: ReadonlySet<string> = new Set([
  'zarr_format',
  'node_type',
  'shape',
  'data_type',
  'chunk_grid',
  'chunk_key_encoding',
  'fill_value',
  'codecs',
  'attributes',
  'dimension_names',
  'storage_transformers'
])

/** What a `zarr.json` describes. */
export type NodeV3 =
  | { readonly type: 'array'; readonly array: ArrayMetadata }
  | { readonly type: 'group'; readonly attributes: JsonObject; readonly consolidated: JsonObject | undefined }

/**
 * Reads a `zarr.json` document. (Zarr v3.1 core specification, "Metadata".)
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseNodeV3(document: JsonObject): NodeV3 {
  checkFormat('zarr.json', document.zarr_format, 3)
  const attributes = document.attributes === undefined ? {} : parseObject('attributes', document.attributes)
  if (document.node_type === 'group') return { type: 'group', attributes, consolidated: consolidatedOf(document) }
  if (document.node_type !== 'array')
    throw new SourceError('ERR_CORRUPT_DATA', `\`node_type\` is "array" or "group", found ${JSON.stringify(document.node_type)}`)
  return { type: 'array', array: parseArrayV3(document, attributes) }
}

function parseArrayV3(document: JsonObject, attributes: JsonObject): ArrayMetadata {
  refuseUnknownMembers(document)
  const shape = parseIntegers('shape', document.shape, 0)
  const grid = parseExtension('chunk_grid', document.chunk_grid)
  if (grid.name !== 'regular') throw new SourceError('ERR_UNSUPPORTED', `chunk grid ${JSON.stringify(grid.name)} is not supported`)
  const outer = parseIntegers('chunk_shape', grid.configuration.chunk_shape, 1)
  checkRank('chunk_shape', outer, shape)
  const dtype = parseTypeV3(document.data_type)
  checkChunkBytes(outer, itemSizeOf(dtype))
  const { chunks, shardLevels, axisOrder, byteOrder, codecs, names } = parseCodecs(document.codecs, outer, dtype)
  return {
    zarrFormat: 3,
    shape,
    dtype,
    chunks,
    shardLevels,
    axisOrder,
    byteOrder,
    codecs,
    codecNames: names,
    fill: parseFillValue(document.fill_value, dtype, 3),
    keyOf: parseKeyEncoding(document.chunk_key_encoding),
    assumedSeparator: false,
    attributes,
    dimensionNames: parseDimensionNames(document.dimension_names, shape)
  }
}

/** A reader must fail on a member it does not know, unless that says otherwise. (Zarr v3, "Extension points".) */
function refuseUnknownMembers(document: JsonObject): void {
  for (const [name, value] of Object.entries(document)) {
    if (arrayMembers.has(name) || (isJsonObject(value) && value.must_understand === false)) continue
    throw new SourceError('ERR_UNSUPPORTED', `member ${JSON.stringify(name)} of the array is not known and must be understood`)
  }
  const { storage_transformers: transformers = [] } = document
  if (!Array.isArray(transformers)) throw new SourceError('ERR_CORRUPT_DATA', '`storage_transformers` is a list')
  const [first] = transformers
  if (first !== undefined)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `storage transformer ${JSON.stringify(parseExtension('storage_transformers', first).name)} is not supported`
    )
}

function parseKeyEncoding(value: Json | undefined): (position: readonly number[]) => string {
  const { name, configuration } = parseExtension('chunk_key_encoding', value)
  const { separator = name === 'v2' ? '.' : '/' } = configuration
  if (separator !== '.' && separator !== '/')
    throw new SourceError('ERR_CORRUPT_DATA', `\`separator\` of chunk keys is "." or "/", found ${JSON.stringify(separator)}`)
  if (name === 'default') return (position) => ['c', ...position].join(separator)
  if (name === 'v2') return (position) => (position.length === 0 ? '0' : position.join(separator))
  throw new SourceError('ERR_UNSUPPORTED', `chunk key encoding ${JSON.stringify(name)} is not supported`)
}

function parseDimensionNames(value: Json | undefined, shape: readonly number[]): readonly (string | null)[] | undefined {
  // zarr-python 3.0 wrote null where there are no names.
  if (value === undefined || value === null) return undefined
  const names: (string | null)[] = []
  for (const name of Array.isArray(value) ? value : [0]) {
    if (typeof name !== 'string' && name !== null)
      throw new SourceError('ERR_CORRUPT_DATA', `\`dimension_names\` is a list of names or null, found ${JSON.stringify(value)}`)
    names.push(name)
  }
  checkRank('dimension_names', names, shape)
  return names
}

function consolidatedOf(document: JsonObject): JsonObject | undefined {
  const consolidated = document.consolidated_metadata
  return isJsonObject(consolidated) && consolidated.kind === 'inline' && isJsonObject(consolidated.metadata)
    ? consolidated.metadata
    : undefined
}
