import { bytesOf, createData, type DType } from './dtype.js'
import { SourceError } from './errors.js'
import type { NormalizedIndex } from './indexing.js'
import { contiguousStride, isContiguous, type NdArray, sizeOf } from './nd-array.js'
import { copyStrided } from './strided/copy-strided.js'

/** Bytes that become bools must be 0 or 1: others would be stored as they are, and no reader agrees on what they mean. */
export function checkBooleans(bytes: Uint8Array): void {
  const found = bytes.find((byte) => byte > 1)
  if (found !== undefined)
    throw new SourceError('ERR_DTYPE_MISMATCH', `the source holds bool, as bytes of 0 and 1, but \`value\` has a ${found}`)
}

/** The bytes of the elements of an array of bools, and of no others that its memory holds. */
export function usedBytes(array: NdArray): Uint8Array {
  const { stride, offset = 0, data } = array
  // What a stride of 0 repeats is looked at once.
  const shape = array.shape.map((length, axis) => (stride[axis] === 0 ? Math.min(length, 1) : length))
  if (isContiguous({ shape, stride })) return bytesOf(data).subarray(offset, offset + sizeOf(shape))
  const bytes = createData('bool', sizeOf(shape))
  copyStrided({
    shape,
    itemSize: 1,
    source: bytesOf(data),
    sourceOffset: offset,
    sourceStrides: stride,
    destination: bytes,
    destinationOffset: 0,
    destinationStrides: contiguousStride(shape)
  })
  return bytes
}

/** A result's shape must be the selection's; a value may also keep the axes that integers drop, as length 1. */
export function checkShape(shape: readonly number[], selection: NormalizedIndex, name: string): void {
  const matches = (expected: readonly number[]): boolean =>
    expected.length === shape.length && expected.every((length, axis) => length === shape[axis])
  if (matches(selection.shape) || (name === 'value' && matches(selection.region.shape))) return
  throw new SourceError(
    'ERR_SHAPE_MISMATCH',
    `the region has shape [${selection.shape.join(', ')}], but \`${name}\` has shape [${shape.join(', ')}]`
  )
}

/** Refuses an array to fill whose elements may share memory: each stride must exceed what all smaller ones reach together. */
export function checkDistinct(out: NdArray): void {
  if (out.shape.includes(0)) return
  const axes = out.shape
    .map((length, axis) => ({ axis, length, step: Math.abs(out.stride[axis] ?? 0) }))
    .filter(({ length }) => length > 1)
    .sort((a, b) => a.step - b.step)
  let reach = 0
  for (const { axis, length, step } of axes) {
    if (step <= reach) {
      throw new SourceError(
        'ERR_SHAPE_MISMATCH',
        `\`out\` has stride ${out.stride[axis]} along axis ${axis}, expected more than ${reach}: else its elements may overwrite each other`
      )
    }
    reach += (length - 1) * step
  }
}

/** The same elements with the axes that integers dropped put back as axes of length 1. */
export function insertDropped<D extends DType>(array: NdArray<D>, selection: NormalizedIndex): NdArray<D> {
  if (!selection.dropped.includes(true)) return array
  let kept = 0
  const stride = selection.dropped.map((dropped) => (dropped ? 0 : (array.stride[kept++] ?? 0)))
  return { ...array, shape: selection.region.shape, stride }
}

export function dropFromValue<D extends DType>(array: NdArray<D>, selection: NormalizedIndex): NdArray<D> {
  return { ...array, shape: selection.shape, stride: array.stride.filter((_, axis) => selection.dropped[axis] === false) }
}
