import {
  createData,
  type DataOf,
  type DType,
  dtypeOfBareData,
  dtypeOfData,
  isDType,
  itemSizeOf,
  type ScalarOf,
  scalarAt,
  type TypedArray
} from './dtype.js'
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
export function zeros<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
  return { dtype, shape: [...shape], stride: contiguousStride(shape), data: createData(dtype, sizeOf(shape)) }
}

/**
 * A C-ordered array over existing data, without a copy.
 *
 * @throws ERR_SHAPE_MISMATCH when `data` does not have as many elements as `shape`.
 */
export function ndarray(data: TypedArray, shape?: readonly number[]): NdArray
export function ndarray<D extends DType>(data: DataOf<D>, shape: readonly number[], dtype: D): NdArray<D>
export function ndarray(
  data: DataOf<DType> | TypedArray,
  shape: readonly number[] = [data.length],
  dtype: DType = dtypeOfData(data)
): NdArray {
  const length = data.byteLength / itemSizeOf(dtype)
  if (length !== sizeOf(shape)) {
    throw new SourceError('ERR_SHAPE_MISMATCH', `shape [${shape.join(', ')}] holds ${sizeOf(shape)} elements, but the data has ${length}`)
  }
  return { dtype, shape: [...shape], stride: contiguousStride(shape), data: createData(dtype, length, data.buffer, data.byteOffset) }
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

/** The scalar at one position: `itemAt(array, 3, 0)`. Positions are not checked against the shape. */
export function itemAt<D extends DType>(array: NdArray<D>, ...position: readonly number[]): ScalarOf<D> {
  const index = position.reduce((sum, at, axis) => sum + at * (array.stride[axis] ?? 0), array.offset ?? 0)
  return scalarAt(array.dtype, array.data, index)
}

/** The elements as nested lists, for printing and for comparing small arrays. */
export type Nested<D extends DType> = ScalarOf<D> | Nested<D>[]

/** The array as nested lists of scalars; a 0-dimensional array gives its scalar. */
export function toNested<D extends DType>(array: NdArray<D>): Nested<D> {
  const nest = (axis: number, index: number): Nested<D> => {
    if (axis === array.shape.length) return scalarAt(array.dtype, array.data, index)
    return Array.from({ length: array.shape[axis] ?? 0 }, (_, at) => nest(axis + 1, index + at * (array.stride[axis] ?? 0)))
  }
  return nest(0, array.offset ?? 0)
}
