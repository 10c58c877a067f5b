/** Types of the values of a directory entry (TIFF 6.0, section 2; BigTIFF adds 16 to 18). */
export const fieldTypes = {
  byte: 1,
  ascii: 2,
  short: 3,
  long: 4,
  rational: 5,
  signedByte: 6,
  undefined: 7,
  signedShort: 8,
  signedLong: 9,
  signedRational: 10,
  float: 11,
  double: 12,
  ifd: 13,
  long8: 16,
  signedLong8: 17,
  ifd8: 18
} as const

const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8
}

/** Bytes of a value; `undefined` for a type that does not exist. */
export function sizeOfType(type: number): number | undefined {
  return sizes[type]
}

/** One value of a numeric type. Rationals are divided; 64-bit integers beyond 2⁵³ lose their last bits. */
export function numberAt(view: DataView, offset: number, type: number, littleEndian: boolean): number {
  switch (type) {
    case fieldTypes.byte:
    case fieldTypes.ascii:
    case fieldTypes.undefined:
      return view.getUint8(offset)
    case fieldTypes.signedByte:
      return view.getInt8(offset)
    case fieldTypes.short:
      return view.getUint16(offset, littleEndian)
    case fieldTypes.signedShort:
      return view.getInt16(offset, littleEndian)
    case fieldTypes.long:
    case fieldTypes.ifd:
      return view.getUint32(offset, littleEndian)
    case fieldTypes.signedLong:
      return view.getInt32(offset, littleEndian)
    case fieldTypes.rational:
      return view.getUint32(offset, littleEndian) / view.getUint32(offset + 4, littleEndian)
    case fieldTypes.signedRational:
      return view.getInt32(offset, littleEndian) / view.getInt32(offset + 4, littleEndian)
    case fieldTypes.float:
      return view.getFloat32(offset, littleEndian)
    case fieldTypes.double:
      return view.getFloat64(offset, littleEndian)
    case fieldTypes.long8:
    case fieldTypes.ifd8:
      // In halves: a table has millions of them, and a BigInt for each takes most of the time.
      return (
        view.getUint32(offset + (littleEndian ? 4 : 0), littleEndian) * 2 ** 32 +
        view.getUint32(offset + (littleEndian ? 0 : 4), littleEndian)
      )
    case fieldTypes.signedLong8:
      return Number(view.getBigInt64(offset, littleEndian))
    default:
      return Number.NaN
  }
}
