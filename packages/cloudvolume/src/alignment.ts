import type { NdArray, Region } from '@bioimage/core'
import { SourceError } from '@bioimage/core'
import type { AccessOptions, RegionAccess } from '@bioimage/core/backend'
import type { Scale } from './scale.js'
import { mapTriple, type Triple } from './triple.js'

/** A box of voxels, x y z, counted as in the volume. */
export interface Box {
  readonly start: Triple
  readonly end: Triple
}

/** The smallest box of whole chunks around a box; chunks end where the volume ends. */
export function alignedBox({ start, end }: Box, { voxelOffset, size, chunkSize }: Pick<Scale, 'voxelOffset' | 'size' | 'chunkSize'>): Box {
  return {
    start: mapTriple(start, (at, axis) => voxelOffset[axis] + Math.floor((at - voxelOffset[axis]) / chunkSize[axis]) * chunkSize[axis]),
    end: mapTriple(
      end,
      (at, axis) => voxelOffset[axis] + Math.min(Math.ceil((at - voxelOffset[axis]) / chunkSize[axis]) * chunkSize[axis], size[axis])
    )
  }
}

/** Refuses writes that cover a chunk in part. */
export function alignedAccess(access: RegionAccess, scale: Scale): RegionAccess {
  const { write } = access
  if (write === undefined) return access
  return {
    ...access,
    async write(region: Region, value: NdArray, options: AccessOptions) {
      const first: Triple = [region.start[3] ?? 0, region.start[2] ?? 0, region.start[1] ?? 0]
      const lengths: Triple = [region.shape[3] ?? 0, region.shape[2] ?? 0, region.shape[1] ?? 0]
      const start = mapTriple(first, (at, axis) => at + scale.voxelOffset[axis])
      const box = { start, end: mapTriple(start, (at, axis) => at + lengths[axis]) }
      const aligned = alignedBox(box, scale)
      if (`${box.start}|${box.end}` !== `${aligned.start}|${aligned.end}`) {
        throw new SourceError(
          'ERR_INVALID_INDEX',
          `the box [${box.start.join(', ')}] to [${box.end.join(', ')}] (x y z, in voxels of the volume) covers chunks in part; the nearest aligned one is [${aligned.start.join(', ')}] to [${aligned.end.join(', ')}], or give \`nonAlignedWrites: true\``
        )
      }
      await write(region, value, options)
    }
  }
}
