import { expect, test } from 'vitest'
import { memoryStore, type Store } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { testReading } from './helpers/read-contract.js'

const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

async function list(store: Store, folder = ''): Promise<string[]> {
  const names: string[] = []
  for await (const { name, folder: isFolder, size } of store.list?.(folder) ?? []) names.push(isFolder ? `${name}/` : `${name} ${size}`)
  return names.sort()
}

testReading('memory', async () => ({ store: memoryStore([['a/digits', digits]]), key: 'a/digits' }))
testReading('memory, the root', async () => ({ store: memoryStore([['', digits]]), key: '' }))

test('lists the children of a folder, each once', async () => {
  const store = memoryStore(['a/x', 'a/b/y', 'a/b/z', 'ab', 'c'].map((key) => [key, digits]))
  expect(await list(store)).toEqual(['a/', 'ab 10', 'c 10'])
  expect(await list(store, 'a')).toEqual(['b/', 'x 10'])
  expect(await list(store, 'a/b')).toEqual(['y 10', 'z 10'])
  expect(await list(store, 'c')).toEqual([])
  expect(await list(store, 'nothing')).toEqual([])
})
test('keeps copies of what it gets, also of Buffers', async () => {
  const given = [Uint8Array.from(digits), Buffer.from(digits)]
  const store = memoryStore([['given', given[0] as Uint8Array]])
  await store.set?.('set', given[1] as Uint8Array)
  for (const bytes of given) bytes.fill(99)
  expect(await store.get('given')).toEqual(digits)
  expect(await store.get('set')).toEqual(digits)
})
test('replaces and removes objects, or refuses to', async () => {
  const store = memoryStore([['x', digits]])
  expect(await codeOf(async () => store.set?.('x', Uint8Array.of(1), { ifAbsent: true }))).toBe('ERR_ALREADY_EXISTS')
  expect(await store.size('x')).toBe(10)
  await store.set?.('x', Uint8Array.of(1))
  await store.set?.('y', Uint8Array.of(2), { ifAbsent: true })
  expect([await store.size('x'), await store.size('y')]).toEqual([1, 1])
  await store.delete?.('x')
  await store.delete?.('x')
  expect(await store.get('x')).toBeUndefined()
  const reason = new Error('no longer wanted')
  await expect(store.set?.('z', digits, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(await store.size('z')).toBeUndefined()
})
test('tells when an object was replaced, or removed and stored again', async () => {
  const store = memoryStore([['x', digits]])
  const revisions = new Set([await store.revision?.('x'), await store.revision?.('x')])
  expect(revisions.size).toBe(1)
  await store.set?.('x', digits)
  revisions.add(await store.revision?.('x'))
  await store.delete?.('x')
  expect(await store.revision?.('x')).toBeUndefined()
  await store.set?.('x', digits)
  revisions.add(await store.revision?.('x'))
  expect(revisions.size).toBe(3)
  expect(revisions).not.toContain(undefined)
})
test('is never taken for another one', () => {
  expect(memoryStore().identity).not.toBe(memoryStore().identity)
})
