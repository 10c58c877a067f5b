import { type DType, type ErrorCode, type NdArray, zeros } from '@bioimage/core'
import { createData, itemSizeOf, sizeOf } from '@bioimage/core/backend'

/** Something that `set` must refuse. */
export interface RefusedValue {
  readonly what: string
  readonly value: unknown
  readonly codes: readonly ErrorCode[]
}

/** Values that do not fit a region of this shape in an array of this dtype. */
export function refusedValues(shape: readonly number[], dtype: DType): RefusedValue[] {
  const other: DType = dtype === 'int16' ? 'int32' : 'int16'
  const longer = [...shape.slice(0, -1), (shape.at(-1) ?? 0) + 1]
  const outside: NdArray = { ...zeros(shape, dtype), offset: 1 }
  return [
    { what: `an array of ${other}`, value: zeros(shape, other), codes: ['ERR_DTYPE_MISMATCH'] },
    { what: `a typed array of ${other}`, value: createData(other, sizeOf(shape)), codes: ['ERR_DTYPE_MISMATCH'] },
    { what: 'an array of another shape', value: zeros(longer, dtype), codes: ['ERR_SHAPE_MISMATCH'] },
    {
      what: 'an array of one element, which numpy would repeat',
      value: zeros(
        shape.map(() => 1),
        dtype
      ),
      codes: ['ERR_SHAPE_MISMATCH']
    },
    { what: 'an array of other axes', value: zeros([sizeOf(shape)], dtype), codes: ['ERR_SHAPE_MISMATCH'] },
    { what: 'a typed array that is too long', value: createData(dtype, sizeOf(shape) + 1), codes: ['ERR_SHAPE_MISMATCH'] },
    { what: 'a typed array that is too short', value: createData(dtype, sizeOf(shape) - 1), codes: ['ERR_SHAPE_MISMATCH'] },
    { what: 'an array whose strides leave its data', value: outside, codes: ['ERR_SHAPE_MISMATCH'] },
    ...refusedScalars(dtype).map((value) => ({ what: `the scalar ${showScalar(value)}`, value, codes: ['ERR_DTYPE_MISMATCH'] as const }))
  ]
}

/** Scalars that the dtype does not hold as they are. */
function refusedScalars(dtype: DType): unknown[] {
  if (dtype === 'bool') return [1, 2, 'true']
  if (dtype === 'complex64' || dtype === 'complex128') return [1, [1], [1, 2, 3], ['1', '2']]
  if (dtype.startsWith('float')) return ['1', true, 1n]
  const bits = BigInt(8 * itemSizeOf(dtype))
  const signed = dtype.startsWith('int')
  const [least, most] = signed ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n]
  const outside = bits === 64n ? [least - 1n, most + 1n, 2 ** 70] : [Number(least - 1n), Number(most + 1n)]
  return [...outside, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1', true]
}

function showScalar(value: unknown): string {
  return `${typeof value} ${String(value)}`
}
