import { canEncode, hasCodec } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { type CodecSpec, type DType, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { parseIntegers } from '@bioimage/core/backend'

/** What an encoding can hold. */
interface EncodingRules {
  readonly dtypes?: readonly DType[]
  readonly channels?: readonly number[]
}

/** What CloudVolume writes with where a scale does not say; new scales say it. */
export const defaultJpegQuality = 85

const labels: readonly DType[] = ['uint8', 'uint16', 'uint32', 'uint64', 'int8', 'int16', 'int32', 'int64']

const rules: Readonly<Record<string, EncodingRules>> = {
  raw: {},
  compressed_segmentation: { dtypes: ['uint32', 'uint64'] },
  compresso: { dtypes: labels, channels: [1] },
  jpeg: { dtypes: ['uint8'], channels: [1, 3] },
  png: { dtypes: ['uint8', 'uint16'], channels: [1, 2, 3, 4] },
  jxl: { dtypes: ['uint8'], channels: [1, 3, 4] }
}

/**
 * The codecs of a chunk by the encoding that a scale names, without compressions around it. They give chunks in the stored order:
 * x fastest, then y, z, channel.
 *
 * @throws ERR_UNSUPPORTED for an encoding that is not read here, ERR_CORRUPT_DATA for one that cannot hold such elements.
 */
export function chunkCodecs(encoding: string, dtype: DType, channels: number, scale: JsonObject): readonly CodecSpec[] {
  const rule = Object.hasOwn(rules, encoding) ? rules[encoding] : undefined
  if (rule === undefined || (encoding !== 'raw' && !hasCodec(encoding)))
    throw new SourceError('ERR_UNSUPPORTED', `chunks of encoding ${JSON.stringify(encoding)}; known are ${knownEncodings().join(', ')}`)
  if (rule.dtypes?.includes(dtype) === false)
    throw new SourceError('ERR_CORRUPT_DATA', `encoding "${encoding}" is of ${rule.dtypes.join(', ')}, the volume of ${dtype}`)
  if (rule.channels?.includes(channels) === false)
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `encoding "${encoding}" is of ${rule.channels.join(', ')} channels, the volume has ${channels}`
    )
  switch (encoding) {
    case 'raw':
      return []
    case 'compressed_segmentation':
      return [{ id: encoding, blockSize: blockSizeOf(scale) }]
    case 'jpeg':
      return [{ id: encoding, channels, quality: isQuality(scale.jpeg_quality) ? scale.jpeg_quality : defaultJpegQuality }]
    case 'png':
      return [{ id: encoding, channels, ...(isLevel(scale.png_level) && { level: scale.png_level }) }]
    default:
      return [{ id: encoding }]
  }
}

/**
 * Axes of a decoded chunk, slowest first, by number in channel, z, y, x. Images interleave channels; any other encoding has them as
 * planes. (Precomputed, "jpeg chunk encoding": pixel by pixel in the order of voxels, whatever the width.)
 */
export function chunkAxisOrder(encoding: string): readonly number[] {
  return encoding === 'jpeg' || encoding === 'png' || encoding === 'jxl' ? [1, 2, 3, 0] : [0, 1, 2, 3]
}

/** Whether chunks of that encoding can be written. */
export function writesEncoding(encoding: string): boolean {
  return encoding === 'raw' || canEncode(encoding)
}

/** All encodings that can be written. */
export function writtenEncodings(): readonly string[] {
  return Object.keys(rules).filter(writesEncoding)
}

/** Block size of the encoding `compressed_segmentation`, x y z. */
function blockSizeOf({ compressed_segmentation_block_size: value }: JsonObject): readonly number[] {
  const size = parseIntegers('compressed_segmentation_block_size', value, 1)
  if (size.length !== 3) {
    throw new SourceError('ERR_CORRUPT_DATA', `\`compressed_segmentation_block_size\` has ${size.length} numbers, expected 3`)
  }
  return size
}

function knownEncodings(): readonly string[] {
  return Object.keys(rules).filter((name) => name === 'raw' || hasCodec(name))
}

export function isQuality(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100
}

function isLevel(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 9
}
