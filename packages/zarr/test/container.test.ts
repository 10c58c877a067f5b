import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asSource, createSource, type Json, listArrays, memoryStore, openSource, type Store } from '@bioimage/core'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as zarrita from 'zarrita'
import '@bioimage/zarr'

const codecs = [{ id: 'gzip', level: 1 }]

function json(document: Json): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}

/** A multiscale image of two levels (OME-NGFF 0.5) and a second array. */
async function image(): Promise<Store> {
  const store = memoryStore()
  for (const [internalPath, shape] of [
    ['image/0', [2, 8, 16, 16]],
    ['image/1', [2, 4, 8, 8]],
    ['labels/cells', [8, 16, 16]]
  ] as const) {
    await createSource(store, { format: 'zarr', internalPath, shape, dtype: 'uint16', codecs })
  }
  const transform = (scale: readonly number[]): Json => [{ type: 'scale', scale }]
  await store.set?.(
    'image/zarr.json',
    json({
      zarr_format: 3,
      node_type: 'group',
      attributes: {
        ome: {
          version: '0.5',
          multiscales: [
            {
              axes: [
                { name: 'c', type: 'channel' },
                { name: 'z', type: 'space', unit: 'micrometer' },
                { name: 'y', type: 'space', unit: 'micrometer' },
                { name: 'x', type: 'space', unit: 'micrometer' }
              ],
              datasets: [
                { path: '0', coordinateTransformations: transform([1, 2, 0.5, 0.5]) },
                {
                  path: '1',
                  coordinateTransformations: [
                    ...(transform([1, 4, 1, 1]) as Json[]),
                    { type: 'translation', translation: [0, 1, 0.25, 0.25] }
                  ]
                }
              ]
            }
          ],
          omero: { channels: [{ label: 'DAPI' }, { label: 'GFP' }] }
        }
      }
    })
  )
  return store
}

