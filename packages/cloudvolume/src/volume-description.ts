import { SourceError, type SourceMetadata } from '@bioimage/core'
import { scaleAt, type VolumeInfo } from './info.js'
import { gridOf, type Scale } from './scale.js'
import { clipToGrid, shardBox } from './sharding.js'
import { mapTriple, reversed, type Triple } from './triple.js'
import type { View } from './view.js'

/** Shape, chunks and shards of what a source shows of a scale. */
export function shapesOf(
  info: VolumeInfo,
  scale: Scale,
  view: View
): { readonly shape: readonly number[]; readonly chunks: readonly number[]; readonly shards: readonly number[] | null } {
  return {
    shape: withChannels(reversed(view.size), info, view),
    chunks: withChannels(reversed(scale.chunkSize), info, view),
    shards: shardsOf(scale, info, view)
  }
}

function withChannels(lengths: readonly number[], { channels }: VolumeInfo, { channelAxis }: View): readonly number[] {
  return channelAxis ? [channels, ...lengths] : lengths
}

/** Voxels that one stored file holds, where that is a box of several chunks. */
function shardsOf(scale: Scale, info: VolumeInfo, view: View): readonly number[] | null {
  if (scale.sharding === undefined) return null
  const grid = gridOf(scale)
  const box = shardBox(scale.sharding, grid)
  if (box === undefined) return null
  if (box.every((length) => length === 1)) return null
  const voxels: Triple = mapTriple(clipToGrid(box, grid), (length, axis) => length * scale.chunkSize[axis])
  return withChannels(reversed(voxels), info, view)
}

/** Axes in nanometres, and the other scales. */
export function metadataOf(info: VolumeInfo, scale: Scale, view: View): SourceMetadata {
  const names = ['x', 'y', 'z']
  const space = names.map((name, axis) => ({
    name,
    type: 'space' as const,
    unit: 'nanometer',
    scale: scale.resolution[axis] ?? 1,
    translation: (scale.resolution[axis] ?? 1) * (view.offset[axis] ?? 0)
  }))
  const axes = [...(view.channelAxis ? [{ name: 'c', type: 'channel' as const }] : []), ...space.reverse()]
  return { axes, levels: levelsOf(info, view) }
}

function levelsOf(info: VolumeInfo, view: View): SourceMetadata['levels'] {
  return info.scaleDocuments.flatMap((_, mip) => {
    try {
      const { key, resolution, voxelOffset } = scaleAt(info, mip)
      const channel = view.channelAxis ? [1] : []
      const first = view.channelAxis ? [0] : []
      const translation = mapTriple(voxelOffset, (at, axis) => at * resolution[axis])
      return [{ internalPath: key, scale: [...channel, ...reversed(resolution)], translation: [...first, ...reversed(translation)] }]
    } catch (error) {
      // A damaged scale is no reason not to read the others.
      if (error instanceof SourceError) return []
      throw error
    }
  })
}
