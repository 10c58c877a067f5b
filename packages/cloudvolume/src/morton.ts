import { SourceError } from '@bioimage/core'
import { mapTriple, type Triple } from './triple.js'

/** Bits of the code that each axis contributes. (Precomputed, "Compressed Morton code".) */
export function mortonBits(grid: Triple): Triple {
  return mapTriple(grid, (length) => {
    let bits = 0
    while (2 ** bits < length) bits++
    return bits
  })
}

/** The axis of each bit of the code, lowest first: axes take turns until their bits are used up. */
export function mortonAxes(grid: Triple): readonly (0 | 1 | 2)[] {
  const bits = mortonBits(grid)
  const axes: (0 | 1 | 2)[] = []
  for (let bit = 0; bit < Math.max(...bits); bit++) for (const axis of [0, 1, 2] as const) if (bit < bits[axis]) axes.push(axis)
  if (axes.length > 64) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `a grid of ${grid.join(' x ')} chunks needs chunk numbers of ${axes.length} bits, at most 64 fit`
    )
  }
  return axes
}

/**
 * Number of the chunk at a cell of the grid.
 *
 * @param axes Those of {@link mortonAxes}.
 * @throws ERR_INVALID_INDEX for a cell outside the grid.
 */
export function mortonCode(cell: Triple, grid: Triple, axes: readonly (0 | 1 | 2)[]): bigint {
  if (cell.some((at, axis) => !Number.isSafeInteger(at) || at < 0 || at >= (grid[axis] ?? 0)))
    throw new SourceError('ERR_INVALID_INDEX', `there is no chunk (${cell.join(', ')}) in a grid of ${grid.join(' x ')}`)
  let low = 0
  let high = 0
  const rest: [number, number, number] = [...cell]
  for (const [bit, axis] of axes.entries()) {
    const value = rest[axis] % 2
    rest[axis] = (rest[axis] - value) / 2
    if (bit < 32) low += value * 2 ** bit
    else high += value * 2 ** (bit - 32)
  }
  return (BigInt(high) << 32n) | BigInt(low)
}
