import type { CodecSpec } from '@bioimage/core'
import { unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { decodeBzip2 } from './bzip2-decode.js'

/** bzip2, for reading. `stopAfter` (no limit) ends the decoding behind the block with that many bytes: to look at a beginning. */
export function createBz2(spec: CodecSpec): CodecStep {
  const stopAfter = integerOption(spec, 'stopAfter', { min: 1, max: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER)
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => Payload.of(decodeBzip2(encoded.view(), expected, stopAfter)),
    encode: () => {
      throw unsupported('bz2', 'encoding is not implemented; use "zstd" or "gzip"')
    }
  }
}
