import { unsupported } from '../codec-errors.js'
import type { CodecStep } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { decodeBzip2 } from './bzip2-decode.js'

/** bzip2, for reading. */
export function createBz2(): CodecStep {
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => Payload.of(decodeBzip2(encoded.view(), expected)),
    encode: () => {
      throw unsupported('bz2', 'encoding is not implemented; use "zstd" or "gzip"')
    }
  }
}
