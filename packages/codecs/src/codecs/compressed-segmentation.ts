import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid } from '../codec-errors.js'
import { integersOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { type BlockedVolume, decodeCompressedSegmentation } from '../segmentation/compressed-segmentation-decode.js'
import { encodeCompressedSegmentation } from '../segmentation/compressed-segmentation-encode.js'
import { bytesOfWords, wordsOf } from '../segmentation/words.js'

/**
 * Labels of 32 or 64 bits, compressed block by block. (Neuroglancer, "Compressed segmentation format".) `blockSize` is x, y, z. The
 * chunk has the axes z, y, x, or channel, z, y, x.
 */
export async function createCompressedSegmentation(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const volume = volumeOf(spec, context)
  const { scratch } = await context.kernel()
  const byteLength = volume.channels * volume.size[0] * volume.size[1] * volume.size[2] * volume.labelWords * 4
  return {
    encodedLength: boundBehindCompressor,
    decode(encoded) {
      if (encoded.byteLength % 4 !== 0) throw corrupt(spec.id, `the stream has ${encoded.byteLength} bytes, expected whole words of 4`)
      const place = scratch.allocate(byteLength)
      const words = wordsOf(encoded.view())
      if (littleEndianScratch) {
        decodeCompressedSegmentation(words, volume, new Uint32Array(scratch.bytes.buffer, scratch.bytes.byteOffset + place, byteLength / 4))
        return Payload.at(scratch, place, byteLength)
      }
      const labels = new Uint32Array(byteLength / 4)
      decodeCompressedSegmentation(words, volume, labels)
      return Payload.of(bytesOfWords(labels))
    },
    encode(decoded) {
      if (decoded.byteLength !== byteLength) throw invalid(spec.id, `the chunk has ${decoded.byteLength} bytes, expected ${byteLength}`)
      return Payload.of(bytesOfWords(encodeCompressedSegmentation(wordsOf(decoded.view()), volume)))
    }
  }
}

const littleEndianScratch = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function volumeOf(spec: CodecSpec, { shape, itemSize }: StepContext): BlockedVolume {
  if (itemSize !== 4 && itemSize !== 8) throw invalid(spec.id, `elements of ${itemSize} bytes, expected labels of 4 or 8`)
  if (shape === undefined || shape.length < 3 || shape.length > 4)
    throw invalid(spec.id, 'it needs chunks with the axes z, y, x, or channel, z, y, x')
  const [x, y, z] = integersOption(spec, 'blockSize')
  if (x === undefined || y === undefined || z === undefined || x < 1 || y < 1 || z < 1)
    throw invalid(spec.id, `"blockSize" is ${JSON.stringify(spec.blockSize)}, expected three integers of at least 1`)
  const [sizeZ = 1, sizeY = 1, sizeX = 1] = shape.slice(-3)
  return {
    size: [sizeX, sizeY, sizeZ],
    blockSize: [x, y, z],
    channels: shape.length === 4 ? (shape[0] ?? 1) : 1,
    labelWords: itemSize === 4 ? 1 : 2
  }
}
