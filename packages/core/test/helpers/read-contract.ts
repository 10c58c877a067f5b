import { expect, test } from 'vitest'
import type { Store } from '../../src/index.js'
import { codeOf } from './code-of.js'

/** What every store promises of reading, tested on an object that holds the bytes 0 to 9. */
export function testReading(name: string, make: () => Promise<{ readonly store: Store; readonly key: string }>): void {
  test(`${name}: whole objects, ranges and ends, cut where the object ends`, async () => {
    const { store, key } = await make()
    const read = async (options?: Parameters<Store['get']>[1]): Promise<number[]> => [...((await store.get(key, options)) ?? [-1])]
    expect(await read()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await read({ range: { offset: 2, length: 3 } })).toEqual([2, 3, 4])
    expect(await read({ range: { offset: 8, length: 5 } })).toEqual([8, 9])
    expect(await read({ range: { offset: 10, length: 5 } })).toEqual([])
    expect(await read({ range: { offset: 2 ** 40, length: 5 } })).toEqual([])
    expect(await read({ range: { offset: 3, length: 0 } })).toEqual([])
    expect(await read({ range: { suffixLength: 3 } })).toEqual([7, 8, 9])
    expect(await read({ range: { suffixLength: 0 } })).toEqual([])
    expect(await read({ range: { suffixLength: 99 } })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await store.size(key)).toBe(10)
  })
  test(`${name}: an object that is not there`, async () => {
    const { store, key } = await make()
    for (const absent of [`${key}x`, `${key}/x`, '__proto__', 'constructor']) {
      expect(await store.get(absent)).toBeUndefined()
      expect(await store.get(absent, { range: { suffixLength: 4 } })).toBeUndefined()
      expect(await store.size(absent)).toBeUndefined()
    }
  })
  test(`${name}: an object of another size than it must have`, async () => {
    const { store, key } = await make()
    for (const range of [undefined, { offset: 2, length: 3 }, { suffixLength: 3 }]) {
      expect(await codeOf(store.get(key, { range, objectSize: 9 }))).toBe('ERR_CORRUPT_DATA')
      expect((await store.get(key, { range, objectSize: 10 }))?.byteLength).toBe(range === undefined ? 10 : 3)
    }
  })
  test(`${name}: the bytes belong to the caller`, async () => {
    const { store, key } = await make()
    for (const options of [{}, { range: { offset: 0, length: 10 } }]) (await store.get(key, options))?.fill(99)
    expect([...((await store.get(key)) ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
  test(`${name}: an abort before fails with its reason`, async () => {
    const { store, key } = await make()
    const reason = new Error('no longer wanted')
    await expect(store.get(key, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
}
