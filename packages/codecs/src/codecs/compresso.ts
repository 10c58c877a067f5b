import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { decodeCompresso } from '../segmentation/compresso-decode.js'
import { parseCompresso } from '../segmentation/compresso-stream.js'

/**
 * Compresso, versions 0 and 1, for reading: labels of one channel with thin boundaries. The chunk's last three axes are z, y, x, those
 * before have length 1.
 */
export function createCompresso(spec: CodecSpec, { shape, itemSize }: StepContext): CodecStep {
  if (shape === undefined || shape.length < 3 || itemSize === undefined) throw invalid(spec.id, 'it needs chunks with the axes z, y, x')
  const size = shape.slice(-3).toReversed()
  return {
    encodedLength: boundBehindCompressor,
    decode(encoded) {
      const stream = parseCompresso(encoded.view())
      if (stream.labelBytes !== itemSize) throw corrupt(spec.id, `labels of ${stream.labelBytes} bytes, expected ${itemSize}`)
      if (stream.size.some((length, axis) => length !== size[axis]))
        throw corrupt(spec.id, `a volume of ${stream.size.join(' x ')} voxels, expected ${size.join(' x ')}`)
      return Payload.of(decodeCompresso(stream))
    },
    encode: () => {
      throw unsupported(spec.id, 'encoding is not implemented; use "compressed_segmentation"')
    }
  }
}
