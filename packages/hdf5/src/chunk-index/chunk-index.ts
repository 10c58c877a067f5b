import type { ChunkedLayoutMessage } from '../messages/data-layout.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import type { ChunkTable } from './chunk-table.js'

/** A chunk as it is stored. */
export interface StoredChunk {
  readonly address: number
  /** Bytes in the file. */
  readonly size: number
  /** Bit k: filter k of the pipeline was left out. */
  readonly mask: number
}

/** Finds the chunks of a dataset. What it reads of the index is kept. */
export interface ChunkIndex {
  /** At once where the index is at hand; `undefined` for a chunk that is not stored. */
  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined>
  /** Every stored chunk inside the shape, in the order of the index. */
  list(options: ReadOptions): Promise<ChunkTable>
}

/** Reads what a look-up misses of an index; the look-up is then repeated. */
export type LoadPart = (options: ReadOptions) => Promise<void>

/** Looks a chunk up in the parts of an index that are at hand, loading others until that gives an answer. */
export function locateWith(
  lookUp: () => StoredChunk | undefined | LoadPart,
  options: ReadOptions
): StoredChunk | undefined | Promise<StoredChunk | undefined> {
  const found = lookUp()
  return typeof found === 'function' ? loadAndLookUp(found, lookUp, options) : found
}

async function loadAndLookUp(
  missing: LoadPart,
  lookUp: () => StoredChunk | undefined | LoadPart,
  options: ReadOptions
): Promise<StoredChunk | undefined> {
  let found: StoredChunk | undefined | LoadPart = missing
  while (typeof found === 'function') {
    await found(options)
    found = lookUp()
  }
  return found
}

/** What an index knows of its dataset. */
export interface IndexedDataset {
  readonly file: Hdf5File
  readonly shape: readonly number[]
  readonly maxShape: readonly number[]
  readonly layout: ChunkedLayoutMessage
  /** Bytes of a chunk without filters. */
  readonly chunkBytes: number
  readonly filtered: boolean
}

/** Chunks along each axis of a shape. */
export function gridOf(shape: readonly number[], chunks: readonly number[]): number[] {
  return shape.map((length, axis) => Math.ceil(length / (chunks[axis] ?? 1)))
}
