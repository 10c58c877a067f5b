import { corrupt, unsupported } from '../codec-errors.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { GrowingOutput } from '../growing-output.js'
import { Payload } from '../payload.js'

/** LibLZF blocks, as the filter "lzf" of h5py has them, for reading. */
export function createLzf(): CodecStep {
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => Payload.of(decodeLzf(encoded.view(), expected)),
    encode: () => {
      throw unsupported('lzf', 'encoding is not implemented; use "zlib" or "lz4"')
    }
  }
}

/** The control byte says: up to 32 literals, or a match of 3 to 264 bytes at a distance of up to 8192. */
function decodeLzf(input: Uint8Array, expected: ExpectedLength): Uint8Array {
  const output = new GrowingOutput('lzf', expected, input.byteLength)
  const end = input.byteLength
  let at = 0
  while (at < end) {
    const control = input[at++]!
    if (control < 32) {
      const count = control + 1
      if (at + count > end) throw corrupt('lzf', 'literals reach past the end of the block')
      output.reserve(count)
      const { bytes } = output
      let to = output.length
      for (const stop = at + count; at < stop; ) bytes[to++] = input[at++]!
      output.length = to
      continue
    }
    let count = control >> 5
    if (count === 7) {
      if (at >= end) throw corrupt('lzf', 'the block ends inside a match')
      count += input[at++]!
    }
    if (at >= end) throw corrupt('lzf', 'the block ends inside a match')
    const distance = (((control & 31) << 8) | input[at++]!) + 1
    if (distance > output.length) throw corrupt('lzf', 'a match reaches back before the beginning')
    count += 2
    output.reserve(count)
    const { bytes } = output
    let to = output.length
    // Byte by byte: a match may overlap what it makes.
    for (const stop = to + count; to < stop; to++) bytes[to] = bytes[to - distance]!
    output.length = to
  }
  return output.finish()
}
