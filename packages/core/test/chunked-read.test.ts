import { describe, expect, test } from 'vitest'
import { bytesOf, ChunkCache, type ChunkStorage, createData, type Executor, inlineExecutor, itemSizeOf, sizeOf } from '../src/backend.js'
import { type DType, isSourceError, itemAt, type NdArray, slice, toNested, zeros } from '../src/index.js'
import { chunkedArray } from './helpers/chunked-array.js'
import { codeOf } from './helpers/code-of.js'
import { positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'
import { recordingStore, settle } from './helpers/recording-store.js'

/** Chunks of random bytes, and what every element of the array is then, by its C-order place. */
function randomChunks(random: Random, options: ArrayShape): { objects: [string, Uint8Array][]; expected: Map<string, readonly number[]> } {
  const { shape, chunks, dtype, order, cut, bigEndian, missing, fill, encode } = options
  const itemSize = itemSizeOf(dtype)
  const objects: [string, Uint8Array][] = []
  const expected = new Map<string, readonly number[]>()
  for (const position of positions(shape.map((length, axis) => Math.ceil(length / (chunks[axis] ?? 1))))) {
    const stored = chunks.map((length, axis) => (cut ? Math.min(length, (shape[axis] ?? 0) - (position[axis] ?? 0) * length) : length))
    const content = random.bytes(sizeOf(stored) * itemSize)
    const absent = random.chance(missing)
    const strides = new Array<number>(stored.length)
    let step = itemSize
    for (const axis of order.toReversed()) {
      strides[axis] = step
      step *= stored[axis] ?? 1
    }
    for (const at of positions(stored)) {
      const absolute = at.map((value, axis) => value + (position[axis] ?? 0) * (chunks[axis] ?? 1))
      if (absolute.some((value, axis) => value >= (shape[axis] ?? 0))) continue
      const offset = at.reduce((sum, value, axis) => sum + value * (strides[axis] ?? 0), 0)
      const item = Array.from(content.subarray(offset, offset + itemSize))
      expected.set(absolute.join(), absent ? fill : bigEndian ? item.reverse() : item)
    }
    if (!absent) objects.push([['c', ...position].join('/'), encode(content)])
  }
  return { objects, expected }
}

interface ArrayShape {
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly dtype: DType
  readonly order: readonly number[]
  readonly cut: boolean
  readonly bigEndian: boolean
  readonly missing: number
  readonly fill: readonly number[]
  encode(bytes: Uint8Array): Uint8Array
}

const xor = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a)

