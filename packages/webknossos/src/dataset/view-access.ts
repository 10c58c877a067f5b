import type { DType, NdArray, Region } from '@bioimage/core'
import type { AccessOptions, RegionAccess } from '@bioimage/core/backend'

/** An axis of the array below: shown from `start` on, or at one position only, which the view then has no axis for. */
export interface ViewAxis {
  readonly start: number
  readonly pinned: boolean
}

/** A part of an array: shifted along its axes, at one position of some. */
export function viewAccess<D extends DType>(base: RegionAccess<D>, axes: readonly ViewAxis[]): RegionAccess<D> {
  const { write } = base
  return {
    read: (region, out, options) => base.read(regionBelow(region, axes), arrayBelow(out, axes), options),
    ...(write !== undefined && {
      write: (region: Region, value: NdArray<D>, options: AccessOptions) =>
        write.call(base, regionBelow(region, axes), arrayBelow(value, axes), options)
    }),
    ...(base.close !== undefined && { close: () => base.close?.() ?? Promise.resolve() })
  }
}

function regionBelow(region: Region, axes: readonly ViewAxis[]): Region {
  return {
    start: insertPinned(region.start, axes, 0).map((at, axis) => at + (axes[axis]?.start ?? 0)),
    shape: insertPinned(region.shape, axes, 1),
    step: insertPinned(region.step, axes, 1)
  }
}

function arrayBelow<D extends DType>(array: NdArray<D>, axes: readonly ViewAxis[]): NdArray<D> {
  return { ...array, shape: insertPinned(array.shape, axes, 1), stride: insertPinned(array.stride, axes, 0) }
}

function insertPinned(values: readonly number[], axes: readonly ViewAxis[], pinned: number): number[] {
  let kept = 0
  return axes.map((axis) => (axis.pinned ? pinned : (values[kept++] ?? pinned)))
}
