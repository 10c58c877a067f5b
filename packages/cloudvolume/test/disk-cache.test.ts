import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createSource, slice } from '@bioimage/core'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openCloudvolume } from '../src/index.js'
import { serveFolder } from './helpers/folder-server.js'

const root = mkdtempSync(join(tmpdir(), 'bioimage-cloudvolume-cache-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let cache = ''
let count = 0
beforeEach(() => {
  folder = join(root, String(count++), 'served')
  cache = join(folder, '..', 'cache')
})

const volume = { format: 'cloudvolume', shape: [4, 4, 8], dtype: 'uint16', chunks: [2, 2, 2] } as const
const context = { cache: false } as const
const numbers = Uint16Array.from({ length: 128 }, (_, at) => at * 7)
/** A layer behind a web server, what is kept of it, and what was asked for of its chunks. */
const serveLayer = async (options: Readonly<Record<string, unknown>> = {}) => {
  const layer = join(folder, 'dataset', 'layer')
  const local = await createSource(layer, { ...volume, ...options })
  await local.set([], local.dtype === 'uint64' ? BigUint64Array.from(numbers, BigInt) : numbers)
  const { url, requests } = await serveFolder(folder)
  const kept = join(cache, 'http', new URL(url).host, 'dataset', 'layer')
  const asked = (): readonly string[] => requests.splice(0).filter((path) => path.includes('/1_1_1/'))
  return { local, layer, url: `${url}/dataset/layer`, kept, asked }
}

test.each([
  ['raw', { compress: false }, '0-2_0-2_0-2.gz'],
  ['gzip', {}, '0-2_0-2_0-2.gz'],
  ['png', { encoding: 'png' }, '0-2_0-2_0-2'],
  ['labels', { dtype: 'uint64', encoding: 'compressed_segmentation' }, '0-2_0-2_0-2.gz'],
  ['sharded', { shards: [4, 4, 8] }, '0.gz']
])('chunks of a remote layer are asked for once, %s', async (_, options, name) => {
  const { url, kept, asked } = await serveLayer(options)
  const first = await openCloudvolume(url, { cache, context })
  const { data } = await first.get()
  expect(Array.from(data, Number)).toEqual([...numbers])
  expect(asked().length).toBeGreaterThan(0)
  expect(readdirSync(join(kept, '1_1_1'))).toHaveLength(16)
  expect(readdirSync(join(kept, '1_1_1'))).toContain(name)
  const second = await openCloudvolume(url, { cache, context })
  expect((await second.get()).data).toEqual(data)
  expect((await second.get([slice(1, 3), 1, slice(3, 8, 2)])).data).toEqual((await first.get([slice(1, 3), 1, slice(3, 8, 2)])).data)
  expect(asked()).toEqual([])
  await second.close()
})

test('what several readers want at once is asked for once', async () => {
  const { url, asked } = await serveLayer({ compress: false })
  const sources = await Promise.all([1, 2, 3].map(() => openCloudvolume(url, { cache, context })))
  asked()
  for (const { data } of await Promise.all(sources.map((source) => source.get()))) expect(data).toEqual(numbers)
  const requests = asked()
  expect(new Set(requests).size).toBe(requests.length)
})

test('that a chunk is missing is not remembered, also where CloudVolume has', async () => {
  const { local, layer, url, kept } = await serveLayer({ compress: false })
  rmSync(join(layer, '1_1_1', '0-2_0-2_0-2'))
  const source = await openCloudvolume(url, { cache, context, fillMissing: true })
  expect(await source.get([0, 0, 0])).toBe(0)
  await source.get([0, 0, 2])
  // CloudVolume keeps nothing, perhaps compressed, for a chunk that is not there.
  writeFileSync(join(kept, '1_1_1', '0-2_0-2_0-2.gz'), gzipSync(''))
  await local.set([slice(2), slice(2), slice(2)], 77)
  expect(await source.get([0, 0, 0])).toBe(77)
})

test('a file that CloudVolume has kept is read', async () => {
  const { url, kept, asked } = await serveLayer({ compress: false })
  await (await openCloudvolume(url, { cache, context })).get([0, 0, 2])
  writeFileSync(join(kept, '1_1_1', '0-2_0-2_0-2.gz'), gzipSync(new Uint16Array(8).fill(9)))
  asked()
  expect(await (await openCloudvolume(url, { cache, context })).get([1, 1, 1])).toBe(9)
  expect(asked()).toEqual([])
})

test('the least recently used chunks make room', async () => {
  const { url, kept } = await serveLayer({ shape: [2, 1, 64], chunks: [2, 1, 1], encoding: 'png' })
  const cacheBytes = 2000
  const source = await openCloudvolume(url, { cache, context, cacheBytes })
  const names = (): readonly string[] => readdirSync(join(kept, '1_1_1'))
  for (let x = 0; x < 64; x++) {
    await source.get([0, 0, x])
    const old = new Date(Date.now() - 3_600_000 + 1000 * x)
    for (const name of names())
      if (statSync(join(kept, '1_1_1', name)).mtimeMs > Date.now() - 1000_000) utimesSync(join(kept, '1_1_1', name), old, old)
    // What is used does not get old.
    if (names().includes('0-1_0-1_0-2')) utimesSync(join(kept, '1_1_1', '0-1_0-1_0-2'), old, old)
    await source.get([1, 0, 0])
  }
  await source.close()
  const bytes = names().reduce((sum, name) => sum + statSync(join(kept, '1_1_1', name)).size, 0)
  expect(bytes).toBeLessThanOrEqual(cacheBytes * (1 + 1 / 8))
  expect(bytes).toBeGreaterThan(cacheBytes / 2)
  expect(names()).toContain('0-1_0-1_0-2')
  expect(names()).toContain('63-64_0-1_0-2')
  expect(names()).not.toContain('1-2_0-1_0-2')
})

test('a cache of another volume, or of another server, is refused', async () => {
  const { layer, url, kept } = await serveLayer({ compress: false })
  await (await openCloudvolume(url, { cache, context })).get()
  await createSource(layer, { ...volume, dtype: 'uint8', overwrite: true })
  const refusal = { code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining('`data_type`') }
  await expect(openCloudvolume(url, { cache, context })).rejects.toMatchObject(refusal)
  await createSource(layer, { ...volume, overwrite: true })
  await openCloudvolume(url, { cache, context })
  writeFileSync(join(kept, 'origin'), 'another')
  await expect(openCloudvolume(url, { cache, context })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})

test('a damaged file is an error and no wrong value', async () => {
  const { url, kept } = await serveLayer({ compress: false })
  await (await openCloudvolume(url, { cache, context })).get()
  writeFileSync(join(kept, '1_1_1', '0-2_0-2_0-2.gz'), gzipSync(new Uint16Array(7)))
  await expect((await openCloudvolume(url, { cache, context })).get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
})

test('local layers are not kept, and `true` is the folder of CloudVolume', async () => {
  const { layer, url } = await serveLayer()
  const before = process.env.CLOUD_VOLUME_CACHE_DIR
  process.env.CLOUD_VOLUME_CACHE_DIR = cache
  onTestFinished(() => {
    if (before === undefined) delete process.env.CLOUD_VOLUME_CACHE_DIR
    else process.env.CLOUD_VOLUME_CACHE_DIR = before
  })
  await (await openCloudvolume(layer, { cache: true, context })).get()
  expect(() => readdirSync(cache)).toThrow()
  await (await openCloudvolume(url, { cache: true, context })).get()
  expect(readdirSync(cache)).toEqual(['http'])
})

test.each([0, -1])('a limit of %s bytes is refused', async (cacheBytes) => {
  const { url } = await serveLayer()
  await expect(openCloudvolume(url, { cache, cacheBytes })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})