describe('reads', () => {
  test.each([
    ['raw', false],
    ['raw', true],
    ['xor', false],
    ['xor', true],
    ['late', true]
  ] as const)('give every element of random arrays, regions and steps: codec %s, cache %s', async (codec, cached) => {
    const random = new Random(codec.length * 2 + (cached ? 1 : 0))
    for (let round = 0; round < 120; round++) {
      const ndim = random.integer(0, 3)
      const shape = Array.from({ length: ndim }, () => random.integer(1, 9))
      const chunks = shape.map(() => random.integer(1, 5))
      const dtype = random.pick(['uint8', 'int16', 'float32', 'uint64', 'complex128', 'bool', 'float16'] as const)
      const options: ArrayShape = {
        shape,
        chunks,
        dtype,
        order: random.shuffle(shape.map((_, axis) => axis)),
        cut: random.chance(0.5),
        bigEndian: dtype !== 'complex128' && itemSizeOf(dtype) > 1 && random.chance(0.4),
        missing: 0.2,
        fill: Array.from(random.bytes(itemSizeOf(dtype))),
        encode: codec === 'raw' ? (bytes) => bytes : xor
      }
      const { objects, expected } = randomChunks(random, options)
      const { store } = recordingStore(objects, { remote: random.chance(0.5) })
      const { source } = chunkedArray<DType>(store, {
        shape,
        chunks,
        dtype,
        codecs: codec === 'raw' ? [] : [{ id: codec }],
        layout: {
          axisOrder: options.order,
          edgeChunks: options.cut ? 'cut' : 'whole',
          byteOrder: options.bigEndian ? 'big' : 'little',
          fill: Uint8Array.from(options.fill)
        },
        context: { cache: cached ? new ChunkCache(1 << 20) : false, concurrency: random.pick([1, 3, 8]) }
      })
      for (let read = 0; read < 4; read++) {
        const starts = shape.map((length) => random.integer(0, length - 1))
        const steps = shape.map(() => random.pick([1, 1, 1, 2, 3]))
        const stops = shape.map((length, axis) => random.integer((starts[axis] ?? 0) + 1, length))
        const out = zeros(
          starts.map((start, axis) => Math.ceil(((stops[axis] ?? 0) - start) / (steps[axis] ?? 1))),
          dtype
        )
        // A transposed output now and then.
        const target: NdArray<DType> = random.chance(0.3) ? transposed(out.shape, dtype) : out
        await source.get([...starts.map((start, axis) => slice(start, stops[axis], steps[axis])), '...'], { out: target })
        const bytes = bytesOf(target.data)
        const itemSize = itemSizeOf(dtype)
        for (const at of positions(target.shape)) {
          const index = at.reduce((sum, value, axis) => sum + value * (target.stride[axis] ?? 0), target.offset ?? 0)
          const absolute = at.map((value, axis) => (starts[axis] ?? 0) + value * (steps[axis] ?? 1)).join()
          expect(
            Array.from(bytes.subarray(index * itemSize, (index + 1) * itemSize)),
            JSON.stringify({ options, round, absolute })
          ).toEqual(expected.get(absolute))
        }
      }
    }
  })

  test.each([0, 1 << 20])('chunks with codecs of their own are decoded by those: cache of %d bytes', async (cacheBytes) => {
    const big = Uint8Array.of(0, 5, 0, 6)
    const { store } = recordingStore([
      ['c/0', xor(Uint8Array.of(0, 1, 0, 2))],
      ['c/1', Uint8Array.of(0, 3, 0, 4)],
      ['c/2', xor(big)]
    ])
    const storage: ChunkStorage = {
      store,
      unitOf: ([position]) => `c/${position}`,
      locate: ([position = 0]) => (position === 1 ? { key: 'c/1', codecs: [] } : { key: `c/${position}` })
    }
    const { source } = chunkedArray(store, {
      shape: [6],
      chunks: [2],
      dtype: 'uint16',
      codecs: [{ id: 'xor' }],
      layout: { storage, byteOrder: 'big' },
      context: { cache: cacheBytes === 0 ? false : new ChunkCache(cacheBytes) }
    })
    expect(toNested(await source.get())).toEqual([1, 2, 3, 4, 5, 6])
    expect(toNested(await source.get([slice(1, 6, 2)]))).toEqual([2, 4, 6])
    expect(await source.get([3])).toBe(4)
  })

  test('big-endian complex numbers are swapped by their halves', async () => {
    const stored = new DataView(new ArrayBuffer(16))
    stored.setFloat32(0, 1)
    stored.setFloat32(4, 2)
    stored.setFloat32(8, 3)
    stored.setFloat32(12, -4)
    const { store } = recordingStore([['c/0', new Uint8Array(stored.buffer)]])
    const { source } = chunkedArray(store, { shape: [2], chunks: [2], dtype: 'complex64', layout: { byteOrder: 'big' } })
    expect(toNested(await source.get())).toEqual([
      [1, 2],
      [3, -4]
    ])
  })

  test('edge chunks of equal size but another shape keep their own strides', async () => {
    // The chunks at the two edges have 2 x 3 = 6 and 3 x 2 = 6 elements.
    const chunk = (...values: number[]): Uint8Array => Uint8Array.from(values)
    const { store } = recordingStore([
      ['c/0/0', xor(chunk(1, 2, 3, 4, 5, 6, 7, 8, 9))],
      ['c/0/1', xor(chunk(10, 11, 12, 13, 14, 15))],
      ['c/1/0', xor(chunk(20, 21, 22, 23, 24, 25))],
      ['c/1/1', xor(chunk(30, 31, 32, 33))]
    ])
    const { source } = chunkedArray(store, {
      shape: [5, 5],
      chunks: [3, 3],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      layout: { edgeChunks: 'cut' }
    })
    expect(toNested(await source.get())).toEqual([
      [1, 2, 3, 10, 11],
      [4, 5, 6, 12, 13],
      [7, 8, 9, 14, 15],
      [20, 21, 22, 30, 31],
      [23, 24, 25, 32, 33]
    ])
  })

  test('fill SharedArrayBuffer outputs', async () => {
    const { store } = recordingStore([['c/0', Uint8Array.of(1, 2, 3, 4)]])
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8' })
    const out = new Uint8Array(new SharedArrayBuffer(4))
    await source.get(null, { out })
    expect(Array.from(out)).toEqual([1, 2, 3, 4])
  })
})

