import type { DType } from '../dtype.js'
import { componentSizeOf, itemSizeOf } from '../dtype.js'
import { sizeOf } from '../nd-array.js'
import type { ChunkStorage } from './chunk-storage.js'
import type { CodecSpec } from './codec.js'

/** An array cut into a regular grid of separately encoded chunks. */
export interface ChunkedLayout<D extends DType = DType> {
  readonly shape: readonly number[]
  readonly dtype: D
  /** Shape of a chunk. Every stored chunk has it, also at the edges of the array, unless `edgeChunks` says otherwise. */
  readonly chunks: readonly number[]
  /** Whether chunks at the edge are stored whole (the part outside is padding) or cut. Defaults to `whole`. */
  readonly edgeChunks?: 'whole' | 'cut' | undefined
  /** Axes of a decoded chunk, slowest first: `[0, 1, 2]` is C order, `[2, 1, 0]` Fortran order. Defaults to C order. */
  readonly axisOrder?: readonly number[] | undefined
  /** Byte order of a decoded chunk. Defaults to little. */
  readonly byteOrder?: 'little' | 'big' | undefined
  /** Compressions and filters, in encoding order. They see chunks in stored axis and byte order. */
  readonly codecs: readonly CodecSpec[]
  /** Bytes of one element, in little-endian order, that stands for chunks that are not stored. */
  readonly fill: Uint8Array
  readonly storage: ChunkStorage
  /** Name of the array in caches and locks. Equal for arrays that show the same stored chunks. */
  readonly identity: string
  /** Store chunks that hold nothing but the fill value. Defaults to false: they are removed. */
  readonly writeEmptyChunks?: boolean | undefined
}

/** How the elements of one stored chunk lie. */
export interface ChunkShape {
  readonly shape: readonly number[]
  /** The same along the stored axes, slowest first. */
  readonly storedShape: readonly number[]
  /** Bytes between neighbours along each axis of the array. */
  readonly strides: readonly number[]
  readonly byteLength: number
}

/** Shape and strides of the chunk at a grid position. */
export function chunkShapeAt(layout: ChunkedLayout, position: readonly number[]): ChunkShape {
  if (layout.edgeChunks !== 'cut') return fullChunkShape(layout)
  return chunkShape(
    layout,
    layout.chunks.map((length, axis) => Math.min(length, (layout.shape[axis] ?? 0) - (position[axis] ?? 0) * length))
  )
}

const fullShapes = new WeakMap<ChunkedLayout, ChunkShape>()

/** Shape and strides of a chunk that no edge cuts: always the same object. */
export function fullChunkShape(layout: ChunkedLayout): ChunkShape {
  let shape = fullShapes.get(layout)
  if (shape === undefined) {
    shape = chunkShape(layout, layout.chunks)
    fullShapes.set(layout, shape)
  }
  return shape
}

/** Bytes to swap for the machine's order; 1 for none. */
export function swapSizeOf(layout: ChunkedLayout): number {
  return layout.byteOrder === 'big' ? componentSizeOf(layout.dtype) : 1
}

function chunkShape(layout: ChunkedLayout, shape: readonly number[]): ChunkShape {
  const itemSize = itemSizeOf(layout.dtype)
  const strides = new Array<number>(shape.length)
  const order = layout.axisOrder ?? shape.map((_, axis) => axis)
  let step = itemSize
  for (const axis of order.toReversed()) {
    strides[axis] = step
    step *= shape[axis] ?? 1
  }
  return { shape, storedShape: order.map((axis) => shape[axis] ?? 1), strides, byteLength: sizeOf(shape) * itemSize }
}
