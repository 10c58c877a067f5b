import type { CodecStep } from '../codec-step.js'
import { Payload } from '../payload.js'

const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
  let result = 0
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit)
  return result
})

/** Turns round the bits of every byte, as FillOrder 2 of TIFF means (TIFF 6.0, section 8). */
export function createFillOrder(): CodecStep {
  const reverse = (input: Payload): Payload => {
    const bytes = input.view()
    const output = new Uint8Array(bytes.byteLength)
    for (let index = 0; index < bytes.byteLength; index++) output[index] = reversed[bytes[index]!]!
    return Payload.of(output)
  }
  return { encodedLength: (decoded) => decoded, decode: reverse, encode: reverse }
}
