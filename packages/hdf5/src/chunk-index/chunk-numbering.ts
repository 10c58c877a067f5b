import { gridOf, type IndexedDataset } from './chunk-index.js'

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
    let number = 0
    for (let axis = 0; axis < position.length; axis++) number += (position[axis] ?? 0) * (this.#steps[axis] ?? 0)
    return number
  }

  /** Stores the place of a chunk in `position`. */
  place(number: number, position: number[]): void {
    for (let axis = 0; axis < this.#steps.length; axis++) {
      const at = Math.floor(number / (this.#steps[axis] ?? 1))
      const count = this.#grid[axis] ?? 1
      position[axis] = count === Number.POSITIVE_INFINITY ? at : at % count
    }
  }
}
