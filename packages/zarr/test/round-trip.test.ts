import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CodecSpec, createSource, type DType, fromSpec, memoryStore, openSource, slice } from '@bioimage/core'
import { bytesOf, createData, dtypes, sizeOf } from '@bioimage/core/backend'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as zarrita from 'zarrita'
import '@bioimage/zarr'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Bytes that are valid elements of every dtype, small enough for every filter. */
function sample(dtype: DType, shape: readonly number[]): ReturnType<typeof createData> {
  const data = createData(dtype, sizeOf(shape))
  const bytes = bytesOf(data)
  for (let at = 0; at < bytes.length; at++) bytes[at] = dtype === 'bool' ? ((at * 7) % 3) & 1 : ((at * 2654435761) >>> 13) & 0xff
  return data
}

const chains: Record<string, readonly CodecSpec[]> = {
  raw: [],
  gzip: [{ id: 'gzip', level: 1 }],
  zlib: [{ id: 'zlib', level: 1 }],
  zstd: [{ id: 'zstd', level: 1 }],
  'blosc lz4': [{ id: 'blosc', cname: 'lz4', shuffle: 'shuffle' }],
  'blosc zstd, bit shuffle': [{ id: 'blosc', cname: 'zstd', shuffle: 'bitshuffle' }],
  'gzip and crc32c': [{ id: 'gzip', level: 1 }, { id: 'crc32c' }]
}
const shape = [13, 10, 17]

describe.each([2, 3] as const)('Zarr v%i', (zarrVersion) => {
  it.each(Object.keys(chains))('reads back what it wrote through %s, as zarrita does', async (name) => {
    if (zarrVersion === 2 && name.includes('crc32c')) {
      await expect(
        createSource(memoryStore(), { format: 'zarr', zarrVersion, shape, dtype: 'uint16', chunks: [4, 5, 6], codecs: [{ id: 'crc33' }] })
      ).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
      return
    }
    const path = join(folder, `${zarrVersion}-${name.replace(/\W+/g, '-')}.zarr`)
    const data = sample('uint16', shape)
    const source = await createSource(path, {
      internalPath: 'volume/raw',
      zarrVersion,
      shape,
      dtype: 'uint16',
      chunks: [4, 5, 6],
      codecs: chains[name]
    })
    await source.set('...', { dtype: 'uint16', shape, stride: [170, 17, 1], data })
    const reopened = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
    expect(bytesOf((await reopened.get()).data)).toEqual(bytesOf(data))
    const foreign = await zarrita.open(zarrita.root(new (await import('@zarrita/storage/fs')).default(path)).resolve('volume/raw'), {
      kind: 'array'
    })
    const read = await zarrita.get(foreign)
    expect(Array.from(read.data as Uint16Array)).toEqual(Array.from(data as Uint16Array))
  })

  it.each(dtypes)('keeps every bit of %s', async (dtype) => {
    const store = memoryStore()
    const data = sample(dtype, shape)
    const source = await createSource(store, {
      format: 'zarr',
      zarrVersion,
      shape,
      dtype,
      chunks: [8, 8, 8],
      codecs: [{ id: 'gzip', level: 1 }]
    })
    await source.set('...', { dtype, shape, stride: [170, 17, 1], data })
    const read = await (await openSource(store, { format: 'zarr' })).get()
    expect(read.dtype).toBe(dtype)
    expect(bytesOf(read.data)).toEqual(bytesOf(data))
  })

  it('stores Fortran order when asked', async () => {
    const store = memoryStore()
    const data = sample('int32', shape)
    const source = await createSource(store, {
      format: 'zarr',
      zarrVersion,
      shape,
      dtype: 'int32',
      chunks: [13, 10, 17],
      order: 'F',
      codecs: []
    })
    await source.set('...', { dtype: 'int32', shape, stride: [170, 17, 1], data })
    const stored = await store.get(zarrVersion === 2 ? '0.0.0' : 'c/0/0/0')
    const first = new Int32Array((stored ?? new Uint8Array()).slice().buffer)
    expect(first[1]).toBe((data as Int32Array)[170])
    expect(bytesOf((await source.get()).data)).toEqual(bytesOf(data))
  })
})

