import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { Payload } from '../payload.js'

/**
 * The predictors of TIFF: `predictor` 2 stores differences of integers along each row, 3 those of the bytes of floats. A row has
 * `rowLength` elements; neighbours are `samples` (1) apart. Elements are in the machine's order before and behind 2, and before 3.
 */
export async function createTiffPredictor(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const predictor = integerOption(spec, 'predictor', { min: 2, max: 3 })
  const itemSize = integerOption(spec, 'itemSize', { min: 1, max: 8 }, context.itemSize)
  const rowLength = integerOption(spec, 'rowLength', { min: 1, max: 2 ** 31 })
  const samples = integerOption(spec, 'samples', { min: 1, max: 65535 }, 1)
  const sizes = predictor === 2 ? [1, 2, 4, 8] : [2, 4, 8]
  if (!sizes.includes(itemSize) || rowLength % samples !== 0)
    throw invalid('tiff_predictor', `predictor ${predictor} on elements of ${itemSize} bytes in rows of ${rowLength} x ${samples} samples`)
  const { functions, scratch } = await context.kernel()
  const check = ({ byteLength }: Payload): void => {
    if (byteLength % (rowLength * itemSize) !== 0)
      throw corrupt('tiff_predictor', `${byteLength} bytes are not rows of ${rowLength} elements of ${itemSize} bytes`)
  }
  const inPlace = (input: Payload, operation: typeof functions.horizontalDecode): Payload => {
    check(input)
    // Elements that lie in the kernel's memory are scratch of this chain; others are copied there.
    const place = input.place(scratch)
    operation(place, input.byteLength, itemSize, rowLength, samples)
    return Payload.at(scratch, place, input.byteLength)
  }
  const across = (input: Payload, operation: typeof functions.floatingPointDecode): Payload => {
    check(input)
    const source = input.place(scratch)
    const destination = scratch.allocate(input.byteLength)
    operation(source, input.byteLength, itemSize, rowLength, samples, destination)
    return Payload.at(scratch, destination, input.byteLength)
  }
  return {
    encodedLength: (decoded) => decoded,
    decode: (encoded) => (predictor === 2 ? inPlace(encoded, functions.horizontalDecode) : across(encoded, functions.floatingPointDecode)),
    encode: (decoded) => (predictor === 2 ? inPlace(decoded, functions.horizontalEncode) : across(decoded, functions.floatingPointEncode))
  }
}
