import { expect, test } from 'vitest'
import { bytesOf, ChunkCache, defineSource, memoryStore, stridedAccess } from '../src/backend.js'
import { slice } from '../src/index.js'
import { NewPages } from '../src/new-pages.js'
import { chunkedArray } from './helpers/chunked-array.js'
import { Random } from './helpers/random.js'
import { recordingStore } from './helpers/recording-store.js'

const length = (50 << 20) + 123

test('memory may be written to behind `before`, in any order, and keeps what is written', async () => {
  const random = new Random(4)
  const memory = new Uint8Array(length)
  const pages = NewPages.of(memory)
  expect(pages).toBeDefined()
  const starts = random.shuffle(Array.from({ length: 60 }, (_, part) => part * 900_000))
  await Promise.all(
    starts.map(async (start) => {
      const end = Math.min(length, start + random.integer(1, 900_000))
      await pages?.before(start, end)
      memory.fill(1, start, end)
    })
  )
  const before = Buffer.from(memory)
  expect(before.includes(1)).toBe(true)
  await pages?.stop()
  expect(before.equals(memory)).toBe(true)
  expect(pages?.before(0, length)).toBeUndefined()
})

test('little memory is not worth it', () => {
  expect(NewPages.of(new Uint8Array(1 << 20))).toBeUndefined()
})

test('a large new array gets every chunk, stored or not, whatever order they come in', async () => {
  const random = new Random(5)
  const [shape, chunks] = [
    [40, 700, 700],
    [16, 256, 300]
  ]
  const objects: [string, Uint8Array][] = []
  for (let z = 0; z < 3; z++)
    for (let y = 0; y < 3; y++)
      for (let x = 0; x < 3; x++) if ((z + y + x) % 4 !== 3) objects.push([`c/${z}/${y}/${x}`, random.bytes(16 * 256 * 300)])
  const { store } = recordingStore(objects, { remote: true })
  const { source } = chunkedArray(store, { shape, chunks, dtype: 'uint8', codecs: [{ id: 'late' }], layout: { fill: Uint8Array.of(9) } })
  const expected = Buffer.alloc(40 * 700 * 700, 9)
  for (const [key, bytes] of objects) {
    const [z = 0, y = 0, x = 0] = key.split('/').slice(1).map(Number)
    // The codec `late` turns bits over.
    const turned = Buffer.from(bytes.map((byte) => byte ^ 0x5a))
    for (let plane = 0; plane < 16 && z * 16 + plane < 40; plane++) {
      for (let row = 0; row < 256 && y * 256 + row < 700; row++) {
        const at = (plane * 256 + row) * 300
        turned.copy(expected, ((z * 16 + plane) * 700 + y * 256 + row) * 700 + x * 300, at, at + Math.min(300, 700 - x * 300))
      }
    }
  }
  const { data } = await source.get()
  expect(expected.equals(bytesOf(data))).toBe(true)
})

test('what was read before the first whole chunk stays', async () => {
  // The first 16,384 chunks are wanted in part and go through the cache, all others directly.
  const columns = 16_384 * 500
  const { store } = recordingStore([], { remote: true })
  const { source } = chunkedArray(store, {
    shape: [4, columns],
    chunks: [2, 500],
    dtype: 'uint8',
    codecs: [{ id: 'xor' }],
    layout: { fill: Uint8Array.of(7) },
    context: { cache: new ChunkCache(1 << 20) }
  })
  const { data } = await source.get([slice(1, 4)])
  expect(bytesOf(data).findIndex((byte) => byte !== 7)).toBe(-1)
})

test('a large new array gets every scaled value, also through transposed axes', async () => {
  const stored = new Int16Array(3 << 20).map((_, at) => (at * 7919) % 20_011)
  const store = memoryStore([['', new Uint8Array(stored.buffer)]])
  for (const strides of [
    [2 << 20, 2048, 2],
    [2 << 20, 2, 2048]
  ]) {
    const layout = {
      shape: [3, 1024, 1024],
      dtype: 'float64',
      byteOrder: 'little',
      strides,
      parts: [{ key: '', offset: 0 }],
      scaling: { storedDType: 'int16', slope: 0.5, intercept: -3 }
    } as const
    const { shape, dtype } = layout
    const source = defineSource({ kind: 'scaled', shape, dtype, chunks: null, writable: false, access: stridedAccess(store, layout) })
    const { data } = await source.get()
    const [plane = 0, row = 0, column = 0] = strides.map((stride) => stride / 2)
    const wrong = data.findIndex(
      (value, at) => value !== 0.5 * (stored[(at >> 20) * plane + ((at >> 10) & 1023) * row + (at & 1023) * column] ?? 0) - 3
    )
    expect(wrong).toBe(-1)
  }
})
