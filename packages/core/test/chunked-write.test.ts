import { describe, expect, test } from 'vitest'
import { bytesOf, ChunkCache, type ChunkChange, type ChunkStorage, createData, itemSizeOf, sizeOf } from '../src/backend.js'
import { type DType, isSourceError, type NdArray, ndarray, type Store, slice, toNested } from '../src/index.js'
import { chunkedArray } from './helpers/chunked-array.js'
import { codeOf } from './helpers/code-of.js'
import { dot, positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'
import { recordingStore, settle } from './helpers/recording-store.js'

describe('writes', () => {
  test.each(['raw', 'xor', 'late', 'frame'])('of random regions change those elements and no others: codec %s', async (codec) => {
    const random = new Random(codec.length)
    for (let round = 0; round < 60; round++) {
      const ndim = random.integer(0, 3)
      const shape = Array.from({ length: ndim }, () => random.integer(1, 8))
      const chunks = shape.map(() => random.integer(1, 5))
      const dtype = random.pick(['uint8', 'int16', 'float32', 'uint64', 'complex64'] as const)
      const itemSize = itemSizeOf(dtype)
      const { store } = recordingStore([], { remote: random.chance(0.3) })
      const fill = random.chance(0.5) ? new Uint8Array(itemSize) : random.bytes(itemSize)
      const { source } = chunkedArray<DType>(store, {
        shape,
        chunks,
        dtype,
        codecs: codec === 'raw' ? [] : [{ id: codec }],
        layout: {
          axisOrder: random.shuffle(shape.map((_, axis) => axis)),
          edgeChunks: random.pick(['whole', 'cut']),
          byteOrder: itemSize > 1 ? random.pick(['little', 'big']) : 'little',
          writeEmptyChunks: random.chance(0.5),
          fill
        },
        context: { cache: random.chance(0.5) ? new ChunkCache(1 << 20) : false }
      })
      // The model: bytes of the whole array in C order.
      const model = new Uint8Array(sizeOf(shape) * itemSize)
      for (let at = 0; at < model.length; at += itemSize) model.set(fill, at)
      const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, itemSize))
      for (let write = 0; write < 5; write++) {
        const start = shape.map((length) => random.integer(0, length - 1))
        const lengths = shape.map((length, axis) => random.integer(1, length - (start[axis] ?? 0)))
        const order = random.shuffle(lengths.map((_, axis) => axis))
        const value = valueIn(random, lengths, dtype, order)
        await source.set([...start.map((at, axis) => slice(at, at + (lengths[axis] ?? 0))), '...'], value)
        const bytes = bytesOf(value.data)
        for (const at of positions(lengths)) {
          const from = ((value.offset ?? 0) + dot(at, value.stride)) * itemSize
          const to = dot(
            at.map((offset, axis) => offset + (start[axis] ?? 0)),
            stride
          )
          model.set(bytes.subarray(from, from + itemSize), to)
        }
        expect(Array.from(bytesOf((await source.get()).data)), JSON.stringify({ round, shape, chunks, dtype })).toEqual(Array.from(model))
      }
    }
  })

  test('of scalars fill the region', async () => {
    const { store } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [3, 3], chunks: [2, 2], dtype: 'int16', codecs: [{ id: 'xor' }] })
    await source.set([slice(0, 2), 1], -5)
    await source.set(2, 7)
    expect(toNested(await source.get())).toEqual([
      [0, -5, 0],
      [0, -5, 0],
      [7, 7, 7]
    ])
  })

  test('that cover a chunk never read it, others read it once', async () => {
    const { store, requests } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [10, 10], chunks: [4, 10], dtype: 'uint8', codecs: [{ id: 'xor' }] })
    await source.set(null, 1)
    await source.set(slice(8, null), 2)
    expect(requests).toEqual([])
    await source.set(slice(2, 8), 3)
    expect(requests.map(({ key }) => key)).toEqual(['c/0/0'])
    expect(toNested(await source.get([slice(null), 0]))).toEqual([1, 1, 3, 3, 3, 3, 3, 3, 2, 2])
  })

  test('pad edge chunks with the fill value', async () => {
    const { store, objects } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [3], chunks: [4], dtype: 'uint8', layout: { fill: Uint8Array.of(9) } })
    await source.set(null, 1)
    expect(Array.from((await objects.get('c/0')) ?? [])).toEqual([1, 1, 1, 9])
  })

  test('store big-endian chunks in that order', async () => {
    const { store, objects } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [2], chunks: [2], dtype: 'uint16', layout: { byteOrder: 'big' } })
    await source.set(null, Uint16Array.of(1, 2))
    expect(Array.from((await objects.get('c/0')) ?? [])).toEqual([0, 1, 0, 2])
  })

  test('do not change the value they are given, nor what they stored when it changes afterwards', async () => {
    const { store } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint16', layout: { byteOrder: 'big' } })
    const value = Uint16Array.of(1, 2, 3, 4)
    await source.set(null, value)
    expect(Array.from(value)).toEqual([1, 2, 3, 4])
    value.fill(0)
    expect(toNested(await source.get())).toEqual([1, 2, 3, 4])
  })
})

