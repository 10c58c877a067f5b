import type { CodecSpec } from '@bioimage/core'
import { invalid } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { scaledLength } from '../expected-length.js'
import { bytesFrom, convert, isFloat, numbersFrom, numericOption, roundHalfEven } from '../numeric.js'
import { Payload } from '../payload.js'

/** Rounds floating-point numbers to a power of two that keeps `digits` decimal digits. Decoding only converts `astype` back. */
export function createQuantize(spec: CodecSpec): CodecStep {
  const dtype = numericOption(spec, 'dtype')
  const astype = numericOption(spec, 'astype', dtype)
  if (!isFloat(dtype) || !isFloat(astype)) throw invalid(spec.id, 'only floating-point types can be quantized')
  const digits = integerOption(spec, 'digits', { min: -300, max: 300 })
  const scale = 2 ** Math.ceil(Math.log2(10 ** digits))
  const isSame = dtype.name === astype.name && dtype.isBigEndian === astype.isBigEndian
  return {
    encodedLength: (decoded) => scaledLength(decoded, astype.itemSize, dtype.itemSize),
    decode: (encoded) => {
      if (isSame) return encoded
      return Payload.of(bytesFrom(convert(numbersFrom(spec.id, encoded.view(), astype), dtype), dtype))
    },
    encode: (decoded) => {
      const numbers = numbersFrom(spec.id, decoded.view(), dtype)
      const round = numbers instanceof Float32Array ? Math.fround : (value: number): number => value
      for (let index = 0; index < numbers.length; index++) {
        numbers[index] = roundHalfEven(round(scale * Number(numbers[index]!))) / scale
      }
      return Payload.of(bytesFrom(convert(numbers, astype), astype))
    }
  }
}
