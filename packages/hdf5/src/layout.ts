import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/hdf5'
import type { CodecSpec, Context, DType, Store } from '@bioimage/core'
import {
  bytesOf,
  type ChunkStorage,
  chunkedAccess,
  contiguousStride,
  fillStrided,
  itemSizeOf,
  memoryStore,
  type RegionAccess,
  sizeOf,
  stridedAccess,
  swapBytes
} from '@bioimage/core/backend'
import { type ChunkIndex, gridOf, type IndexedDataset, type StoredChunk } from './chunk-index/chunk-index.js'
import { openChunkIndex } from './chunk-index/open-chunk-index.js'
import type { Dataset, NumericDataset } from './dataset.js'
import { codecsOf } from './filters.js'
import type { ChunkedLayoutMessage } from './messages/data-layout.js'
import { withMeaningfulBits } from './odd-integers.js'
import type { Hdf5File } from './structure/hdf5-file.js'
import { corrupt, unsupported } from './structure/structure-reader.js'

/** What {@link datasetAccess} needs beside the dataset. */
export interface LayoutOptions {
  readonly context: Context
  /** Name of the dataset in caches: another one for every state of the file. */
  readonly identity: string
  /** The elements of a dataset that lies in other files, as one object. */
  readonly external?: Store | undefined
  /** The index of a chunked dataset, where it is known already. */
  readonly index?: ChunkIndex | undefined
}

/** Reads regions of a dataset from where its elements lie. */
export function datasetAccess(file: Hdf5File, dataset: NumericDataset, options: LayoutOptions): RegionAccess {
  return withMeaningfulBits(storedAccess(file, dataset, options), dataset.numeric)
}

function storedAccess(file: Hdf5File, dataset: NumericDataset, options: LayoutOptions): RegionAccess {
  const { layout } = dataset
  switch (layout.class) {
    case 'compact':
      return strided(memoryStore([['', layout.bytes]]), 0, dataset, options)
    case 'contiguous': {
      if (options.external !== undefined) return strided(options.external, 0, dataset, options)
      if (layout.address === undefined) return fillAccess(dataset)
      file.checkInside(layout.address, sizeOf(dataset.space.shape) * dataset.type.size, 'data of the dataset')
      return strided(file.store, file.positionOf(layout.address), dataset, options)
    }
    case 'chunked':
      return chunked(file, dataset, layout, options)
    case 'virtual':
      throw unsupported('the dataset is virtual: its elements lie in other datasets')
  }
}

function strided(store: Store, offset: number, { space, numeric }: NumericDataset, { context }: LayoutOptions): RegionAccess {
  const { dtype, byteOrder } = numeric
  const itemSize = itemSizeOf(dtype)
  const strides = contiguousStride(space.shape).map((stride) => stride * itemSize)
  return stridedAccess(store, { shape: space.shape, dtype, byteOrder, strides, parts: [{ key: '', offset }] }, context.concurrency)
}

/** A dataset of which nothing is stored. */
function fillAccess(dataset: NumericDataset): RegionAccess {
  const fill = fillElement(dataset)
  return {
    async read(_region, out) {
      const itemSize = itemSizeOf(out.dtype)
      const strides = out.stride.map((stride) => stride * itemSize)
      fillStrided(bytesOf(out.data), (out.offset ?? 0) * itemSize, strides, out.shape, fill)
    }
  }
}

/** The fill value as an element in memory, before odd integers are put right. */
export function fillElement({ fill, numeric }: Pick<NumericDataset, 'fill' | 'numeric'>): Uint8Array {
  const bytes = new Uint8Array(itemSizeOf(numeric.dtype))
  if (fill === undefined) return bytes
  bytes.set(fill)
  if (numeric.byteOrder === 'big') swapBytes(bytes, componentOf(numeric.dtype))
  return bytes
}

function componentOf(dtype: DType): number {
  return dtype === 'complex64' ? 4 : dtype === 'complex128' ? 8 : itemSizeOf(dtype)
}

function chunked(file: Hdf5File, dataset: NumericDataset, layout: ChunkedLayoutMessage, options: LayoutOptions): RegionAccess {
  const { space, numeric, filters, type } = dataset
  const chunkBytes = sizeOf(layout.chunks) * type.size
  if (!(chunkBytes < 2 ** 32))
    throw corrupt(`a chunk of shape [${layout.chunks.join(', ')}] has ${chunkBytes} bytes; HDF5 allows less than 4 GiB`)
  const indexed = indexedDataset(file, dataset, layout)
  const index = options.index ?? openChunkIndex(indexed)
  const codecs = codecsOf(filters, 0, type.size)
  const byMask = new Map<number, readonly CodecSpec[]>()
  const maskedCodecs = (mask: number): readonly CodecSpec[] => {
    let masked = byMask.get(mask)
    if (masked === undefined) {
      masked = codecsOf(filters, mask, type.size)
      byMask.set(mask, masked)
    }
    return masked
  }
  const grid = gridOf(space.shape, layout.chunks)
  const isCut = (position: readonly number[]): boolean =>
    position.some((at, axis) => at === (grid[axis] ?? 0) - 1 && (space.shape[axis] ?? 0) % (layout.chunks[axis] ?? 1) !== 0)
  const locationOf = (chunk: StoredChunk | undefined, position: readonly number[]) => {
    if (chunk === undefined) return undefined
    file.checkInside(chunk.address, chunk.size, 'chunk')
    const mask = layout.unfilteredEdges && isCut(position) ? -1 : chunk.mask
    const place = { key: '', offset: file.positionOf(chunk.address), length: chunk.size }
    return mask === 0 || filters.length === 0 ? place : { ...place, codecs: maskedCodecs(mask) }
  }
  const storage: ChunkStorage = {
    store: file.store,
    unitOf: () => '',
    locate(position, { signal }) {
      const chunk = index.locate(position, { signal })
      return chunk instanceof Promise ? chunk.then((found) => locationOf(found, position)) : locationOf(chunk, position)
    }
  }
  return chunkedAccess(
    {
      shape: space.shape,
      dtype: numeric.dtype,
      chunks: layout.chunks,
      byteOrder: numeric.byteOrder,
      codecs,
      fill: fillElement(dataset),
      storage,
      identity: options.identity
    },
    codecRuntime,
    options.context
  )
}

/** What the chunk index of a dataset needs to know. */
export function indexedDataset(file: Hdf5File, dataset: Dataset, layout: ChunkedLayoutMessage): IndexedDataset {
  const { shape, maxShape } = dataset.space
  return { file, shape, maxShape, layout, chunkBytes: sizeOf(layout.chunks) * dataset.type.size, filtered: dataset.filters.length > 0 }
}
