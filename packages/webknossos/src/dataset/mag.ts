import { SourceError } from '@bioimage/core'

/** By how much a level is coarser than the voxels of Mag(1), along x, y and z. */
export type Mag = readonly [x: number, y: number, z: number]

/**
 * Reads a magnification: an integer, a list of three, or a text such as `"2"` or `"2-2-1"`; `undefined` for anything else.
 */
export function parseMag(value: unknown): Mag | undefined {
  if (typeof value === 'string') {
    const parts = value.split('-').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN))
    return parts.length === 1 ? parseMag(parts[0]) : parseMag(parts)
  }
  const [x, y, z, ...others]: readonly unknown[] = Array.isArray(value) ? value : [value, value, value]
  return isFactor(x) && isFactor(y) && isFactor(z) && others.length === 0 ? [x, y, z] : undefined
}

function isFactor(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && Number.isInteger(Math.log2(value))
}

/** @throws ERR_INVALID_ARGUMENT for what is no magnification. */
export function magOption(value: unknown): Mag {
  const mag = parseMag(value)
  if (mag !== undefined) return mag
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `\`mag\` is a power of two, three of them (x, y, z) or a text such as "2-2-1", found ${JSON.stringify(value)?.slice(0, 80)}`
  )
}

/** The short name: `"2"`, or `"2-2-1"` where the factors differ. */
export function shortName([x, y, z]: Mag): string {
  return x === y && y === z ? String(x) : `${x}-${y}-${z}`
}

/** The long name: `"2-2-1"`, also where all factors are the same. */
export function longName(mag: Mag): string {
  return mag.join('-')
}

/** As specs have it: a number where that says all. */
export function magParameter(mag: Mag): number | string {
  const [x, y, z] = mag
  return x === y && y === z ? x : longName(mag)
}

export function equalMags(one: Mag, other: Mag): boolean {
  return one.every((factor, axis) => factor === other[axis])
}

/** Finest first. */
export function compareMags(one: Mag, other: Mag): number {
  const volume = (mag: Mag): number => mag.reduce((product, factor) => product * factor, 1)
  return volume(one) - volume(other) || (longName(one) < longName(other) ? -1 : 1)
}
