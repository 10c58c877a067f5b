import { expect, test } from 'vitest'
import { blobStore, resolveLocation } from '../src/index.js'
import { testReading } from './helpers/read-contract.js'

const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

testReading('blob', async () => ({ store: blobStore(new Blob([digits])), key: '' }))
testReading('part of a file', async () => ({ store: blobStore(new File([digits, digits], 'x').slice(10)), key: '' }))

test('reads no more of the blob than asked for', async () => {
  const parts: [number, number][] = []
  class CountingBlob extends Blob {
    override slice(start = 0, end = this.size): Blob {
      parts.push([start, end])
      return super.slice(start, end)
    }
    override arrayBuffer(): Promise<ArrayBuffer> {
      throw new Error('it reads the whole blob')
    }
  }
  const store = blobStore(new CountingBlob([digits]))
  expect([...((await store.get('', { range: { offset: 2, length: 3 } })) ?? [])]).toEqual([2, 3, 4])
  expect([...((await store.get('', { range: { suffixLength: 2 } })) ?? [])]).toEqual([8, 9])
  expect(parts).toEqual([
    [2, 5],
    [8, 10]
  ])
})
test('an abort while it reads fails with its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('no longer wanted')
  const reading = blobStore(new Blob([digits])).get('', { signal: controller.signal })
  controller.abort(reason)
  await expect(reading).rejects.toBe(reason)
})
test('is read-only, has no path, and is never taken for another one', async () => {
  const blob = new Blob([digits])
  const store = blobStore(blob)
  expect([store.set, store.delete, store.path]).toEqual([undefined, undefined, undefined])
  expect(blobStore(blob).identity).not.toBe(store.identity)
})
test('the name of a File counts for its format, in lower case', async () => {
  const { name, path } = await resolveLocation(new File([digits], 'Volume.OME.TIF'), {})
  expect([name, path]).toEqual(['volume.ome.tif', undefined])
  expect((await resolveLocation(new Blob([digits]), {})).name).toBe('')
})
