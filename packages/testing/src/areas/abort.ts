import { slice } from '@bioimage/core'
import { select, take } from '../arrays/selection.js'
import { check, checkArray, checkRejects, checkRejectsWith, outcome, show, withDeadline } from '../assert.js'
import { type RecordingStore, recordingStore } from '../stores/recording-store.js'
import { type GatedStore, gatedStore } from '../stores/slow-store.js'
import { readArray, type Suite, uncached } from '../suite.js'

export function testAbort(suite: Suite): void {
  const { reference, backend } = suite
  const inner = reference.shape.map((length) => slice(length > 2 ? 1 : 0, null))
  const expectedInner = take(reference, select(reference.shape, inner))

  suite.area('abort', () => {
    suite.test('before a read: it fails with the reason', async ({ keep }) => {
      const source = keep(await suite.open())
      const reason = new Error('no longer wanted')
      await checkRejectsWith(() => source.get('...', { signal: AbortSignal.abort(reason) }), reason, 'a read with an aborted signal')
      const plain = AbortSignal.abort()
      await checkRejectsWith(() => source.get('...', { signal: plain }), plain.reason, 'a read with an aborted signal')
      checkArray(await readArray(source), reference, 'a read after an aborted one')
    })
    suite.test('after a read changes nothing', async ({ keep }) => {
      const source = keep(await suite.open())
      const controller = new AbortController()
      const found = await readArray(source, '...', { signal: controller.signal })
      controller.abort()
      checkArray(found, reference, 'a read whose signal is aborted after it')
      checkArray(await readArray(source), reference, 'a read after an abort that came too late')
    })

    if (!backend.capabilities.store) {
      suite.absent('aborts that reach the store', 'the capability store is false')
      suite.test('declares that no store lies under it: it does not wrap one', async ({ keep }) => {
        let wrapped = 0
        const count = <S>(store: S): S => {
          wrapped++
          return store
        }
        await readArray(keep(await suite.open({ wrap: count })))
        check(wrapped === 0, 'the capability store is false, but `open` wraps a store; declare it true')
      })
      return
    }

    suite.test('the very signal of the caller reaches the store', async ({ keep }) => {
      const [opening, reading, scalar] = [new AbortController().signal, new AbortController().signal, new AbortController().signal]
      const stores: RecordingStore[] = []
      const source = keep(
        await suite.open({
          signal: opening,
          wrap(store) {
            const recording = recordingStore(uncached(store))
            stores.push(recording)
            return recording
          }
        })
      )
      check(stores.length > 0, 'the capability store is true, but `open` did not use `wrap`')
      const opened = stores.reduce((sum, { requests }) => sum + requests.length, 0)
      checkSignals(stores, opening, 'opening')
      checkArray(await readArray(source, inner, { signal: reading }), expectedInner, 'a read with a signal')
      const read = stores.reduce((sum, { requests }) => sum + requests.length, 0)
      check(opened + read > 0, 'the store saw no request: the bytes do not come through `wrap`')
      checkSignals(stores, reading, 'a read')
      await source.get(
        reference.shape.map(() => 0),
        { signal: scalar }
      )
      checkSignals(stores, scalar, 'the read of a scalar')
    })
    suite.test('before opening: it fails with the reason', async () => {
      const reason = new Error('no longer wanted')
      await checkRejectsWith(
        async () => (await suite.open({ wrap: uncached, signal: AbortSignal.abort(reason) })).close(),
        reason,
        'opening with an aborted signal'
      )
    })
    suite.test('in the middle of a read: it fails at once with the reason', async ({ keep }) => {
      const { source, gates } = await openGated(suite)
      keep(source)
      const controller = new AbortController()
      const reason = new Error('no longer wanted')
      const reading = outcome(() => readArray(source, inner, { signal: controller.signal }))
      if (await finishesWithoutStore(reading, gates)) {
        checkArray((await reading).value ?? reference, expectedInner, 'a read of bytes that are at hand')
        return
      }
      controller.abort(reason)
      await endsByAbort(reading, reason, 'an aborted read')
      for (const gate of gates) gate.open()
      checkArray(await readArray(source, inner), expectedInner, 'a read after one that was aborted in the middle')
    })
    suite.test('of one of two reads of the same region leaves the other', async ({ keep }) => {
      for (const aborted of [0, 1]) {
        const { source, gates } = await openGated(suite)
        keep(source)
        const controllers = [new AbortController(), new AbortController()] as const
        const readings = controllers.map(({ signal }) => outcome(() => readArray(source, inner, { signal })))
        const [first, second] = aborted === 0 ? readings : readings.toReversed()
        if (first === undefined || second === undefined) return
        if (await finishesWithoutStore(first, gates)) return
        const reason = new Error('no longer wanted')
        controllers[aborted === 0 ? 0 : 1].abort(reason)
        await endsByAbort(first, reason, `the aborted one of two reads (number ${aborted + 1})`)
        for (const gate of gates) gate.open()
        const { failed, value, error } = await second
        check(!failed, `one of two reads was aborted, and the other failed too: ${show(error)}`)
        checkArray(value, expectedInner, 'a read beside an aborted one')
      }
    })
    suite.test('of a read of an index that is wrong still says that it is wrong', async ({ keep }) => {
      const source = keep(await suite.open())
      const { signal } = new AbortController()
      await checkRejects(() => source.get([reference.shape[0] ?? 0], { signal }), 'ERR_INVALID_INDEX', 'an index outside')
    })
  })
}

function checkSignals(stores: readonly RecordingStore[], signal: AbortSignal, what: string): void {
  for (const store of stores) {
    const stranger = store.requests.find((request) => request.signal !== signal)
    if (stranger !== undefined) {
      const found = stranger.signal === undefined ? 'no signal' : 'another signal'
      throw new Error(
        `${what} asked the store to ${stranger.method} ${JSON.stringify(stranger.key)} with ${found}, expected the caller's own`
      )
    }
    store.clear()
  }
}

async function openGated(suite: Suite): Promise<{ source: Awaited<ReturnType<Suite['open']>>; gates: readonly GatedStore[] }> {
  const gates: GatedStore[] = []
  const source = await suite.open({
    wrap(store) {
      const gate = gatedStore(uncached(store))
      gates.push(gate)
      return gate
    }
  })
  for (const gate of gates) gate.shut()
  return { source, gates }
}

/** Waits until the read is held back by the store; true if it ends without asking it. */
function finishesWithoutStore(reading: Promise<unknown>, gates: readonly GatedStore[]): Promise<boolean> {
  return Promise.race([reading.then(() => true), ...gates.map((gate) => gate.waiting().then(() => false))])
}

async function endsByAbort(reading: Promise<{ failed: boolean; error: unknown }>, reason: unknown, what: string): Promise<void> {
  const { failed, error } = await withDeadline(reading, `${what} is still waiting for the store: the signal was not heard`)
  check(failed, `${what} must fail, but it succeeded`)
  check(error === reason, `${what} must fail with the very reason of the abort, but it failed with ${show(error)}`)
}
