import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, isSourceError, itemAt, listArrays, ndarray, openSource, slice, toNested } from '@bioimage/core'
import { memoryStore } from '@bioimage/core/backend'
import { afterAll, describe, expect, test } from 'vitest'
import '@bioimage/webknossos'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-wkw-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let made = 0
const place = (): string => join(folder, String(made++))

const values = Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536)
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (isSourceError(error) ? `${error.code}: ${error.message}` : `not a SourceError: ${String(error)}`)
  )
const files = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wkw'))
    .sort()

describe('files of the reference library', () => {
  test('of one block', async () => {
    const source = await openSource(fixture('lz4-uint64'), { format: 'wkw', shape: [6, 7, 8] })
    expect([source.chunks, source.shards]).toEqual([[8, 8, 8], null])
    const expected = values.map((value) => BigInt(value) * 2n ** 40n + 1n)
    expect((await source.get()).data).toEqual(BigUint64Array.from(expected))
  })
  test('of raw blocks of three channels', async () => {
    const source = await openSource(fixture('raw-uint8-3-channels'))
    expect([source.shape, source.metadata.axes?.map(({ name }) => name)]).toEqual([
      [8, 8, 8, 3],
      ['z', 'y', 'x', 'c']
    ])
    expect(toNested(await source.get([5, 6, 7, slice(null)]))).toEqual(
      [335 * 7919, 335 * 7919 + 1, 3 * ((335 * 7919) % 65536)].map((value) => (value % 65536) % 256)
    )
    expect(await source.get([7, 0, 0, 1])).toBe(0)
  })
  test('are written to the byte, where blocks are raw', async () => {
    const path = place()
    const source = await createSource(path, {
      format: 'wkw',
      shape: [8, 8, 8],
      dtype: 'uint16',
      chunks: [2, 2, 2],
      shards: [4, 4, 4],
      blockType: 'raw'
    })
    await source.set([slice(0, 6), slice(0, 7), slice(0, 8)], ndarray(Uint16Array.from(values), [6, 7, 8]))
    expect(files(path)).toEqual(files(fixture('raw-uint16')))
    for (const name of files(path)) expect(readFileSync(join(path, name)), name).toEqual(readFileSync(join(fixture('raw-uint16'), name)))
  })
})

