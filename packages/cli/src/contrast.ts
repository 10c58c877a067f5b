/** The values that become black and white. */
export interface Window {
  readonly low: number
  readonly high: number
}

/**
 * The window between two percentiles (0 to 100) of the finite values, interpolated linearly as numpy does it.
 * All values equal, or none finite: a window of no width.
 */
export function percentileWindow(values: Float32Array | Float64Array, percentiles: readonly [number, number]): Window {
  const sorted = values.filter(Number.isFinite).sort()
  const at = (percentile: number): number => {
    const position = (Math.max(0, sorted.length - 1) * percentile) / 100
    const below = sorted[Math.floor(position)] ?? 0
    return below + ((sorted[Math.ceil(position)] ?? 0) - below) * (position - Math.floor(position))
  }
  return { low: at(percentiles[0]), high: at(percentiles[1]) }
}

/** Values as 8-bit grey: `low` and below black, `high` and above white, NaN black. */
export function stretch(values: Float32Array | Float64Array, { low, high }: Window): Uint8Array {
  const width = high - low
  const grey = new Uint8Array(values.length)
  for (const [at, value] of values.entries()) {
    if (value >= high && width > 0) grey[at] = 255
    else if (value > low && width > 0) grey[at] = Math.round(((value - low) * 255) / width)
  }
  return grey
}
