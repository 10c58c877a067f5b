/** A range of one axis, as Python's `slice`: `null` stands for "not given". */
export interface Slice {
  readonly start?: number | null | undefined
  readonly stop?: number | null | undefined
  /** At least 1. */
  readonly step?: number | null | undefined
}

/**
 * A range of one axis with Python's meaning: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`. Negative
 * bounds count from the end; bounds outside the axis are clamped.
 */
export function slice(stop?: number | null): Slice
export function slice(start: number | null | undefined, stop: number | null | undefined, step?: number | null): Slice
export function slice(...bounds: readonly (number | null | undefined)[]): Slice {
  if (bounds.length < 2) return { start: null, stop: bounds[0] ?? null, step: null }
  return { start: bounds[0] ?? null, stop: bounds[1] ?? null, step: bounds[2] ?? null }
}
