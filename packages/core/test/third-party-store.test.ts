import { expect, test } from 'vitest'
import { resolveLocation, type ThirdPartyStore, thirdPartyStore } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { testReading } from './helpers/read-contract.js'

const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

/** A store as zarrita describes them, with ranges. */
class RangeStore implements ThirdPartyStore {
  readonly calls: string[] = []
  readonly signals: (AbortSignal | undefined)[] = []
  readonly objects = new Map<string, Uint8Array>([['/a/digits', digits]])

  async get(key: `/${string}`, options?: { signal?: AbortSignal | undefined }): Promise<Uint8Array | undefined> {
    this.calls.push(`get ${key}`)
    this.signals.push(options?.signal)
    return this.objects.get(key)
  }

  async getRange(
    key: `/${string}`,
    range: { offset: number; length: number } | { suffixLength: number },
    options?: { signal?: AbortSignal | undefined }
  ): Promise<Uint8Array | undefined> {
    this.calls.push(`getRange ${key}`)
    this.signals.push(options?.signal)
    const bytes = this.objects.get(key)
    if ('suffixLength' in range) return bytes?.subarray(Math.max(0, bytes.byteLength - range.suffixLength))
    return bytes?.subarray(range.offset, range.offset + range.length)
  }
}

testReading('a Map', async () => ({ store: thirdPartyStore(new Map([['/a/digits', digits]])), key: 'a/digits' }))
testReading('a store with ranges', async () => ({ store: thirdPartyStore(new RangeStore()), key: 'a/digits' }))

test('ranges are asked for as such, with the signal of the caller', async () => {
  const theirs = new RangeStore()
  const store = thirdPartyStore(theirs)
  const { signal } = new AbortController()
  await store.get('a/digits', { range: { offset: 2, length: 3 }, signal })
  await store.get('a/digits', { signal })
  await store.size('a/digits', { signal })
  expect(theirs.calls).toEqual(['getRange /a/digits', 'get /a/digits', 'get /a/digits'])
  expect(theirs.signals).toEqual([signal, signal, signal])
})
test('a store that ignores ranges is found out', async () => {
  const store = thirdPartyStore({ get: () => digits, getRange: () => digits })
  expect(await codeOf(store.get('x', { range: { offset: 2, length: 3 } }))).toBe('ERR_IO')
  expect(await codeOf(store.get('x', { range: { suffixLength: 3 } }))).toBe('ERR_IO')
})
test('it is a container and no file: there is nothing at its root', async () => {
  const theirs = new RangeStore()
  const store = thirdPartyStore(theirs)
  expect(await store.get('')).toBeUndefined()
  expect(await store.get('', { range: { offset: 0, length: 4 } })).toBeUndefined()
  expect(await store.size('')).toBeUndefined()
  expect(theirs.calls).toEqual([])
})
test('it is written and cleared where it can be', async () => {
  const map = new Map<string, Uint8Array>()
  const store = thirdPartyStore(map)
  const given = Uint8Array.from(digits)
  await store.set?.('x', given)
  given.fill(99)
  expect(map.get('/x')).toEqual(digits)
  expect(await codeOf(async () => store.set?.('x', given, { ifAbsent: true }))).toBe('ERR_ALREADY_EXISTS')
  await store.delete?.('x')
  expect(map.size).toBe(0)
  const readOnly = thirdPartyStore(new RangeStore())
  expect([readOnly.set, readOnly.delete]).toEqual([undefined, undefined])
})
test('the same store has the same identity, another one another', () => {
  const theirs = new Map<string, Uint8Array>()
  expect(thirdPartyStore(theirs).identity).toBe(thirdPartyStore(theirs).identity)
  expect(thirdPartyStore(new Map()).identity).not.toBe(thirdPartyStore(theirs).identity)
})
test('it is taken wherever a path is; what is no store is refused', async () => {
  const { store, path, name } = await resolveLocation(new Map([['/x', digits]]), {})
  expect(await store.size('x')).toBe(10)
  expect([path, name]).toEqual([undefined, ''])
  for (const value of [7, null, {}, [], { get: 1 }, { get: () => digits, shape: [1] }]) {
    expect(await codeOf(resolveLocation(value as unknown as string, {}))).toBe('ERR_INVALID_ARGUMENT')
  }
})
