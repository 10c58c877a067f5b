import { createData, type DataOf, type DType, dtypeOfBareData, dtypeOfData, isDType, itemSizeOf } from './dtype.js'
import { SourceError } from './errors.js'
import { Float16View } from './float16.js'

/**
 * A dense array in memory. `stride` counts elements; element `[i, j]` is number `offset + i * stride[0] + j * stride[1]` of
 * `data`. Reads give C order with offset 0. The chunks of zarrita and scijs `ndarray` objects have the same members.
 */
export interface NdArray<D extends DType = DType> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly stride: readonly number[]
  /** Element of `data` at which the array starts. Defaults to 0. */
  readonly offset?: number | undefined
  readonly data: DataOf<D>
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** Strides, in elements, of a C-ordered array (last axis fastest). */
export function contiguousStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step
    step *= shape[axis] ?? 1
  }
  return stride
}

/** Whether the elements lie in C order without gaps. */
export function isContiguous(array: { readonly shape: readonly number[]; readonly stride: readonly number[] }): boolean {
  let step = 1
  for (let axis = array.shape.length - 1; axis >= 0; axis--) {
    const length = array.shape[axis] ?? 1
    if (length > 1 && array.stride[axis] !== step) return false
    step *= length
  }
  return true
}

/**
 * A new array of zeros in C order.
 *
 * @throws ERR_TOO_LARGE when the runtime cannot allocate it.
 */
export function allocateArray<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
  return { dtype, shape: [...shape], stride: contiguousStride(shape), data: createData(dtype, sizeOf(shape)) }
}

/** Whether a value has the members of an NdArray, with a dtype of this library. */
export function isNdArray(value: unknown): value is NdArray {
  return (
    typeof value === 'object' &&
    value !== null &&
    'dtype' in value &&
    isDType(value.dtype) &&
    'shape' in value &&
    Array.isArray(value.shape) &&
    'stride' in value &&
    Array.isArray(value.stride) &&
    'data' in value &&
    (ArrayBuffer.isView(value.data) || value.data instanceof Float16View)
  )
}

/**
 * Checks an array that a caller made: its data must be of its dtype, and its strides must stay inside them.
 *
 * @param name What the array is, for the message.
 * @throws ERR_DTYPE_MISMATCH, ERR_SHAPE_MISMATCH
 */
export function checkArray(array: NdArray, name: string): void {
  const found = dtypeOfData(array.data)
  if (found !== dtypeOfBareData(array.dtype)) {
    throw new SourceError('ERR_DTYPE_MISMATCH', `\`${name}\` says it is ${array.dtype}, but its data is ${found}`)
  }
  const { shape, stride, offset: start = 0 } = array
  if (![start, ...shape, ...stride].every(Number.isSafeInteger) || stride.length !== shape.length || shape.some((length) => length < 0)) {
    throw new SourceError(
      'ERR_SHAPE_MISMATCH',
      `\`${name}\` has the shape [${shape.join(', ')}], strides [${stride.join(', ')}] and offset ${start}; expected as many integers of each`
    )
  }
  if (shape.includes(0)) return
  const reaches = shape.map((length, axis) => (length - 1) * (stride[axis] ?? 0))
  const first = reaches.reduce((sum, reach) => sum + Math.min(0, reach), start)
  const last = reaches.reduce((sum, reach) => sum + Math.max(0, reach), start)
  const length = Math.floor(array.data.byteLength / itemSizeOf(array.dtype))
  if (first >= 0 && last < length) return
  throw new SourceError('ERR_SHAPE_MISMATCH', `the strides of \`${name}\` reach elements ${first} to ${last}, but its data has ${length}`)
}
