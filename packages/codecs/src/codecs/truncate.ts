import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'

/** For streams that may hold more than the chunk, up to `byteLength` bytes: what follows the chunk is dropped. */
export function createTruncate(spec: CodecSpec): CodecStep {
  const byteLength = integerOption(spec, 'byteLength', { min: 0, max: Number.MAX_SAFE_INTEGER })
  return {
    encodedLength: ({ max }) => ({ max: Math.max(max, byteLength), exact: false }),
    decode: (encoded, { max, exact }) => {
      if (exact && encoded.byteLength < max) throw corrupt('truncate', `${encoded.byteLength} bytes, expected at least ${max}`)
      return encoded.slice(0, Math.min(encoded.byteLength, max))
    },
    encode: (decoded) => decoded
  }
}
