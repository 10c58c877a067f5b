import { SourceError } from '@bioimage/core'
import type { Scale } from './scale.js'
import { mapTriple, type Triple } from './triple.js'
import type { VolumeParams } from './volume-params.js'

/** What of a scale a source shows. */
export interface View {
  /** First voxel, x y z, counted as in the volume. */
  readonly offset: Triple
  /** Voxels, x y z. */
  readonly size: Triple
  /** Whether channels are an axis of the source; else it shows `channel` alone. */
  readonly channelAxis: boolean
  readonly channel: number
}

/**
 * The window and channel that the options name.
 *
 * @throws ERR_INVALID_ARGUMENT (a window outside the volume, unless `bounded` is false; a channel that is not there)
 */
export function chooseView(scale: Scale, channels: number, params: VolumeParams): View {
  const { channel, bounded, autocrop } = params
  if (channel !== undefined && (channel < -channels || channel >= channels))
    throw new SourceError('ERR_INVALID_ARGUMENT', `there is no channel ${channel}; the volume has ${channels}`)
  const begin = tripleOf('offset', params.offset) ?? scale.voxelOffset
  const end = mapTriple(scale.voxelOffset, (at, axis) => at + scale.size[axis])
  const size = tripleOf('size', params.size) ?? mapTriple(end, (at, axis) => Math.max(0, at - begin[axis]))
  if (size.some((length) => length < 0)) throw new SourceError('ERR_INVALID_ARGUMENT', `\`size\` [${size.join(', ')}] is less than 0`)
  const view = {
    channelAxis: channel === undefined && channels > 1,
    channel: channel === undefined ? 0 : channel < 0 ? channel + channels : channel
  }
  const inside = size.every((length, axis) => begin[axis]! >= scale.voxelOffset[axis]! && begin[axis]! + length <= end[axis]!)
  if (inside || !(bounded || autocrop)) return { ...view, offset: begin, size }
  if (autocrop) {
    const offset = mapTriple(begin, (at, axis) => Math.min(Math.max(at, scale.voxelOffset[axis]), end[axis]))
    return { ...view, offset, size: mapTriple(offset, (at, axis) => Math.max(0, Math.min(begin[axis] + size[axis], end[axis]) - at)) }
  }
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `the window of ${size.join(' x ')} voxels at [${begin.join(', ')}] reaches outside the volume, which lies from [${scale.voxelOffset.join(', ')}] to [${end.join(', ')}]; give \`bounded: false\` to read background there, or \`autocrop: true\``
  )
}

function tripleOf(name: string, numbers: readonly number[] | undefined): Triple | undefined {
  if (numbers === undefined) return undefined
  const [x, y, z] = numbers
  if (x === undefined || y === undefined || z === undefined || numbers.length !== 3)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` is three integers, x y z, found [${numbers.join(', ')}]`)
  return [x, y, z]
}
