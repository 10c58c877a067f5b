import { type CodecSpec, type DType, isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { parseTypeV2 } from './data-type.js'
import { parseFillValue } from './fill-value.js'
import { checkChunkBytes, checkFormat, checkRank, parseIntegers } from './parse-members.js'

/**
 * Reads a `.zarray` document. (Zarr v2 specification, "Arrays".)
 *
 * @param separator Overrides the separator of chunk keys.
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseArrayV2(document: JsonObject, attributes: JsonObject, separator?: '.' | '/'): ArrayMetadata {
  checkFormat('.zarray', document.zarr_format, 2)
  const shape = parseIntegers('shape', document.shape, 0)
  const chunks = parseIntegers('chunks', document.chunks, 1)
  checkRank('chunks', chunks, shape)
  const { order = 'C', dimension_separator: named, filters = null, compressor = null } = document
  if (order !== 'C' && order !== 'F') throw new SourceError('ERR_CORRUPT_DATA', `\`order\` is "C" or "F", found ${JSON.stringify(order)}`)
  if (named !== undefined && named !== '.' && named !== '/') {
    throw new SourceError('ERR_CORRUPT_DATA', `\`dimension_separator\` is "." or "/", found ${JSON.stringify(named)}`)
  }
  // An object array may still be read if a filter makes numbers of it; none that we know does.
  const { dtype, byteOrder } = parseTypeV2(document.dtype)
  checkChunkBytes(chunks, itemSizeOf(dtype))
  if (filters !== null && !Array.isArray(filters))
    throw new SourceError('ERR_CORRUPT_DATA', `\`filters\` is a list or null, found ${JSON.stringify(filters)}`)
  const steps: readonly Json[] = [...(filters ?? []), ...(compressor === null ? [] : [compressor])]
  const codecs = steps.map((step) => parseCodecV2(step, dtype))
  const axes = shape.map((_, axis) => axis)
  const names = attributes._ARRAY_DIMENSIONS
  const used = separator ?? named ?? '.'
  return {
    zarrFormat: 2,
    shape,
    dtype,
    chunks,
    shardLevels: [],
    axisOrder: order === 'F' ? axes.reverse() : axes,
    byteOrder,
    codecs,
    codecNames: codecs.map((codec) => codec.id),
    fill: parseFillValue(document.fill_value, dtype, 2),
    keyOf: (position) => (position.length === 0 ? '0' : position.join(used)),
    assumedSeparator: named === undefined && separator === undefined,
    attributes,
    dimensionNames:
      Array.isArray(names) && names.length === shape.length && names.every((name) => typeof name === 'string') ? names : undefined
  }
}

const bloscShuffles: Readonly<Record<string, string>> = { '0': 'noshuffle', '1': 'shuffle', '2': 'bitshuffle' }

/** A numcodecs configuration, `{"id": …}`, as ours. */
export function parseCodecV2(step: Json, dtype: DType): CodecSpec {
  if (!isJsonObject(step) || typeof step.id !== 'string')
    throw new SourceError('ERR_CORRUPT_DATA', `a filter or compressor is an object with an \`id\`, found ${JSON.stringify(step)}`)
  const spec: CodecSpec = { ...step, id: step.id }
  if (spec.id !== 'blosc') return spec
  const { shuffle = 1, nthreads: _threads, ...options } = spec
  const itemSize = itemSizeOf(dtype)
  const automatic = itemSize === 1 ? 'bitshuffle' : 'shuffle'
  const named = typeof shuffle === 'string' ? shuffle : shuffle === -1 ? automatic : bloscShuffles[String(shuffle)]
  if (named === undefined)
    throw new SourceError('ERR_CORRUPT_DATA', `\`shuffle\` of blosc is 0, 1, 2 or -1, found ${JSON.stringify(shuffle)}`)
  return { ...options, id: 'blosc', shuffle: named, typesize: typeof options.typesize === 'number' ? options.typesize : itemSize }
}