describe('a container', () => {
  it('lists its arrays with their voxel sizes', async () => {
    const arrays = await listArrays(await image(), { format: 'zarr', measure: true })
    expect(arrays.map(({ internalPath }) => internalPath)).toEqual(['image/0', 'image/1', 'labels/cells'])
    expect(arrays[0]?.metadata.axes?.map(({ scale }) => scale)).toEqual([1, 2, 0.5, 0.5])
    expect(arrays[1]?.storedBytes).toBeGreaterThan(0)
  })
  it.each(['image', 'image/0'])('describes an array by the group above it also below %s', async (internalPath) => {
    const [array] = await listArrays(await image(), { format: 'zarr', internalPath })
    expect(array?.internalPath).toBe('image/0')
    expect(array?.metadata.axes?.map(({ scale }) => scale)).toEqual([1, 2, 0.5, 0.5])
  })
  it('tells how many bytes the files of an array take', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-measure-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'many.zarr')
    const source = await createSource(path, { internalPath: 'a', shape: [40, 40], dtype: 'uint16', chunks: [2, 2], codecs })
    await source.set(
      '...',
      new Uint16Array(1600).map((_, at) => (at * 7919) % 65536)
    )
    const files = (await readdir(join(path, 'a'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect(files).toHaveLength(401)
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size))
    const [array] = await listArrays(path, { measure: true })
    expect(array?.storedBytes).toBe(sizes.reduce((sum, size) => sum + size))
  })
  it('that is a folder of arrays, and no group, lists them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-folder-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    for (const name of ['a', 'b']) await createSource(join(folder, name), { format: 'zarr', shape: [2], dtype: 'uint8' })
    await expect(openSource(folder, { format: 'zarr' })).rejects.toMatchObject({
      code: 'ERR_ARRAY_NOT_CHOSEN',
      message: expect.stringContaining('"a", "b"')
    })
  })
  it('that is not there is told from one that is empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-absent-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const missing = { code: 'ERR_NOT_FOUND', message: expect.stringMatching(/x\.zarr does not exist$/) }
    for (const options of [{}, { internalPath: 'raw' }]) {
      await expect(openSource(join(folder, 'x.zarr'), options)).rejects.toMatchObject(missing)
      await expect(listArrays(join(folder, 'x.zarr'), options)).rejects.toMatchObject(missing)
    }
    await expect(openSource(folder, { format: 'zarr' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('is no Zarr array or group')
    })
  })
  it('opened without a choice says what there is', async () => {
    await expect(openSource(await image(), { format: 'zarr' })).rejects.toMatchObject({
      code: 'ERR_ARRAY_NOT_CHOSEN',
      message: expect.stringContaining('"image/0", "image/1", "labels/cells"')
    })
    await expect(openSource(await image(), { format: 'zarr', internalPath: 'image/2' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('"image/0"')
    })
  })
  it('is looked at with the signal of the caller alone, also for chunks under another separator', async () => {
    const [opening, listing] = [new AbortController().signal, new AbortController().signal]
    const old = recordingStore(memoryStore())
    await createSource(old, { format: 'zarr', zarrVersion: 2, shape: [2, 2], dtype: 'uint8', dimensionSeparator: '.', codecs })
    const { dimension_separator: _, ...document } = JSON.parse(new TextDecoder().decode(await old.get('.zarray')))
    await old.set?.('.zarray', json(document))
    old.clear()
    await openSource(old, { format: 'zarr', signal: opening })
    expect(old.requests.map(({ key }) => key)).toEqual(expect.arrayContaining(['0.0', '0/0']))
    expect(new Set(old.requests.map(({ signal }) => signal))).toEqual(new Set([opening]))

    const store = recordingStore(await image())
    await listArrays(store, { format: 'zarr', measure: true, signal: listing })
    expect(new Set(store.requests.map(({ signal }) => signal))).toEqual(new Set([listing]))
  })
  it('gives metadata of its multiscale images', async () => {
    const { metadata } = await openSource(await image(), { format: 'zarr', internalPath: 'image/1' })
    expect(metadata.channels).toEqual(['DAPI', 'GFP'])
    expect(metadata.axes?.[1]).toEqual({ name: 'z', type: 'space', unit: 'micrometer', scale: 4, translation: 1 })
    expect(metadata.levels).toEqual([
      { internalPath: 'image/0', scale: [1, 2, 0.5, 0.5] },
      { internalPath: 'image/1', scale: [1, 4, 1, 1], translation: [0, 1, 0.25, 0.25] }
    ])
  })
  it('keeps the axes of an array of its own', async () => {
    const axes = [
      { name: 'y', type: 'space', unit: 'nanometer', scale: 4 },
      { name: 'x', type: 'space', unit: 'nanometer', scale: 4 }
    ] as const
    for (const zarrVersion of [2, 3]) {
      const store = memoryStore()
      await createSource(store, {
        format: 'zarr',
        zarrVersion,
        shape: [4, 4],
        dtype: 'uint8',
        codecs,
        metadata: { axes },
        attrs: { sample: 7 }
      })
      const source = await openSource(store, { format: 'zarr' })
      expect(source.metadata.axes).toEqual(axes)
      expect(source.attrs.sample).toBe(7)
    }
  })
  it('is listed by consolidated metadata where the store cannot list', async () => {
    const array = { zarr_format: 2, shape: [4], chunks: [4], dtype: '<u2', compressor: null, filters: null, fill_value: 0, order: 'C' }
    const metadata = { '.zgroup': { zarr_format: 2 }, 'a/.zarray': array, 'b/c/.zarray': array, 'b/.zgroup': { zarr_format: 2 } }
    const { list: _list, ...store } = {
      ...memoryStoreOf([
        ['.zgroup', json({ zarr_format: 2 })],
        ['.zmetadata', json({ zarr_consolidated_format: 1, metadata })]
      ])
    }
    expect((await listArrays(store, { format: 'zarr' })).map(({ internalPath }) => internalPath)).toEqual(['a', 'b/c'])
    const documents = {
      zarr_format: 3,
      node_type: 'array',
      shape: [4],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [4] } }
    }
    const child = { ...documents, chunk_key_encoding: 'default', fill_value: 0, codecs: ['bytes'] }
    const root = {
      zarr_format: 3,
      node_type: 'group',
      consolidated_metadata: { kind: 'inline', must_understand: false, metadata: { 'x/y': child } }
    }
    const { list: _, ...inline } = { ...memoryStoreOf([['zarr.json', json(root)]]) }
    expect((await listArrays(inline, { format: 'zarr' })).map(({ internalPath }) => internalPath)).toEqual(['x/y'])
  })
  it('with one damaged array still lists the others', async () => {
    const store = await image()
    await store.set?.('labels/cells/zarr.json', new TextEncoder().encode('{'))
    const arrays = await listArrays(store, { format: 'zarr' })
    expect(arrays.map(({ problem }) => problem === undefined)).toEqual([true, true, false])
  })
})

