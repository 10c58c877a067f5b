import { describe, expect, test } from 'vitest'
import { changeObject, readObject, replaceObject } from '../src/backend.js'
import { memoryStore, type Store } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { withoutPauses } from './helpers/without-pauses.js'

const one = Uint8Array.of(1)

describe('replaceObject', () => {
  test('stores what is still what was read, and makes what is still absent', async () => {
    const store = memoryStore()
    const absent = await readObject(store, 'a')
    await replaceObject(store, 'a', absent, one)
    const present = await readObject(store, 'a')
    await replaceObject(store, 'a', present, Uint8Array.of(2))
    expect(await store.get('a')).toEqual(Uint8Array.of(2))
    await replaceObject(store, 'a', await readObject(store, 'a'), undefined)
    expect(await store.get('a')).toBeUndefined()
    await replaceObject(store, 'a', await readObject(store, 'a'), undefined)
  })

  test('is ERR_CONFLICT for one that was made, replaced by the same bytes, or removed meanwhile', async () => {
    const store = memoryStore()
    const absent = await readObject(store, 'a')
    await store.set?.('a', one)
    expect(await codeOf(replaceObject(store, 'a', absent, one))).toBe('ERR_CONFLICT')
    const present = await readObject(store, 'a')
    await store.set?.('a', one)
    expect(await codeOf(replaceObject(store, 'a', present, one))).toBe('ERR_CONFLICT')
    expect(await codeOf(replaceObject(store, 'a', present, undefined))).toBe('ERR_CONFLICT')
    await store.delete?.('a')
    expect(await codeOf(replaceObject(store, 'a', present, one))).toBe('ERR_CONFLICT')
    expect(await store.get('a')).toBeUndefined()
  })
})

test('a store with neither lock nor revisions is not written in part: another writer would be undone in silence', async () => {
  const objects = memoryStore([['a', one]])
  const store: Store = {
    identity: 'mute',
    path: undefined,
    remote: true,
    get: (key) => objects.get(key),
    size: (key) => objects.size(key),
    set: async (key, bytes) => objects.set?.(key, bytes)
  }
  const read = await readObject(store, 'a')
  await expect(replaceObject(store, 'a', read, Uint8Array.of(2))).rejects.toMatchObject({
    code: 'ERR_UNSUPPORTED',
    message: expect.stringContaining('ETag')
  })
  expect(await objects.get('a')).toEqual(one)
})

describe('changeObject', () => {
  const increment = (store: Store): Promise<void> =>
    changeObject(store, 'n', undefined, async () => {
      const read = await readObject(store, 'n')
      await replaceObject(store, 'n', read, Uint8Array.of((read.bytes?.[0] ?? 0) + 1))
    })

  test('loses no change of stores that know nothing of each other', async () => {
    withoutPauses()
    const objects = memoryStore()
    // No common lock: what holds is the condition alone.
    const stores = Array.from({ length: 8 }, (_, number): Store => {
      const { get, set, size } = { get: objects.get.bind(objects), set: objects.set?.bind(objects), size: objects.size.bind(objects) }
      return { identity: `another:${number}`, path: undefined, remote: false, get, size, ...(set !== undefined && { set }) }
    })
    await Promise.all(Array.from({ length: 40 }, (_, at) => increment(stores[at % stores.length] ?? objects)))
    expect(await objects.get('n')).toEqual(Uint8Array.of(40))
  })

  test('gives up where others are faster every time, with the number of attempts', async () => {
    withoutPauses()
    const store = memoryStore([['n', one]])
    let attempts = 0
    const work = changeObject(store, 'n', undefined, async () => {
      const read = await readObject(store, 'n')
      attempts++
      await store.set?.('n', one)
      await replaceObject(store, 'n', read, one)
    })
    await expect(work).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(attempts).toBeGreaterThan(10)
    expect(attempts).toBeLessThan(100)
  })

  test('hands on any other failure at once', async () => {
    let attempts = 0
    const work = changeObject(memoryStore(), 'n', undefined, async () => {
      attempts++
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(attempts).toBe(1)
  })
})