function transposed(shape: readonly number[], dtype: DType): NdArray {
  const stride = new Array<number>(shape.length)
  let step = 1
  for (const [axis, length] of shape.entries()) {
    stride[axis] = step
    step *= length
  }
  return { dtype, shape, stride, data: createData(dtype, step) }
}

describe('requests', () => {
  const volume = (): [string, Uint8Array][] => [['c/0/0/0', Uint8Array.from({ length: 64 * 64 * 64 }, (_, at) => at % 251)]]

  test('a few rows of a chunk that is stored as it is are read by themselves', async () => {
    const { store, requests } = recordingStore(volume())
    const { source } = chunkedArray(store, { shape: [64, 64, 64], chunks: [64, 64, 64], dtype: 'uint8', context: { cache: false } })
    await source.get([slice(0, 16), 5, slice(3, 7)])
    expect(requests).toHaveLength(1)
    const [request] = requests
    expect(request).toMatchObject({ offset: 5 * 64 + 3, length: 15 * 4096 + 4 })
  })

  test('slices that lie together are one read of their bytes alone', async () => {
    const { store, requests } = recordingStore(volume())
    const { source } = chunkedArray(store, { shape: [64, 64, 64], chunks: [64, 64, 64], dtype: 'uint8' })
    const result = await source.get([slice(8, 16)])
    expect(requests.map(({ offset, length }) => [offset, length])).toEqual([[8 * 4096, 8 * 4096]])
    expect(itemAt(result, 1, 2, 3)).toBe((9 * 4096 + 2 * 64 + 3) % 251)
  })

  test('whole chunks are read whole, once each, with no more under way than allowed', async () => {
    const objects = Array.from({ length: 20 }, (_, at): [string, Uint8Array] => [`c/${at}`, new Uint8Array(10).fill(at)])
    const recorded = recordingStore(objects, { before: () => settle() })
    const { source } = chunkedArray(recorded.store, { shape: [200], chunks: [10], dtype: 'uint8', context: { concurrency: 3 } })
    const result = await source.get()
    expect(Array.from(result.data)).toEqual(Array.from({ length: 200 }, (_, at) => Math.floor(at / 10)))
    expect(recorded.requests.map(({ key }) => key).sort()).toEqual(objects.map(([key]) => key).sort())
    expect(recorded.mostAtOnce()).toBe(3)
  })

  test('as much more is asked for at once as travels in one request of the store', async () => {
    const objects = Array.from({ length: 20 }, (_, at): [string, Uint8Array] => [`c/${at}`, new Uint8Array(10).fill(at)])
    const recorded = recordingStore(objects, { before: () => settle() })
    const store = { ...recorded.store, getsPerRequest: 5 }
    const { source } = chunkedArray(store, { shape: [200], chunks: [10], dtype: 'uint8', context: { concurrency: 3 } })
    const result = await source.get()
    expect(Array.from(result.data)).toEqual(Array.from({ length: 200 }, (_, at) => Math.floor(at / 10)))
    expect(recorded.mostAtOnce()).toBe(15)
  })

  test('rows of many chunks share one bound too', async () => {
    const objects = Array.from({ length: 20 }, (_, at): [string, Uint8Array] => [`c/${at}`, new Uint8Array(64).fill(at)])
    const recorded = recordingStore(objects, { before: () => settle(), remote: true })
    const { source } = chunkedArray(recorded.store, { shape: [20 * 64], chunks: [64], dtype: 'uint8', context: { concurrency: 4 } })
    await source.get([slice(0, null, 32)])
    expect(recorded.mostAtOnce()).toBe(4)
  })

  test.each([Number.NaN, 0, 1.5])('a concurrency of %s is refused and fills nothing in', async (concurrency) => {
    const { store } = recordingStore([['c/0', Uint8Array.of(1, 2)]])
    for (const codecs of [[], [{ id: 'xor' }]]) {
      const { source } = chunkedArray(store, { shape: [2], chunks: [2], dtype: 'uint8', codecs, context: { concurrency, cache: false } })
      expect(await codeOf(source.get())).toBe('ERR_INVALID_ARGUMENT')
    }
  })

  describe('for chunks that are parts of one object', () => {
    /** Chunks of 100 bytes in the object `all`, at these offsets. */
    function sharded(offsets: readonly number[], codecs: { id: string }[], remote = false) {
      const object = new Uint8Array(Math.max(...offsets) + 100)
      for (const [at, offset] of offsets.entries()) object.fill(at + 1, offset, offset + 100)
      const recorded = recordingStore([['all', codecs.length > 0 ? xor(object) : object]], { remote })
      const storage: ChunkStorage = {
        store: recorded.store,
        locate: async ([chunk = 0]) => ({ key: 'all', offset: offsets[chunk] ?? 0, length: 100 }),
        unitOf: () => 'all'
      }
      const { source, runtime } = chunkedArray(recorded.store, {
        shape: [offsets.length * 100],
        chunks: [100],
        dtype: 'uint8',
        codecs,
        layout: { storage },
        context: { cache: new ChunkCache(1 << 20) }
      })
      return { ...recorded, source, runtime }
    }
    const everyHundred = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, at) => at % 100 === 99)

    test('neighbours are fetched by one request, in any order', async () => {
      const { source, requests } = sharded([300, 0, 200, 100], [{ id: 'xor' }])
      expect(everyHundred((await source.get()).data)).toEqual([1, 2, 3, 4])
      expect(requests.map(({ offset, length }) => [offset, length])).toEqual([[0, 400]])
    })

    test('small gaps are read along, large ones are not', async () => {
      const { source, requests } = sharded([0, 10_000, 500_000], [{ id: 'xor' }])
      expect(everyHundred((await source.get()).data)).toEqual([1, 2, 3])
      expect(requests.map(({ offset, length }) => [offset, length])).toEqual([
        [0, 10_100],
        [500_000, 100]
      ])
    })

    test('over a network, larger gaps are worth it', async () => {
      const { source, requests } = sharded([0, 10_000, 500_000], [{ id: 'xor' }], true)
      expect(everyHundred((await source.get()).data)).toEqual([1, 2, 3])
      expect(requests.map(({ offset, length }) => [offset, length])).toEqual([[0, 500_100]])
    })

    test('two chunks that share their bytes are both read', async () => {
      const { source } = sharded([0, 0, 50], [{ id: 'xor' }])
      expect((await source.get([slice(0, 100)])).data[0]).toBe(2)
      expect((await source.get([slice(100, 200)])).data[0]).toBe(2)
    })

    test('a chunk beyond the end of its object is corrupt', async () => {
      for (const codecs of [[], [{ id: 'xor' }]]) {
        const { source, objects, store } = sharded([0, 100, 200], codecs)
        const whole = await objects.get('all')
        await store.set?.('all', whole?.subarray(0, 250) ?? new Uint8Array(0))
        expect(await codeOf(source.get())).toBe('ERR_CORRUPT_DATA')
        expect(await codeOf(source.get([slice(210, 290)]))).toBe('ERR_CORRUPT_DATA')
        await store.delete?.('all')
        expect(await codeOf(source.get())).toBe('ERR_CORRUPT_DATA')
      }
    })

    test('an uncompressed chunk of another length than its shape says is corrupt, also where only rows are read', async () => {
      const { store } = recordingStore([['all', new Uint8Array(1000).fill(9)]])
      const storage: ChunkStorage = { store, locate: () => ({ key: 'all', offset: 0, length: 60 }), unitOf: () => 'all' }
      const { source } = chunkedArray(store, { shape: [100], chunks: [100], dtype: 'uint8', layout: { storage } })
      expect(await codeOf(source.get([slice(70, 75)]))).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(source.get())).toBe('ERR_CORRUPT_DATA')
    })
  })

  test('chunks whose bytes are at hand ask for nothing', async () => {
    const { store, requests } = recordingStore([])
    const storage: ChunkStorage = { store, locate: ([at = 0]) => ({ bytes: Uint8Array.of(at, at) }), unitOf: () => '' }
    const { source } = chunkedArray(store, { shape: [4], chunks: [2], dtype: 'uint8', layout: { storage } })
    expect(toNested(await source.get())).toEqual([0, 0, 1, 1])
    expect(await source.get([3])).toBe(1)
    expect(requests).toEqual([])
  })
})

