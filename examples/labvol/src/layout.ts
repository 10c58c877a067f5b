import type { SourceMetadata } from '@bioimage/core'
import { contiguousStride, itemSizeOf, type StridedLayout, sizeOf } from '@bioimage/core/backend'
import { type ElementType, headerBytes, type LabvolHeader } from './header.js'

/** Where the elements lie: after the header. Either order of the axes is a matter of strides. */
export function layoutOf({ shape, dtype, byteOrder, order }: LabvolHeader): StridedLayout<ElementType> {
  const inElements = order === 'C' ? contiguousStride(shape) : contiguousStride(shape.toReversed()).toReversed()
  const strides = inElements.map((stride) => stride * itemSizeOf(dtype))
  return { shape, dtype, byteOrder, strides, parts: [{ key: '', offset: headerBytes }] }
}

/** Bytes of a whole file. */
export function fileBytesOf({ shape, dtype }: LabvolHeader): number {
  return headerBytes + sizeOf(shape) * itemSizeOf(dtype)
}

/** The axes with their voxel size. */
export function metadataOf({ voxelSize }: LabvolHeader): SourceMetadata {
  const axes = ['z', 'y', 'x'].map((name, axis) => ({
    name,
    type: 'space' as const,
    ...(voxelSize !== undefined && { unit: 'micrometer', scale: voxelSize[axis] })
  }))
  return { axes }
}
