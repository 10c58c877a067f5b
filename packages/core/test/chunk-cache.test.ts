import { describe, expect, test } from 'vitest'
import { ChunkCache, sharedChunkCache } from '../src/backend.js'
import { slice } from '../src/index.js'
import { chunkedArray } from './helpers/chunked-array.js'
import { recordingStore, settle } from './helpers/recording-store.js'

/** A load that ends when told. */
function pendingLoad() {
  let finish: (bytes: Uint8Array | undefined) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  let count = 0
  const load = (): Promise<Uint8Array | undefined> => {
    count++
    return new Promise((resolve, reject) => {
      finish = resolve
      fail = reject
    })
  }
  return { load, finish: (bytes?: Uint8Array) => finish(bytes), fail: (error: unknown) => fail(error), loads: () => count }
}

const never = (): Promise<never> => Promise.reject(new Error('must not be loaded'))
const bytes = (length: number, value = 1): Uint8Array => new Uint8Array(length).fill(value)

describe('ChunkCache', () => {
  test('keeps what was used last, up to its bytes', async () => {
    const cache = new ChunkCache(100)
    for (const key of ['a', 'b', 'c']) await cache.fetch(key, undefined, async () => bytes(30))
    expect(cache.byteLength).toBe(90)
    await cache.fetch('a', undefined, never)
    await cache.fetch('d', undefined, async () => bytes(30))
    expect(cache.byteLength).toBe(90)
    await cache.fetch('a', undefined, never)
    let loaded = false
    await cache.fetch('b', undefined, async () => {
      loaded = true
      return bytes(30)
    })
    expect(loaded).toBe(true)
  })

  test('never grows past its bytes, whatever goes in and out', async () => {
    const cache = new ChunkCache(1000)
    for (let round = 0; round < 500; round++) {
      const length = (round * 37) % 700
      await cache.fetch(`k${(round * 7) % 50}`, undefined, async () => bytes(length), round % 3 === 0 ? `r${round}` : undefined)
      if (round % 5 === 0) cache.invalidate(`k${round % 50}`)
      expect(cache.byteLength).toBeLessThanOrEqual(1000)
    }
    cache.invalidateAll('k')
    expect(cache.byteLength).toBe(0)
  })

  test('keeps a chunk up to its whole size, since a scan in blocks wants it again, and none that is larger', async () => {
    const cache = new ChunkCache(100)
    await cache.fetch('small', undefined, async () => bytes(10))
    expect((await cache.fetch('too large', undefined, async () => bytes(101)))?.byteLength).toBe(101)
    expect(cache.byteLength).toBe(10)
    await cache.fetch('small', undefined, never)
    await cache.fetch('large', undefined, async () => bytes(100))
    await cache.fetch('large', undefined, never)
    expect(cache.byteLength).toBe(100)
  })

  test('does not remember chunks that are not stored', async () => {
    const cache = new ChunkCache(100)
    expect(await cache.fetch('a', undefined, async () => undefined)).toBeUndefined()
    expect((await cache.fetch('a', undefined, async () => bytes(3)))?.byteLength).toBe(3)
  })

  test('loads once what is wanted several times at once', async () => {
    const cache = new ChunkCache(100)
    const { load, finish, loads } = pendingLoad()
    const all = Promise.all([cache.fetch('a', undefined, load), cache.fetch('a', undefined, load), cache.fetch('a', undefined, load)])
    finish(bytes(5))
    const [first, second, third] = await all
    expect(loads()).toBe(1)
    expect(second).toBe(first)
    expect(third).toBe(first)
  })

  test('a failed load fails all who wait, and is tried anew by the next', async () => {
    const cache = new ChunkCache(100)
    const { load, fail } = pendingLoad()
    const all = Promise.allSettled([cache.fetch('a', undefined, load), cache.fetch('a', undefined, load)])
    fail(new Error('broken'))
    expect((await all).map((result) => result.status)).toEqual(['rejected', 'rejected'])
    expect((await cache.fetch('a', undefined, async () => bytes(1)))?.byteLength).toBe(1)
  })

  test.each([undefined, new Error('enough')])(
    'if the caller who loads gives up (%s), others who wait load by themselves',
    async (reason) => {
      const cache = new ChunkCache(100)
      const controller = new AbortController()
      const first = pendingLoad()
      const second = pendingLoad()
      const aborted = cache.fetch('a', controller.signal, first.load)
      const waiting = cache.fetch('a', new AbortController().signal, second.load)
      controller.abort(reason)
      first.fail(controller.signal.reason)
      await expect(aborted).rejects.toBe(controller.signal.reason)
      await settle()
      expect(second.loads()).toBe(1)
      second.finish(bytes(7))
      expect((await waiting)?.byteLength).toBe(7)
    }
  )

  test('if one who waits gives up, it is let go at once and the load goes on', async () => {
    const cache = new ChunkCache(100)
    const controller = new AbortController()
    const { load, finish } = pendingLoad()
    const loading = cache.fetch('a', undefined, load)
    const waiting = cache.fetch('a', controller.signal, never)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    finish(bytes(4))
    expect((await loading)?.byteLength).toBe(4)
    await cache.fetch('a', undefined, never)
  })

  test('what was being loaded while it was invalidated is given, but not kept', async () => {
    const cache = new ChunkCache(100)
    const old = pendingLoad()
    const reading = cache.fetch('a', undefined, old.load)
    cache.invalidate('a')
    const fresh = await cache.fetch('a', undefined, async () => bytes(2, 9))
    old.finish(bytes(2, 1))
    expect((await reading)?.[0]).toBe(1)
    expect(fresh?.[0]).toBe(9)
    expect((await cache.fetch('a', undefined, never))?.[0]).toBe(9)
  })

  test('bytes of another revision of the object are not used', async () => {
    const cache = new ChunkCache(100)
    await cache.fetch('a', undefined, async () => bytes(2, 1), 'r1')
    await cache.fetch('a', undefined, never, 'r1')
    expect((await cache.fetch('a', undefined, async () => bytes(2, 2), 'r2'))?.[0]).toBe(2)
    await cache.fetch('a', undefined, never, 'r2')
    const running = pendingLoad()
    const slow = cache.fetch('b', undefined, running.load, 'r1')
    expect((await cache.fetch('b', undefined, async () => bytes(2, 5), 'r2'))?.[0]).toBe(5)
    running.finish(bytes(2, 4))
    await slow
    expect((await cache.fetch('b', undefined, never, 'r2'))?.[0]).toBe(5)
  })

  test('forgets by prefix', async () => {
    const cache = new ChunkCache(100)
    for (const key of ['x\n1', 'x\n2', 'y\n1']) await cache.fetch(key, undefined, async () => bytes(10))
    cache.invalidateAll('x\n')
    expect(cache.byteLength).toBe(10)
    await cache.fetch('y\n1', undefined, never)
  })

  test('is one for the process by default', () => {
    expect(sharedChunkCache()).toBe(sharedChunkCache())
    expect(sharedChunkCache().maxBytes).toBe(128 << 20)
  })
})

