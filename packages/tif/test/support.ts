import type { DType, NdArray } from '@bioimage/core'
import { ndarray } from '@bioimage/core'
import { createData, Float16View, sizeOf } from '@bioimage/core/backend'

/** The values of fixtures/make-tif-fixtures.py: `at * 7919 + 11`, wrapped around as integers are. */
export function fixtureArray(shape: readonly number[], dtype: DType): NdArray {
  const data = createData(dtype, sizeOf(shape))
  for (let at = 0; at < sizeOf(shape); at++) {
    const value = at * 7919 + 11
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value)
    else if (data instanceof Float16View) data.setAt(at, value)
    else if (dtype === 'complex64') data[2 * at] = value
    else data[at] = value
  }
  return ndarray(data, [...shape], dtype)
}

/** A fixture that the suite runs on. */
export interface SuiteFile {
  readonly file: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly chunks: readonly number[] | null
}

const volume = [6, 7, 8]

/** One of every layout: strided and chunked, both byte orders, each kind of series. */
export const suiteFiles: readonly SuiteFile[] = [
  { file: 'imagej.tif', shape: volume, dtype: 'uint16', chunks: null },
  { file: 'shaped-big-endian.tif', shape: volume, dtype: 'int16', chunks: null },
  { file: 'shaped-complex.tif', shape: volume, dtype: 'complex64', chunks: null },
  { file: 'plain-float16.tif', shape: volume, dtype: 'float16', chunks: null },
  { file: 'deflate-strips.tif', shape: volume, dtype: 'uint16', chunks: [1, 3, 8] },
  { file: 'deflate-tiles.tif', shape: volume, dtype: 'uint16', chunks: [1, 16, 16] },
  { file: 'zstd-float-predictor.tif', shape: volume, dtype: 'float32', chunks: [1, 4, 8] },
  { file: 'lzma-planar-tiles.tif', shape: [3, 20, 40], dtype: 'uint16', chunks: [1, 16, 16] },
  { file: 'volume-tiles.tif', shape: [10, 20, 40], dtype: 'uint8', chunks: [4, 16, 16] },
  { file: 'raw-tiles.tif', shape: [6, 20, 40], dtype: 'uint16', chunks: [1, 16, 16] }
]
