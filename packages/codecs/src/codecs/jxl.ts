import { type CodecSpec, isSourceError } from '@bioimage/core'
import { corrupt, reasonOf, unsupported } from '../codec-errors.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { type JxlOxideImage, type JxlOxideLibrary, loadJxlOxide } from '../jxl/jxl-oxide-library.js'
import { Payload } from '../payload.js'
import { decodePng } from '../png/decode-png.js'

/**
 * JPEG XL (ISO/IEC 18181) for reading, by jxl-oxide: interleaved samples of 8 bits, or of 16 in the machine's order. Images without
 * loss are exact; of others, decoders differ by 1.
 */
export async function createJxl(_spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const kernel = await context.kernel()
  const library = await loadJxlOxide()
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      // The library gives what it has decoded as a PNG file alone.
      const png = toPng(library, encoded.view(), expected)
      const { samples } = decodePng(kernel, png, ({ width, height, channels, bitsPerSample }) => {
        const length = width * height * channels * (bitsPerSample > 8 ? 2 : 1)
        if (expected.exact ? length !== expected.max : length > expected.max)
          throw corrupt(
            'jxl',
            `the image has ${width} x ${height} pixels of ${channels} x ${bitsPerSample} bits, expected ${expected.max} bytes`
          )
      })
      return Payload.of(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    },
    encode: () => {
      throw unsupported('jxl', 'encoding is not implemented; use "png" or "jpeg"')
    }
  }
}

/** What the library fell over while it worked on is left to it. */
function free(image: JxlOxideImage): void {
  try {
    image.free()
  } catch {
    // The reason is told by the error that came before.
  }
}

function toPng(library: JxlOxideLibrary, bytes: Uint8Array, { max }: ExpectedLength): Uint8Array {
  const image = library()
  try {
    image.feedBytes(bytes)
    if (!image.tryInit() || !image.loaded) throw corrupt('jxl', `the image ends early, after ${bytes.byteLength} bytes`)
    const { width = 0, height = 0 } = image
    // Before memory is taken for it.
    if (width * height > max) throw corrupt('jxl', `the image has ${width} x ${height} pixels, expected at most ${max} bytes`)
    // This also frees what was rendered.
    return image.render().encodeToPng()
  } catch (error) {
    throw isSourceError(error) ? error : corrupt('jxl', `the image is damaged (${reasonOf(error)})`, error)
  } finally {
    free(image)
  }
}
