import type { CodecSpec } from '@bioimage/core'
import type { CodecStep } from '../codec-step.js'
import { scaledLength } from '../expected-length.js'
import { bytesFrom, convert, type NumericType, numbersFrom, numericOption } from '../numeric.js'
import { Payload } from '../payload.js'

/** Stores elements of `decode_dtype` as `encode_dtype`, converted as C does. */
export function createAstype(spec: CodecSpec): CodecStep {
  const stored = numericOption(spec, 'encode_dtype')
  const decoded = numericOption(spec, 'decode_dtype')
  const run = (input: Payload, from: NumericType, to: NumericType): Payload =>
    Payload.of(bytesFrom(convert(numbersFrom(spec.id, input.view(), from), to), to))
  return {
    encodedLength: (length) => scaledLength(length, stored.itemSize, decoded.itemSize),
    decode: (input) => run(input, stored, decoded),
    encode: (input) => run(input, decoded, stored)
  }
}