describe('the executor of the context', () => {
  test('gets the jobs as JSON with everything to do them', async () => {
    const tasks: string[] = []
    const executor: Executor = {
      async read(task) {
        tasks.push(JSON.stringify({ coding: task.coding, jobs: task.jobs }))
        await inlineExecutor.read(task)
      }
    }
    const { store } = recordingStore([['c/1/0', xor(Uint8Array.of(1, 2, 3, 4))]])
    const { source } = chunkedArray(store, {
      shape: [2, 4],
      chunks: [1, 4],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      context: { executor }
    })
    expect(toNested(await source.get([slice(1, 2)]))).toEqual([[1, 2, 3, 4]])
    expect(tasks.map((task) => JSON.parse(task))).toEqual([
      {
        coding: { codecs: [{ id: 'xor' }], byteLength: 4, itemSize: 1, shape: [1, 4] },
        jobs: [{ location: { key: 'c/1/0' }, position: [1, 0], shape: [1, 4], sourceOffset: 0, destinationOffset: 0 }]
      }
    ])
  })
})

describe('codecs', () => {
  test('get the shape of the chunk as it is stored, cut at the edges', async () => {
    const shapes: unknown[] = []
    const executor: Executor = {
      async read(task) {
        shapes.push(task.coding.shape)
        await inlineExecutor.read(task)
      }
    }
    const { store } = recordingStore([])
    const { source, runtime } = chunkedArray(store, {
      shape: [4, 3, 5],
      chunks: [2, 2, 4],
      dtype: 'uint8',
      codecs: [{ id: 'xor' }],
      layout: { edgeChunks: 'cut', axisOrder: [2, 0, 1] },
      context: { executor }
    })
    await source.set('...', 7)
    expect(new Set(runtime.loaded.map(({ shape }) => shape?.join()))).toEqual(new Set(['4,2,2', '1,2,2', '4,2,1', '1,2,1']))
    await source.get()
    expect(new Set(shapes.map(String))).toEqual(new Set(['4,2,2', '1,2,2', '4,2,1', '1,2,1']))
  })
})

