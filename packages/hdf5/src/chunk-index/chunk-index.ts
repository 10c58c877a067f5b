import type { ChunkedLayoutMessage } from '../messages/data-layout.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** A chunk as it is stored. */
export interface StoredChunk {
  readonly address: number
  /** Bytes in the file. */
  readonly size: number
  /** Bit k: filter k of the pipeline was left out. */
  readonly mask: number
}

/** A stored chunk with its place in the chunk grid. */
export interface PlacedChunk extends StoredChunk {
  readonly position: readonly number[]
}

/** Finds the chunks of a dataset. What it reads of the index is kept. */
export interface ChunkIndex {
  /** At once where the index is at hand; `undefined` for a chunk that is not stored. */
  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined>
  /** Every stored chunk inside the shape, in the order of the index. */
  entries(options: ReadOptions): AsyncGenerator<PlacedChunk>
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

/** Whether a place of the grid lies inside the dataset as it is now: chunks of a dataset that was made smaller may still be listed. */
export function isInside(dataset: IndexedDataset, position: readonly number[]): boolean {
  let grid = grids.get(dataset)
  if (grid === undefined) {
    grid = gridOf(dataset.shape, dataset.layout.chunks)
    grids.set(dataset, grid)
  }
  for (let axis = 0; axis < grid.length; axis++) {
    if ((position[axis] ?? 0) >= (grid[axis] ?? 0)) return false
  }
  return true
}

const grids = new WeakMap<IndexedDataset, readonly number[]>()

/**
 * Numbers of chunks, for indexes that are arrays. They count in C order through the grid of the maximal shape, not of the
 * shape; an axis without limit is taken as the slowest.
 */
export class ChunkNumbering {
  readonly #grid: readonly number[]
  /** Chunks to skip per step along each axis. */
  readonly #steps: readonly number[]

  constructor(dataset: IndexedDataset) {
    const grid = gridOf(dataset.maxShape, dataset.layout.chunks)
    const unlimited = grid.indexOf(Number.POSITIVE_INFINITY)
    const axes = grid.map((_, axis) => axis)
    const order = unlimited < 0 ? axes : [unlimited, ...axes.filter((axis) => axis !== unlimited)]
    const steps = new Array<number>(grid.length)
    let step = 1
    for (const axis of order.toReversed()) {
      steps[axis] = step
      step *= grid[axis] ?? 1
    }
    this.#grid = grid
    this.#steps = steps
  }

  numberOf(position: readonly number[]): number {
    return position.reduce((sum, at, axis) => sum + at * (this.#steps[axis] ?? 0), 0)
  }

  positionOf(number: number): number[] {
    return this.#steps.map((step, axis) => {
      const at = Math.floor(number / step)
      const count = this.#grid[axis] ?? 1
      return count === Number.POSITIVE_INFINITY ? at : at % count
    })
  }
}

/** The entries of arrays of chunks: addresses, with size and filter mask where chunks are filtered. */
export class EntryFormat {
  readonly #dataset: IndexedDataset
  readonly #filtered: boolean
  readonly #sizeWidth: number
  readonly byteLength: number

  /**
   * @param clientId 0 for chunks without filters, 1 for filtered ones.
   * @param byteLength Bytes of an entry, as the index says.
   */
  constructor(dataset: IndexedDataset, clientId: number, byteLength: number) {
    const { offsets } = dataset.file.widths
    this.#dataset = dataset
    this.#filtered = clientId === 1
    this.#sizeWidth = this.#filtered ? byteLength - offsets - 4 : 0
    this.byteLength = byteLength
    if (clientId > 1) throw corrupt(`a chunk index is for the client ${clientId}`)
    if (this.#filtered ? this.#sizeWidth < 1 || this.#sizeWidth > 8 : byteLength !== offsets) {
      throw corrupt(`the entries of a chunk index have ${byteLength} bytes`)
    }
  }

  /** The entry at a place of a structure; `undefined` for a chunk that is not stored. */
  parse(fields: StructureReader): StoredChunk | undefined {
    const address = fields.address()
    if (!this.#filtered) return address === undefined ? undefined : { address, size: this.#dataset.chunkBytes, mask: 0 }
    const size = fields.uint(this.#sizeWidth)
    const mask = fields.u32()
    return address === undefined ? undefined : { address, size, mask }
  }
}
