import { corrupt, unsupported } from '../codec-errors.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { GrowingOutput } from '../growing-output.js'
import { Payload } from '../payload.js'

/** The byte runs that TIFF calls PackBits (TIFF 6.0, section 9), for reading. Decoding stops at the expected length. */
export function createTiffPackbits(): CodecStep {
  return {
    encodedLength: ({ max }) => ({ max: max * 2 + 1024, exact: false }),
    decode: (encoded, expected) => Payload.of(decodePackbits(encoded.view(), expected)),
    encode: () => {
      throw unsupported('tiff_packbits', 'encoding is not implemented; use "zlib" or "lzw"')
    }
  }
}

function decodePackbits(input: Uint8Array, expected: ExpectedLength): Uint8Array {
  // A pair of bytes stands for 128 bytes at most.
  if (expected.exact && expected.max > input.byteLength * 64)
    throw corrupt('tiff_packbits', `${input.byteLength} bytes cannot hold the ${expected.max} bytes expected`)
  const output = new GrowingOutput('tiff_packbits', expected, input.byteLength)
  let at = 0
  while (at < input.byteLength && output.length < expected.max) {
    const control = input[at++]!
    if (control === 128) continue
    const count = Math.min(control < 128 ? control + 1 : 257 - control, expected.max - output.length)
    if (at + (control < 128 ? count : 1) > input.byteLength) throw corrupt('tiff_packbits', 'a run reaches past the end')
    output.reserve(count)
    if (control < 128) {
      output.bytes.set(input.subarray(at, at + count), output.length)
      at += control + 1
    } else {
      output.bytes.fill(input[at++]!, output.length, output.length + count)
    }
    output.length += count
  }
  return output.finish()
}
