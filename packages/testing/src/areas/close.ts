import { isSourceError } from '@bioimage/core'
import { check, checkArray, checkRejects, checkSame, outcome, show } from '../assert.js'
import { type Open, readArray, type Suite } from '../suite.js'

export function testClose(suite: Suite, open: Open): void {
  const { reference } = suite
  suite.area('close', () => {
    suite.test('may be called twice, and at the same time', async () => {
      const source = await open()
      await Promise.all([source.close(), source.close()])
      await source.close()
    })
    suite.test('ends the source: calls after it fail with ERR_CLOSED', async () => {
      const source = await open()
      await source.close()
      await checkRejects(() => source.get(), 'ERR_CLOSED', 'get() after close')
      await checkRejects(() => source.get(reference.shape.map(() => 0)), 'ERR_CLOSED', 'get of a scalar after close')
      await checkRejects(() => source.set('...', reference), 'ERR_CLOSED', 'set after close')
      await checkRejects(async () => source.toSpec(), 'ERR_CLOSED', 'toSpec after close')
      checkSame(source.shape, reference.shape, 'shape after close')
    })
    suite.test('is what asyncDispose calls', async () => {
      const source = await open()
      await source[Symbol.asyncDispose]()
      await checkRejects(() => source.get(), 'ERR_CLOSED', 'get() after asyncDispose')
    })
    suite.test('lets a read under way end: with the right values or ERR_CLOSED', async () => {
      const source = await open()
      const reading = outcome(() => readArray(source))
      await source.close()
      const { failed, value, error } = await reading
      if (failed) check(isSourceError(error, 'ERR_CLOSED'), `a read that close interrupts fails with ${show(error)}`)
      else checkArray(value, reference, 'a read that close interrupts')
    })
    suite.test('leaves another handle of the same array open', async ({ keep }) => {
      const [first, second] = [await open(), keep(await open())]
      await first.close()
      checkArray(await readArray(second), reference, 'a read after another handle was closed')
    })
  })
}
