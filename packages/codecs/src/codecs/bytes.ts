import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid } from '../codec-errors.js'
import { choiceOption, integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { Payload } from '../payload.js'

/**
 * Byte order of the stored elements. `itemSize` is the size that is swapped: that of the parts of a complex number. It
 * defaults to the size of the chunk's elements.
 */
export async function createBytes(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const itemSize = integerOption(spec, 'itemSize', { min: 1, max: 65536 }, context.itemSize ?? 1)
  const endian = choiceOption(spec, 'endian', ['little', 'big'], 'little')
  if (endian === 'little' || itemSize === 1) return unchanged
  if (itemSize !== 2 && itemSize !== 4 && itemSize !== 8) throw invalid('bytes', `"itemSize" is ${itemSize}, expected 1, 2, 4 or 8`)
  const { functions, scratch } = await context.kernel()
  const swap = (input: Payload): Payload => {
    if (input.byteLength % itemSize !== 0) throw corrupt('bytes', `${input.byteLength} bytes are not elements of ${itemSize} bytes`)
    const place = input.place(scratch)
    functions.byteSwap(place, input.byteLength, itemSize, place)
    return Payload.at(scratch, place, input.byteLength)
  }
  return { encodedLength: (decoded) => decoded, decode: swap, encode: swap }
}

const unchanged: CodecStep = {
  encodedLength: (decoded) => decoded,
  decode: (encoded) => encoded,
  encode: (decoded) => decoded
}