/** A memory store as a plain object, of which members can be left out. */
function memoryStoreOf(objects: readonly (readonly [string, Uint8Array])[]): Store {
  const store = memoryStore(objects)
  return {
    identity: store.identity,
    path: undefined,
    remote: true,
    get: (key, options) => store.get(key, options),
    size: (key, options) => store.size(key, options),
    list: (folder, options) => store.list?.(folder, options) ?? (async function* () {})()
  }
}

describe('creating', () => {
  const options = { format: 'zarr', shape: [4, 4], dtype: 'uint8', codecs } as const
  it('refuses what is there, unless told to replace it', async () => {
    const store = memoryStore()
    const first = await createSource(store, { ...options, internalPath: 'a' })
    await first.set('...', 9)
    await expect(createSource(store, { ...options, internalPath: 'a' })).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
    const second = await createSource(store, { ...options, internalPath: 'a', overwrite: true })
    expect([...(await second.get()).data]).toEqual(new Array(16).fill(0))
  })
  it('forgets what other handles have read of what is replaced', async () => {
    const store = memoryStore()
    const options = { format: 'zarr', shape: [8], dtype: 'uint8', chunks: [4], codecs } as const
    const old = await createSource(store, options)
    await old.set('...', 1)
    expect(await old.get([7])).toBe(1)
    const replaced = await createSource(store, { ...options, overwrite: true })
    expect(await replaced.get([7])).toBe(0)
  })
  it('never replaces a group, nor puts an array into an array', async () => {
    const store = memoryStore()
    await createSource(store, { ...options, internalPath: 'a/b' })
    await expect(createSource(store, { ...options, internalPath: 'a', overwrite: true })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS'
    })
    await expect(createSource(store, { ...options, internalPath: 'a/b/c' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
  it.each([
    ['shards that are no multiple of the chunks', { chunks: [3, 3], shards: [4, 4] }, 'ERR_INVALID_ARGUMENT'],
    ['chunks of another rank', { chunks: [3] }, 'ERR_INVALID_ARGUMENT'],
    ['shards in v2', { zarrVersion: 2, chunks: [2, 2], shards: [4, 4] }, 'ERR_UNSUPPORTED'],
    ['a version that is none', { zarrVersion: 4 }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown codec', { codecs: [{ id: 'middle-out' }] }, 'ERR_UNSUPPORTED'],
    ['an unknown option', { compresion: 'zstd' }, 'ERR_INVALID_ARGUMENT'],
    ['a fill value out of range', { fillValue: 256 }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown dtype', { dtype: 'int7' }, 'ERR_INVALID_ARGUMENT']
  ])('refuses %s and writes nothing', async (_, wrong, code) => {
    const store = memoryStore()
    await expect(createSource(store, { ...options, ...(wrong as object) })).rejects.toMatchObject({ code })
    const names: string[] = []
    for await (const { name } of store.list?.('') ?? []) names.push(name)
    expect(names).toEqual([])
  })
  it('writes no chunk of a whole chunk twice and reads none', async () => {
    const store = recordingStore(memoryStore())
    const source = await createSource(store, { ...options, chunks: [2, 2], codecs: [] })
    store.clear()
    await source.set('...', 7)
    const { requests } = store
    expect(requests.map(({ method }) => method)).toEqual(['set', 'set', 'set', 'set'])
  })
})

describe('reading little', () => {
  it('takes only the bytes of the rows from raw chunks', async () => {
    const memory = memoryStore()
    const written = await createSource(memory, { format: 'zarr', shape: [64, 64, 64], dtype: 'uint16', chunks: [64, 64, 64], codecs: [] })
    await written.set('...', 1)
    const store = recordingStore(memory)
    const source = await openSource(store, { format: 'zarr' })
    store.clear()
    await source.get([10, 20, { start: 5, stop: 21 }])
    expect(store.requests).toHaveLength(1)
    expect(store.requests[0]?.range).toEqual({ offset: ((10 * 64 + 20) * 64 + 5) * 2, length: 32 })
  })
  it('fetches neighbours of a shard by one request, and its index once', async () => {
    const memory = memoryStore()
    const written = await createSource(memory, {
      format: 'zarr',
      shape: [16, 16],
      dtype: 'uint16',
      chunks: [2, 2],
      shards: [16, 16],
      codecs
    })
    await written.set(
      '...',
      new Uint16Array(256).map((_, at) => at)
    )
    const store = recordingStore(memory)
    const source = await openSource({ ...store, revision: async (key) => memory.revision?.(key) }, { format: 'zarr' })
    store.clear()
    await source.get([{ start: 0, stop: 4 }])
    expect(store.requests.filter(({ method }) => method === 'get')).toHaveLength(2)
    await source.get([{ start: 8, stop: 12 }])
    expect(store.requests.filter(({ method }) => method === 'get')).toHaveLength(3)
  })
})

describe('zarrita', () => {
  it('arrays and groups become sources', async () => {
    const map = new Map<`/${string}`, Uint8Array>()
    const bytes = { name: 'bytes', configuration: { endian: 'little' } }
    const created = await zarrita.create(zarrita.root(map), {
      shape: [4, 4],
      chunkShape: [2, 2],
      dtype: 'uint16',
      fillValue: 0,
      codecs: [bytes]
    })
    await zarrita.set(created, [1, null], 5)
    const source = await asSource(await zarrita.open(map, { kind: 'array' }))
    expect(source.kind).toBe('zarr')
    expect((await source.get([1, null])).data).toEqual(Uint16Array.of(5, 5, 5, 5))
    expect(() => source.toSpec()).toThrow(expect.objectContaining({ code: 'ERR_NOT_SERIALIZABLE' }))
    await source.set([0, 0], 3)
    expect(await source.get([0, 0])).toBe(3)
  })

  it('arrays on one store share its locks: parts of one chunk written through several sources all last', async () => {
    const map = new Map<`/${string}`, Uint8Array>()
    await createSource(map, { format: 'zarr', shape: [32, 4], dtype: 'uint8', chunks: [32, 4] })
    const sources = await Promise.all(Array.from({ length: 4 }, async () => asSource(await zarrita.open(map, { kind: 'array' }))))
    sources.push(await openSource(map, { format: 'zarr', mode: 'r+' }))
    await Promise.all(Array.from({ length: 32 }, (_, row) => sources[row % sources.length]?.set([row], row + 1)))
    const { data } = await openSource(map, { format: 'zarr' }).then((source) => source.get())
    expect([...data]).toEqual(Array.from({ length: 128 }, (_, at) => Math.floor(at / 4) + 1))
  })
})
