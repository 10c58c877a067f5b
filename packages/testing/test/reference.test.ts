import { type DType, type NdArray, ndarray, zeros } from '@bioimage/core'
import { bytesOf, dtypes, sizeOf } from '@bioimage/core/backend'
import { expect, test } from 'vitest'
import { select, take } from '../src/arrays/selection.js'
import { copyOf, describeDifference, equalArrays, referenceArray, seededRandom, tableShapes } from '../src/index.js'
import { tableIndex } from '../src/tables/indexing-table.js'
import { numpyIndexing } from '../src/tables/numpy-indexing.generated.js'

test("the suite's own indexing gives numpy's answers", () => {
  let compared = 0
  for (const { shape, cases } of numpyIndexing) {
    const counted = ndarray(
      Int32Array.from({ length: sizeOf(shape) }, (_, at) => at),
      shape,
      'int32'
    )
    for (const [entries, answer] of cases) {
      if (answer === null) continue
      const [answerShape, offset, stride] = answer
      const expected: NdArray = { dtype: 'int32', shape: answerShape, stride, offset, data: counted.data }
      const found = take(counted, select(shape, tableIndex(entries)))
      expect(describeDifference(found, expected), JSON.stringify(entries)).toBeUndefined()
      compared++
    }
  }
  expect(compared).toBeGreaterThan(700)
  expect(tableShapes).toContainEqual([6, 7, 8])
})

test('the random numbers are those of mulberry32', () => {
  // The first numbers of the published algorithm for the seed 1, computed by its one-line original in C.
  const random = seededRandom(1)
  expect([random.bits(), random.bits(), random.bits()]).toEqual([2693262067, 11749833, 2265367787])
  const small = seededRandom(7)
  const seen = new Set(Array.from({ length: 200 }, () => small.below(5)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4])
})

test('reference data is the same every time and holds the extremes', () => {
  for (const dtype of dtypes) {
    const array = referenceArray([4, 5, 6], dtype, 9)
    expect(equalArrays(array, referenceArray([4, 5, 6], dtype, 9))).toBe(true)
    if (dtype !== 'bool') expect(equalArrays(array, referenceArray([4, 5, 6], dtype, 10))).toBe(false)
  }
  expect(referenceArray([3, 8], 'uint8', 1).data).toEqual(
    Uint8Array.of(243, 235, 43, 0, 240, 112, 10, 189, 224, 202, 255, 129, 11, 147, 157, 132, 52, 128, 92, 210, 37, 220, 179, 231)
  )
  const floats = [...referenceArray([80], 'float32').data]
  for (const special of [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149]) {
    expect(floats.some((value) => Object.is(value, special))).toBe(true)
  }
  expect([...referenceArray([80], 'int64').data]).toContain(-(2n ** 63n))
  expect([...bytesOf(referenceArray([80], 'bool').data)].every((byte) => byte < 2)).toBe(true)
})

test('arrays are compared by their bytes', () => {
  const array = (...values: number[]): NdArray => ndarray(Float32Array.from(values), [values.length], 'float32')
  expect(equalArrays(array(Number.NaN, 1), array(Number.NaN, 1))).toBe(true)
  expect(describeDifference(array(0, 1), array(-0, 1))).toBe('element (0) is 0, expected -0 (1 of 2 elements differ)')
  expect(describeDifference(array(1), array(1, 2))).toBe('the shape is [1], expected [2]')
  expect(describeDifference(zeros([2], 'int8'), zeros([2], 'uint8'))).toBe('the dtype is int8, expected uint8')
})

test('arrays are compared whatever their strides', () => {
  const data = Int16Array.of(0, 1, 2, 3, 4, 5)
  const transposed: NdArray = { dtype: 'int16', shape: [3, 2], stride: [1, 3], data }
  expect([...bytesOf(copyOf(transposed).data)].filter((_, at) => at % 2 === 0)).toEqual([0, 3, 1, 4, 2, 5])
  expect(equalArrays(transposed, ndarray(Int16Array.of(0, 3, 1, 4, 2, 5), [3, 2], 'int16'))).toBe(true)
  const reversed: NdArray = { dtype: 'int16', shape: [6], stride: [-1], offset: 5, data }
  expect(equalArrays(reversed, ndarray(Int16Array.of(5, 4, 3, 2, 1, 0), [6], 'int16'))).toBe(true)
  const none: DType = 'int16'
  expect(equalArrays(zeros([0, 3], none), zeros([0, 3], none))).toBe(true)
})