function valueIn(random: Random, shape: readonly number[], dtype: DType, order: readonly number[]): NdArray {
  const stride = new Array<number>(shape.length)
  let step = 1
  for (const axis of order.toReversed()) {
    stride[axis] = step
    step *= shape[axis] ?? 1
  }
  const data = createData(dtype, step)
  bytesOf(data).set(random.bytes(data.byteLength))
  return { dtype, shape, stride, data }
}

describe('chunks of nothing but fill value', () => {
  const written = async (options: { writeEmptyChunks?: boolean; fill: Uint8Array; dtype: DType }, value: NdArray): Promise<boolean> => {
    const { store, objects } = recordingStore([['c/0', new Uint8Array(itemSizeOf(options.dtype) * 4).fill(3)]])
    const { source } = chunkedArray<DType>(store, { shape: [4], chunks: [4], dtype: options.dtype, layout: options })
    await source.set(null, value)
    return (await objects.get('c/0')) !== undefined
  }

  test('are removed, unless asked for', async () => {
    const fill = Uint8Array.of(7)
    const value = ndarray(Uint8Array.of(7, 7, 7, 7))
    expect(await written({ fill, dtype: 'uint8' }, value)).toBe(false)
    expect(await written({ fill, dtype: 'uint8', writeEmptyChunks: true }, value)).toBe(true)
    expect(await written({ fill, dtype: 'uint8' }, ndarray(Uint8Array.of(7, 7, 7, 8)))).toBe(true)
    expect(await written({ fill, dtype: 'uint8' }, ndarray(Uint8Array.of(8, 7, 7, 7)))).toBe(true)
  })

  test('are told apart by bits: -0 is not 0, a NaN is itself', async () => {
    expect(await written({ fill: new Uint8Array(4), dtype: 'float32' }, ndarray(new Float32Array(4).fill(-0)))).toBe(true)
    const nan = Float32Array.of(Number.NaN)
    expect(await written({ fill: bytesOf(nan), dtype: 'float32' }, ndarray(new Float32Array(4).fill(Number.NaN)))).toBe(false)
  })

  test('are compared by whole elements', async () => {
    const fill = Uint8Array.of(1, 0)
    expect(await written({ fill, dtype: 'uint16' }, ndarray(Uint16Array.of(1, 1, 1, 1)))).toBe(false)
    expect(await written({ fill, dtype: 'uint16' }, ndarray(Uint16Array.of(1, 1, 256, 1)))).toBe(true)
  })

  test('are kept in a store that cannot delete', async () => {
    const { store, objects } = recordingStore([])
    const { delete: _, ...withoutDelete } = store
    const { source } = chunkedArray(withoutDelete, { shape: [4], chunks: [4], dtype: 'uint8' })
    await source.set(null, 5)
    await source.set(null, 0)
    expect(Array.from((await objects.get('c/0')) ?? [])).toEqual([0, 0, 0, 0])
  })
})

describe('concurrent writes', () => {
  test.each([['xor'], ['late']])('20 partial ones to one chunk all last: codec %s', async (id) => {
    const { store, objects } = recordingStore([], { before: () => settle() })
    const open = () => chunkedArray(store, { shape: [20, 4], chunks: [20, 4], dtype: 'uint16', codecs: [{ id }] }).source
    // Two sources of the same stored chunk, as two parts of a program have them.
    const sources = [open(), open()]
    await Promise.all(Array.from({ length: 20 }, (_, at) => sources[at % 2]?.set(at, at + 1)))
    expect(toNested(await open().get([slice(null), 2]))).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(await objects.size('c/0/0')).toBe(160)
  })

  test.each([
    ['boxes', [4]],
    ['irregular', undefined]
  ] as const)('all chunks of one unit are stored by one write, under its lock: units are %s', async (_, unitShape) => {
    const { store } = recordingStore([])
    const writes: { unit: string; positions: number[]; opened: boolean }[] = []
    const note = async (unit: string, changes: readonly ChunkChange[], opened: boolean): Promise<void> => {
      expect(++inside).toBeLessThanOrEqual(3)
      await settle()
      writes.push({ unit, positions: changes.map(({ position }) => position[0] ?? -1).sort((a, b) => a - b), opened })
      inside--
    }
    let inside = 0
    const storage: ChunkStorage = {
      store,
      unitShape,
      locate: () => undefined,
      unitOf: ([at = 0]) => `shard-${Math.floor(at / 4)}`,
      write: (unit, changes) => note(unit, changes, false),
      openUnit: async (unit) => ({ locate: () => undefined, write: (changes) => note(unit, changes, true) })
    }
    const { source } = chunkedArray(store, { shape: [22], chunks: [2], dtype: 'uint8', layout: { storage } })
    await source.set(slice(1, 22), 5)
    expect(writes.sort((a, b) => (a.unit < b.unit ? -1 : 1))).toEqual([
      { unit: 'shard-0', positions: [0, 1, 2, 3], opened: true },
      { unit: 'shard-1', positions: [4, 5, 6, 7], opened: unitShape === undefined },
      // Of the last one lies less in the array.
      { unit: 'shard-2', positions: [8, 9, 10], opened: unitShape === undefined }
    ])
  })

  test('reads beside writes see every chunk old or new', async () => {
    const { store } = recordingStore([])
    const { source } = chunkedArray(store, {
      shape: [64],
      chunks: [64],
      dtype: 'uint8',
      codecs: [{ id: 'late' }],
      context: { cache: new ChunkCache(1000) }
    })
    await source.set(null, 1)
    const reads: Promise<NdArray<'uint8'>>[] = []
    for (let value = 2; value < 12; value++) {
      const write = source.set(null, value)
      for (let read = 0; read < 3; read++) reads.push(source.get(slice(0, 40)))
      await write
      reads.push(source.get(slice(0, 40)))
    }
    for (const result of await Promise.all(reads)) expect(new Set(result.data).size).toBe(1)
    expect(await source.get([0])).toBe(11)
  })
})

