import type { Box } from './layer.js'
import type { Mag } from './mag.js'

/** A box of voxels of one magnification, along x, y and z. */
export interface MagBox {
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** The voxels of a magnification that a box of Mag(1) meets. */
export function boxOfMag({ topLeft, size }: Box, mag: Mag): MagBox {
  const start = mag.map((factor, axis) => Math.floor((topLeft[axis] ?? 0) / factor))
  const stop = mag.map((factor, axis) => Math.ceil(((topLeft[axis] ?? 0) + (size[axis] ?? 0)) / factor))
  return { start, shape: stop.map((end, axis) => end - (start[axis] ?? 0)) }
}
