import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { normalizeIndex } from '../src/backend.js'
import { type Index, type IndexEntry, slice } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { dot, positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'

interface NumpyCase {
  readonly shape: readonly number[]
  readonly index: readonly IndexEntry[]
  readonly error?: true
  readonly scalar?: boolean
  readonly resultShape?: readonly number[]
  readonly values?: readonly number[]
}

const numpy: readonly NumpyCase[] = JSON.parse(readFileSync(new URL('fixtures/numpy-indexing.json', import.meta.url), 'utf8'))

/** Flat C-order places of the elements that a normalised index selects. */
function selected(index: Index | undefined, shape: readonly number[]): number[] {
  const { region } = normalizeIndex(index, shape)
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  return Array.from(positions(region.shape), (at) =>
    dot(
      at.map((offset, axis) => (region.start[axis] ?? 0) + offset * (region.step[axis] ?? 0)),
      stride
    )
  )
}

describe('normalizeIndex', () => {
  test('answers as numpy does, in every case of the table', async () => {
    expect(numpy.length).toBe(400)
    expect(numpy.filter((entry) => entry.error).length).toBeGreaterThan(50)
    for (const { shape, index, error, scalar, resultShape, values } of numpy) {
      const name = JSON.stringify({ shape, index })
      if (error) {
        expect(await codeOf(() => normalizeIndex(index, shape)), name).toBe('ERR_INVALID_INDEX')
        continue
      }
      const normal = normalizeIndex(index, shape)
      expect(normal.shape, name).toEqual(resultShape)
      expect(normal.scalar, name).toBe(scalar)
      expect(selected(index, shape), name).toEqual(values)
    }
  })

  test('selects what a loop over one axis selects, for random indices', () => {
    const random = new Random(3)
    for (let round = 0; round < 3000; round++) {
      const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(0, 6))
      const kept: number[][] = []
      const index = shape.map((size): IndexEntry => {
        if (size > 0 && random.chance(0.3)) {
          const position = random.integer(-size, size - 1)
          kept.push([position < 0 ? position + size : position])
          return position
        }
        const bound = (): number | null =>
          random.chance(0.3) ? null : random.chance(0.05) ? Number.POSITIVE_INFINITY : random.integer(-9, 9)
        const [start, stop, step] = [bound(), bound(), random.integer(1, 4)]
        const place = (value: number): number => (value < 0 ? value + size : value)
        const from = start === null ? 0 : place(start)
        const to = stop === null ? size : place(stop)
        const all: number[] = []
        for (let at = Math.max(0, from); at < Math.min(size, to); at += step) all.push(at)
        kept.push(all)
        return slice(start, stop, step)
      })
      const { region, dropped } = normalizeIndex(index, shape)
      for (const [axis, expected] of kept.entries()) {
        const found = Array.from({ length: region.shape[axis] ?? 0 }, (_, at) => (region.start[axis] ?? 0) + at * (region.step[axis] ?? 0))
        expect(found, JSON.stringify({ shape, index, axis })).toEqual(expected)
        expect(dropped[axis]).toBe(typeof index[axis] === 'number')
      }
    }
  })

  test('takes a bare entry for the first axis, nothing and an empty list for everything', () => {
    expect(normalizeIndex(1, [3, 2]).shape).toEqual([2])
    expect(normalizeIndex(slice(2), [3, 2]).shape).toEqual([2, 2])
    expect(normalizeIndex('...', [3, 2]).shape).toEqual([3, 2])
    expect(normalizeIndex(null, [3, 2]).shape).toEqual([3, 2])
    expect(normalizeIndex(undefined, [3, 2]).shape).toEqual([3, 2])
    expect(normalizeIndex([], [3, 2]).shape).toEqual([3, 2])
    expect(normalizeIndex([], [])).toMatchObject({ scalar: true, shape: [] })
    expect(normalizeIndex(undefined, [])).toMatchObject({ scalar: false, shape: [] })
  })

  test('never gives a negative zero', () => {
    const { region } = normalizeIndex([-0, slice(-0, 2)], [1, 2])
    expect(region.start.map((start) => Object.is(start, 0))).toEqual([true, true])
  })

  test.each<readonly [string, unknown]>([
    ['an integer at the end', [3]],
    ['an integer beyond the beginning', [-4]],
    ['a fraction', [0.5]],
    ['NaN', [Number.NaN]],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', [1n]],
    ['a string', ['1']],
    ['true', [true]],
    ['undefined in a list', [undefined]],
    ['a list of positions, which would be a fancy index', [[0, 1]]],
    ['a typed array of positions', [Int32Array.of(0, 1)]],
    ['a typed array as the whole index', Int32Array.of(0, 1)],
    ['a misspelt slice', [{ begin: 1 }]],
    ['a map', [new Map()]],
    ['a function', [() => 1]],
    ['a symbol', [Symbol('x')]],
    ['a step of 0', [slice(0, 2, 0)]],
    ['a negative step', [slice(null, null, -1)]],
    ['a fractional step', [slice(0, 2, 1.5)]],
    ['a fractional bound', [slice(0.5, 2)]],
    ['a bound that is NaN', [slice(Number.NaN, 2)]],
    ['a bound that is text', [{ start: '0' }]],
    ['two ellipses', ['...', '...']],
    ['too many entries', [0, 0]]
  ])('refuses %s', async (_, index) => {
    expect(await codeOf(() => normalizeIndex(index as Index, [3]))).toBe('ERR_INVALID_INDEX')
  })
})

describe('slice', () => {
  test('has the three forms of Python', () => {
    expect(slice()).toEqual({ start: null, stop: null, step: null })
    expect(slice(4)).toEqual({ start: null, stop: 4, step: null })
    expect(slice(1, 4)).toEqual({ start: 1, stop: 4, step: null })
    expect(slice(undefined, -1, 2)).toEqual({ start: null, stop: -1, step: 2 })
  })
})
