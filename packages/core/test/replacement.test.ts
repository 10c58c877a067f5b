import { describe, expect, test } from 'vitest'
import { ChunkCache, contiguousStride, sizeOf, stridedAccess } from '../src/backend.js'
import { type DType, httpStore, memoryStore, type NdArray, type Store, type StoreGetOptions, slice, zeros } from '../src/index.js'
import { chunkedArray } from './helpers/chunked-array.js'
import { codeOf } from './helpers/code-of.js'
import { sendProperly, serve } from './helpers/http-server.js'
import { withoutPauses } from './helpers/without-pauses.js'

/** Rows of one plane lie too far apart to be read together. */
const shape = [6, 200, 400]
const content = (value: number): Uint8Array => new Uint8Array(sizeOf(shape)).fill(value)

/** A store whose object is replaced by another writer after every so many replies. */
function restless(every: number, remote: boolean): { readonly store: Store; readonly requests: StoreGetOptions[] } {
  const objects = memoryStore([['x', content(1)]])
  const requests: StoreGetOptions[] = []
  const store: Store = {
    identity: objects.identity,
    path: '/restless',
    remote,
    size: (key) => objects.size(key),
    async get(key, options = {}) {
      requests.push(options)
      const bytes = await objects.get(key, options)
      if (requests.length % every === 0) await objects.set?.(key, content((requests.length % 250) + 1))
      return bytes
    }
  }
  return { store, requests }
}

const layoutOf = (store: Store) => ({ storage: { store, locate: () => ({ key: 'x' }), unitOf: () => 'x' } })

describe('rows of one object by several requests', () => {
  test.each([false, true])('are all of one revision, however often it is replaced (remote: %s)', async (remote) => {
    withoutPauses()
    for (const every of [1, 2, 3, 5, 8]) {
      const { store, requests } = restless(every, remote)
      const { source } = chunkedArray(store, { shape, chunks: shape, dtype: 'uint8', layout: layoutOf(store) })
      const { data } = await source.get([null, 7, slice(0, 20)])
      expect(new Set(data).size).toBe(1)
      expect(requests.length).toBeLessThan(60)
    }
  })

  test('of a remote file are too, or the read says why it failed', async () => {
    withoutPauses()
    const readRows = async (store: Store): Promise<NdArray<'uint8'>> => {
      const layout = {
        shape,
        dtype: 'uint8',
        byteOrder: 'little',
        strides: contiguousStride(shape),
        parts: [{ key: 'x', offset: 0 }]
      } as const
      const out = zeros([6, 1, 20], 'uint8')
      await stridedAccess(store, layout, 1).read({ start: [0, 7, 0], shape: [6, 1, 20], step: [1, 1, 1] }, out, {})
      return out
    }
    expect(new Set((await readRows(restless(7, true).store)).data).size).toBe(1)
    expect(await codeOf(readRows(restless(1, true).store))).toBe('ERR_CONFLICT')
  })
})

describe('objects of HTTP servers', () => {
  test.each([
    ['etag', (version: number) => `"${version}"`],
    ['last-modified', (version: number) => new Date(version * 1000).toUTCString()]
  ])('that are replaced are noticed by %s', async (header, tagOf) => {
    withoutPauses()
    let version = 1
    const { url } = await serve((request, response, count) => {
      if (count === 3) version = 2
      response.setHeader(header, tagOf(version))
      sendProperly(request, response, content(version))
    })
    const store = httpStore(url)
    const { source } = chunkedArray(store, { shape, chunks: shape, dtype: 'uint8', layout: layoutOf(store), context: { concurrency: 1 } })
    expect(new Set((await source.get([null, 7, slice(0, 20)])).data)).toEqual(new Set([2]))
  })

  test('tell one revision by one tag, whichever way they are encoded', async () => {
    const tags = ['"a"', 'W/"a"', '"a-gzip"', 'W/"a;br"', '"b"']
    const { url } = await serve((request, response, count) => {
      response.setHeader('etag', tags[count - 1] ?? '')
      sendProperly(request, response, Uint8Array.of(1))
    })
    const found: string[] = []
    for (const _ of tags) await httpStore(url).get('x', { onRevision: (revision) => found.push(revision) })
    expect(found).toEqual(['"a"', '"a"', '"a"', '"a"', '"b"'])
  })
})

describe('an array that is opened anew', () => {
  const stored = (objects: Store, hasSet: boolean): Store => ({
    identity: objects.identity,
    path: '/replaced',
    remote: true,
    size: (key) => objects.size(key),
    get: (key, options) => objects.get(key, options),
    ...(hasSet && { set: (key: string, bytes: Uint8Array) => objects.set?.(key, bytes) ?? Promise.resolve() })
  })
  const open = (store: Store, cache: ChunkCache, dtype: 'uint8' | 'int16') =>
    chunkedArray<DType>(store, {
      shape: [4],
      chunks: [dtype === 'uint8' ? 4 : 2],
      dtype,
      codecs: [{ id: 'xor' }],
      layout: { identity: 'test:replaced' },
      context: { cache }
    }).source

  test('shows none of the chunks that a cache remembers of the one before, where the store tells no revision', async () => {
    const cache = new ChunkCache(1000)
    const objects = memoryStore([['c/0', Uint8Array.of(1, 2, 3, 4)]])
    const store = stored(objects, false)
    expect((await open(store, cache, 'uint8').get([slice(0, 1)])).data).toEqual(Uint8Array.of(1 ^ 0x5a))
    await objects.set?.('c/0', Uint8Array.of(9, 9, 9, 9))
    expect((await open(store, cache, 'uint8').get([slice(0, 1)])).data).toEqual(Uint8Array.of(9 ^ 0x5a))
  })

  test.each([false, true])('has chunks of its own if they are stored in another way (others may write: %s)', async (hasSet) => {
    const cache = new ChunkCache(1000)
    const store = stored(memoryStore([['c/0', Uint8Array.of(1, 2, 3, 4)]]), hasSet)
    expect((await open(store, cache, 'uint8').get([slice(0, 1)])).data).toEqual(Uint8Array.of(1 ^ 0x5a))
    expect((await open(store, cache, 'int16').get([slice(0, 1)])).data).toEqual(Int16Array.of((1 ^ 0x5a) | ((2 ^ 0x5a) << 8)))
  })
})
