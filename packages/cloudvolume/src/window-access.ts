import type { NdArray, Region } from '@bioimage/core'
import { SourceError } from '@bioimage/core'
import { type AccessOptions, bytesOf, fillStrided, itemSizeOf, type RegionAccess, sizeOf } from '@bioimage/core/backend'

/** The part of an array that a source shows. All lists have the axes channel, z, y, x of the array. */
export interface Window {
  /** First element; may lie outside. */
  readonly start: readonly number[]
  /** Whether the source has that axis; else its window is one element long. */
  readonly shown: readonly boolean[]
  /** Shape of the whole array. */
  readonly bounds: readonly number[]
  /** Bytes of an element outside the array. */
  readonly fill: Uint8Array
}

/** Regions of a window as regions of the whole array. What lies outside is background, and cannot be written. */
export function windowAccess(access: RegionAccess, window: Window): RegionAccess {
  const { write } = access
  return {
    async read(region, out, options) {
      const whole = inArray(region, window)
      const array = withHidden(out, whole.shape, window)
      const inside = clip(whole, window.bounds)
      if (inside === undefined || sizeOf(inside.region.shape) < sizeOf(whole.shape)) fillWith(array, window.fill)
      if (inside !== undefined) await access.read(inside.region, partOf(array, inside), options)
    },
    ...(write !== undefined && {
      async write(region: Region, value: NdArray, options: AccessOptions) {
        const whole = inArray(region, window)
        const inside = clip(whole, window.bounds)
        if (inside === undefined || sizeOf(inside.region.shape) < sizeOf(whole.shape))
          throw new SourceError('ERR_INVALID_INDEX', 'the region reaches outside the volume, where nothing can be written')
        await write(whole, withHidden(value, whole.shape, window), options)
      }
    }),
    ...(access.close !== undefined && { close: access.close })
  }
}

function inArray(region: Region, { start, shown }: Window): Region {
  let axis = 0
  const entries = start.map((first, at) => {
    if (shown[at] === false) return { start: first, step: 1, length: 1 }
    const entry = { start: first + (region.start[axis] ?? 0), step: region.step[axis] ?? 1, length: region.shape[axis] ?? 0 }
    axis++
    return entry
  })
  return {
    start: entries.map((entry) => entry.start),
    step: entries.map((entry) => entry.step),
    shape: entries.map((entry) => entry.length)
  }
}

/** The same elements with the axes that the source does not show. */
function withHidden(array: NdArray, shape: readonly number[], { shown }: Window): NdArray {
  let axis = 0
  return { ...array, shape, stride: shown.map((visible) => (visible ? (array.stride[axis++] ?? 0) : 0)) }
}

interface Inside {
  readonly region: Region
  /** Where it begins in the region that was asked for, in elements. */
  readonly at: readonly number[]
}

/** What of a region lies inside the array. */
function clip(region: Region, bounds: readonly number[]): Inside | undefined {
  const axes = bounds.map((bound, axis) => {
    const start = region.start[axis] ?? 0
    const step = region.step[axis] ?? 1
    const at = start < 0 ? Math.ceil(-start / step) : 0
    const first = start + at * step
    const length = Math.min((region.shape[axis] ?? 0) - at, Math.ceil((bound - first) / step))
    return { at, first, step, length }
  })
  if (axes.some(({ length }) => length <= 0)) return undefined
  return {
    region: { start: axes.map(({ first }) => first), step: axes.map(({ step }) => step), shape: axes.map(({ length }) => length) },
    at: axes.map(({ at }) => at)
  }
}

function partOf(array: NdArray, { region, at }: Inside): NdArray {
  const offset = at.reduce((sum, skipped, axis) => sum + skipped * (array.stride[axis] ?? 0), array.offset ?? 0)
  return { ...array, shape: region.shape, offset }
}

function fillWith(array: NdArray, fill: Uint8Array): void {
  const itemSize = itemSizeOf(array.dtype)
  const strides = array.stride.map((stride) => stride * itemSize)
  fillStrided(bytesOf(array.data), (array.offset ?? 0) * itemSize, strides, array.shape, fill)
}
