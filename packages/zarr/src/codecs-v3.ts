import { describeCodec } from '@bioimage/codecs'
import { type CodecSpec, type DType, isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { checkRank, componentSizeOf, isDType, itemSizeOf, parseIntegers, parseObject } from '@bioimage/core/backend'
import type { ShardLevel } from './array-metadata.js'
import { parseTypeV2 } from './data-type.js'
import { parseCodecV2 } from './metadata-v2.js'

/** A named configuration: `{"name": …, "configuration": …}`, or its name alone. */
export interface Extension {
  readonly name: string
  readonly configuration: JsonObject
}

/** What a v3 `codecs` list says of a chunk. Members as in `ArrayMetadata`. */
export interface ParsedCodecs {
  readonly chunks: readonly number[]
  readonly shardLevels: readonly ShardLevel[]
  readonly axisOrder: readonly number[]
  readonly byteOrder: 'little' | 'big'
  readonly codecs: readonly CodecSpec[]
  readonly names: readonly string[]
}

/** @throws ERR_CORRUPT_DATA unless the value is a named configuration. */
export function parseExtension(member: string, value: Json | undefined): Extension {
  if (typeof value === 'string') return { name: value, configuration: {} }
  if (isJsonObject(value) && typeof value.name === 'string' && (value.configuration === undefined || isJsonObject(value.configuration))) {
    return { name: value.name, configuration: value.configuration ?? {} }
  }
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `\`${member}\` is a name or an object with a \`name\`, found ${JSON.stringify(value)?.slice(0, 200)}`
  )
}

/**
 * Reads a `codecs` list: array-to-array codecs, exactly one array-to-bytes codec, bytes-to-bytes codecs. (Zarr v3, "Codecs".)
 *
 * @param shape Shape of the pieces that the list encodes, along the axes of the array.
 * @param axes Axis of the array for each axis of such a piece: not the identity inside a transposed shard.
 * @throws ERR_CORRUPT_DATA for a wrong order or configuration, ERR_UNSUPPORTED naming an unknown codec.
 */
export function parseCodecs(
  list: Json | undefined,
  shape: readonly number[],
  dtype: DType,
  axes: readonly number[] = shape.map((_, axis) => axis)
): ParsedCodecs {
  if (!Array.isArray(list)) throw new SourceError('ERR_CORRUPT_DATA', `\`codecs\` is a list, found ${JSON.stringify(list)}`)
  const extensions = list.map((item: Json) => parseExtension('codecs', item))
  const names = extensions.map(({ name }) => name)
  /** Axes of the array in the order in which the current step sees them, and in which the first filter does. */
  let order = axes
  let leading = axes
  const before: CodecSpec[] = []
  let encoded:
    | { readonly leaf: true; readonly endian: 'little' | 'big' }
    | { readonly leaf: false; readonly level: Omit<ShardLevel, 'outerCodecs'>; readonly inner: ParsedCodecs }
    | undefined
  const after: CodecSpec[] = []
  let current = { dtype, itemSize: itemSizeOf(dtype), componentSize: componentSizeOf(dtype) }

  for (const { name, configuration } of extensions) {
    const id = name.replace(/^numcodecs\./, '')
    const kind = describeCodec(name)?.kind
    if (name === 'bytes' || name === 'sharding_indexed') {
      if (encoded !== undefined) throw new SourceError('ERR_CORRUPT_DATA', `\`codecs\` has two array-to-bytes codecs: ${names.join(', ')}`)
      if (name === 'bytes') encoded = { leaf: true, endian: parseEndian(configuration, current.componentSize) }
      else {
        if (before.length > 0) throw new SourceError('ERR_UNSUPPORTED', `codec ${before[0]?.id} before sharding_indexed is not supported`)
        encoded = parseSharding(configuration, shape, dtype, order)
      }
    } else if (kind === 'array-to-array') {
      if (encoded !== undefined) throw new SourceError('ERR_CORRUPT_DATA', `\`codecs\` has ${name} after an array-to-bytes codec`)
      if (id === 'transpose') {
        const permutation = parseOrder(configuration.order, shape.length)
        if (before.length > 0) before.push({ id, order: permutation, shape: order.map((axis) => shape[axis] ?? 1) })
        order = permutation.map((axis) => order[axis] ?? 0)
        if (before.length === 0) leading = order
      } else {
        before.push(parseFilter(id, configuration, dtype))
        current = typeAfter(id, configuration, current)
      }
    } else if (kind === 'bytes-to-bytes') {
      if (encoded === undefined) throw new SourceError('ERR_CORRUPT_DATA', `\`codecs\` has ${name} before an array-to-bytes codec`)
      after.push(parseCodecV2({ ...configuration, id }, dtype))
    } else
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `codec ${JSON.stringify(name)} is not supported; others join by registerCodec() of @bioimage/codecs`
      )
  }
  if (encoded === undefined)
    throw new SourceError('ERR_CORRUPT_DATA', `\`codecs\` has no array-to-bytes codec such as "bytes"; found ${names.join(', ') || 'none'}`)
  if (!encoded.leaf) {
    const { level, inner } = encoded
    return { ...inner, shardLevels: [{ ...level, outerCodecs: after }, ...inner.shardLevels], names: [...names, ...inner.names] }
  }
  const layout = { chunks: shape, shardLevels: [], axisOrder: leading, names }
  if (before.length === 0) return { ...layout, byteOrder: encoded.endian, codecs: after }
  const bytes: CodecSpec = { id: 'bytes', endian: encoded.endian, itemSize: current.componentSize }
  return { ...layout, byteOrder: 'little', codecs: [...before, bytes, ...after] }
}

