import type { StoredChunk } from './chunk-index.js'

/** Columns behind the position: address, size, filter mask. */
const otherColumns = 3

/** Stored chunks with their places in the chunk grid, in one typed array: datasets have hundreds of thousands. */
export class ChunkTable {
  readonly rank: number
  /** Rows filled. */
  length = 0
  readonly #columns: number
  #cells: Float64Array

  /** @param capacity Rows that are expected; more are taken. */
  constructor(rank: number, capacity = 64) {
    this.rank = rank
    this.#columns = rank + otherColumns
    this.#cells = new Float64Array(capacity * this.#columns)
  }

  add(position: ArrayLike<number>, address: number, size: number, mask: number): void {
    const { rank } = this
    let at = this.#addRow()
    for (let axis = 0; axis < rank; axis++) this.#cells[at++] = position[axis] ?? 0
    this.#cells[at] = address
    this.#cells[at + 1] = size
    this.#cells[at + 2] = mask
  }

  /** Adds the rows of another table that lie inside a grid. */
  addInside(other: ChunkTable, grid: readonly number[]): void {
    const from = other.#cells
    for (let row = 0, start = 0; row < other.length; row++, start += this.#columns) {
      let inside = true
      for (let axis = 0; axis < grid.length; axis++) inside &&= (from[start + axis] ?? 0) < (grid[axis] ?? 0)
      if (!inside) continue
      const at = this.#addRow()
      for (let column = 0; column < this.#columns; column++) this.#cells[at + column] = from[start + column] ?? 0
    }
  }

  /** Bytes of all chunks in the file. */
  get storedBytes(): number {
    let bytes = 0
    for (let row = 0; row < this.length; row++) bytes += this.#cells[row * this.#columns + this.rank + 1] ?? 0
    return bytes
  }

  addressAt(row: number): number {
    return this.#cells[row * this.#columns + this.rank] ?? 0
  }

  chunkAt(row: number): StoredChunk {
    const at = row * this.#columns + this.rank
    return { address: this.#cells[at] ?? 0, size: this.#cells[at + 1] ?? 0, mask: this.#cells[at + 2] ?? 0 }
  }

  positionAt(row: number): number[] {
    const start = row * this.#columns
    return Array.from(this.#cells.subarray(start, start + this.rank))
  }

  /** Rows that are not behind a place of the grid, where the rows are in C order. */
  countUpTo(position: readonly number[]): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(middle, position) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Negative for a row before a place of the grid, 0 for the row at it, positive for one behind it. */
  compare(row: number, position: readonly number[]): number {
    const start = row * this.#columns
    for (let axis = 0; axis < this.rank; axis++) {
      const difference = (this.#cells[start + axis] ?? 0) - (position[axis] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }

  /** Where the cells of a new row begin. */
  #addRow(): number {
    const at = this.length++ * this.#columns
    if (at >= this.#cells.length) {
      const larger = new Float64Array(Math.max(64 * this.#columns, at * 2))
      larger.set(this.#cells)
      this.#cells = larger
    }
    return at
  }
}

/** Whether a place lies inside a grid: chunks of a dataset that was made smaller may still be listed. */
export function isInside(position: ArrayLike<number>, grid: readonly number[]): boolean {
  for (let axis = 0; axis < grid.length; axis++) {
    if ((position[axis] ?? 0) >= (grid[axis] ?? 0)) return false
  }
  return true
}
