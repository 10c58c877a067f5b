import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { scaledLength } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import {
  bytesFrom,
  convert,
  emptyNumbers,
  isBigArray,
  isFloat,
  type Numbers,
  type NumericType,
  numbersFrom,
  numericOption
} from '../numeric.js'
import { Payload } from '../payload.js'

/** Differences between neighbours of the flat array in `dtype`, stored as `astype`. Integers wrap around, as in numpy. */
export async function createDelta(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const dtype = numericOption(spec, 'dtype')
  const astype = numericOption(spec, 'astype', dtype)
  const sameIntegers = dtype.name === astype.name && !isFloat(dtype) && !dtype.isBigEndian && !astype.isBigEndian
  return sameIntegers ? new IntegerDelta(await context.kernel(), dtype.itemSize) : new ConvertingDelta(dtype, astype)
}

/** Both types are the same integers in the byte order of the machine: the common case, in the kernel. */
class IntegerDelta implements CodecStep {
  readonly #kernel: Kernel
  readonly #itemSize: number

  constructor(kernel: Kernel, itemSize: number) {
    this.#kernel = kernel
    this.#itemSize = itemSize
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return decoded
  }

  decode(encoded: Payload): Payload {
    return this.#run(encoded, this.#kernel.functions.deltaDecode)
  }

  encode(decoded: Payload): Payload {
    return this.#run(decoded, this.#kernel.functions.deltaEncode)
  }

  #run(input: Payload, operation: Kernel['functions']['deltaDecode']): Payload {
    if (input.byteLength % this.#itemSize !== 0) {
      throw corrupt('delta', `${input.byteLength} bytes are not elements of ${this.#itemSize} bytes`)
    }
    const { scratch } = this.#kernel
    const place = input.place(scratch)
    operation(place, input.byteLength, this.#itemSize, place)
    return Payload.at(scratch, place, input.byteLength)
  }
}

class ConvertingDelta implements CodecStep {
  readonly #dtype: NumericType
  readonly #astype: NumericType

  constructor(dtype: NumericType, astype: NumericType) {
    this.#dtype = dtype
    this.#astype = astype
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return scaledLength(decoded, this.#astype.itemSize, this.#dtype.itemSize)
  }

  decode(encoded: Payload): Payload {
    const numbers = convert(numbersFrom('delta', encoded.view(), this.#astype), this.#dtype)
    if (isBigArray(numbers)) {
      for (let index = 1; index < numbers.length; index++) numbers[index] = numbers[index]! + numbers[index - 1]!
    } else {
      for (let index = 1; index < numbers.length; index++) numbers[index] = numbers[index]! + numbers[index - 1]!
    }
    return Payload.of(bytesFrom(numbers, this.#dtype))
  }

  encode(decoded: Payload): Payload {
    const numbers = numbersFrom('delta', decoded.view(), this.#dtype)
    const differences: Numbers = emptyNumbers(this.#dtype, numbers.length)
    if (numbers.length > 0) differences[0] = numbers[0]!
    if (isBigArray(numbers)) {
      for (let index = 1; index < numbers.length; index++) differences[index] = numbers[index]! - numbers[index - 1]!
    } else {
      for (let index = 1; index < numbers.length; index++) differences[index] = numbers[index]! - numbers[index - 1]!
    }
    return Payload.of(bytesFrom(convert(differences, this.#astype), this.#astype))
  }
}
