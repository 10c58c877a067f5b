import type { DType } from '@bioimage/core'
import type { ByteOrder, Datatype, FloatFields } from './messages/datatype.js'

/** How elements of a type are read. */
export interface NumericType {
  readonly dtype: DType
  readonly byteOrder: ByteOrder
  /** Integers that do not use all bits of their bytes are shifted and, where they are signed, extended. */
  readonly bits: { readonly offset: number; readonly precision: number; readonly signed: boolean } | undefined
  /** Floats of 4 and 8 bytes whose parts lie elsewhere than in IEEE 754 are put together from them. */
  readonly floatFields?: FloatFields | undefined
}

/** How elements of a type are read as numbers; `undefined` for types that are no numbers of JavaScript. */
export function numericTypeOf(type: Datatype): NumericType | undefined {
  switch (type.class) {
    case 'integer':
    case 'bitfield': {
      const dtype = integerDType(type.size, type.signed)
      if (dtype === undefined) return undefined
      const whole = type.bitOffset === 0 && type.precision === type.size * 8
      const bits = whole ? undefined : { offset: type.bitOffset, precision: type.precision, signed: type.signed }
      return { dtype, byteOrder: type.order, bits }
    }
    case 'float': {
      if (type.order === 'vax') return undefined
      const dtype = isHalf(type)
        ? 'float16'
        : isIeee(type.fields, type.size, single)
          ? 'float32'
          : isIeee(type.fields, type.size, double)
            ? 'float64'
            : undefined
      if (dtype !== undefined) return { dtype, byteOrder: type.order, bits: undefined }
      const unusual = unusualFloat(type.fields, type.size)
      return unusual === undefined ? undefined : { dtype: unusual, byteOrder: type.order, bits: undefined, floatFields: type.fields }
    }
    case 'enum':
      return isBooleanType(type) ? { dtype: 'bool', byteOrder: 'little', bits: undefined } : numericTypeOf(type.base)
    case 'compound': {
      const [real, imaginary] = type.members
      if (type.members.length !== 2 || real?.name !== 'r' || imaginary?.name !== 'i') return undefined
      if (real.offset !== 0 || imaginary.offset * 2 !== type.size) return undefined
      return complexOf(real.type, imaginary.type)
    }
    case 'complex':
      return complexOf(type.base, type.base)
    default:
      return undefined
  }
}

function complexOf(real: Datatype, imaginary: Datatype): NumericType | undefined {
  const [one, other] = [numericTypeOf(real), numericTypeOf(imaginary)]
  if (one === undefined || one.dtype !== other?.dtype || one.byteOrder !== other.byteOrder || one.floatFields !== undefined)
    return undefined
  const dtype = one.dtype === 'float32' ? 'complex64' : one.dtype === 'float64' ? 'complex128' : undefined
  return dtype === undefined ? undefined : { dtype, byteOrder: one.byteOrder, bits: undefined }
}

function integerDType(size: number, signed: boolean): DType | undefined {
  switch (size) {
    case 1:
      return signed ? 'int8' : 'uint8'
    case 2:
      return signed ? 'int16' : 'uint16'
    case 4:
      return signed ? 'int32' : 'uint32'
    case 8:
      return signed ? 'int64' : 'uint64'
    default:
      return undefined
  }
}

/** Bits of exponent, mantissa and bias of the IEEE formats. */
const half = { size: 2, exponentSize: 5, mantissaSize: 10, bias: 15 }
const single = { size: 4, exponentSize: 8, mantissaSize: 23, bias: 127 }
const double = { size: 8, exponentSize: 11, mantissaSize: 52, bias: 1023 }

/** Floats are told by their fields: bfloat16 has 2 bytes too. */
function isIeee(fields: FloatFields, size: number, format: typeof half): boolean {
  const { mantissaSize, exponentSize } = format
  return (
    size === format.size &&
    fields.impliedBit &&
    fields.bitOffset === 0 &&
    fields.precision === size * 8 &&
    fields.mantissa === 0 &&
    fields.mantissaSize === mantissaSize &&
    fields.exponent === mantissaSize &&
    fields.exponentSize === exponentSize &&
    fields.sign === mantissaSize + exponentSize &&
    fields.bias === format.bias
  )
}

/** The dtype that holds every value of a float of 4 or 8 bytes with other fields than IEEE 754. */
function unusualFloat(fields: FloatFields, size: number): DType | undefined {
  const format = size === 4 ? single : size === 8 ? double : undefined
  if (format === undefined || !fields.impliedBit) return undefined
  const { exponentSize, mantissaSize, bias } = fields
  const fits =
    exponentSize > 1 && exponentSize < format.exponentSize && mantissaSize <= format.mantissaSize && bias === 2 ** (exponentSize - 1) - 1
  return fits ? (size === 4 ? 'float32' : 'float64') : undefined
}

export function isHalf(type: Datatype): boolean {
  return type.class === 'float' && isIeee(type.fields, type.size, half)
}

/** What h5py stores for numpy's bool: an enumeration of FALSE = 0 and TRUE = 1 on one byte. */
export function isBooleanType(type: Datatype): boolean {
  if (type.class !== 'enum' || type.size !== 1 || type.names.length !== 2) return false
  const codeOf = (name: string): number | undefined => type.values[type.names.indexOf(name)]?.[0]
  return codeOf('FALSE') === 0 && codeOf('TRUE') === 1
}
