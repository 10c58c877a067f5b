import { unsupported } from '../codec-errors.js'
import type { ComponentPlane } from './component-plane.js'

/** Fills `target` with row `y` of the image. */
export type RowReader = (y: number, target: Uint16Array) => void

/**
 * Brings the rows of a component to the size of the image. Halved axes are interpolated by the triangle filter of libjpeg
 * ("fancy upsampling"), others repeated, with its rounding.
 *
 * @param horizontal Factor along x, as the ratio of the sampling factors.
 */
export function rowReader(plane: ComponentPlane, horizontal: number, vertical: number): RowReader {
  if (!Number.isInteger(horizontal) || !Number.isInteger(vertical))
    throw unsupported('jpeg', `components that differ in size by a factor of ${horizontal} x ${vertical}`)
  const { samples, stride, width, height } = plane
  // Images of one or two columns are repeated, as libjpeg does.
  const interpolateX = horizontal === 2 && width > 2
  if (horizontal === 1 && vertical === 1) return (y, target) => copyRow(samples, y * stride, width, target)
  if (interpolateX && vertical === 1) return (y, target) => interpolateRow(samples, y * stride, width, target)
  if (horizontal === 1 && vertical === 2) {
    return (y, target) => {
      const near = (y >> 1) * stride
      const far = neighbour(y, height) * stride
      const bias = (y & 1) === 0 ? 1 : 2
      for (let x = 0; x < width; x++) target[x] = (samples[near + x]! * 3 + samples[far + x]! + bias) >> 2
    }
  }
  if (interpolateX && vertical === 2) {
    const sums = new Int32Array(width)
    return (y, target) => {
      const near = (y >> 1) * stride
      const far = neighbour(y, height) * stride
      for (let x = 0; x < width; x++) sums[x] = samples[near + x]! * 3 + samples[far + x]!
      interpolateSums(sums, target)
    }
  }
  return (y, target) => {
    const from = Math.floor(y / vertical) * stride
    for (let x = 0, to = 0; to < target.length; x++) {
      for (let each = 0; each < horizontal; each++) target[to++] = samples[from + x]!
    }
  }
}

/** The row that lies on the other side of an interpolated one; at the edge the row itself. */
function neighbour(y: number, height: number): number {
  const row = (y >> 1) + ((y & 1) === 0 ? -1 : 1)
  return Math.min(Math.max(row, 0), height - 1)
}

function copyRow(samples: Uint8Array | Uint16Array, from: number, width: number, target: Uint16Array): void {
  for (let x = 0; x < width; x++) target[x] = samples[from + x]!
}

// Assignments behind the end of `target`, of an image of odd width, do nothing.

function interpolateRow(samples: Uint8Array | Uint16Array, from: number, width: number, target: Uint16Array): void {
  const last = width - 1
  target[0] = samples[from]!
  target[1] = (samples[from]! * 3 + samples[from + 1]! + 2) >> 2
  for (let x = 1; x < last; x++) {
    const near = samples[from + x]! * 3
    target[2 * x] = (near + samples[from + x - 1]! + 1) >> 2
    target[2 * x + 1] = (near + samples[from + x + 1]! + 2) >> 2
  }
  target[2 * last] = (samples[from + last]! * 3 + samples[from + last - 1]! + 1) >> 2
  target[2 * last + 1] = samples[from + last]!
}

function interpolateSums(sums: Int32Array, target: Uint16Array): void {
  const last = sums.length - 1
  target[0] = (sums[0]! * 4 + 8) >> 4
  target[1] = (sums[0]! * 3 + sums[1]! + 7) >> 4
  for (let x = 1; x < last; x++) {
    const near = sums[x]! * 3
    target[2 * x] = (near + sums[x - 1]! + 8) >> 4
    target[2 * x + 1] = (near + sums[x + 1]! + 7) >> 4
  }
  target[2 * last] = (sums[last]! * 3 + sums[last - 1]! + 8) >> 4
  target[2 * last + 1] = (sums[last]! * 4 + 7) >> 4
}
