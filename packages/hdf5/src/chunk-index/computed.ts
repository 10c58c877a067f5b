import { type ChunkIndex, gridOf, type IndexedDataset, type StoredChunk } from './chunk-index.js'
import { ChunkNumbering } from './chunk-numbering.js'
import { ChunkTable } from './chunk-table.js'

/** The index of a dataset of one chunk: its place stands in the layout message. */
export class SingleChunkIndex implements ChunkIndex {
  readonly #chunk: StoredChunk
  readonly #rank: number

  constructor(dataset: IndexedDataset, chunk: StoredChunk) {
    this.#chunk = chunk
    this.#rank = dataset.shape.length
  }

  locate(position: readonly number[]): StoredChunk | undefined {
    return position.every((at) => at === 0) ? this.#chunk : undefined
  }

  async list(): Promise<ChunkTable> {
    const table = new ChunkTable(this.#rank, 1)
    const { address, size, mask } = this.#chunk
    table.add(new Array<number>(this.#rank).fill(0), address, size, mask)
    return table
  }
}

/** The index of chunks that lie one behind the other: all allocated at once, none filtered. */
export class ImplicitIndex implements ChunkIndex {
  readonly #dataset: IndexedDataset
  readonly #numbering: ChunkNumbering
  readonly #address: number

  constructor(dataset: IndexedDataset, address: number) {
    this.#dataset = dataset
    this.#numbering = new ChunkNumbering(dataset)
    this.#address = address
  }

  locate(position: readonly number[]): StoredChunk {
    const size = this.#dataset.chunkBytes
    return { address: this.#address + this.#numbering.numberOf(position) * size, size, mask: 0 }
  }

  async list(): Promise<ChunkTable> {
    const grid = gridOf(this.#dataset.shape, this.#dataset.layout.chunks)
    const table = new ChunkTable(grid.length)
    for (const position of positionsOf(grid)) {
      const { address, size, mask } = this.locate(position)
      table.add(position, address, size, mask)
    }
    return table
  }
}

/** Every place of a grid, in C order. */
export function* positionsOf(grid: readonly number[]): Generator<number[]> {
  const count = grid.reduce((product, length) => product * length, 1)
  for (let number = 0; number < count; number++) {
    let rest = number
    const position = new Array<number>(grid.length)
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const length = grid[axis] ?? 1
      position[axis] = rest % length
      rest = Math.floor(rest / length)
    }
    yield position
  }
}