it('names codecs of numcodecs with a configuration, also an empty one: zarr-python demands it', async () => {
  const store = memoryStore()
  const codecs = [{ id: 'gzip', level: 1 }, { id: 'crc32' }]
  await (await createSource(store, { format: 'zarr', shape: [4], dtype: 'uint8', codecs })).close()
  const document: unknown = JSON.parse(new TextDecoder().decode(await store.get('zarr.json')))
  const gzip = { name: 'gzip', configuration: { level: 1 } }
  expect(document).toMatchObject({ codecs: [{ name: 'bytes' }, gzip, { name: 'numcodecs.crc32', configuration: {} }] })
})

describe('shards', () => {
  it.each(['start', 'end'] as const)('keep the other chunks on partial writes, index at the %s', async (shardIndexLocation) => {
    const path = join(folder, `sharded-${shardIndexLocation}.zarr`)
    const source = await createSource(path, {
      shape: [20, 30, 40],
      dtype: 'uint8',
      chunks: [5, 5, 5],
      shards: [10, 15, 20],
      shardIndexLocation,
      codecs: [{ id: 'gzip', level: 1 }]
    })
    expect(source.shards).toEqual([10, 15, 20])
    const model = new Uint8Array(20 * 30 * 40)
    const writes = Array.from({ length: 12 }, (_, at) => at)
    await Promise.all(
      writes.map(async (at) => {
        const [z, y] = [at, 2 * at]
        await source.set([slice(z, z + 3), slice(y, y + 4), slice(3, 33)], at + 1)
      })
    )
    // The writes overlap, so only what the last of them leaves is certain: write again in order.
    for (const at of writes) {
      await source.set([slice(at, at + 3), slice(2 * at, 2 * at + 4), slice(3, 33)], at + 1)
      for (let z = at; z < at + 3; z++)
        for (let y = 2 * at; y < 2 * at + 4; y++) model.fill(at + 1, (z * 30 + y) * 40 + 3, (z * 30 + y) * 40 + 33)
    }
    const reopened = await fromSpec(source.toSpec())
    expect((await reopened.get()).data).toEqual(model)
  })

  it('survive twenty concurrent writes to one shard', async () => {
    const source = await createSource(memoryStore(), {
      format: 'zarr',
      shape: [40, 8],
      dtype: 'uint16',
      chunks: [4, 4],
      shards: [40, 8],
      codecs: [{ id: 'gzip' }]
    })
    await Promise.all(Array.from({ length: 40 }, (_, row) => source.set([row], row + 1)))
    const { data } = await source.get()
    expect(Array.from(data as Uint16Array)).toEqual(Array.from({ length: 320 }, (_, at) => Math.floor(at / 8) + 1))
  })

  it.each([
    ['memory', () => memoryStore()],
    ['a store that does not tell when an object is replaced', () => new Map<string, Uint8Array>()]
  ] as const)('written through two handles keep what each wrote, in %s', async (_, makeStore) => {
    const store = makeStore()
    const options = { format: 'zarr', shape: [8, 8], dtype: 'uint8', chunks: [4, 4], shards: [8, 8], codecs: [] } as const
    const first = await createSource(store, options)
    await first.set('...', 7)
    const second = await openSource(store, { format: 'zarr', mode: 'r+' })
    // The second handle knows the shard now; the first moves its chunks by dropping one.
    await second.get([7, 7])
    await first.set([slice(0, 4), slice(0, 4)], 0)
    await second.set([7, 7], 9)
    const { data } = await (await openSource(store, { format: 'zarr' })).get([slice(4, 8), slice(4, 8)])
    expect(data).toEqual(new Uint8Array(16).fill(7).fill(9, 15))
  })

  it('and chunks of an array that was overwritten are not remembered', async () => {
    const store = memoryStore()
    const options = { format: 'zarr', shape: [8], dtype: 'uint8', codecs: [{ id: 'gzip' }] } as const
    const old = await createSource(store, options)
    await old.set('...', 7)
    expect(await old.get([1])).toBe(7)
    await createSource(store, { ...options, overwrite: true })
    expect(await old.get([1])).toBe(0)
  })

  it('remove themselves when nothing but fill value is left', async () => {
    const store = memoryStore()
    const source = await createSource(store, {
      format: 'zarr',
      shape: [8, 8],
      dtype: 'float32',
      chunks: [4, 4],
      shards: [8, 8],
      fillValue: 'NaN'
    })
    await source.set([1, 1], 5)
    expect(await store.size('c/0/0')).toBeGreaterThan(0)
    await source.set([1, 1], Number.NaN)
    expect(await store.size('c/0/0')).toBeUndefined()
    expect(await source.get([1, 1])).toBeNaN()
  })
})

