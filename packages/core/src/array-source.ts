import { ndarray } from './array-helpers.js'
import { type AccessOptions, defineSource, type RegionAccess } from './define-source.js'
import { bytesOf, createData, type DType, itemSizeOf, type TypedArray } from './dtype.js'
import type { Region } from './indexing.js'
import type { SourceMetadata } from './metadata.js'
import { checkArray, contiguousStride, isNdArray, type NdArray, sizeOf } from './nd-array.js'
import type { Source } from './source.js'
import { copyStrided } from './strided/copy-strided.js'

/** A source over an array in memory. Its `toSpec` fails: no other process has the memory. */
export interface ArraySource<D extends DType = DType> extends Source<D> {
  readonly kind: 'array'
  /** The array itself: writes go to it. */
  readonly array: NdArray<D>
}

/** The array engine: wraps an array in memory, without copying it. */
export function arraySource<D extends DType>(
  array: NdArray<D>,
  options?: { readonly metadata?: SourceMetadata | undefined }
): ArraySource<D>
export function arraySource(array: TypedArray, options?: { readonly metadata?: SourceMetadata | undefined }): ArraySource
export function arraySource(value: NdArray | TypedArray, options: { readonly metadata?: SourceMetadata | undefined } = {}): ArraySource {
  const array = isNdArray(value) ? value : ndarray(value)
  checkArray(array, 'array')
  const source = defineSource(
    { kind: 'array', shape: array.shape, dtype: array.dtype, metadata: options.metadata, writable: true, access: arrayAccess(array) },
    { kind: 'array' as const, array }
  )
  return source
}

/** A region of an array: the same elements, without a copy. */
function view<D extends DType>(array: NdArray<D>, region: Region): NdArray<D> {
  return {
    ...array,
    shape: region.shape,
    offset: region.start.reduce((sum, start, axis) => sum + start * (array.stride[axis] ?? 0), array.offset ?? 0),
    stride: array.stride.map((stride, axis) => stride * (region.step[axis] ?? 1))
  }
}

/** Copies all elements. Arrays over one memory may overlap: then the elements are set aside first, as in numpy. */
function copyArray<D extends DType>(source: NdArray<D>, destination: NdArray<D>): void {
  const itemSize = itemSizeOf(source.dtype)
  const scale = (stride: readonly number[]): number[] => stride.map((step) => step * itemSize)
  const copy = (from: NdArray<D>, to: NdArray<D>): void =>
    copyStrided({
      shape: source.shape,
      itemSize,
      source: bytesOf(from.data),
      sourceOffset: (from.offset ?? 0) * itemSize,
      sourceStrides: scale(from.stride),
      destination: bytesOf(to.data),
      destinationOffset: (to.offset ?? 0) * itemSize,
      destinationStrides: scale(to.stride)
    })
  if (source.data.buffer !== destination.data.buffer) {
    copy(source, destination)
    return
  }
  const { dtype, shape } = source
  const aside = { dtype, shape, stride: contiguousStride(shape), data: createData(dtype, sizeOf(shape)) }
  copy(source, aside)
  copy(aside, destination)
}

function arrayAccess<D extends DType>(array: NdArray<D>): RegionAccess<D> {
  return {
    async read(region: Region, out: NdArray<D>, options: AccessOptions) {
      options.signal?.throwIfAborted()
      copyArray(view(array, region), out)
    },
    async write(region: Region, value: NdArray<D>, options: AccessOptions) {
      options.signal?.throwIfAborted()
      copyArray(value, view(array, region))
    }
  }
}
