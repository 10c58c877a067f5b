import type { CodecSpec } from '@bioimage/core'
import { integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { Payload } from '../payload.js'

/** Byte shuffle of elements of `elementsize` bytes (4, as in numcodecs). A rest shorter than an element stays at the end. */
export async function createShuffle(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const elementSize = integerOption(spec, 'elementsize', { min: 0, max: 65536 }, 4)
  const { functions, scratch } = await context.kernel()
  const run = (operation: typeof functions.shuffle, input: Payload): Payload => {
    if (elementSize < 2) return input
    const source = input.place(scratch)
    const destination = scratch.allocate(input.byteLength)
    operation(source, input.byteLength, elementSize, destination)
    return Payload.at(scratch, destination, input.byteLength)
  }
  return {
    decodesAtOnce: true,
    encodedLength: (decoded) => decoded,
    decode: (encoded) => run(functions.unshuffle, encoded),
    encode: (decoded) => run(functions.shuffle, decoded)
  }
}
