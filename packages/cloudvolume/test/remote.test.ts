import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createSource, slice } from '@bioimage/core'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { addScale, openCloudvolume } from '../src/index.js'
import { decodeMinishardIndex } from '../src/minishard-index.js'
import { serveFolder } from './helpers/folder-server.js'

const root = mkdtempSync(join(tmpdir(), 'bioimage-cloudvolume-remote-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(root, String(count++))
})

const volume = { format: 'cloudvolume', shape: [4, 4, 8], dtype: 'uint8', chunks: [2, 2, 2] } as const
const shardingOf = (bits: Readonly<Record<string, number>>) => ({
  '@type': 'neuroglancer_uint64_sharded_v1',
  hash: 'identity',
  preshift_bits: 0,
  minishard_bits: 0,
  shard_bits: 0,
  data_encoding: 'raw',
  minishard_index_encoding: 'raw',
  ...bits
})
const context = { cache: false } as const

describe('behind a web server', () => {
  test.each(['', 'precomputed://'])('%s a scale that lies outside of its layer is asked for with the same query', async (format) => {
    await (await createSource(join(folder, 'a', 'layer'), { ...volume, key: '../chunks' })).set([], 5)
    const refused: string[] = []
    const { url } = await serveFolder(folder, (asked, response) => {
      if (asked.searchParams.get('token') === 'hidden') return false
      refused.push(asked.pathname)
      response.writeHead(401).end()
      return true
    })
    const source = await openCloudvolume(`${format}${url}/a/layer?token=hidden`)
    expect(new Set(Array.from((await source.get()).data, Number))).toEqual(new Set([5]))
    expect(refused).toEqual([])
    expect(JSON.stringify(source.toSpec())).not.toContain('hidden')
  })

  test('a shard that was not there is found once it is, also one of its chunks', async () => {
    const local = await createSource(folder, { ...volume, shards: [4, 4, 4], fillMissing: true })
    const { url, requests } = await serveFolder(folder)
    const source = await openCloudvolume(url, { fillMissing: true, context })
    expect(new Set(Array.from((await source.get()).data, Number))).toEqual(new Set([0]))
    await local.set([0, 0, 0], 7)
    expect(await source.get([0, 0, 0])).toBe(7)
    await local.set([2, 2, 2], 8)
    expect(await source.get([2, 2, 2])).toBe(8)
    // Within one read, what is not there is looked for once for each shard.
    requests.length = 0
    await source.get([slice(), slice(), slice(4, 8)])
    expect(requests).toHaveLength(1)
  })

  test('a shard that was not there is found by all of its chunks, whichever was looked for before', async () => {
    const sharding = shardingOf({ minishard_bits: 3, shard_bits: 2 })
    const local = await createSource(folder, { ...volume, sharding, fillMissing: true })
    const { url } = await serveFolder(folder)
    const source = await openCloudvolume(url, { fillMissing: true, context })
    expect(await source.get([0, 0, 0])).toBe(0)
    await local.set([], 9)
    expect(await source.get([2, 2, 2])).toBe(9)
  })

  test.each(['info', '1_1_1/0-2_0-2_0-2'])('%s that swells without end is given up', async (name) => {
    await (await createSource(folder, { ...volume, compress: false })).set([], 5)
    const bomb = gzipSync(new Uint8Array(65 << 20))
    const { url } = await serveFolder(folder, (asked, response) => {
      if (asked.pathname !== `/${name}`) return false
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      return true
    })
    await expect(openCloudvolume(url).then((source) => source.get())).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
  })
})

describe('an index of a minishard', () => {
  test('that names more chunks than there are is damaged', async () => {
    const sharding = shardingOf({ preshift_bits: 4 })
    await (await createSource(folder, { ...volume, sharding })).set([], 5)
    const other = join(root, `${count++}`)
    await createSource(other, { ...volume, shape: [2, 2, 2], sharding })
    renameSync(join(folder, '1_1_1'), join(other, '1_1_1'))
    const source = await openCloudvolume(other, { context })
    const damaged = { code: 'ERR_CORRUPT_DATA', message: expect.stringContaining('names 16 chunks, the scale has 1') }
    await expect(source.get()).rejects.toMatchObject(damaged)
    await expect(source.set([0, 0, 0], 1)).rejects.toMatchObject(damaged)
  })
  test('need not be sorted, and names each chunk once', () => {
    const differences = (chunks: readonly bigint[]): Uint8Array => {
      const words = BigUint64Array.from({ length: 3 * chunks.length }, (_, at) => {
        if (at < chunks.length) return (chunks[at] ?? 0n) - (chunks[at - 1] ?? 0n)
        return at < 2 * chunks.length ? 0n : BigInt(at - 2 * chunks.length + 1)
      })
      return new Uint8Array(words.buffer)
    }
    const { chunks, starts, lengths } = decodeMinishardIndex(differences([5n, 2n, 9n]), 3)
    expect([[...chunks], [...starts], [...lengths]]).toEqual([
      [2n, 5n, 9n],
      [1, 0, 3],
      [2, 1, 3]
    ])
    expect(() => decodeMinishardIndex(differences([5n, 2n, 5n]), 3)).toThrow('names chunk 5 twice')
    expect(() => decodeMinishardIndex(differences([5n, 5n]), 3)).toThrow('names chunk 5 twice')
  })
})

test('volumes of an encoding that is only read are not made, and the others are named', async () => {
  const refusal = { code: 'ERR_UNSUPPORTED', message: expect.stringContaining('raw, compressed_segmentation, jpeg, png') }
  for (const encoding of ['compresso', 'unheard-of'])
    await expect(createSource(folder, { ...volume, encoding })).rejects.toMatchObject(refusal)
  await createSource(folder, volume)
  await expect(addScale(folder, { factor: [2, 2, 2], encoding: 'compresso' })).rejects.toMatchObject(refusal)
})

test.each([
  'precomputed://https://user:hidden@server/layer|other:',
  'graphene://https://user:hidden@server/layer',
  'precomputed://https://user:hidden@127.0.0.1:1/layer',
  'precomputed://user:hidden@server/layer'
])('errors of %s hold no password', async (cloudpath) => {
  const error: unknown = await openCloudvolume(cloudpath).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  expect(`${error} ${JSON.stringify(error)}`).not.toContain('hidden')
})
