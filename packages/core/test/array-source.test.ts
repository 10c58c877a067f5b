import { describe, expect, test } from 'vitest'
import { arraySource, type NdArray, ndarray, slice, toNested, zeros } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'

describe('arraySource', () => {
  test('reads and writes the array itself', async () => {
    const data = Uint16Array.of(1, 2, 3, 4, 5, 6)
    const source = arraySource(ndarray(data, [2, 3]), { metadata: { channels: ['a'] } })
    expect(source).toMatchObject({ kind: 'array', writable: true, metadata: { channels: ['a'] } })
    expect(source.array.data.buffer).toBe(data.buffer)
    await source.set([1, 1], 50)
    expect(data[4]).toBe(50)
    expect(toNested(await source.get([slice(null), slice(null, null, 2)]))).toEqual([
      [1, 3],
      [4, 6]
    ])
  })

  test('gives copies, not views', async () => {
    const source = arraySource(Uint8Array.of(1, 2))
    const result = await source.get()
    await source.set(null, 9)
    expect(toNested(result)).toEqual([1, 2])
  })

  test('follows strides and offsets of the array', async () => {
    const array: NdArray<'int8'> = { dtype: 'int8', shape: [2, 2], stride: [1, -2], offset: 2, data: Int8Array.of(1, 2, 3, 4) }
    expect(toNested(await arraySource(array).get())).toEqual([
      [3, 1],
      [4, 2]
    ])
  })

  test('refuses an array that does not fit its memory', async () => {
    expect(await codeOf(() => arraySource({ ...zeros([2], 'uint8'), stride: [5] }))).toBe('ERR_SHAPE_MISMATCH')
    expect(await codeOf(() => arraySource({ ...zeros([2], 'uint8'), data: new Float32Array(2) as never }))).toBe('ERR_DTYPE_MISMATCH')
  })

  describe('over memory that is read and written at once', () => {
    const numbers = (): Int32Array => Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7)

    test('shifts as numpy does', async () => {
      const data = numbers()
      await arraySource(data).set([slice(1, null)], data.subarray(0, 7))
      expect(Array.from(data)).toEqual([0, 0, 1, 2, 3, 4, 5, 6])
    })

    test('reverses', async () => {
      const data = numbers()
      await arraySource(data).set(null, { dtype: 'int32', shape: [8], stride: [-1], offset: 7, data })
      expect(Array.from(data)).toEqual([7, 6, 5, 4, 3, 2, 1, 0])
    })

    test('transposes in place', async () => {
      const array = ndarray(numbers().slice(0, 4), [2, 2])
      await arraySource(array).set(null, { ...array, stride: [1, 2] })
      expect(toNested(array)).toEqual([
        [0, 2],
        [1, 3]
      ])
    })

    test('reads into itself', async () => {
      const data = numbers()
      await arraySource(data).get([slice(0, 7)], { out: data.subarray(1) })
      expect(Array.from(data)).toEqual([0, 0, 1, 2, 3, 4, 5, 6])
    })
  })
})
