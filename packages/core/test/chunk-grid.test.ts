import { describe, expect, test } from 'vitest'
import { chunkParts } from '../src/backend.js'
import { positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'

describe('chunkParts', () => {
  test('names every element of random regions once, in its chunk', () => {
    const random = new Random(11)
    for (let round = 0; round < 300; round++) {
      const ndim = random.integer(0, 4)
      const chunks = Array.from({ length: ndim }, () => random.integer(1, 5))
      const step = chunks.map(() => random.pick([1, 1, 2, 3, 7]))
      const start = chunks.map(() => random.integer(0, 9))
      const shape = chunks.map(() => random.integer(0, 6))
      const name = JSON.stringify({ chunks, start, shape, step })
      const expected = new Map<string, string>()
      for (const at of positions(shape))
        expected.set(at.join(), at.map((value, axis) => (start[axis] ?? 0) + value * (step[axis] ?? 1)).join())
      let previous: readonly number[] | undefined
      for (const part of chunkParts({ start, shape, step }, chunks)) {
        if (previous !== undefined) expect(compare(previous, part.position), name).toBe(-1)
        previous = part.position
        for (const at of positions(part.shape)) {
          const inRegion = at.map((value, axis) => value + (part.regionStart[axis] ?? 0)).join()
          const inChunk = at.map((value, axis) => value * (step[axis] ?? 1) + (part.start[axis] ?? 0))
          for (const [axis, value] of inChunk.entries()) expect(value, name).toBeLessThan(chunks[axis] ?? 0)
          const absolute = inChunk.map((value, axis) => value + (part.position[axis] ?? 0) * (chunks[axis] ?? 1)).join()
          expect(absolute, name).toBe(expected.get(inRegion))
          expected.delete(inRegion)
        }
      }
      expect(expected.size, name).toBe(0)
    }
  })

  test('leaves out chunks that a large step jumps over', () => {
    const parts = [...chunkParts({ start: [1], shape: [3], step: [10] }, [4])]
    expect(parts.map((part) => part.position)).toEqual([[0], [2], [5]])
  })

  test('gives the one chunk of an array without dimensions', () => {
    expect([...chunkParts({ start: [], shape: [], step: [] }, [])]).toEqual([{ position: [], start: [], shape: [], regionStart: [] }])
  })
})

/** Order of two positions, as C order has it. */
function compare(a: readonly number[], b: readonly number[]): number {
  const axis = a.findIndex((value, axis) => value !== b[axis])
  return axis < 0 ? 0 : Math.sign((a[axis] ?? 0) - (b[axis] ?? 0))
}
