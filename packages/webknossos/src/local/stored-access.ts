import type { NdArray, Source } from '@bioimage/core'
import { bytesOf, fillStrided, itemSizeOf, type RegionAccess } from '@bioimage/core/backend'
import type { Layer } from '../dataset/layer.js'
import type { StoredArray } from './stored-array.js'

/** An axis of a layer: which axis of the stored array it lies along, and where element 0 lies there. */
interface AxisPlace {
  /** `undefined` for an axis that the array does not have. */
  readonly axis: number | undefined
  readonly start: number
}

/**
 * Reads a layer from the array that holds it: axes in any order, anchored at the origin of the dataset. Voxels that the array does not
 * reach are zero, since writers cut arrays at whole voxels.
 */
export function storedAccess({ source, axes, origin }: StoredArray, layer: Layer, channel: number): RegionAccess {
  const places: readonly AxisPlace[] = [
    ...layer.additionalAxes.map(({ name, bounds: [low = 0] }) => ({ axis: axes[name], start: low })),
    ...(layer.channels === 1 ? [] : [{ axis: axes.c, start: 0 }]),
    ...['z', 'y', 'x'].map((name, at) => ({ axis: axes[name], start: -(origin[2 - at] ?? 0) }))
  ]
  // The one channel of a layer whose array has a channel axis.
  const pinned = layer.channels === 1 && axes.c !== undefined && axes.c < source.ndim ? { axis: axes.c, at: channel } : undefined
  return {
    async read(region, out, { signal }) {
      const itemSize = itemSizeOf(out.dtype)
      const index = source.shape.map(() => ({ start: 0, stop: 1, step: 1 }))
      const shape = source.shape.map(() => 1)
      const stride = source.shape.map(() => 0)
      let offset = out.offset ?? 0
      let isCut = false
      for (const [at, { axis, start }] of places.entries()) {
        if (axis === undefined) continue
        const first = (region.start[at] ?? 0) + start
        const step = region.step[at] ?? 1
        const count = region.shape[at] ?? 0
        const length = source.shape[axis] ?? 0
        const from = Math.min(count, Math.max(0, Math.ceil(-first / step)))
        const to = Math.max(from, Math.min(count, Math.ceil((length - first) / step)))
        if (from > 0 || to < count) isCut = true
        index[axis] = { start: first + from * step, stop: first + (to - 1) * step + 1, step }
        shape[axis] = to - from
        stride[axis] = out.stride[at] ?? 0
        offset += from * (out.stride[at] ?? 0)
      }
      if (pinned !== undefined) index[pinned.axis] = { start: pinned.at, stop: pinned.at + 1, step: 1 }
      if (isCut) {
        const strides = out.stride.map((stride) => stride * itemSize)
        fillStrided(bytesOf(out.data), (out.offset ?? 0) * itemSize, strides, out.shape, new Uint8Array(itemSize))
      }
      if (shape.includes(0)) return
      const part: NdArray = { dtype: out.dtype, data: out.data, shape, stride, offset }
      await source.get(index, { out: part, signal })
    },
    close: () => source.close()
  }
}

/** Lengths along the axes of the stored array, along those of the layer. */
export function alongLayer({ axes }: StoredArray, layer: Layer, lengths: Source['chunks']): readonly number[] | null {
  if (lengths === null) return null
  const names = [...layer.additionalAxes.map(({ name }) => name), ...(layer.channels === 1 ? [] : ['c']), 'z', 'y', 'x']
  return names.map((name) => lengths[axes[name] ?? -1] ?? 1)
}
