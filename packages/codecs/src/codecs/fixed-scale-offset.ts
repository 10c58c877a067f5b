import type { CodecSpec } from '@bioimage/core'
import { invalid } from '../codec-errors.js'
import { numberOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { scaledLength } from '../expected-length.js'
import { bytesFrom, convert, doublesOf, numbersFrom, numericOption, roundHalfEven } from '../numeric.js'
import { Payload } from '../payload.js'

/**
 * Decoded value = stored value / `scale` + `offset`; the stored value is rounded to an integer, ties to even, and kept as
 * `astype`. Single precision stays single precision, as in numpy; everything else is calculated in double precision.
 */
export function createFixedScaleOffset(spec: CodecSpec): CodecStep {
  const dtype = numericOption(spec, 'dtype')
  const astype = numericOption(spec, 'astype', dtype)
  const scale = numberOption(spec, 'scale')
  const offset = numberOption(spec, 'offset')
  if (scale === 0) throw invalid(spec.id, '"scale" is 0')
  return {
    encodedLength: (decoded) => scaledLength(decoded, astype.itemSize, dtype.itemSize),
    decode: (encoded) => {
      const values = numbersFrom(spec.id, encoded.view(), astype)
      const isSingle = values instanceof Float32Array
      const numbers = isSingle ? values : doublesOf(values)
      for (let index = 0; index < numbers.length; index++) {
        const quotient = numbers[index]! / scale
        numbers[index] = (isSingle ? Math.fround(quotient) : quotient) + offset
      }
      return Payload.of(bytesFrom(convert(numbers, dtype), dtype))
    },
    encode: (decoded) => {
      const values = numbersFrom(spec.id, decoded.view(), dtype)
      const isSingle = values instanceof Float32Array
      const numbers = isSingle ? values : doublesOf(values)
      for (let index = 0; index < numbers.length; index++) {
        const difference = numbers[index]! - offset
        const product = (isSingle ? Math.fround(difference) : difference) * scale
        numbers[index] = roundHalfEven(isSingle ? Math.fround(product) : product)
      }
      return Payload.of(bytesFrom(convert(numbers, astype), astype))
    }
  }
}
