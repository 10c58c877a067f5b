import { type DType, Float16View, type NdArray, type Region, type Source, SourceError } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import { blocksOf, planBlocks } from './blocks.js'
import type { MemoryPlan } from './memory.js'
import type { Plane } from './plane.js'
import { readBlocks } from './read-blocks.js'

/** A picture of real numbers, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly values: Float64Array
}

/** How a picture is drawn. */
export interface RenderRequest {
  readonly plane: Plane
  /** Longest side of the picture. */
  readonly size: number
  /** Take one voxel for a pixel instead of the mean of all: labels have no mean. */
  readonly nearest: boolean
  readonly memory: MemoryPlan
  readonly signal: AbortSignal
}

/**
 * Reads a plane or a maximum projection and shrinks it to the size by whole steps. Blocks are read one after the other;
 * beside them only the picture and one tile of it are in memory.
 */
export async function render(source: Source, request: RenderRequest): Promise<Picture> {
  const { plane, size, nearest, memory, signal } = request
  const rows = source.shape[plane.rows] ?? 0
  const columns = source.shape[plane.columns] ?? 0
  if (rows === 0 || columns === 0) throw new SourceError('ERR_UNSUPPORTED', 'the array is empty: there is nothing to draw')
  const factor = Math.max(1, Math.ceil(Math.max(rows, columns) / size))
  const [height, width] = [Math.ceil(rows / factor), Math.ceil(columns / factor)]
  const sums = new Float64Array(height * width)
  const counts = new Uint32Array(height * width)
  const region = regionOf(source.shape, plane, nearest ? factor : 1)
  const tiles = planTiles(source, region, plane, memory.blockBytes)
  for (const tile of tilesOf(region, plane, tiles)) {
    const [tileRows, tileColumns] = [tile.region.shape[plane.rows] ?? 0, tile.region.shape[plane.columns] ?? 0]
    const values = new Float64Array(tileRows * tileColumns).fill(Number.NEGATIVE_INFINITY)
    const blockShape = planBlocks({
      region: tile.region,
      itemSize: itemSizeOf(source.dtype),
      maxBytes: memory.blockBytes,
      unit: source.chunks,
      readChunks: source.chunks
    })
    const blocks = blocksOf(tile.region, blockShape)
    await readBlocks(source, { region: tile.region, blockShape, blocks, memory, signal }, (block, array) => {
      takeMaximum(values, tileColumns, array, plane, [block.position[plane.rows] ?? 0, block.position[plane.columns] ?? 0])
    })
    const shrink = nearest ? 1 : factor
    for (let row = 0; row < tileRows; row++) {
      for (let column = 0; column < tileColumns; column++) {
        const value = values[row * tileColumns + column] ?? 0
        if (Number.isNaN(value)) continue
        const pixel = Math.floor((tile.row + row) / shrink) * width + Math.floor((tile.column + column) / shrink)
        sums[pixel] = (sums[pixel] ?? 0) + value
        counts[pixel] = (counts[pixel] ?? 0) + 1
      }
    }
  }
  return { width, height, values: sums.map((sum, pixel) => (counts[pixel] === 0 ? Number.NaN : sum / (counts[pixel] ?? 1))) }
}

function regionOf(shape: readonly number[], plane: Plane, step: number): Region {
  const index = (axis: number): number | undefined => plane.fixed.find((fixed) => fixed.axis === axis)?.index
  const steps = shape.map((_, axis) => (axis === plane.rows || axis === plane.columns ? step : 1))
  return {
    start: shape.map((_, axis) => index(axis) ?? 0),
    shape: shape.map((length, axis) => (index(axis) === undefined ? Math.ceil(length / (steps[axis] ?? 1)) : 1)),
    step: steps
  }
}

interface Tile {
  readonly region: Region
  readonly row: number
  readonly column: number
}

/** Rows and columns of a tile: all of them if a double for each fits, else whole chunks of rows. */
function planTiles(source: Source, region: Region, plane: Plane, maxBytes: number): readonly [number, number] {
  const planar: Region = {
    start: region.start,
    step: region.step,
    shape: region.shape.map((length, axis) => (axis === plane.rows || axis === plane.columns ? length : 1))
  }
  const tile = planBlocks({ region: planar, itemSize: 8, maxBytes, unit: source.chunks, readChunks: source.chunks })
  // In elements of the region, which may be steps apart.
  const lengthOf = (axis: number): number =>
    Math.min(region.shape[axis] ?? 1, Math.max(1, Math.floor((tile[axis] ?? 1) / (region.step[axis] ?? 1))))
  return [lengthOf(plane.rows), lengthOf(plane.columns)]
}

function* tilesOf(region: Region, plane: Plane, [tileRows, tileColumns]: readonly [number, number]): Generator<Tile> {
  const [rows, columns] = [region.shape[plane.rows] ?? 0, region.shape[plane.columns] ?? 0]
  for (let row = 0; row < rows; row += tileRows) {
    for (let column = 0; column < columns; column += tileColumns) {
      const part = (values: readonly number[], rowValue: number, columnValue: number): number[] =>
        values.map((value, axis) => (axis === plane.rows ? rowValue : axis === plane.columns ? columnValue : value))
      yield {
        row,
        column,
        region: {
          step: region.step,
          start: part(region.start, row * (region.step[plane.rows] ?? 1), column * (region.step[plane.columns] ?? 1)),
          shape: part(region.shape, Math.min(tileRows, rows - row), Math.min(tileColumns, columns - column))
        }
      }
    }
  }
}

/** Folds a block into the tile. NaN loses against any number. */
function takeMaximum(values: Float64Array, width: number, array: NdArray, plane: Plane, [row, column]: readonly [number, number]): void {
  const read = readerOf(array)
  const depth = plane.projected === undefined ? 1 : (array.shape[plane.projected] ?? 1)
  const depthStride = plane.projected === undefined ? 0 : (array.stride[plane.projected] ?? 0)
  const [rows, columns] = [array.shape[plane.rows] ?? 0, array.shape[plane.columns] ?? 0]
  const [rowStride, columnStride] = [array.stride[plane.rows] ?? 0, array.stride[plane.columns] ?? 0]
  for (let layer = 0; layer < depth; layer++) {
    for (let y = 0; y < rows; y++) {
      let from = layer * depthStride + y * rowStride
      let to = (row + y) * width + column
      for (let x = 0; x < columns; x++, from += columnStride, to++) {
        const value = read(from)
        const before = values[to] ?? Number.NEGATIVE_INFINITY
        if (value >= before || Number.isNaN(before) || before === Number.NEGATIVE_INFINITY) values[to] = value
      }
    }
  }
}

/** Elements as real numbers: the magnitude of complex ones. */
function readerOf({ dtype, data }: { readonly dtype: DType; readonly data: NdArray['data'] }): (at: number) => number {
  if (data instanceof Float16View) return (at) => data.at(at) ?? Number.NaN
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return (at) => Number(data[at])
  if (dtype === 'complex64' || dtype === 'complex128') return (at) => Math.hypot(data[2 * at] ?? 0, data[2 * at + 1] ?? 0)
  return (at) => data[at] ?? 0
}