describe('the extent', () => {
  test('reaches to the last file', async () => {
    const path = place()
    cpSync(fixture('raw-uint16'), path, { recursive: true })
    mkdirSync(join(path, 'z3/y0'), { recursive: true })
    copyFileSync(join(path, 'z0/y0/x0.wkw'), join(path, 'z3/y0/x0.wkw'))
    const source = await openSource(path)
    expect(source.kind).toBe('wkw')
    expect(source.shape).toEqual([16, 8, 8])
    expect(await source.get([12, 0, 1])).toBe(7919)
    expect(toNested(await source.get([slice(8, 12), 3, 3]))).toEqual([0, 0, 0, 0])
  })
  test('reaches to the box of the layer, whose voxel size the axes have', async () => {
    const path = place()
    cpSync(fixture('raw-uint16'), join(path, 'color/2-2-1'), { recursive: true })
    const box = { topLeft: [3, 2, 1], width: 40, height: 5, depth: 3 }
    const layer = {
      name: 'color',
      category: 'color',
      elementClass: 'uint16',
      boundingBox: box,
      dataFormat: 'wkw',
      mags: [{ mag: [2, 2, 1] }]
    }
    writeFileSync(join(path, 'datasource-properties.json'), JSON.stringify({ scale: [4, 5, 6], dataLayers: [layer] }))
    const source = await openSource(path, { format: 'wkw', internalPath: 'color/2-2-1' })
    expect(source.shape).toEqual([8, 8, 22])
    expect(source.metadata.axes?.map(({ name, scale, unit }) => [name, scale, unit])).toEqual([
      ['z', 6, 'nanometer'],
      ['y', 10, 'nanometer'],
      ['x', 8, 'nanometer']
    ])
    const [array] = await listArrays(path, { format: 'wkw', measure: true })
    expect(array).toMatchObject({ internalPath: 'color/2-2-1', shape: [8, 8, 22], codecs: [], storedBytes: 16 + 8 * 144 })
  })
  test('must be given where nothing tells it', async () => {
    const store = memoryStore([['header.wkw', readFileSync(join(fixture('raw-uint16'), 'header.wkw'))]])
    expect(await codeOf(openSource(store, { format: 'wkw' }))).toMatch(/^ERR_INVALID_ARGUMENT: .*`shape`/)
    expect((await openSource(store, { format: 'wkw', shape: [5, 5, 5] })).shape).toEqual([5, 5, 5])
    for (const shape of [
      [5, 5],
      [5, 5, 5, 1],
      [5, 5, -1]
    ])
      expect(await codeOf(openSource(store, { format: 'wkw', shape }))).toMatch(/^ERR_INVALID_ARGUMENT: `shape`/)
  })
  test('may be given for a server, which lists nothing', async () => {
    const server = createServer((request, response) => {
      try {
        const bytes = readFileSync(join(fixture('lz4-uint16'), request.url ?? ''))
        const [, first = '0', last = String(bytes.byteLength - 1)] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
        const part = bytes.subarray(Number(first), Number(last) + 1)
        const range = `bytes ${first}-${Number(first) + part.byteLength - 1}/${bytes.byteLength}`
        response.writeHead(request.headers.range === undefined ? 200 : 206, { 'content-range': range }).end(part)
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
      expect(await codeOf(openSource(url, { format: 'wkw' }))).toMatch(/^ERR_INVALID_ARGUMENT: .*`shape`/)
      const source = await openSource(url, { format: 'wkw', shape: [6, 7, 30] })
      expect(await source.get([5, 6, 7])).toBe(values[335])
      expect(await source.get([5, 6, 29])).toBe(0)
    } finally {
      server.close()
    }
  })
})

describe('files that do not exist', () => {
  test('are zeros, and appear with the first value', async () => {
    const path = place()
    const source = await createSource(path, { format: 'wkw', shape: [20, 20, 20], dtype: 'uint8', chunks: [4, 4, 4], shards: [8, 8, 8] })
    expect(files(path)).toEqual(['header.wkw'])
    await source.set([9, 1, 17], 5)
    expect(files(path)).toEqual(['header.wkw', 'z1/y0/x2.wkw'])
    expect(itemAt(await source.get(), 9, 1, 17)).toBe(5)
    await source.set('...', 0)
    expect(files(path)).toEqual(['header.wkw', 'z1/y0/x2.wkw'])
    await source.set([slice(8, 16), slice(0, 8), slice(16, 20)], 0)
    expect(await source.get([9, 1, 17])).toBe(0)
  })
  test('go when all of them becomes zero', async () => {
    const path = place()
    const source = await createSource(path, { format: 'wkw', shape: [8, 8, 8], dtype: 'uint8', chunks: [4, 4, 4], shards: [8, 8, 8] })
    await source.set('...', 7)
    await source.set('...', 0)
    expect(files(path)).toEqual(['header.wkw'])
  })
})

describe('writing', () => {
  test('keeps voxels that the shape leaves out', async () => {
    const path = place()
    cpSync(fixture('lz4-uint16'), path, { recursive: true })
    const source = await openSource(path, { format: 'wkw', mode: 'r+', shape: [6, 7, 5] })
    await source.set('...', 1)
    const whole = await (await openSource(path)).get()
    expect(itemAt(whole, 5, 6, 4)).toBe(1)
    expect(itemAt(whole, 5, 6, 5)).toBe(values[333])
    expect(itemAt(whole, 5, 6, 7)).toBe(values[335])
  })
  test('a file of another block type than its folder is refused, reading is not', async () => {
    const path = place()
    cpSync(fixture('lz4-uint16'), path, { recursive: true })
    copyFileSync(join(fixture('raw-uint16'), 'z0/y0/x0.wkw'), join(path, 'z0/y0/x0.wkw'))
    const source = await openSource(path, { format: 'wkw', mode: 'r+' })
    expect(await source.get([1, 2, 3])).toBe(values[56 + 16 + 3])
    expect(await codeOf(source.set([1, 2, 3], 1))).toMatch(/^ERR_UNSUPPORTED: .*block type raw/)
    await source.set([slice(0, 4), slice(0, 4), slice(0, 4)], 9)
    expect(await source.get([1, 2, 3])).toBe(9)
  })
  test('by many at once to one file, from two handles, all lasts', async () => {
    const path = place()
    const one = await createSource(path, { format: 'wkw', shape: [16, 16, 16], dtype: 'uint32', chunks: [4, 4, 4] })
    expect(one.shards).toEqual([16, 16, 16])
    const other = await openSource(path, { format: 'wkw', mode: 'r+' }).catch(() =>
      openSource(path, { format: 'wkw', mode: 'r+', shape: [16, 16, 16] })
    )
    await Promise.all(Array.from({ length: 16 }, (_, z) => (z % 2 === 0 ? one : other).set([z, slice(1, 16), slice(null)], z + 1)))
    const result = await (await openSource(path)).get()
    for (let z = 0; z < 16; z++)
      expect([itemAt(result, z, 0, 3), itemAt(result, z, 1, 3), itemAt(result, z, 15, 15)]).toEqual([0, z + 1, z + 1])
  })
  test('to a store in memory, which has no locks, all lasts', async () => {
    const store = memoryStore()
    const source = await createSource(store, { format: 'wkw', shape: [8, 8, 8], dtype: 'uint8', chunks: [2, 2, 2], blockType: 'raw' })
    await Promise.all(Array.from({ length: 8 }, (_, z) => source.set([z, slice(null), slice(1, 8)], z + 1)))
    expect(toNested(await source.get([slice(null), 4, slice(0, 2)]))).toEqual(Array.from({ length: 8 }, (_, z) => [0, z + 1]))
  })
})

describe('creating', () => {
  const array = { format: 'wkw', shape: [8, 8, 8], dtype: 'uint8' } as const
  test('takes cubes, and cuts files no larger than the array needs', async () => {
    const shards = async (options: Partial<Parameters<typeof createSource>[1]>): Promise<unknown[]> => {
      const source = await createSource(memoryStore(), { ...array, ...options })
      return [source.chunks, source.shards]
    }
    expect(await shards({})).toEqual([[32, 32, 32], null])
    expect(await shards({ shape: [100, 5, 5] })).toEqual([
      [32, 32, 32],
      [128, 128, 128]
    ])
    expect(await shards({ shape: [1e6, 5, 5] })).toEqual([
      [32, 32, 32],
      [1024, 1024, 1024]
    ])
    expect(await shards({ chunks: [4, 4, 4], shards: [16, 16, 16] })).toEqual([
      [4, 4, 4],
      [16, 16, 16]
    ])
    expect(await shards({ shards: [16, 16, 16] })).toEqual([[16, 16, 16], null])
    expect(await shards({ shape: [8, 8, 8, 2], chunks: [4, 4, 4, 2] })).toEqual([
      [4, 4, 4, 2],
      [8, 8, 8, 2]
    ])
  })
  test.each([
    ['chunks that are no cube', { chunks: [4, 4, 8] }],
    ['chunks whose edge is no power of two', { chunks: [6, 6, 6] }],
    ['chunks of some channels', { shape: [8, 8, 8, 2], chunks: [4, 4, 4, 1] }],
    ['shards smaller than chunks', { chunks: [8, 8, 8], shards: [4, 4, 4] }],
    ['two axes', { shape: [8, 8] }],
    ['five axes', { shape: [8, 8, 8, 2, 2] }],
    ['more bytes to a voxel than a byte counts', { shape: [8, 8, 8, 256] }],
    ['no channels', { shape: [8, 8, 8, 0] }],
    ['bool', { dtype: 'bool' }],
    ['another fill value', { fillValue: 1 }],
    ['attributes', { attrs: { a: 1 } }]
  ] as const)('refuses %s', async (_, options) => {
    const store = memoryStore()
    expect(await codeOf(createSource(store, { ...array, ...options }))).toMatch(/^ERR_UNSUPPORTED: /)
    expect(await store.size('header.wkw')).toBeUndefined()
  })
  test('refuses files of more blocks than are put together in memory', async () => {
    const store = memoryStore()
    const huge = createSource(store, { ...array, chunks: [1, 1, 1], shards: [256, 256, 256] })
    expect(await codeOf(huge)).toMatch(/^ERR_TOO_LARGE: .*16777216 blocks/)
    expect(await store.size('header.wkw')).toBeUndefined()
    // Files of others are read all the same.
    await store.set?.('header.wkw', Uint8Array.of(0x57, 0x4b, 0x57, 1, 0xf0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0))
    const source = await openSource(store, { format: 'wkw', mode: 'r+', shape: [9, 9, 9] })
    expect(await source.get([1, 2, 3])).toBe(0)
    expect(await codeOf(source.set([1, 2, 3], 1))).toMatch(/^ERR_TOO_LARGE: /)
    expect(await codeOf(source.set([], 1))).toMatch(/^ERR_TOO_LARGE: /)
  })
  test('replaces only what it is told to', async () => {
    const path = place()
    const source = await createSource(path, array)
    await source.set('...', 1)
    expect(await codeOf(createSource(path, array))).toMatch(/^ERR_ALREADY_EXISTS: /)
    rmSync(join(path, 'header.wkw'))
    expect(await codeOf(createSource(path, array))).toMatch(/^ERR_ALREADY_EXISTS: /)
    const replaced = await createSource(path, { ...array, overwrite: true })
    expect(await replaced.get([0, 0, 0])).toBe(0)
  })
})

describe('damaged files', () => {
  /** The fixture with one of its files changed. */
  const damaged = (name: string, key: string, change: (bytes: Uint8Array) => Uint8Array): string => {
    const path = place()
    cpSync(fixture(name), path, { recursive: true })
    mkdirSync(dirname(join(path, key)), { recursive: true })
    writeFileSync(join(path, key), change(new Uint8Array(readFileSync(join(path, key)))))
    return path
  }
  const readAll = async (path: string): Promise<string> => codeOf(openSource(path).then((source) => source.get()))
  const patched =
    (at: number, ...bytes: number[]) =>
    (file: Uint8Array): Uint8Array => {
      file.set(bytes, at)
      return file
    }
  test.each([
    ['a raw file that is a byte short', 'raw-uint16', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['a compressed file that is a byte short', 'lz4-uint16', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['a table that runs backwards', 'lz4-uint16', patched(16, 5, 0)],
    ['a table that leads out of the file', 'lz4-uint16', patched(16 + 8 * 7, 255, 255)],
    ['a first block inside the table', 'lz4-uint16', patched(8, 24)],
    ['blocks that do not decode', 'lz4-uint16', patched(80, 0xff, 0xff, 0xff, 0xff)],
    ['another magic', 'raw-uint16', patched(0, 0x58)],
    ['another block length than the folder', 'raw-uint16', patched(4, 0x12)]
  ])('%s is an error', async (_, name, change) => {
    expect(await readAll(damaged(name, 'z0/y0/x0.wkw', change))).toMatch(/^ERR_CORRUPT_DATA: .*x0\.wkw/)
  })
  test('a few rows of a raw file that ends before them are an error too', async () => {
    const source = await openSource(damaged('raw-uint16', 'z1/y1/x1.wkw', (bytes) => bytes.subarray(0, -1)))
    expect(await source.get([7, 7, slice(0, 4)])).toBeDefined()
    expect(await codeOf(source.get([7, 7, 7]))).toMatch(/^ERR_CORRUPT_DATA: /)
  })
  test('a block table that no memory holds is not asked for', async () => {
    const huge = patched(4, 0xf1)
    const path = damaged('lz4-uint16', 'z0/y0/x0.wkw', huge)
    writeFileSync(join(path, 'header.wkw'), huge(new Uint8Array(readFileSync(join(path, 'header.wkw')))))
    const source = await openSource(path, { format: 'wkw', shape: [4, 4, 4] })
    expect(await codeOf(source.get())).toMatch(/^ERR_CORRUPT_DATA: .*its block table alone takes 281474976710672/)
  })
})
