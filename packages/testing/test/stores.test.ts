import { isSourceError, memoryStore, type Store, type StoreEntry } from '@bioimage/core'
import { expect, test } from 'vitest'
import { failingStore, forwardStore, gatedStore, recordingStore, slowStore, truncatingStore } from '../src/index.js'

const bytes = Uint8Array.of(1, 2, 3, 4)
const stored = (): Store => memoryStore([['a/b', bytes]])

async function entriesOf(store: Store): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const entry of store.list?.('') ?? []) entries.push(entry)
  return entries
}

test('a forwarding store is the same store', async () => {
  const inner = stored()
  const store = forwardStore(inner, {})
  expect([store.identity, store.path, store.remote]).toEqual([inner.identity, undefined, false])
  expect(await store.get('a/b', { range: { offset: 1, length: 2 } })).toEqual(Uint8Array.of(2, 3))
  expect(await store.size('a/b')).toBe(4)
  expect(await entriesOf(store)).toEqual([{ name: 'a', folder: true }])
  await store.set?.('c', bytes)
  await store.delete?.('a/b')
  expect([await inner.get('c'), await inner.get('a/b')]).toEqual([bytes, undefined])
  const readOnly = forwardStore({ identity: 'x', path: '/x', remote: true, get: async () => bytes, size: async () => 4 }, {})
  expect([readOnly.set, readOnly.list, readOnly.delete, readOnly.remote, readOnly.path]).toEqual([
    undefined,
    undefined,
    undefined,
    true,
    '/x'
  ])
})

test('a recording store counts requests and bytes and keeps signals', async () => {
  const store = recordingStore(stored())
  const { signal } = new AbortController()
  await store.get('a/b', { signal, range: { suffixLength: 3 } })
  await store.get('none')
  await store.set?.('c', bytes, { signal })
  await entriesOf(store)
  expect(store.requests.map(({ method, key, range }) => [method, key, range])).toEqual([
    ['get', 'a/b', { suffixLength: 3 }],
    ['get', 'none', undefined],
    ['set', 'c', undefined],
    ['list', '', undefined]
  ])
  expect(store.requests.map((request) => request.signal === signal)).toEqual([true, false, true, false])
  expect([store.bytesRead, store.bytesWritten]).toEqual([3, 4])
  store.clear()
  expect([store.requests.length, store.bytesRead, store.bytesWritten]).toEqual([0, 0, 0])
})

test('a gated store holds requests back until it opens or they are aborted', async () => {
  const store = gatedStore(stored())
  expect(await store.get('a/b')).toEqual(bytes)
  store.shut()
  const controller = new AbortController()
  const aborted = store.get('a/b', { signal: controller.signal })
  const held = store.size('a/b')
  await store.waiting()
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  store.open()
  expect(await held).toBe(4)
})

test('a slow store answers late, and an abort ends the wait', async () => {
  expect(await slowStore(stored(), 1).get('a/b')).toEqual(bytes)
  const controller = new AbortController()
  const reading = slowStore(stored(), 2 ** 30).get('a/b', { signal: controller.signal })
  controller.abort()
  await expect(reading).rejects.toBe(controller.signal.reason)
  await expect(slowStore(stored(), 0).get('a/b', { signal: controller.signal })).rejects.toBe(controller.signal.reason)
})

test('a failing store fails as it is told', async () => {
  await expect(failingStore(stored()).size('a/b')).rejects.toSatisfy((error) => isSourceError(error, 'ERR_IO'))
  const some = failingStore(stored(), { when: ({ key }) => key === 'c', error: () => new RangeError('full') })
  expect(await some.get('a/b')).toEqual(bytes)
  await expect(some.set?.('c', bytes)).rejects.toBeInstanceOf(RangeError)
})

test('a truncating store cuts what it gives, and nothing else', async () => {
  expect(await truncatingStore(stored()).get('a/b')).toEqual(Uint8Array.of(1, 2, 3))
  expect(await truncatingStore(stored(), { missingBytes: 99 }).get('a/b')).toEqual(new Uint8Array())
  expect(await truncatingStore(stored(), { when: () => false }).get('a/b')).toEqual(bytes)
  expect(await truncatingStore(stored()).get('none')).toBeUndefined()
})