describe.each([2, 3])('attributes of v%i', (zarrVersion) => {
  const options = { format: 'zarr', shape: [3], dtype: 'uint64', zarrVersion } as const
  const attributesKey = zarrVersion === 2 ? '.zattrs' : 'zarr.json'
  it('may be NaN and infinite, as Python writes them', async () => {
    const store = memoryStore()
    const attrs = { gain: Number.NaN, limits: [Number.NEGATIVE_INFINITY, { upper: Number.POSITIVE_INFINITY }], zero: -0, name: 'NaN' }
    await createSource(store, { ...options, attrs })
    const text = new TextDecoder().decode(await store.get(attributesKey))
    expect(text.replace(/\s/g, '')).toContain('"gain":NaN,"limits":[-Infinity,{"upper":Infinity}],"zero":-0.0,"name":"NaN"')
    expect((await openSource(store, { format: 'zarr' })).attrs).toEqual(attrs)
  })
  it('are refused if digits of an integer would be lost, and nothing is left', async () => {
    const store = memoryStore()
    const created = createSource(store, { ...options, attrs: { id: 1, ids: { last: 2 ** 64 } } })
    await expect(created).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('"ids"') })
    expect([await store.size('zarr.json'), await store.size('.zarray')]).toEqual([undefined, undefined])
  })
  it('named fill_value are numbers like others, also in consolidated documents', async () => {
    const store = memoryStore()
    const path = (key: string): string => `a/${key}`
    await createSource(store, { ...options, internalPath: 'a', fillValue: 2n ** 64n - 1n, attrs: { fill_value: 7, in: { fill_value: 8 } } })
    const key = path(attributesKey)
    const text = new TextDecoder().decode(await store.get(key))
    const large = text.replace(/"fill_value": [78]/g, '"fill_value": 9007199254740993')
    await store.set?.(key, new TextEncoder().encode(large))
    const attrs = { fill_value: 9007199254740992, in: { fill_value: 9007199254740992 } }
    // A new array beside it consolidates the documents as they stand.
    await createSource(store, { ...options, internalPath: 'b', consolidated: true })
    for (const single of [false, true]) {
      if (single) await store.delete?.(zarrVersion === 2 ? '.zmetadata' : 'zarr.json')
      const source = await openSource(store, { format: 'zarr', internalPath: 'a' })
      expect([source.attrs, await source.get(0)]).toEqual([attrs, 2n ** 64n - 1n])
    }
  })
})

describe('fill values', () => {
  it.each<[DType, number | bigint | string]>([
    ['float16', 65520],
    ['float32', 1e300],
    ['float32', -1e300],
    ['float32', '1'.padEnd(40, '0')],
    ['float64', -(10n ** 400n)],
    ['complex64', 1e300]
  ])('%s refuses %s, which would be infinite', async (dtype, fillValue) => {
    for (const zarrVersion of [2, 3]) {
      const store = memoryStore()
      const created = createSource(store, { format: 'zarr', zarrVersion, shape: [3], dtype, fillValue })
      await expect(created).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
      expect(await store.size(zarrVersion === 3 ? 'zarr.json' : '.zarray')).toBeUndefined()
    }
  })
  it.each<[DType, string | bigint | number | boolean, unknown]>([
    ['uint64', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['int64', 2n ** 53n + 1n, 2n ** 53n + 1n],
    ['float32', 'NaN', Number.NaN],
    ['float64', -0, -0],
    ['float32', '0x3f800000', 1],
    ['float16', '-Infinity', Number.NEGATIVE_INFINITY],
    ['bool', true, true]
  ])('%s keeps %s', async (dtype, fillValue, expected) => {
    for (const zarrVersion of [2, 3]) {
      const store = memoryStore()
      await createSource(store, { format: 'zarr', zarrVersion, shape: [3], dtype, fillValue })
      const reopened = await openSource(store, { format: 'zarr' })
      expect(await reopened.get(1)).toEqual(expected)
    }
  })
})
