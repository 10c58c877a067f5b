import { isSourceError, SourceError, type Store } from '@bioimage/core'
import { check, checkArray, outcome, show } from '../assert.js'
import { failingStore, truncatingStore } from '../stores/failing-store.js'
import { readArray, type Suite, uncached } from '../suite.js'

export function testStoreFailures(suite: Suite): void {
  if (!suite.backend.capabilities.store) {
    suite.absent('failures of the store', 'the capability store is false')
    return
  }
  const gone = (): Error => new SourceError('ERR_IO', 'the connection was lost, as this test wants it')
  suite.area('failures of the store', () => {
    suite.test('while opening: it fails with the code of the store', async ({ keep }) => {
      const { failed, value, error } = await outcome(() => suite.open({ wrap: (store) => failingStore(uncached(store), { error: gone }) }))
      if (failed) check(isSourceError(error, 'ERR_IO'), `opening must fail with the ERR_IO of the store, but it failed with ${show(error)}`)
      else await checkRightOrFailed(suite, () => readArray(keep(value)), 'a read of a store that fails', 'ERR_IO')
    })
    suite.test('while reading: it fails with the code of the store, and the next read works', async ({ keep }) => {
      let failing = false
      const source = keep(await suite.open({ wrap: (store) => failingStore(uncached(store), { when: () => failing, error: gone }) }))
      failing = true
      await checkRightOrFailed(suite, () => readArray(source), 'a read of a store that fails', 'ERR_IO')
      failing = false
      checkArray(await readArray(source), suite.reference, 'a read after one that failed')
    })
    for (const missingBytes of [1, 2 ** 40]) {
      const name = missingBytes === 1 ? 'one byte missing' : 'nothing'
      suite.test(`replies with ${name} are an error or do no harm, never wrong values`, async ({ keep }) => {
        let cutting = false
        const cut = (store: Store): Store => truncatingStore(uncached(store), { missingBytes, when: () => cutting })
        const source = keep(await suite.open({ wrap: cut }))
        cutting = true
        await checkRightOrFailed(suite, () => readArray(source), 'a read of replies that end early')
        await checkRightOrFailed(suite, async () => readArray(keep(await suite.open({ wrap: cut }))), 'opening from replies that end early')
      })
    }
  })
}

/** The values may be at hand already; otherwise it must be an error. */
async function checkRightOrFailed(suite: Suite, read: () => ReturnType<typeof readArray>, what: string, code?: 'ERR_IO'): Promise<void> {
  const { failed, value, error } = await outcome(read)
  if (failed) check(isSourceError(error, code), `${what} must fail with ${code ?? 'a SourceError'}, but it failed with ${show(error)}`)
  else checkArray(value, suite.reference, `${what} gives wrong values instead of an error`)
}
