import type { CodecSpec } from '@bioimage/core'
import { invalid } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { bytesFrom, isFloat, type NumericType, numbersFrom, numericOption } from '../numeric.js'
import { Payload } from '../payload.js'

const mantissaBits: Readonly<Record<number, number>> = { 2: 10, 4: 23, 8: 52 }

/**
 * Rounds the mantissa of floating-point numbers to `keepbits` bits, ties to even, so that they compress better. Decoding has
 * nothing to do. `dtype` defaults to the floating-point type of the size of the chunk's elements.
 */
export function createBitround(spec: CodecSpec, context: StepContext): CodecStep {
  const dtype = numericOption(spec, 'dtype', defaultType(spec, context.itemSize))
  if (!isFloat(dtype)) throw invalid(spec.id, `"dtype" is ${dtype.name}, expected a floating-point type`)
  const mantissa = mantissaBits[dtype.itemSize]!
  const keep = integerOption(spec, 'keepbits', { min: 0, max: mantissa })
  return {
    encodedLength: (decoded) => decoded,
    decode: (encoded) => encoded,
    encode: (decoded) => (keep === mantissa ? decoded : Payload.of(round(spec.id, decoded.view(), dtype, mantissa - keep)))
  }
}

function defaultType(spec: CodecSpec, itemSize: number | undefined): NumericType {
  if (itemSize === 2) return { name: 'float16', itemSize, isBigEndian: false }
  if (itemSize === 4) return { name: 'float32', itemSize, isBigEndian: false }
  if (itemSize === 8) return { name: 'float64', itemSize, isBigEndian: false }
  if (spec.dtype === undefined) throw invalid(spec.id, 'elements are not floating-point numbers of 2, 4 or 8 bytes; name their "dtype"')
  return { name: 'float32', itemSize: 4, isBigEndian: false }
}

/** Rounds the bits as an integer: a carry out of the mantissa rightly raises the exponent. */
function round(codec: string, bytes: Uint8Array, dtype: NumericType, drop: number): Uint8Array {
  const name = dtype.itemSize === 8 ? 'uint64' : dtype.itemSize === 4 ? 'uint32' : 'uint16'
  const type = { ...dtype, name } as const
  const bits = numbersFrom(codec, bytes, type)
  if (bits instanceof BigUint64Array) {
    const shift = BigInt(drop)
    const half = (1n << (shift - 1n)) - 1n
    for (let index = 0; index < bits.length; index++) {
      const value = bits[index]!
      bits[index] = ((value + ((value >> shift) & 1n) + half) >> shift) << shift
    }
  } else {
    const half = 2 ** (drop - 1) - 1
    for (let index = 0; index < bits.length; index++) {
      const value = Number(bits[index]!)
      bits[index] = ((value + ((value >>> drop) & 1) + half) >>> drop) << drop
    }
  }
  return bytesFrom(bits, type)
}
