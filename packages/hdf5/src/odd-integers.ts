import { componentSizeOf, type DType, itemSizeOf, type NdArray, type RegionAccess } from '@bioimage/core'
import type { NumericType } from './data-type.js'

/** An access whose integers use only some bits of their bytes: those are shifted down and, where signed, extended. */
export function withMeaningfulBits<D extends DType>(access: RegionAccess<D>, bits: NonNullable<NumericType['bits']>): RegionAccess<D> {
  return {
    ...access,
    async read(region, out, options) {
      await access.read(region, out, options)
      convert(out, bits)
    }
  }
}

function convert(out: NdArray, bits: NonNullable<NumericType['bits']>): void {
  const itemSize = itemSizeOf(out.dtype)
  const { data } = out
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const visit = (axis: number, offset: number): void => {
    if (axis === out.shape.length) {
      convertOne(view, offset * itemSize, componentSizeOf(out.dtype), bits)
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
