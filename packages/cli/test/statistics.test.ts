import { arraySource, type DType, Float16View, ndarray } from '@bioimage/core'
import { describe, expect, it } from 'vitest'
import { type Statistics, StatisticsCollector } from '../src/statistics.js'
import { pattern } from './arrays.js'

function statisticsOf(...arrays: Parameters<StatisticsCollector['add']>[0][]): Statistics {
  const collector = new StatisticsCollector()
  for (const array of arrays) collector.add(array)
  return collector.result()
}

describe('StatisticsCollector', () => {
  it('agrees with numpy', () => {
    // numpy: a = np.array([3, 1, 4, 1, 5, 9, 2, 6]); a.min(), a.max(), a.mean(), a.std()
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    for (const data of [Uint8Array.from(values), Int16Array.from(values), Uint32Array.from(values), Float32Array.from(values)]) {
      const { std, ...exact } = statisticsOf(ndarray(data))
      expect(exact).toEqual({ count: 8, nans: 0, min: 1, max: 9, mean: 3.875 })
      expect(std).toBeCloseTo(2.5708704751503917, 12)
    }
  })

  it('gives the same for the whole and for its parts', () => {
    const values = Float64Array.from(pattern(1_500_000, 1 << 20), (value) => value / 7 - 5000)
    const whole = statisticsOf(ndarray(values))
    const parts = statisticsOf(...[0, 1, 2].map((part) => ndarray(values.slice(part * 500_000, (part + 1) * 500_000))))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    for (const found of [whole, parts]) {
      expect(found).toMatchObject({ count: 1_500_000, nans: 0, min: Math.min(...minMax(values)), max: Math.max(...minMax(values)) })
      expect(found.mean).toBeCloseTo(mean, 6)
      expect(found.std).toBeCloseTo(std, 6)
    }
  })

  it('is exact for 64-bit integers', () => {
    const signed = BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 5n, -7n)
    expect(statisticsOf(ndarray(signed))).toMatchObject({ min: -(2n ** 63n), max: 2n ** 63n - 1n, mean: -0.75 })
    const unsigned = BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 53n + 1n)
    expect(statisticsOf(ndarray(unsigned))).toMatchObject({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n })
    const equal = statisticsOf(ndarray(new BigUint64Array(1000).fill(2n ** 60n)))
    expect(equal).toMatchObject({ mean: 2 ** 60, std: 0 })
  })

  it('leaves NaN out and counts it', () => {
    expect(statisticsOf(ndarray(Float32Array.of(Number.NaN, 2, Number.NaN, 4)))).toEqual({
      count: 4,
      nans: 2,
      min: 2,
      max: 4,
      mean: 3,
      std: 1
    })
    expect(statisticsOf(ndarray(Float64Array.of(Number.NaN)))).toEqual({ count: 1, nans: 1, min: null, max: null, mean: null, std: null })
    expect(statisticsOf(ndarray(Float64Array.of(1, Number.POSITIVE_INFINITY))).std).toBeNaN()
  })

  it('reads float16, bool and complex numbers', () => {
    const half = new Float16View(new Uint16Array(3))
    for (const [at, value] of [1.5, -2, 65504].entries()) half.setAt(at, value)
    expect(statisticsOf({ dtype: 'float16' satisfies DType, shape: [3], stride: [1], data: half })).toMatchObject({ min: -2, max: 65504 })
    const bool = arraySource({ dtype: 'bool', shape: [4], stride: [1], data: Uint8Array.of(0, 1, 1, 1) }).array
    expect(statisticsOf(bool)).toMatchObject({ min: 0, max: 1, mean: 0.75 })
    expect(statisticsOf({ dtype: 'complex64', shape: [2], stride: [1], data: Float32Array.of(3, 4, 0, 1) })).toMatchObject({
      count: 2,
      min: 1,
      max: 5,
      mean: 3
    })
  })

  it('knows the empty array', () => {
    expect(statisticsOf(ndarray(new Uint8Array(0)))).toEqual({ count: 0, nans: 0, min: null, max: null, mean: null, std: null })
  })
})

function minMax(values: Float64Array): [number, number] {
  return values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
}