describe('failures of writes', () => {
  test('name chunk, unit, kind and path; what was written before stays, nothing is written after', async () => {
    const recorded = recordingStore([])
    let sets = 0
    const failing: Store = {
      ...recorded.store,
      async set(key, bytes) {
        await settle()
        if (++sets > 4) throw new Error('disk full')
        await recorded.objects.set?.(key, bytes)
      }
    }
    const { source } = chunkedArray(failing, { shape: [400], chunks: [10], dtype: 'uint8', codecs: [{ id: 'xor' }] })
    const error: unknown = await source.set(null, 5).catch((error: unknown) => error)
    if (!isSourceError(error)) throw error
    expect(error).toMatchObject({ code: 'ERR_IO', kind: 'chunky', path: '/recorded' })
    expect(error.message).toMatch(/^chunk \(\d+\), c\/\d+: disk full$/)
    const after = sets
    await settle()
    expect(sets).toBe(after)
    expect(sets).toBeLessThan(10)
  })

  test('a chunk that cannot be read back is not overwritten by half', async () => {
    const { store, objects } = recordingStore([['c/0', new Uint8Array(3)]])
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'xor' }] })
    expect(await codeOf(source.set([1], 5))).toBe('ERR_CORRUPT_DATA')
    expect((await objects.get('c/0'))?.byteLength).toBe(3)
    await source.set(null, 5)
    expect(await source.get([1])).toBe(5)
  })

  test('of the encoder name the chunk too', async () => {
    const { store } = recordingStore([])
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'broken' }] })
    await expect(source.set(null, 5)).rejects.toMatchObject({ code: 'ERR_IO', message: 'chunk (0), c/0: this codec is broken' })
  })

  test('a store that cannot be written is ERR_READ_ONLY', async () => {
    const { store } = recordingStore([])
    const { set: _, ...readOnly } = store
    const { source } = chunkedArray(readOnly, { shape: [4], chunks: [4], dtype: 'uint8' })
    expect(await codeOf(source.set(null, 5))).toBe('ERR_READ_ONLY')
  })
})

describe('abort of a write', () => {
  test('leaves every chunk old or new, and starts no further one', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const recorded = recordingStore([])
    let sets = 0
    const slow: Store = {
      ...recorded.store,
      async set(key, bytes, options) {
        // The engine does not hand the signal on to the storing itself.
        expect(options?.signal).toBeUndefined()
        if (++sets === 3) controller.abort(reason)
        await settle()
        await recorded.objects.set?.(key, bytes)
      }
    }
    const { source } = chunkedArray(slow, { shape: [400], chunks: [10], dtype: 'uint8', codecs: [{ id: 'late' }] })
    await expect(source.set(null, 5, { signal: controller.signal })).rejects.toBe(reason)
    const stopped = sets
    await settle()
    expect(sets).toBe(stopped)
    expect(stopped).toBeLessThan(10)
    const counts = new Map<number, number>()
    for (const value of (await source.get()).data) counts.set(value, (counts.get(value) ?? 0) + 1)
    expect((counts.get(5) ?? 0) % 10).toBe(0)
    expect(counts.get(5)).toBe(stopped * 10)
  })

  test('while it waits for a lock writes nothing', async () => {
    const { store } = recordingStore([], { before: () => settle() })
    const { source } = chunkedArray(store, { shape: [4], chunks: [4], dtype: 'uint8', codecs: [{ id: 'late' }] })
    const controller = new AbortController()
    const first = source.set([0], 1)
    const second = source.set([1], 2, { signal: controller.signal })
    controller.abort()
    await first
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
    expect(toNested(await source.get())).toEqual([1, 0, 0, 0])
  })
})

test('an array without dimensions is one chunk', async () => {
  const { store, objects } = recordingStore([])
  const { source } = chunkedArray(store, { shape: [], chunks: [], dtype: 'float64' })
  await source.set([], 2.5)
  expect(await source.get([])).toBe(2.5)
  expect((await objects.get('c'))?.byteLength).toBe(8)
})
