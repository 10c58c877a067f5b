import { itemSizeOf } from '@bioimage/core/backend'
import type { Layer } from '../dataset/layer.js'
import type { Mag } from '../dataset/mag.js'
import type { MagBox } from '../dataset/region.js'

/**
 * A layer at one magnification as an array without an end: the additional axes from their lower bound, the channels where there are
 * several, then z, y and x in voxels of the magnification from the origin of the dataset.
 */
export class LayerArray {
  readonly layer: Layer
  readonly mag: Mag
  readonly itemSize: number
  /** As far as the region that is read reaches. */
  readonly shape: readonly number[]

  constructor(layer: Layer, mag: Mag, box: MagBox) {
    this.layer = layer
    this.mag = mag
    this.itemSize = itemSizeOf(layer.dtype)
    const spatial = box.start.map((start, axis) => start + (box.shape[axis] ?? 0)).reverse()
    this.shape = this.#axes(
      layer.additionalAxes.map(({ bounds: [low = 0, high = 0] }) => high - low),
      layer.channels,
      spatial
    )
  }

  /** Shape of a cube of voxels with all its channels. */
  cube(edge: number): readonly number[] {
    return this.#axes(
      this.layer.additionalAxes.map(() => 1),
      this.layer.channels,
      [edge, edge, edge]
    )
  }

  /** The axes of a cube as the server sends it, slowest first: channels run fastest. */
  get axisOrder(): readonly number[] {
    const axes = this.shape.map((_, axis) => axis)
    return this.layer.channels === 1 ? axes : [...axes.slice(0, -4), ...axes.slice(-3), ...axes.slice(-4, -3)]
  }

  /** Bytes between neighbours in a box of this size (x, y, z) as the server sends it. */
  strides([width = 1, height = 1]: readonly number[]): readonly number[] {
    const voxel = this.layer.channels * this.itemSize
    return this.#axes(
      this.layer.additionalAxes.map(() => 0),
      this.itemSize,
      [voxel * width * height, voxel * width, voxel]
    )
  }

  #axes(additional: readonly number[], channel: number, spatial: readonly number[]): readonly number[] {
    return [...additional, ...(this.layer.channels === 1 ? [] : [channel]), ...spatial]
  }
}
