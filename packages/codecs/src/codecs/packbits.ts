import { corrupt } from '../codec-errors.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { Payload } from '../payload.js'

/** Eight booleans a byte, the first in the highest bit, behind a byte that counts the padding bits. */
export function createPackbits(): CodecStep {
  return {
    encodedLength: ({ max, exact }: ExpectedLength) => ({ max: 1 + Math.ceil(max / 8), exact }),
    decode: (encoded, { max, exact }) => {
      const bytes = encoded.view()
      const padding = bytes[0]
      const length = (bytes.byteLength - 1) * 8 - (padding ?? 0)
      if (padding === undefined || padding > 7 || length < 0) {
        throw corrupt('packbits', `${bytes.byteLength} bytes with ${padding ?? 'no count of'} padding bits`)
      }
      if (exact ? length !== max : length > max) throw corrupt('packbits', `${length} values, expected ${max}`)
      const decoded = new Uint8Array(length)
      for (let index = 0; index < length; index++) decoded[index] = (bytes[1 + (index >> 3)]! >> (7 - (index & 7))) & 1
      return Payload.of(decoded)
    },
    encode: (decoded) => {
      const values = decoded.view()
      const encoded = new Uint8Array(1 + Math.ceil(values.length / 8))
      encoded[0] = (8 - (values.length & 7)) & 7
      for (let index = 0; index < values.length; index++) {
        if (values[index] !== 0) encoded[1 + (index >> 3)]! |= 128 >> (index & 7)
      }
      return Payload.of(encoded)
    }
  }
}
