import { describe, expect, test } from 'vitest'
import { contiguousStride, isContiguous, isNdArray, sizeOf } from '../src/backend.js'
import { Float16View, itemAt, type NdArray, ndarray, toNested, zeros } from '../src/index.js'
import { checkArray } from '../src/nd-array.js'
import { codeOf } from './helpers/code-of.js'

const matrix = ndarray(Int16Array.of(1, 2, 3, 4, 5, 6), [2, 3])

describe('ndarray', () => {
  test('lies over the data it is given', () => {
    const data = Int16Array.of(0, 1, 2, 3).subarray(2)
    const array = ndarray(data)
    expect(array).toMatchObject({ dtype: 'int16', shape: [2], stride: [1] })
    data[0] = 9
    expect(toNested(array)).toEqual([9, 3])
  })

  test('takes a dtype for data that several share', () => {
    expect(toNested(ndarray(Uint8Array.of(0, 1), [2], 'bool'))).toEqual([false, true])
    expect(toNested(ndarray(Float32Array.of(1, 2, 3, 4), [2], 'complex64'))).toEqual([
      [1, 2],
      [3, 4]
    ])
    expect(toNested(ndarray(new Float16View(Uint16Array.of(0x3c00, 0xc000)), [2], 'float16'))).toEqual([1, -2])
  })

  test('of another number of elements is refused', async () => {
    expect(await codeOf(() => ndarray(new Uint8Array(5), [2, 3]))).toBe('ERR_SHAPE_MISMATCH')
    expect(await codeOf(() => ndarray(new Float32Array(3), [2], 'complex64'))).toBe('ERR_SHAPE_MISMATCH')
  })

  test('has no dimension for a scalar', () => {
    expect(toNested(ndarray(Uint8Array.of(7), []))).toBe(7)
    expect(sizeOf([])).toBe(1)
    expect(contiguousStride([])).toEqual([])
  })
})

describe('helpers', () => {
  test('itemAt counts along strides', () => {
    expect(itemAt(matrix, 1, 2)).toBe(6)
    expect(itemAt({ ...matrix, shape: [3, 2], stride: [1, 3] }, 2, 1)).toBe(6)
    expect(itemAt({ ...matrix, stride: [-3, -1], offset: 5 }, 0, 1)).toBe(5)
  })

  test('itemAt outside the data is an error', async () => {
    expect(await codeOf(() => itemAt(matrix, 2, 0))).toBe('ERR_INVALID_INDEX')
    expect(await codeOf(() => itemAt(matrix, -1, 0))).toBe('ERR_INVALID_INDEX')
  })

  test('toNested follows strides and offset', () => {
    expect(toNested({ ...matrix, shape: [3, 2], stride: [1, 3] })).toEqual([
      [1, 4],
      [2, 5],
      [3, 6]
    ])
    expect(toNested(zeros([2, 0], 'uint8'))).toEqual([[], []])
  })

  test('isContiguous looks only at axes that have more than one element', () => {
    expect(isContiguous(matrix)).toBe(true)
    expect(isContiguous({ shape: [1, 3], stride: [99, 1] })).toBe(true)
    expect(isContiguous({ shape: [2, 3], stride: [4, 1] })).toBe(false)
    expect(isContiguous({ shape: [2, 3], stride: [1, 2] })).toBe(false)
  })

  test('zeros that no runtime can hold are ERR_TOO_LARGE', async () => {
    expect(await codeOf(() => zeros([2 ** 20, 2 ** 20, 2 ** 20], 'uint8'))).toBe('ERR_TOO_LARGE')
  })
})

describe('isNdArray', () => {
  test.each<readonly [string, unknown]>([
    ['a list', [1, 2]],
    ['null', null],
    ['an array without dtype', { shape: [1], stride: [1], data: new Uint8Array(1) }],
    ['a dtype of another library', { dtype: 'generic', shape: [1], stride: [1], data: new Uint8Array(1) }],
    ['plain lists as data', { dtype: 'uint8', shape: [1], stride: [1], data: [1] }],
    ['no strides', { dtype: 'uint8', shape: [1], data: new Uint8Array(1) }],
    ['text as shape', { dtype: 'uint8', shape: '1', stride: [1], data: new Uint8Array(1) }]
  ])('is false for %s', (_, value) => {
    expect(isNdArray(value)).toBe(false)
  })

  test('is true for ours and for what looks alike', () => {
    expect(isNdArray(matrix)).toBe(true)
    expect(isNdArray({ dtype: 'float16', shape: [1], stride: [1], data: new Float16View(new Uint16Array(1)) })).toBe(true)
  })
})

describe('checkArray', () => {
  test.each<readonly [string, Partial<NdArray>]>([
    ['strides beyond the end', { stride: [4, 1] }],
    ['strides before the beginning', { stride: [3, -1] }],
    ['an offset beyond the end', { offset: 1 }],
    ['a negative offset', { offset: -1 }],
    ['a fractional stride', { stride: [3, 0.5] }],
    ['too few strides', { stride: [3] }],
    ['too many strides', { stride: [3, 1, 1] }],
    ['a negative length', { shape: [-1, 3] }],
    ['a length that is no number', { shape: [Number.NaN, 3] }]
  ])('refuses %s', async (_, change) => {
    expect(await codeOf(() => checkArray({ ...matrix, ...change }, 'value'))).toBe('ERR_SHAPE_MISMATCH')
  })

  test('refuses data of another dtype', async () => {
    expect(await codeOf(() => checkArray({ ...matrix, dtype: 'float32' }, 'value'))).toBe('ERR_DTYPE_MISMATCH')
  })

  test('accepts negative and repeated strides that stay inside', () => {
    checkArray({ ...matrix, stride: [-3, -1], offset: 5 }, 'value')
    checkArray({ ...matrix, shape: [100, 3], stride: [0, 1] }, 'value')
    checkArray({ ...matrix, shape: [0, 9], stride: [99, 99] }, 'value')
  })
})
