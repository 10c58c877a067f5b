import type { Axis, DType, JsonObject, Level, Source, SourceMetadata, SpecBase } from '@bioimage/core'
import { axisTypeOfName, defineSource, type RegionAccess } from '@bioimage/core/backend'
import type { WebknossosSource } from '../driver.js'
import type { Layer } from './layer.js'
import type { Choice } from './layer-choice.js'
import { type Mag, magParameter, shortName } from './mag.js'
import type { MagBox } from './region.js'
import { type ViewAxis, viewAccess } from './view-access.js'
import type { VoxelSize } from './voxel-size.js'

/** What makes a source of a chosen layer. */
export interface LayerSourceOptions {
  readonly choice: Choice
  readonly voxelSize: VoxelSize | undefined
  readonly dtype: DType
  /**
   * The array below: the additional axes from their lower bound, the channels where there are several, then z, y and x in voxels of the
   * magnification from the origin of the dataset.
   */
  readonly access: RegionAccess
  /** Of that array. */
  readonly chunks: readonly number[] | null
  readonly shards: readonly number[] | null
  readonly toSpec: (() => SpecBase) | undefined
  /** Options of the spec beside those of the choice. */
  readonly params: JsonObject
}

/** A source that shows what was chosen of a layer. */
export function layerSource(options: LayerSourceOptions): WebknossosSource {
  const { choice, voxelSize, dtype, access, toSpec } = options
  const { layer, mag, box } = choice
  const axes = viewAxes(choice)
  const keep = <T>(values: readonly T[]): T[] => values.filter((_, axis) => axes[axis]?.pinned === false)
  const metadata = layerMetadata(layer, mag.mag, box, voxelSize)
  const [offset, size] = [box.start, box.shape].map((lengths) => lengths.map((length, axis) => length * (mag.mag[axis] ?? 1)))
  const params = { ...options.params, ...specParams(choice), offset: offset ?? [], size: size ?? [] }
  return defineSource(
    {
      kind: 'webknossos',
      shape: keep(layerShape(layer, box)),
      dtype,
      chunks: options.chunks === null ? null : keep(options.chunks),
      shards: options.shards === null ? null : keep(options.shards),
      attrs: layer.document,
      metadata: {
        ...metadata,
        axes: keep(metadata.axes ?? []),
        levels: metadata.levels?.map((level) => ({ ...level, ...(level.scale !== undefined && { scale: keep(level.scale) }) }))
      },
      access: viewAccess(access, axes),
      toSpec: toSpec === undefined ? undefined : () => ({ ...toSpec(), params }),
      readOnlyReason: 'what a server or dataset holds is changed in WEBKNOSSOS; write a copy with createSource'
    },
    {
      kind: 'webknossos' as const,
      layerName: layer.name,
      category: layer.category,
      mag: mag.mag,
      offset: offset ?? [],
      extent: size ?? [],
      largestSegmentId: layer.largestSegmentId
    }
  )
}

/** Shape of all axes of a layer: the additional ones, the channels where there are several, z, y and x. */
export function layerShape(layer: Layer, box: MagBox): readonly number[] {
  return [
    ...layer.additionalAxes.map(({ bounds: [low = 0, high = 0] }) => high - low),
    ...(layer.channels === 1 ? [] : [layer.channels]),
    ...box.shape.toReversed()
  ]
}

/** What is known of all axes and magnifications of a layer. */
export function layerMetadata(layer: Layer, mag: Mag, box: MagBox, voxelSize: VoxelSize | undefined): SourceMetadata {
  const spatial = ['z', 'y', 'x'].map((name, axis): Axis => {
    const factor = voxelSize?.factor[2 - axis]
    if (voxelSize === undefined || factor === undefined) return { name, type: 'space' }
    const scale = factor * (mag[2 - axis] ?? 1)
    return { name, type: 'space', unit: voxelSize.unit, scale, translation: scale * (box.start[2 - axis] ?? 0) }
  })
  const others = [
    ...layer.additionalAxes.map(({ name }): Axis => ({ name, type: axisTypeOfName(name) })),
    ...(layer.channels === 1 ? [] : [{ name: 'c', type: 'channel' } as const])
  ]
  const levels = layer.mags.map(({ mag }): Level => {
    const internalPath = `${layer.name}/${shortName(mag)}`
    if (voxelSize === undefined) return { internalPath }
    return { internalPath, scale: [...others.map(() => 1), ...[2, 1, 0].map((axis) => (voxelSize.factor[axis] ?? 1) * (mag[axis] ?? 1))] }
  })
  const { largestSegmentId } = layer
  const segmentation =
    layer.category === 'segmentation' && largestSegmentId !== undefined ? { largestSegmentId: String(largestSegmentId) } : undefined
  return { axes: [...others, ...spatial], levels, ...(segmentation !== undefined && { segmentation }) }
}

function viewAxes({ layer, box, channel, coordinates }: Choice): readonly ViewAxis[] {
  return [
    ...layer.additionalAxes.map(({ name, bounds: [low = 0] }): ViewAxis => {
      const chosen = Object.hasOwn(coordinates, name) ? coordinates[name] : undefined
      return { start: (chosen ?? low) - low, pinned: chosen !== undefined }
    }),
    ...(layer.channels === 1 ? [] : [{ start: channel ?? 0, pinned: channel !== undefined }]),
    ...box.start.toReversed().map((start) => ({ start, pinned: false }))
  ]
}

function specParams({ layer, mag, channel, coordinates }: Choice): JsonObject {
  return {
    layerName: layer.name,
    mag: magParameter(mag.mag),
    ...(channel !== undefined && { channel }),
    ...(Object.keys(coordinates).length > 0 && { additionalCoordinates: coordinates })
  }
}

/** What a source says of itself in a list of arrays. */
export function describeSource(source: Source): Pick<Source, 'shape' | 'dtype' | 'chunks' | 'shards' | 'metadata'> {
  const { shape, dtype, chunks, shards, metadata } = source
  return { shape, dtype, chunks, shards, metadata }
}
