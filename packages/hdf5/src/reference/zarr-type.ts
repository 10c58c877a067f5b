import type { DType } from '@bioimage/core'
import { componentSizeOf, isDType } from '@bioimage/core/backend'
import { corrupt, unsupported } from '../structure/structure-reader.js'

/** Names of dtypes in Zarr v2, without the byte order. */
const kinds: Readonly<Record<DType, string>> = {
  bool: 'b1',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  complex64: 'c8',
  complex128: 'c16'
}

const dtypeOfKind: ReadonlyMap<string, string> = new Map(Object.entries(kinds).map(([dtype, kind]) => [kind, dtype]))

/** A dtype as Zarr v2 writes it, such as `<u2`. */
export function formatZarrType(dtype: DType, byteOrder: 'little' | 'big'): string {
  return `${componentSizeOf(dtype) === 1 ? '|' : byteOrder === 'big' ? '>' : '<'}${kinds[dtype]}`
}

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED */
export function parseZarrType(text: unknown): { readonly dtype: DType; readonly byteOrder: 'little' | 'big' } {
  const [, order, kind] = /^([<>|])([a-zA-Z]\d*)$/.exec(typeof text === 'string' ? text : '') ?? []
  if (kind === undefined) throw corrupt(`\`dtype\` of the reference is no type: ${JSON.stringify(text)}`)
  const dtype = dtypeOfKind.get(kind)
  if (dtype === undefined || !isDType(dtype)) throw unsupported(`elements of type ${JSON.stringify(text)} are not read`)
  return { dtype, byteOrder: order === '>' ? 'big' : 'little' }
}
