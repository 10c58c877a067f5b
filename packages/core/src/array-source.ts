import { type AccessOptions, defineSource, type RegionAccess } from './define-source.js'
import { bytesOf, type DType, itemSizeOf, type TypedArray } from './dtype.js'
import type { Region } from './indexing.js'
import type { SourceMetadata } from './metadata.js'
import { isNdArray, type NdArray, ndarray } from './nd-array.js'
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
  const source = defineSource(
    { kind: 'array', shape: array.shape, dtype: array.dtype, metadata: options.metadata, writable: true, access: arrayAccess(array) },
    { kind: 'array' as const, array }
  )
  return source
}

function arrayAccess<D extends DType>(array: NdArray<D>): RegionAccess<D> {
  const itemSize = itemSizeOf(array.dtype)
  const bytes = bytesOf(array.data)
  const place = (region: Region): { offset: number; strides: number[] } => ({
    offset: region.start.reduce((sum, start, axis) => sum + start * (array.stride[axis] ?? 0), array.offset ?? 0) * itemSize,
    strides: array.stride.map((stride, axis) => stride * (region.step[axis] ?? 1) * itemSize)
  })
  const scale = (stride: readonly number[]): number[] => stride.map((step) => step * itemSize)
  return {
    async read(region: Region, out: NdArray<D>, options: AccessOptions) {
      options.signal?.throwIfAborted()
      const { offset, strides } = place(region)
      copyStrided({
        shape: region.shape,
        itemSize,
        source: bytes,
        sourceOffset: offset,
        sourceStrides: strides,
        destination: bytesOf(out.data),
        destinationOffset: (out.offset ?? 0) * itemSize,
        destinationStrides: scale(out.stride)
      })
    },
    async write(region: Region, value: NdArray<D>) {
      const { offset, strides } = place(region)
      copyStrided({
        shape: region.shape,
        itemSize,
        source: bytesOf(value.data),
        sourceOffset: (value.offset ?? 0) * itemSize,
        sourceStrides: scale(value.stride),
        destination: bytes,
        destinationOffset: offset,
        destinationStrides: strides
      })
    }
  }
}
