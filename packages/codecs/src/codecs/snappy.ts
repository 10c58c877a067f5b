import { corrupt, unsupported } from '../codec-errors.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'

/** Snappy blocks without framing, for reading. */
export async function createSnappy(_: unknown, context: StepContext): Promise<CodecStep> {
  const { functions, scratch } = await context.kernel()
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const length = announcedLength(encoded.view())
      if (expected.exact ? length !== expected.max : length > expected.max) {
        throw corrupt('snappy', `the block holds ${length} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
      }
      const source = encoded.place(scratch)
      const destination = scratch.allocate(length)
      if (functions.snappyDecode(source, encoded.byteLength, destination, length) !== length)
        throw corrupt('snappy', 'the block is damaged')
      return Payload.at(scratch, destination, length)
    },
    encode: () => {
      throw unsupported('snappy', 'encoding is not implemented; use "lz4"')
    }
  }
}

/** A block begins with its decoded length, seven bits a byte. */
function announcedLength(block: Uint8Array): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = block[at]
    if (byte === undefined) break
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) return length
  }
  throw corrupt('snappy', 'the block does not begin with its length')
}
