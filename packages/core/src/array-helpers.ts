import { createData, type DataOf, type DType, dtypeOfData, itemSizeOf, type ScalarOf, scalarAt, type TypedArray } from './dtype.js'
import { SourceError } from './errors.js'
import { allocateArray, contiguousStride, type NdArray, sizeOf } from './nd-array.js'

/**
 * A new array of zeros in C order.
 *
 * @throws ERR_TOO_LARGE when the runtime cannot allocate it.
 */
export function zeros<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
  return allocateArray(shape, dtype)
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
