import { type CodecSpec, SourceError } from '@bioimage/core'
import { decodeCcitt } from '../ccitt/decode-ccitt.js'
import { corrupt, unsupported } from '../codec-errors.js'
import { booleanOption, choiceOption, integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'

/** As for the codecs of the kernel: hostile widths must not take all memory. */
const maximalBytes = 2 ** 30

/**
 * Bilevel images of fax machines (ITU-T T.4 and T.6; TIFF's compressions 2, 3 and 4), for reading: a byte a pixel, 0 is white and 1
 * black. `scheme` is `rle`, `group3` or `group4`, `width` the pixels of a row, `twoDimensional` (false) says that rows of group 3
 * may be coded by the row before.
 */
export function createCcitt(spec: CodecSpec): CodecStep {
  const scheme = choiceOption(spec, 'scheme', ['rle', 'group3', 'group4'])
  const width = integerOption(spec, 'width', { min: 1, max: 2 ** 31 })
  const twoDimensional = booleanOption(spec, 'twoDimensional', false)
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, { max }) => {
      const rows = Math.floor(max / width)
      // A bit may stand for a whole row, however long.
      if (rows * width > maximalBytes)
        throw new SourceError('ERR_TOO_LARGE', `ccitt: ${rows} rows of ${width} pixels take more than the limit of ${maximalBytes} bytes`)
      // A row takes a bit at least.
      if (rows > encoded.byteLength * 8) throw corrupt('ccitt', `${encoded.byteLength} bytes cannot hold ${rows} rows`)
      return Payload.of(decodeCcitt(encoded.view(), { scheme, width, rows, twoDimensional }))
    },
    encode: () => {
      throw unsupported('ccitt', 'encoding is not implemented; use "zlib"')
    }
  }
}
