import { type Index, type IndexEntry, slice } from '@bioimage/core'
import type { Random } from '../arrays/random.js'
import { select, take } from '../arrays/selection.js'
import { checkArray } from '../assert.js'
import { type Open, readArray, type Suite } from '../suite.js'

/** Regions read per test. */
const rounds = 100

export function testRandomRegions(suite: Suite, open: Open): void {
  const { reference } = suite
  suite.area('random regions', () => {
    suite.randomTest('equal the reference', async ({ keep }, random) => {
      const source = keep(await open())
      for (let round = 0; round < rounds; round++) {
        const index = randomIndex(reference.shape, random)
        checkArray(await readArray(source, index), take(reference, select(reference.shape, index)), `get(${JSON.stringify(index)})`)
      }
    })
  })
}

/** A random index that gives an array: boxes, planes, lines, with and without steps, now and then empty. */
export function randomIndex(shape: readonly number[], random: Random): Index {
  const entries = shape.map((length): IndexEntry => {
    if (random.below(6) === 0) return null
    if (random.below(4) === 0) return random.below(length) - (random.below(2) === 0 ? 0 : length)
    const start = random.below(length)
    const stop = start + random.below(length - start + 1)
    return slice(start, stop, 1 + random.below(random.below(2) === 0 ? 1 : 4))
  })
  // An ellipsis keeps a full set of integers an array.
  return [...entries, '...']
}

/** A random box of step 1 that is not empty, as writes take it. */
export function randomBox(
  shape: readonly number[],
  random: Random
): readonly { readonly start: number; readonly stop: number; readonly step: null }[] {
  return shape.map((length) => {
    const start = random.below(length)
    return { start, stop: start + 1 + random.below(length - start), step: null }
  })
}
