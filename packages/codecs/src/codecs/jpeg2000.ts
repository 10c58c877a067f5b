import type { CodecSpec } from '@bioimage/core'
import { corrupt, reasonOf, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { type CodestreamHeader, parseCodestreamHeader } from '../jpeg2000/codestream-header.js'
import { loadOpenJpeg, type OpenJpegLibrary } from '../jpeg2000/openjpeg-library.js'
import { Payload } from '../payload.js'

/**
 * JPEG 2000 (ITU-T T.800) for reading, by OpenJPEG: interleaved samples, of two bytes in little-endian order if they have more than
 * 8 bits. `width` and `height`: pixels of the chunk, to which a larger image is cropped.
 */
export async function createJpeg2000(spec: CodecSpec): Promise<CodecStep> {
  const range = { min: 1, max: 2 ** 31 }
  const size =
    spec.width === undefined && spec.height === undefined
      ? undefined
      : { width: integerOption(spec, 'width', range), height: integerOption(spec, 'height', range) }
  const library = await loadOpenJpeg()
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const bytes = encoded.view()
      const header = parseCodestreamHeader(bytes)
      // The library gives signed samples of up to 8 bits as if they were unsigned, cut at 0.
      if (header.signed && header.bitsPerSample <= 8)
        throw unsupported('jpeg2000', `signed samples of ${header.bitsPerSample} bits are not decoded right by its library`)
      const { width, height } = size ?? header
      checkSize(header, width, height, expected)
      const samples = decodeImage(library, bytes, header)
      return Payload.of(header.width === width && header.height === height ? samples : crop(samples, header, width, height))
    },
    encode: () => {
      throw unsupported('jpeg2000', 'encoding is not implemented; use a lossless codec such as "zstd"')
    }
  }
}

const sampleBytes = ({ bitsPerSample }: CodestreamHeader): number => (bitsPerSample > 8 ? 2 : 1)

function checkSize(header: CodestreamHeader, width: number, height: number, expected: ExpectedLength): void {
  const length = width * height * header.channels * sampleBytes(header)
  const found = `the image has ${header.width} x ${header.height} pixels of ${header.channels} x ${header.bitsPerSample} bits`
  const fits = header.width >= width && header.height >= height && header.width * header.height <= 4 * width * height + 65536
  if (!fits) throw corrupt('jpeg2000', `${found}, expected ${width} x ${height} pixels`)
  if (expected.exact ? length !== expected.max : length > expected.max)
    throw corrupt('jpeg2000', `${found}, expected ${expected.exact ? '' : 'at most '}${expected.max} bytes`)
}

/** The library shows damage by an exception that is a number, or by an image without pixels. */
function decodeImage(library: OpenJpegLibrary, bytes: Uint8Array, header: CodestreamHeader): Uint8Array {
  const decoder = library()
  try {
    decoder.getEncodedBuffer(bytes.byteLength).set(bytes)
    decoder.decode()
    const samples = decoder.getDecodedBuffer().slice()
    const due = header.width * header.height * header.channels * sampleBytes(header)
    if (samples.byteLength !== due) throw corrupt('jpeg2000', `the image decodes to ${samples.byteLength} bytes, expected ${due}`)
    return samples
  } catch (error) {
    throw error instanceof Error && 'code' in error ? error : corrupt('jpeg2000', `the codestream is damaged (${reasonOf(error)})`, error)
  } finally {
    decoder.delete()
  }
}

function crop(samples: Uint8Array, header: CodestreamHeader, width: number, height: number): Uint8Array {
  const pixel = header.channels * sampleBytes(header)
  const output = new Uint8Array(width * height * pixel)
  for (let y = 0; y < height; y++) {
    const from = y * header.width * pixel
    output.set(samples.subarray(from, from + width * pixel), y * width * pixel)
  }
  return output
}
