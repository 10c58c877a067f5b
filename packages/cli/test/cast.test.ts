import { type DType, type NdArray, ndarray } from '@bioimage/core'
import { createData } from '@bioimage/core/backend'
import { describe, expect, it } from 'vitest'
import { castExactly } from '../src/convert/cast.js'

function cast(from: NdArray, dtype: DType): NdArray {
  const to = ndarray(createData(dtype, from.shape[0] ?? 0), from.shape, dtype)
  castExactly(from, to)
  return to
}

describe('castExactly', () => {
  it('keeps every number', () => {
    expect(cast(ndarray(Uint8Array.of(0, 255)), 'int16').data).toEqual(Int16Array.of(0, 255))
    expect(cast(ndarray(Uint16Array.of(0, 255)), 'uint8').data).toEqual(Uint8Array.of(0, 255))
    expect(cast(ndarray(Float32Array.of(-1, 7)), 'int64').data).toEqual(BigInt64Array.of(-1n, 7n))
    expect(cast(ndarray(BigUint64Array.of(2n ** 53n, 4n)), 'float64').data).toEqual(Float64Array.of(2 ** 53, 4))
    expect(cast(ndarray(Float64Array.of(0.5, Number.NaN)), 'float32').data).toEqual(Float32Array.of(0.5, Number.NaN))
    expect(cast(ndarray(Float32Array.of(2.5, 65504)), 'float16').data).toMatchObject({ bits: Uint16Array.of(0x4100, 0x7bff) })
    expect(cast(ndarray(Uint8Array.of(0, 1)), 'bool').data).toEqual(Uint8Array.of(0, 1))
    expect(cast(ndarray(Float32Array.of(1, 2)), 'complex64').data).toEqual(Float32Array.of(1, 0, 2, 0))
    expect(cast(ndarray(Float32Array.of(1, 0, 2, 0), [2], 'complex64'), 'uint8').data).toEqual(Uint8Array.of(1, 2))
    expect(cast(ndarray(Float64Array.of(1, 2, 3, 4), [2], 'complex128'), 'complex64').data).toEqual(Float32Array.of(1, 2, 3, 4))
  })

  it.each<[string, NdArray, DType]>([
    ['too large', ndarray(Uint16Array.of(1, 256)), 'uint8'],
    ['negative', ndarray(Int8Array.of(-1)), 'uint16'],
    ['a fraction', ndarray(Float32Array.of(1.5)), 'int32'],
    ['a fraction to 64 bits', ndarray(Float32Array.of(1.5)), 'int64'],
    ['NaN as an integer', ndarray(Float32Array.of(Number.NaN)), 'uint8'],
    ['infinity as an integer', ndarray(Float32Array.of(Number.POSITIVE_INFINITY)), 'int64'],
    ['rounded', ndarray(Float64Array.of(0.1)), 'float32'],
    ['rounded to half', ndarray(Float32Array.of(2049)), 'float16'],
    ['rounded from 64 bits', ndarray(BigInt64Array.of(2n ** 53n + 1n)), 'float64'],
    ['wrapped', ndarray(BigInt64Array.of(-1n)), 'uint64'],
    ['no truth value', ndarray(Uint8Array.of(2)), 'bool'],
    ['an imaginary part', ndarray(Float32Array.of(1, 1), [1], 'complex64'), 'float32']
  ])('refuses a value that would change: %s', (_, from, dtype) => {
    expect(() => cast(from, dtype)).toThrow(expect.objectContaining({ code: 'ERR_DTYPE_MISMATCH' }))
  })
})
