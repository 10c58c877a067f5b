import type { DType, NdArray } from '@bioimage/core'
import { componentSizeOf, itemSizeOf, type RegionAccess } from '@bioimage/core/backend'
import type { NumericType } from './data-type.js'
import type { FloatFields } from './messages/datatype.js'

/**
 * An access whose integers use only some bits of their bytes: those are shifted down and, where signed, extended. Floats whose
 * parts lie elsewhere than in IEEE 754 are put together.
 */
export function withMeaningfulBits<D extends DType>(access: RegionAccess<D>, numeric: NumericType): RegionAccess<D> {
  const { bits, floatFields } = numeric
  if (bits === undefined && floatFields === undefined) return access
  return {
    ...access,
    async read(region, out, options) {
      await access.read(region, out, options)
      if (bits !== undefined) convert(out, (view, at, size) => convertOne(view, at, size, bits))
      else if (floatFields !== undefined) convert(out, (view, at, size) => convertFloat(view, at, size, floatFields))
    }
  }
}

function convert(out: NdArray, one: (view: DataView, at: number, size: number) => void): void {
  const itemSize = itemSizeOf(out.dtype)
  const { data } = out
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const visit = (axis: number, offset: number): void => {
    if (axis === out.shape.length) {
      one(view, offset * itemSize, componentSizeOf(out.dtype))
      return
    }
    for (let at = 0; at < (out.shape[axis] ?? 0); at++) visit(axis + 1, offset + at * (out.stride[axis] ?? 0))
  }
  visit(0, out.offset ?? 0)
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function convertOne(view: DataView, at: number, size: number, { offset, precision, signed }: NonNullable<NumericType['bits']>): void {
  const extend = (value: bigint): bigint =>
    signed ? BigInt.asIntN(precision, value >> BigInt(offset)) : BigInt.asUintN(precision, value >> BigInt(offset))
  switch (size) {
    case 1:
      view.setUint8(at, Number(BigInt.asUintN(8, extend(BigInt(view.getUint8(at))))))
      return
    case 2:
      view.setUint16(at, Number(BigInt.asUintN(16, extend(BigInt(view.getUint16(at, littleEndian))))), littleEndian)
      return
    case 4:
      view.setUint32(at, Number(BigInt.asUintN(32, extend(BigInt(view.getUint32(at, littleEndian))))), littleEndian)
      return
    default:
      view.setBigUint64(at, BigInt.asUintN(64, extend(view.getBigUint64(at, littleEndian))), littleEndian)
  }
}

function convertFloat(view: DataView, at: number, size: number, fields: FloatFields): void {
  const bits = size === 4 ? BigInt(view.getUint32(at, littleEndian)) : view.getBigUint64(at, littleEndian)
  const part = (from: number, length: number): number => Number(BigInt.asUintN(length, bits >> BigInt(from)))
  const { mantissaSize, exponentSize, bias } = fields
  const exponent = part(fields.exponent, exponentSize)
  const fraction = part(fields.mantissa, mantissaSize) / 2 ** mantissaSize
  const sign = part(fields.sign, 1) === 1 ? -1 : 1
  const largest = 2 ** exponentSize - 1
  const magnitude =
    exponent === largest
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** (1 - bias)
        : (1 + fraction) * 2 ** (exponent - bias)
  if (size === 4) view.setFloat32(at, sign * magnitude, littleEndian)
  else view.setFloat64(at, sign * magnitude, littleEndian)
}
