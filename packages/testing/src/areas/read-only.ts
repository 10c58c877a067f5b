import { fromSpec, isJsonObject, type JsonObject, type Source } from '@bioimage/core'
import { check, checkArray, checkRejects } from '../assert.js'
import { readArray, type Suite } from '../suite.js'

export function testReadOnly(suite: Suite): void {
  const { backend, reference } = suite
  const { write, spec } = backend.capabilities
  suite.area('read-only', () => {
    if (write === 'none') {
      suite.absent('writing', "the capability write is 'none'")
      suite.test('declares that it does not write: not writable, and set fails with ERR_READ_ONLY', async ({ keep }) => {
        const source = keep(await suite.open())
        check(!source.writable, "the capability write is 'none', but the source is writable")
        await checkRefusesWrites(suite, source)
      })
    } else {
      suite.test('a source says whether it can be written', async ({ keep }) => {
        const source = keep(await suite.open())
        if (source.writable) check(spec === false, 'a source that was opened for reading is writable')
        else await checkRefusesWrites(suite, source)
      })
    }
    if (spec === false) return
    suite.test('a spec without a mode opens for reading only', async ({ keep }) => {
      const source = keep(await fromSpec(withMode(keep(await suite.open()).toSpec(), undefined)))
      check(!source.writable, 'a source reopened without a mode is writable')
      await checkRefusesWrites(suite, source)
    })
    if (write !== 'regions') {
      suite.test('a spec that asks for writing is refused', async ({ keep }) => {
        const wanted = withMode(keep(await suite.open()).toSpec(), 'r+')
        await checkRejects(() => fromSpec(wanted), ['ERR_READ_ONLY', 'ERR_UNSUPPORTED'], "opening with mode 'r+'")
        checkArray(await readArray(keep(await suite.open())), reference, 'the data after it was opened for writing in vain')
      })
    }
  })
}

async function checkRefusesWrites(suite: Suite, source: Source): Promise<void> {
  await checkRejects(() => source.set('...', suite.reference), 'ERR_READ_ONLY', 'set on a read-only source')
  await checkRejects(
    () =>
      source.set(
        suite.reference.shape.map(() => 0),
        0
      ),
    'ERR_READ_ONLY',
    'set of a scalar on a read-only source'
  )
  checkArray(await readArray(source), suite.reference, 'the data after a refused set')
}

/** The spec with another mode, or without one. */
export function withMode(spec: { readonly params?: JsonObject | undefined }, mode: 'r+' | undefined): JsonObject {
  const { params = {}, ...others } = spec
  const { mode: _, ...options } = params
  const json: unknown = JSON.parse(JSON.stringify({ ...others, params: { ...options, mode } }))
  return isJsonObject(json) ? json : {}
}
