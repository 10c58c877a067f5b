import { type DType, SourceError } from '@bioimage/core'

/** How the samples of a stack are stored. */
export interface DataType {
  readonly dtype: DType
  /** Samples of a pixel, along a last axis; 1 for none. */
  readonly channels: 1 | 3 | 4
}

const complexBit = 0x40000000

/** Constants of OmasTypes.h, as the section on `dt` lists them. */
const dtypes: ReadonlyMap<number, DType> = new Map([
  [0x1, 'uint8'],
  [0x2, 'int8'],
  [0x4, 'uint16'],
  [0x8, 'int16'],
  [0x10, 'uint32'],
  [0x20, 'int32'],
  [0x40, 'float32'],
  [0x80, 'float64'],
  [0x400, 'uint8'],
  [0x800, 'uint8'],
  [0x1000, 'uint64'],
  [0x2000, 'int64'],
  [0x10000, 'bool'],
  [complexBit + 0x40, 'complex64'],
  [complexBit + 0x80, 'complex128']
])

/** @throws ERR_UNSUPPORTED for types that are not read, such as complex integers. */
export function dataTypeOf(dt: number): DataType {
  const dtype = dtypes.get(dt)
  if (dtype !== undefined) return { dtype, channels: dt === 0x400 ? 3 : dt === 0x800 ? 4 : 1 }
  const isComplex = dt >= complexBit && dt < 2 * complexBit
  const base = dtypes.get(isComplex ? dt - complexBit : dt)
  const what = dt === 0 ? '0 (automatic)' : `0x${dt.toString(16)}${isComplex && base !== undefined ? ` (complex numbers of ${base})` : ''}`
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `the data type ${what} is not read; known are ${[...new Set(dtypes.values())].join(', ')}, RGB and RGBA`
  )
}
