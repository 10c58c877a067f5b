import { describe, expect, test } from 'vitest'
import { bytesOf, componentSizeOf, createData, dtypeOfData, dtypes, isDType, itemSizeOf, scalarAt } from '../src/backend.js'
import { type DType, Float16View, type TypedArray } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'

/** numpy's `itemsize`, and whether the data array holds pairs. */
const sizes: Readonly<Record<DType, readonly [itemSize: number, componentSize: number]>> = {
  bool: [1, 1],
  int8: [1, 1],
  int16: [2, 2],
  int32: [4, 4],
  int64: [8, 8],
  uint8: [1, 1],
  uint16: [2, 2],
  uint32: [4, 4],
  uint64: [8, 8],
  float16: [2, 2],
  float32: [4, 4],
  float64: [8, 8],
  complex64: [8, 4],
  complex128: [16, 8]
}

describe('dtypes', () => {
  test('are all there, with numpy’s sizes', () => {
    expect([...dtypes].sort()).toEqual(Object.keys(sizes).sort())
    for (const dtype of dtypes) expect([itemSizeOf(dtype), componentSizeOf(dtype)], dtype).toEqual(sizes[dtype])
  })

  test.each(['constructor', '__proto__', 'toString', 'Uint8', '', 'float', 8, null, undefined, ['uint8']])('%j is none', (name) => {
    expect(isDType(name)).toBe(false)
  })

  test.each([...dtypes])('%s data have their length and share the buffer they are given', (dtype) => {
    expect(createData(dtype, 5).byteLength).toBe(5 * itemSizeOf(dtype))
    const buffer = new SharedArrayBuffer(64)
    const data = createData(dtype, 2, buffer, 16)
    expect(data.buffer).toBe(buffer)
    expect(bytesOf(data)).toMatchObject({ byteOffset: 16, byteLength: 2 * itemSizeOf(dtype) })
  })

  test('of a size that no runtime has are ERR_TOO_LARGE', async () => {
    for (const length of [2 ** 46, 2 ** 53, Number.POSITIVE_INFINITY])
      expect(await codeOf(() => createData('float64', length))).toBe('ERR_TOO_LARGE')
  })

  test.each<readonly [TypedArray | Float16View, DType]>([
    [new Int8Array(1), 'int8'],
    [new Uint8Array(1), 'uint8'],
    [new Uint8ClampedArray(1), 'uint8'],
    [Buffer.alloc(1), 'uint8'],
    [new Int16Array(1), 'int16'],
    [new Uint16Array(1), 'uint16'],
    [new Int32Array(1), 'int32'],
    [new Uint32Array(1), 'uint32'],
    [new BigInt64Array(1), 'int64'],
    [new BigUint64Array(1), 'uint64'],
    [new Float32Array(1), 'float32'],
    [new Float64Array(1), 'float64'],
    [new Float16View(new Uint16Array(1)), 'float16']
  ])('%s is recognised', (data, dtype) => {
    expect(dtypeOfData(data)).toBe(dtype)
  })

  test.each([[[1, 2]], [new DataView(new ArrayBuffer(2))], [new ArrayBuffer(2)], ['text'], [5], [null]])('%s is no data', async (data) => {
    expect(await codeOf(() => dtypeOfData(data as never))).toBe('ERR_INVALID_ARGUMENT')
  })

  test('give their scalars', () => {
    expect(scalarAt('bool', Uint8Array.of(0, 1), 1)).toBe(true)
    expect(scalarAt('uint64', BigUint64Array.of(2n ** 64n - 1n), 0)).toBe(2n ** 64n - 1n)
    expect(scalarAt('float16', new Float16View(Uint16Array.of(0x3c00)), 0)).toBe(1)
    expect(scalarAt('complex64', Float32Array.of(1, 2, 3, 4), 1)).toEqual([3, 4])
  })

  test.each([...dtypes])('%s scalars outside the data are an error', async (dtype) => {
    const data = createData(dtype, 2)
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(await codeOf(() => scalarAt(dtype, data, index))).toBe('ERR_INVALID_INDEX')
  })
})
