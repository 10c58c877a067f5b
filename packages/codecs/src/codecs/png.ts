import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { decodePng } from '../png/decode-png.js'
import { encodePng } from '../png/encode-png.js'
import type { PngHeader } from '../png/png-header.js'

const pixelRange = { min: 1, max: 2 ** 31 - 1 }

/**
 * PNG (ISO 15948): interleaved samples of 8 bits, or of 16 in the machine's order; single bits are bytes of 0 and 1.
 *
 * - `width`, `height`: pixels that the image must have. Without them, it must have just as many samples as the chunk.
 * - `channels`: samples per pixel, 1 to 4. Without it, any number is decoded, and one encoded.
 * - `level`: of compression, 0 to 9; defaults to 3.
 *
 * Encoding without `width` and `height` takes the last axis of the chunk, before that of channels, as the width.
 */
export async function createPng(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const kernel = await context.kernel()
  const width = spec.width === undefined ? undefined : integerOption(spec, 'width', pixelRange)
  const height = spec.height === undefined ? undefined : integerOption(spec, 'height', pixelRange)
  const channels = spec.channels === undefined ? undefined : integerOption(spec, 'channels', { min: 1, max: 4 })
  const zlib = await context.step({ id: 'zlib', level: integerOption(spec, 'level', { min: 0, max: 9 }, 3) })
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const image = decodePng(kernel, encoded.lasting(), (header) => checkHeader(header, { width, height, channels }, expected))
      const { samples } = image
      return Payload.of(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    },
    encode: async (decoded) => {
      const samples = decoded.lasting()
      const size = sizeOf(samples.byteLength, { width, height, channels }, context)
      const compress = async (bytes: Uint8Array): Promise<Uint8Array> => (await zlib.encode(Payload.of(bytes))).lasting()
      return Payload.of(await encodePng(kernel, { ...size, samples }, compress))
    }
  }
}

interface SizeOptions {
  readonly width: number | undefined
  readonly height: number | undefined
  readonly channels: number | undefined
}

/** Refuses an image that gives other samples than the chunk has, before memory is taken for it. */
function checkHeader(header: PngHeader, options: SizeOptions, { max, exact }: ExpectedLength): void {
  const found = `the image has ${header.width} x ${header.height} pixels of ${header.channels} x ${header.bitsPerSample} bits`
  for (const name of ['width', 'height', 'channels'] as const) {
    if (options[name] !== undefined && options[name] !== header[name])
      throw corrupt('png', `${found}, expected the ${name} ${options[name]}`)
  }
  const length = header.width * header.height * header.channels * (header.bitsPerSample > 8 ? 2 : 1)
  if (exact ? length !== max : length > max) throw corrupt('png', `${found}, expected ${exact ? '' : 'at most '}${max} bytes`)
}

function sizeOf(
  byteLength: number,
  options: SizeOptions,
  { itemSize = 1, shape = [] }: StepContext
): { width: number; height: number; channels: 1 | 2 | 3 | 4; bitsPerSample: 8 | 16 } {
  const { channels = 1 } = options
  if (itemSize !== 1 && itemSize !== 2) throw unsupported('png', `PNG holds samples of 1 or 2 bytes, not of ${itemSize}`)
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4)
    throw invalid('png', `"channels" is ${channels}, expected 1 to 4`)
  const pixels = byteLength / itemSize / channels
  const axes = shape.length > 1 && shape.at(-1) === channels ? shape.slice(0, -1) : shape
  const width = options.width ?? (options.height === undefined ? (axes.at(-1) ?? pixels) : pixels / options.height)
  const height = options.height ?? pixels / width
  if (!Number.isInteger(width) || !Number.isInteger(height) || width * height !== pixels || pixels === 0) {
    throw invalid('png', `${pixels} pixels of ${channels} channels are no image of ${width} x ${height}`)
  }
  return { width, height, channels, bitsPerSample: itemSize === 2 ? 16 : 8 }
}
