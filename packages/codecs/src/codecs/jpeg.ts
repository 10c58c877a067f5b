import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import { choiceOption, integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { decodeJpeg, type JpegImage } from '../jpeg/decode-jpeg.js'
import { encodeJpeg, maximalJpegSide } from '../jpeg/encode-jpeg.js'
import type { JpegFrame } from '../jpeg/jpeg-header.js'
import { Payload } from '../payload.js'

/**
 * JPEG (ITU-T T.81): interleaved samples, of two bytes in the machine's order if they have 12 bits. Written are samples of 8 bits, gray
 * or RGB.
 *
 * - `width`, `height`: pixels of the chunk; a larger image is cropped at its right and bottom. Without them the image must
 *   have just as many samples as the chunk.
 * - `colors`: how they are stored, `plain`, `ycbcr` or `ycck` (the last two become RGB and CMYK); `auto` (default) goes by the
 *   markers of the stream; `jfif` means `ycbcr` where the stream has a JFIF marker, else `plain`.
 * - `tables`: base64 of a stream that holds the tables which the streams leave out.
 * - `quality`: of written images, 1 to 100; defaults to 75.
 * - `channels`: of written pixels, 1 (default) or 3.
 *
 * Encoding without `width` and `height` takes the last axis of the chunk, before that of channels, as the width; where the height would
 * be more than JPEG can say, the last two.
 */
export function createJpeg(spec: CodecSpec, context: StepContext): CodecStep {
  const size = spec.width === undefined && spec.height === undefined ? undefined : sizeOption(spec)
  const colors = choiceOption(spec, 'colors', ['auto', 'plain', 'ycbcr', 'ycck', 'jfif'], 'auto')
  const tables = tablesOption(spec)
  const quality = integerOption(spec, 'quality', { min: 1, max: 100 }, 75)
  const channels = integerOption(spec, 'channels', { min: 1, max: 4 }, 1)
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const image = decodeJpeg(encoded.view(), {
        tables,
        colors: colors === 'auto' ? undefined : colors,
        checkFrame: (frame) => checkFrame(frame, size, expected)
      })
      const { samples } = size === undefined ? image : crop(image, size)
      return Payload.of(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    },
    encode: (decoded) => {
      const samples = decoded.view()
      return Payload.of(encodeJpeg({ ...pixelsOf(samples.byteLength, size, channels, context), samples }, quality))
    }
  }
}

/** The image that samples are written as. */
function pixelsOf(
  byteLength: number,
  size: PixelSize | undefined,
  channels: number,
  { itemSize = 1, shape = [] }: StepContext
): PixelSize & { readonly channels: 1 | 3 } {
  if (itemSize !== 1) throw unsupported('jpeg', `samples of 8 bits are written, not of ${8 * itemSize}`)
  if (channels !== 1 && channels !== 3) throw unsupported('jpeg', `images of 1 or 3 channels are written, not of ${channels}`)
  const pixels = byteLength / channels
  const axes = shape.length > 1 && shape.at(-1) === channels ? shape.slice(0, -1) : shape
  const last = axes.at(-1) ?? pixels
  const width = size?.width ?? (pixels / last > maximalJpegSide ? last * (axes.at(-2) ?? 1) : last)
  const height = size?.height ?? pixels / width
  if (!Number.isInteger(height) || width * height !== pixels || pixels === 0)
    throw invalid('jpeg', `${pixels} pixels of ${channels} channels are no image of ${width} x ${height}`)
  if (width > maximalJpegSide || height > maximalJpegSide)
    throw unsupported(
      'jpeg',
      `an image of ${width} x ${height} pixels: JPEG has at most ${maximalJpegSide} along a side; use smaller chunks`
    )
  return { width, height, channels }
}

interface PixelSize {
  readonly width: number
  readonly height: number
}

function sizeOption(spec: CodecSpec): PixelSize {
  const range = { min: 1, max: 2 ** 31 }
  return { width: integerOption(spec, 'width', range), height: integerOption(spec, 'height', range) }
}

function tablesOption({ tables }: CodecSpec): Uint8Array | undefined {
  if (tables === undefined || tables === null) return undefined
  if (typeof tables !== 'string') throw invalid('jpeg', '"tables" is not the base64 of a stream')
  try {
    return Uint8Array.from(atob(tables), (character) => character.charCodeAt(0))
  } catch {
    throw invalid('jpeg', '"tables" is not the base64 of a stream')
  }
}

/** Refuses a frame that gives other samples than the chunk has, before memory is taken for it. */
function checkFrame(frame: JpegFrame, size: PixelSize | undefined, expected: ExpectedLength): void {
  const channels = frame.components.length
  const pixelBytes = channels * (frame.precision > 8 ? 2 : 1)
  const found = `the image has ${frame.width} x ${frame.height} pixels of ${channels} x ${frame.precision} bits`
  const { width, height } = size ?? frame
  if (frame.width < width || frame.height < height) throw corrupt('jpeg', `${found}, expected ${width} x ${height} pixels`)
  // A crop much larger than the chunk would only take memory.
  if (frame.width * frame.height > 4 * width * height + 65536) throw corrupt('jpeg', `${found}, expected ${width} x ${height} pixels`)
  const length = width * height * pixelBytes
  if (expected.exact ? length !== expected.max : length > expected.max)
    throw corrupt('jpeg', `${found}, expected ${expected.exact ? '' : 'at most '}${expected.max} bytes`)
}

function crop(image: JpegImage, { width, height }: PixelSize): JpegImage {
  if (image.width === width && image.height === height) return image
  const { channels } = image
  const size = width * height * channels
  const samples = image.samples instanceof Uint16Array ? new Uint16Array(size) : new Uint8Array(size)
  for (let y = 0; y < height; y++) {
    const from = y * image.width * channels
    samples.set(image.samples.subarray(from, from + width * channels), y * width * channels)
  }
  return { width, height, channels, samples }
}
