import { type DType, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { checkChunkBytes, checkRank, isDType, itemSizeOf, parseIntegers } from '@bioimage/core/backend'
import { type Compression, parseCompression } from './compression.js'

/** Members of `attributes.json` that describe the data set; all others are the user's. */
const members: ReadonlySet<string> = new Set(['dimensions', 'blockSize', 'dataType', 'compression', 'compressionType'])

const unstorable: ReadonlySet<DType> = new Set(['bool', 'float16', 'complex64', 'complex128'])

/** Newest version of the format whose ordinary data sets are read. */
const newestMajor = 4

/** What `attributes.json` says of a data set, in our order of axes: the reverse of the document's. */
export interface DataSet {
  readonly shape: readonly number[]
  readonly blockSize: readonly number[]
  readonly dtype: DType
  readonly compression: Compression
  /** The user's attributes, as stored. */
  readonly attributes: JsonObject
}

/** Whether a document describes a data set; else it is that of a group. */
export function isDataSet(document: JsonObject): boolean {
  return Object.hasOwn(document, 'dimensions')
}

/**
 * Reads the document of a data set. (N5 specification, "File-system specification".)
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseDataSet(document: JsonObject): DataSet {
  if (document.codecs !== undefined) throw new SourceError('ERR_UNSUPPORTED', '`codecs`, the shards of N5 version 4, are not supported')
  if (document.isLabelMultiset === true)
    throw new SourceError('ERR_UNSUPPORTED', 'the data set holds label multisets, of which no single value per voxel can be given')
  const dimensions = parseIntegers('dimensions', document.dimensions, 0)
  const blockSize = parseIntegers('blockSize', document.blockSize, 1)
  checkRank('blockSize', blockSize, dimensions, 'dimensions')
  if (dimensions.length === 0) throw new SourceError('ERR_CORRUPT_DATA', '`dimensions` is empty: a data set has at least one axis')
  const dtype = parseDataType(document.dataType)
  const itemSize = itemSizeOf(dtype)
  checkChunkBytes(
    blockSize.map((length, axis) => Math.min(length, dimensions[axis] ?? 1)),
    itemSize
  )
  return {
    shape: dimensions.toReversed(),
    blockSize: blockSize.toReversed(),
    dtype,
    compression: parseCompression(document.compression, document.compressionType, itemSize),
    attributes: Object.fromEntries(Object.entries(document).filter(([name]) => !members.has(name)))
  }
}

/**
 * The document of a data set, its own members first.
 *
 * @throws ERR_INVALID_ARGUMENT if an attribute has the name of such a member; ERR_UNSUPPORTED for a dtype that N5 does not have.
 */
export function formatDataSet({ shape, blockSize, dtype, compression, attributes }: DataSet): JsonObject {
  const taken = Object.keys(attributes).find((name) => members.has(name))
  if (taken !== undefined)
    throw new SourceError('ERR_INVALID_ARGUMENT', `the attribute ${JSON.stringify(taken)} is a member of the format itself`)
  if (unstorable.has(dtype)) throw new SourceError('ERR_UNSUPPORTED', `N5 has no ${dtype}; it has (u)int8 to 64, float32 and float64`)
  return {
    dimensions: shape.toReversed(),
    blockSize: blockSize.toReversed(),
    dataType: dtype,
    compression: compression.document,
    ...attributes
  }
}

/**
 * Checks the version of a container. Containers without one exist: they are taken as they are.
 *
 * @throws ERR_UNSUPPORTED for a version newer than the format that is read here, ERR_CORRUPT_DATA for what is no version.
 */
export function checkVersion(root: JsonObject | undefined): void {
  const version = root?.n5
  if (version === undefined || version === null) return
  const major = typeof version === 'string' ? /^\s*(\d+)(?:\.|$)/.exec(version)?.[1] : undefined
  if (major === undefined)
    throw new SourceError('ERR_CORRUPT_DATA', `\`n5\` is a version such as "2.0.0", found ${JSON.stringify(version).slice(0, 80)}`)
  if (Number(major) > newestMajor)
    throw new SourceError('ERR_UNSUPPORTED', `the container is of N5 version ${version}; supported are versions up to ${newestMajor}`)
}

function parseDataType(dataType: Json | undefined): DType {
  if (typeof dataType !== 'string')
    throw new SourceError('ERR_CORRUPT_DATA', `\`dataType\` is a name such as "uint16", found ${JSON.stringify(dataType)?.slice(0, 80)}`)
  if (isDType(dataType) && !unstorable.has(dataType)) return dataType
  throw new SourceError('ERR_UNSUPPORTED', `dataType ${JSON.stringify(dataType)} is not supported: only integers and floats are`)
}