/** (Zarr v3, "sharding_indexed" version 1.0.) */
function parseSharding(
  configuration: JsonObject,
  shape: readonly number[],
  dtype: DType,
  axisOrder: readonly number[]
): { leaf: false; level: Omit<ShardLevel, 'outerCodecs'>; inner: ParsedCodecs } {
  const stored = parseIntegers('chunk_shape of sharding_indexed', configuration.chunk_shape, 1)
  checkRank('chunk_shape of sharding_indexed', stored, shape)
  const innerShape = new Array<number>(shape.length)
  for (const [at, axis] of axisOrder.entries()) innerShape[axis] = stored[at] ?? 1
  if (innerShape.some((length, axis) => (shape[axis] ?? 0) % length !== 0)) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `inner chunks of shape [${innerShape.join(', ')}] do not divide the shard [${shape.join(', ')}]`
    )
  }
  const { index_location: indexLocation = 'end' } = configuration
  if (indexLocation !== 'start' && indexLocation !== 'end') {
    throw new SourceError('ERR_CORRUPT_DATA', `\`index_location\` is "start" or "end", found ${JSON.stringify(indexLocation)}`)
  }
  const inner = parseCodecs(configuration.codecs, innerShape, dtype, axisOrder)
  const index = parseCodecs(
    configuration.index_codecs ?? [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }],
    [1],
    'uint64'
  )
  const variable = index.codecs.find((codec) => codec.id !== 'crc32c')
  if (variable !== undefined || index.shardLevels.length > 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `codec ${variable?.id ?? 'sharding_indexed'} in \`index_codecs\` is not supported: the size of an index must be known`
    )
  }
  const swap: CodecSpec[] = index.byteOrder === 'big' ? [{ id: 'bytes', endian: 'big', itemSize: 8 }] : []
  return { leaf: false, level: { shape, innerShape, axisOrder, indexLocation, indexCodecs: [...swap, ...index.codecs] }, inner }
}

function parseEndian(configuration: JsonObject, componentSize: number): 'little' | 'big' {
  const { endian } = configuration
  if (endian === 'little' || endian === 'big') return endian
  if ((endian === undefined || endian === null) && componentSize === 1) return 'little'
  throw new SourceError('ERR_CORRUPT_DATA', `\`endian\` of the codec "bytes" is "little" or "big", found ${JSON.stringify(endian)}`)
}

/** A permutation; old files have `"C"` and `"F"` for the identity and the reversal. */
function parseOrder(order: Json | undefined, rank: number): readonly number[] {
  const identity = Array.from({ length: rank }, (_, axis) => axis)
  if (order === 'C') return identity
  if (order === 'F') return identity.reverse()
  const permutation = parseIntegers('order of transpose', order, 0)
  if (permutation.length !== rank || identity.some((axis) => !permutation.includes(axis))) {
    throw new SourceError('ERR_CORRUPT_DATA', `\`order\` of transpose is a permutation of ${rank} axes, found ${JSON.stringify(order)}`)
  }
  return permutation
}

function parseFilter(id: string, configuration: JsonObject, dtype: DType): CodecSpec {
  const spec = parseObject('configuration', configuration)
  return { ...spec, id, ...(id === 'bitround' && spec.dtype === undefined && { dtype }) }
}

interface CurrentType {
  readonly dtype: DType
  readonly itemSize: number
  readonly componentSize: number
}

/** Some filters store another type than they are given. */
function typeAfter(id: string, configuration: JsonObject, current: CurrentType): CurrentType {
  if (id === 'packbits') return { dtype: 'uint8', itemSize: 1, componentSize: 1 }
  const stored = id === 'astype' ? configuration.encode_dtype : (configuration.astype ?? configuration.dtype)
  if (stored === undefined) return current
  const dtype = isDType(stored) ? stored : parseTypeV2(stored).dtype
  return { dtype, itemSize: itemSizeOf(dtype), componentSize: componentSizeOf(dtype) }
}
