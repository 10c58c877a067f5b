import { type DType, isJsonObject, type Json, SourceError } from '@bioimage/core'
import { componentSizeOf, isDType } from '@bioimage/core/backend'

/** An element type as Zarr stores it. */
export interface StoredType {
  readonly dtype: DType
  readonly byteOrder: 'little' | 'big'
}

const v2Kinds: Readonly<Record<string, DType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128'
}

/**
 * A v2 `dtype` such as `"<u2"`.
 *
 * @throws ERR_UNSUPPORTED naming a type without numbers, ERR_CORRUPT_DATA for what is no type.
 */
export function parseTypeV2(dtype: Json | undefined): StoredType {
  if (Array.isArray(dtype)) throw new SourceError('ERR_UNSUPPORTED', `structured dtypes are not supported: ${JSON.stringify(dtype)}`)
  const [, order, kind] = /^([<>|=])?([a-zA-Z]\d*)/.exec(typeof dtype === 'string' ? dtype : '') ?? []
  if (kind === undefined) throw new SourceError('ERR_CORRUPT_DATA', `\`dtype\` is not a type: ${JSON.stringify(dtype)}`)
  const name = Object.hasOwn(v2Kinds, kind) ? v2Kinds[kind] : undefined
  if (name === undefined || dtype !== `${order ?? ''}${kind}`)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `dtype ${JSON.stringify(dtype)} is not supported: only bool, integers, floats and complex numbers are`
    )
  return { dtype: name, byteOrder: order === '>' ? 'big' : 'little' }
}

/** The v2 name of a dtype, in little-endian order. */
export function formatTypeV2(dtype: DType): string {
  const kind = Object.keys(v2Kinds).find((kind) => v2Kinds[kind] === dtype) ?? ''
  return `${componentSizeOf(dtype) === 1 ? '|' : '<'}${kind}`
}

/**
 * A v3 `data_type`: a name, or an object with one. Its byte order is the `bytes` codec's matter.
 *
 * @throws ERR_UNSUPPORTED naming the type, ERR_CORRUPT_DATA for what is no type.
 */
export function parseTypeV3(dataType: Json | undefined): DType {
  const name = isJsonObject(dataType) ? dataType.name : dataType
  if (typeof name !== 'string') throw new SourceError('ERR_CORRUPT_DATA', `\`data_type\` is not a type: ${JSON.stringify(dataType)}`)
  if (isDType(name)) return name
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `data type ${JSON.stringify(name)} is not supported: only bool, integers, floats and complex numbers are`
  )
}