describe('in the chunked engine', () => {
  const stored = (): [string, Uint8Array][] => [['c/0', Uint8Array.from({ length: 100 }, (_, at) => at ^ 0x5a)]]

  test('parts of a chunk are fetched and decoded once, whole chunks past the cache', async () => {
    const { store, requests } = recordingStore(stored())
    const cache = new ChunkCache(1000)
    const { source, runtime } = chunkedArray(store, {
      shape: [100],
      chunks: [100],
      dtype: 'uint8',
      codecs: [{ id: 'late' }],
      context: { cache }
    })
    const parts = await Promise.all([slice(0, 10), slice(5, 50), slice(99, null)].map((part) => source.get(part)))
    expect(parts.map((part) => part.data[0])).toEqual([0, 5, 99])
    expect([requests.length, runtime.decoded, cache.byteLength]).toEqual([1, 1, 100])
    await source.get()
    expect([requests.length, runtime.decoded]).toEqual([2, 2])
  })

  test('without a cache every read decodes', async () => {
    const { store } = recordingStore(stored())
    const { source, runtime } = chunkedArray(store, {
      shape: [100],
      chunks: [100],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      context: { cache: false }
    })
    await source.get(slice(0, 10))
    await source.get(slice(0, 10))
    expect(runtime.decoded).toBe(2)
  })

  test('a reader who changes its result changes nobody else’s', async () => {
    const { store } = recordingStore(stored())
    const { source } = chunkedArray(store, {
      shape: [100],
      chunks: [100],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      context: { cache: new ChunkCache(1000) }
    })
    const first = await source.get(slice(0, 10))
    first.data.fill(77)
    expect(Array.from((await source.get(slice(0, 3))).data)).toEqual([0, 1, 2])
  })

  test('a write is seen by the next read', async () => {
    const { store } = recordingStore(stored())
    const { source } = chunkedArray(store, {
      shape: [100],
      chunks: [100],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      context: { cache: new ChunkCache(1000) }
    })
    expect(await source.get([7])).toBe(7)
    await source.set(slice(5, 9), 200)
    expect(Array.from((await source.get(slice(4, 10))).data)).toEqual([4, 200, 200, 200, 200, 9])
  })

  test('an object that something else replaced is seen, where the store can tell', async () => {
    const { store } = recordingStore(stored())
    let revision = 'one'
    const watched = { ...store, revision: async () => revision }
    const { source } = chunkedArray(watched, {
      shape: [100],
      chunks: [100],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      context: { cache: new ChunkCache(1000) }
    })
    expect(await source.get([7])).toBe(7)
    await store.set?.('c/0', new Uint8Array(100).fill(0x5a ^ 33))
    revision = 'two'
    expect(await source.get([7])).toBe(33)
  })

  test('closing forgets the chunks of the source and of no other', async () => {
    const { store } = recordingStore(stored())
    const cache = new ChunkCache(1000)
    const open = () =>
      chunkedArray(store, { shape: [100], chunks: [100], dtype: 'uint8', codecs: [{ id: 'xor' }], context: { cache } }).source
    const [a, b] = [open(), open()]
    await a.get([1])
    await b.get([1])
    expect(cache.byteLength).toBe(200)
    await a.close()
    expect(cache.byteLength).toBe(100)
  })
})
