import { slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { select, take } from '../arrays/selection.js'
import { checkArray } from '../assert.js'
import { type Open, readArray, type Suite } from '../suite.js'
import { randomIndex } from './random-regions.js'

export function testManyReads(suite: Suite, open: Open): void {
  const { reference } = suite
  const { shape } = reference
  suite.area('many reads at once', () => {
    suite.randomTest('of different regions', async ({ keep }, random) => {
      const source = keep(await open())
      const indices = Array.from({ length: 64 }, () => randomIndex(shape, random))
      const found = await Promise.all(indices.map((index) => readArray(source, index)))
      for (const [at, array] of found.entries()) {
        const index = indices[at] ?? '...'
        checkArray(array, take(reference, select(shape, index)), `get(${JSON.stringify(index)}), one of 64 reads,`)
      }
    })
    suite.test('of one region, each with memory of its own', async ({ keep }) => {
      const source = keep(await open())
      const found = await Promise.all(Array.from({ length: 16 }, () => readArray(source)))
      for (const array of found) {
        checkArray(array, reference, 'one of 16 reads')
        // Whoever hands out its cache is found by the reads that follow.
        bytesOf(array.data).fill(0x55)
      }
      checkArray(await readArray(source), reference, 'a read after the results of others were overwritten')
    })
    suite.test('from two handles', async ({ keep }) => {
      const [first, second] = [keep(await open()), keep(await open())]
      const index = shape.map((length) => slice(length >> 1, null))
      const expected = take(reference, select(shape, index))
      const found = await Promise.all([first, second, first, second].map((source) => readArray(source, index)))
      for (const array of found) checkArray(array, expected, 'a read from one of two handles')
    })
  })
}