describe('failures', () => {
  test('name the chunk, its object, the kind and the path', async () => {
    const { store } = recordingStore([['c/1/0', new Uint8Array(3)]])
    const { source } = chunkedArray(store, { shape: [4, 4], chunks: [2, 4], dtype: 'uint8', codecs: [{ id: 'xor' }] })
    for (const index of [null, [3, slice(0, 2)]]) {
      const error: unknown = await source.get(index).catch((error: unknown) => error)
      if (!isSourceError(error)) throw error
      expect(error).toMatchObject({ code: 'ERR_CORRUPT_DATA', kind: 'chunky', path: '/recorded' })
      expect(error.message).toContain('chunk (1, 0), c/1/0: ')
    }
  })

  test('of a codec that fails in its own way are ERR_IO with the cause; of a codec that is not there ERR_UNSUPPORTED', async () => {
    const { store } = recordingStore([['c/0', new Uint8Array(4)]])
    const broken = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'broken' }] })
    const error: unknown = await broken.source.get().catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'ERR_IO', message: expect.stringContaining('this codec is broken') })
    const missing = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'nobody' }] })
    expect(await codeOf(missing.source.get())).toBe('ERR_UNSUPPORTED')
    expect(await codeOf(missing.source.get())).toBe('ERR_UNSUPPORTED')
  })

  test('a codec that gives too few bytes is found out', async () => {
    const { store } = recordingStore([['c/0', new Uint8Array(4)]])
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'short' }] })
    expect(await codeOf(source.get())).toBe('ERR_CORRUPT_DATA')
    expect(await codeOf(source.get([slice(0, 2)]))).toBe('ERR_CORRUPT_DATA')
  })

  test('an object that is longer or shorter than its uncompressed chunk is corrupt', async () => {
    for (const length of [0, 15, 17]) {
      const { store } = recordingStore([['c/0', new Uint8Array(length)]])
      const { source } = chunkedArray(store, { shape: [16], chunks: [16], dtype: 'uint8' })
      expect(await codeOf(source.get())).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(source.get([slice(0, 2)]))).toBe('ERR_CORRUPT_DATA')
    }
  })

  test('of a look-up name the chunk', async () => {
    const { store } = recordingStore([])
    const storage: ChunkStorage = { store, locate: () => Promise.reject(new Error('no index')), unitOf: () => 'the-unit' }
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', layout: { storage } })
    await expect(source.get()).rejects.toMatchObject({ code: 'ERR_IO', message: 'chunk (0), the-unit: no index' })
  })

  test('the first one stops what follows, and none is left unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      const recorded = recordingStore(
        Array.from({ length: 40 }, (_, at): [string, Uint8Array] => [`c/${at}`, new Uint8Array(10)]),
        {
          async before({ key }, count) {
            await settle()
            if (count >= 4) throw new Error(`cannot read ${key}`)
          }
        }
      )
      const { source } = chunkedArray(recorded.store, { shape: [400], chunks: [10], dtype: 'uint8', context: { concurrency: 4 } })
      await expect(source.get()).rejects.toMatchObject({ code: 'ERR_IO' })
      expect(recorded.underWay()).toBe(0)
      const asked = recorded.requests.length
      expect(asked).toBeLessThan(12)
      await settle()
      expect(recorded.requests.length).toBe(asked)
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})

describe('abort', () => {
  test.each([
    ['whole chunks', null, [{ id: 'late' }]],
    ['rows', slice(0, 400, 9), []],
    ['parts of chunks', slice(3, 397), [{ id: 'late' }]]
  ] as const)('stops a read of %s: its own signal at the store, its reason unwrapped, nothing afterwards', async (_, index, codecs) => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const recorded = recordingStore(
      Array.from({ length: 40 }, (_, at): [string, Uint8Array] => [`c/${at}`, new Uint8Array(10)]),
      {
        async before({ options }, count) {
          expect(options.signal).toBe(controller.signal)
          await settle()
          if (count === 3) controller.abort(reason)
          options.signal?.throwIfAborted()
        }
      }
    )
    const { source } = chunkedArray(recorded.store, {
      shape: [400],
      chunks: [10],
      dtype: 'uint8',
      codecs,
      context: { concurrency: 2, cache: new ChunkCache(1000) }
    })
    await expect(source.get(index, { signal: controller.signal })).rejects.toBe(reason)
    expect(recorded.underWay()).toBe(0)
    const asked = recorded.requests.length
    await settle()
    expect(recorded.requests.length).toBe(asked)
    expect(asked).toBeLessThan(6)
  })
})
