import { readFile } from 'node:fs/promises'
import { createSource, fromSpec, type Json, listArrays, memoryStore, openSource, SourceError, type Store, slice } from '@bioimage/core'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, it } from 'vitest'
import '@bioimage/n5'

const json = (document: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(document))
const text = async (store: Store, key: string): Promise<string> => new TextDecoder().decode(await store.get(key))
const dataSet = (dimensions: readonly number[], attributes: Readonly<Record<string, Json>> = {}): Uint8Array =>
  json({ dimensions: [...dimensions], blockSize: dimensions.map(() => 4), dataType: 'uint8', compression: { type: 'raw' }, ...attributes })
const metadataAt = async (store: Store, internalPath: string) => (await openSource(store, { format: 'n5', internalPath })).metadata

/** The same store, which cannot list. */
const unlisted = (store: Store): Store => ({
  identity: `unlisted ${store.identity}`,
  path: undefined,
  remote: true,
  get: (key, options) => store.get(key, options),
  size: (key) => store.size(key),
  set: async (key, bytes) => store.set?.(key, bytes)
})

/** Axes z, y, x with these scales and translations. */
const axes = (unit: string | undefined, scale: readonly number[], translation?: readonly number[]) =>
  ['z', 'y', 'x'].map((name, at) => ({
    name,
    type: 'space',
    ...(unit !== undefined && { unit }),
    scale: scale[at],
    ...(translation !== undefined && { translation: translation[at] })
  }))

describe('metadata, in the order of our axes', () => {
  it('of the N5 viewer: factors at the levels, resolution of the full image', async () => {
    const pixelResolution = { unit: 'nm', dimensions: [4, 4, 40] }
    const store = memoryStore([
      ['c0/s0/attributes.json', dataSet([16, 16, 8], { pixelResolution, downsamplingFactors: [1, 1, 1] })],
      ['c0/s1/attributes.json', dataSet([8, 8, 8], { pixelResolution, downsamplingFactors: [2, 2, 1] })]
    ])
    expect(await metadataAt(store, 'c0/s1')).toEqual({
      axes: axes('nanometer', [40, 8, 8], [0, 2, 2]),
      levels: [
        { internalPath: 'c0/s0', scale: [40, 4, 4] },
        { internalPath: 'c0/s1', scale: [40, 8, 8], translation: [0, 2, 2] }
      ]
    })
  })
  it('of a group with scales, units and resolution, as Neuroglancer writes them', async () => {
    const store = memoryStore([
      [
        'image/attributes.json',
        json({
          scales: [
            [1, 1, 1],
            [2, 2, 1]
          ],
          axes: ['x', 'y', 'z'],
          units: ['nm', 'nm', 'um'],
          resolution: [4, 4, 40]
        })
      ],
      ['image/s0/attributes.json', dataSet([16, 16, 8])],
      ['image/s1/attributes.json', dataSet([8, 8, 8])]
    ])
    const { axes: found, levels } = await metadataAt(store, 'image/s1')
    expect(found?.map(({ unit }) => unit)).toEqual(['micrometer', 'nanometer', 'nanometer'])
    expect(levels?.map(({ scale }) => scale)).toEqual([
      [40, 4, 4],
      [40, 8, 8]
    ])
  })
  it('of BigDataViewer: factors at the setup, resolution at the time point', async () => {
    const store = memoryStore([
      [
        'setup0/attributes.json',
        json({
          downsamplingFactors: [
            [1, 1, 1],
            [2, 2, 1]
          ],
          dataType: 'uint8'
        })
      ],
      ['setup0/timepoint0/attributes.json', json({ multiScale: true, resolution: [0.5, 0.5, 2] })],
      ['setup0/timepoint0/s0/attributes.json', dataSet([16, 16, 8], { downsamplingFactors: [1, 1, 1] })],
      ['setup0/timepoint0/s1/attributes.json', dataSet([8, 8, 8], { downsamplingFactors: [2, 2, 1] })]
    ])
    expect(await metadataAt(store, 'setup0/timepoint0/s1')).toEqual({
      axes: axes(undefined, [2, 1, 1], [0, 0.25, 0.25]),
      levels: [
        { internalPath: 'setup0/timepoint0/s0', scale: [2, 0.5, 0.5] },
        { internalPath: 'setup0/timepoint0/s1', scale: [2, 1, 1], translation: [0, 0.25, 0.25] }
      ]
    })
  })
  it.each([
    ['C', ['z', 'y', 'x'], [5, 4, 3], [2, 0, 1]],
    ['F', ['x', 'y', 'z'], [3, 4, 5], [1, 0, 2]]
  ])('of COSEM, whose lists say their order: %s', async (order, names, scale, translate) => {
    const transform = { order, axes: names, units: ['nm', 'nm', 'nm'], scale, translate }
    const half = { ...transform, scale: scale.map((step) => 2 * step) }
    const store = memoryStore([
      [
        'em/attributes.json',
        json({
          multiscales: [
            {
              name: 'em',
              datasets: [
                { path: 's0', transform },
                { path: 's1', transform: half }
              ]
            }
          ]
        })
      ],
      // What the viewers read says the same in stored order; `transform` is more exact.
      ['em/s0/attributes.json', dataSet([16, 16, 8], { pixelResolution: { unit: 'nm', dimensions: [9, 9, 9] } })],
      ['em/s1/attributes.json', dataSet([8, 8, 4], { transform: half })]
    ])
    expect(await metadataAt(store, 'em/s0')).toEqual({
      axes: axes('nanometer', [5, 4, 3], [2, 0, 1]),
      levels: [
        { internalPath: 'em/s0', scale: [5, 4, 3], translation: [2, 0, 1] },
        { internalPath: 'em/s1', scale: [10, 8, 6], translation: [2, 0, 1] }
      ]
    })
  })
  it('of a data set alone, whose attributes stay in stored order', async () => {
    const attributes = { resolution: [3, 4, 5], units: ['nm', 'nm', 'nm'], offset: [1, 2, 3] }
    const source = await openSource(memoryStore([['attributes.json', dataSet([8, 8, 8], attributes)]]), { format: 'n5' })
    expect(source.metadata).toEqual({ axes: axes('nanometer', [5, 4, 3], [3, 2, 1]) })
    expect(source.attrs).toEqual(attributes)
  })
  it('that make no sense are left out', async () => {
    const attributes = {
      resolution: [1, 2],
      pixelResolution: 'fine',
      downsamplingFactors: 'none',
      axes: [1, 2, 3],
      transform: 7,
      multiscales: [1]
    }
    expect(await metadataAt(memoryStore([['attributes.json', dataSet([8, 8, 8], attributes)]]), '')).toEqual({})
  })
  it('are written and read again', async () => {
    const written = [
      { name: 'c', type: 'channel' },
      { name: 'z', type: 'space', unit: 'micrometer', scale: 2, translation: 7 },
      { name: 'x', type: 'space', unit: 'nanometer', scale: 4 }
    ] as const
    const store = memoryStore()
    await createSource(store, { format: 'n5', shape: [2, 4, 4], dtype: 'uint8', metadata: { axes: written } })
    expect((await openSource(store, { format: 'n5' })).metadata.axes).toEqual([
      { name: 'c', type: 'channel', scale: 1, translation: 0 },
      written[1],
      { ...written[2], translation: 0 }
    ])
  })
})

describe('a container', () => {
  const image = async (): Promise<Store> => {
    const store = memoryStore()
    for (const internalPath of ['raw/s0', 'raw/s1', 'labels'])
      await createSource(store, { format: 'n5', internalPath, shape: [8, 8], dtype: 'uint16' })
    return store
  }
  it('lists its data sets', async () => {
    const store = await image()
    await (await openSource(store, { format: 'n5', internalPath: 'labels', mode: 'r+' })).set('...', 1)
    const found = await listArrays(store, { format: 'n5', measure: true })
    expect(found.map(({ internalPath }) => internalPath)).toEqual(['labels', 'raw/s0', 'raw/s1'])
    expect(found[0]).toMatchObject({ shape: [8, 8], dtype: 'uint16', codecs: ['gzip'], storedBytes: expect.any(Number) })
    expect(await listArrays(store, { format: 'n5', internalPath: 'raw' })).toHaveLength(2)
  })
  it('opened without a choice says what there is', async () => {
    await expect(openSource(await image(), { format: 'n5' })).rejects.toMatchObject({
      code: 'ERR_ARRAY_NOT_CHOSEN',
      message: expect.stringContaining('"labels", "raw/s0", "raw/s1"')
    })
    await expect(openSource(await image(), { format: 'n5', internalPath: 'raw/s7' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('"labels"')
    })
    await expect(openSource(await image(), { format: 'n5', internalPath: '../raw' })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT'
    })
  })
  it('that cannot be listed opens by the path of a data set', async () => {
    const store = unlisted(await image())
    expect((await openSource(store, { format: 'n5', internalPath: 'raw/s1' })).shape).toEqual([8, 8])
    await expect(openSource(store, { format: 'n5', internalPath: 'raw' })).rejects.toMatchObject({ code: 'ERR_ARRAY_NOT_CHOSEN' })
    await expect(listArrays(store, { format: 'n5' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await store.set?.(
      'raw/attributes.json',
      json({
        scales: [
          [1, 1],
          [2, 2]
        ]
      })
    )
    expect((await listArrays(store, { format: 'n5', internalPath: 'raw' })).map(({ internalPath }) => internalPath)).toEqual([
      'raw/s0',
      'raw/s1'
    ])
  })
  it('of which a bucket shows nothing but the data set opens', async () => {
    const store = await image()
    const bucket: Store = {
      identity: 'bucket',
      path: undefined,
      remote: true,
      size: (key) => store.size(key),
      async get(key, options) {
        const bytes = await store.get(key, options)
        if (bytes !== undefined || options?.chunk) return bytes
        throw new SourceError('ERR_ACCESS_DENIED', 'forbidden')
      }
    }
    await store.delete?.('attributes.json')
    await store.delete?.('raw/attributes.json')
    const source = await openSource(bucket, { format: 'n5', internalPath: 'raw/s0' })
    expect(await source.get([0, 0])).toBe(0)
  })
  it('of another library opens by its store object', async () => {
    const store = await image()
    await (await openSource(store, { format: 'n5', internalPath: 'labels', mode: 'r+' })).set([3, slice(2, 4)], Uint16Array.of(5, 6))
    const foreign = { get: (key: string) => store.get(key.replace(/^\//, '')) }
    const source = await openSource(foreign, { format: 'n5', internalPath: 'labels' })
    expect([...(await source.get([3, slice(1, 5)])).data]).toEqual([0, 5, 6, 0])
  })
  it('in a zip file without a telling name is found by what is in it', async () => {
    const bytes = await readFile(new URL('fixtures/z5-gzip.n5.zip', import.meta.url))
    const source = await openSource(new File([bytes], 'download.zip'), { internalPath: 'volume' })
    expect(source).toMatchObject({ kind: 'n5', shape: [6, 7, 8] })
    expect(await source.get([5, 6, 7])).toBe((335 * 7919) % 65536)
    const empty = Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0))
    await expect(openSource(new File([empty], 'download.zip'))).rejects.toMatchObject({ code: 'ERR_UNKNOWN_FORMAT' })
  })
  it('is known to the Python package as z5py', async () => {
    const spec = { kind: 'z5py', path: '/nowhere/a.n5', internal_path: 'raw/s0', params: {}, wrapped: null }
    await expect(fromSpec(spec)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', kind: 'n5' })
  })
})

describe('creating', () => {
  it('keeps what a document says, to the letter', async () => {
    const kept = '{\n  "maxId": 18446744073709551615, "note": "é"}'
    const store = memoryStore([['attributes.json', new TextEncoder().encode(kept)]])
    await createSource(store, { format: 'n5', internalPath: 'a', shape: [4], dtype: 'uint8' })
    const root = await text(store, 'attributes.json')
    expect(root.endsWith(kept.slice(1))).toBe(true)
    expect(JSON.parse(root)).toMatchObject({ n5: '2.0.0', note: 'é' })
    await createSource(store, { format: 'n5', internalPath: 'b', shape: [4], dtype: 'uint8' })
    expect(await text(store, 'attributes.json')).toBe(root)
  })
  it('makes a data set of a group without members, and keeps its attributes', async () => {
    const store = memoryStore([['a/attributes.json', new TextEncoder().encode('{ "maxId": 18446744073709551615 }')]])
    await createSource(store, { format: 'n5', internalPath: 'a', shape: [4], dtype: 'uint8' })
    expect(await text(store, 'a/attributes.json')).toContain('"maxId": 18446744073709551615')
    expect((await openSource(store, { format: 'n5', internalPath: 'a' })).shape).toEqual([4])
    await expect(
      createSource(memoryStore([['a/attributes.json', json({ note: 1 })]]), {
        format: 'n5',
        internalPath: 'a',
        shape: [4],
        dtype: 'uint8',
        attrs: { note: 2 }
      })
    ).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
  })
  it('keeps NaN and infinite attributes', async () => {
    const store = memoryStore()
    const attrs = { gain: Number.NaN, limits: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }
    await createSource(store, { format: 'n5', internalPath: 'a', shape: [4], dtype: 'uint8', attrs })
    expect(await text(store, 'a/attributes.json')).toContain('"gain": NaN')
    expect((await openSource(store, { format: 'n5', internalPath: 'a' })).attrs).toEqual(attrs)
  })
  it('makes the groups above', async () => {
    const store = memoryStore()
    await createSource(store, { format: 'n5', internalPath: 'a/b/c', shape: [4], dtype: 'uint8' })
    expect(JSON.parse(await text(store, 'attributes.json'))).toEqual({ n5: '2.0.0' })
    expect(JSON.parse(await text(store, 'a/b/attributes.json'))).toEqual({})
  })
  it.each([
    ['a block of a line', [4], '0'],
    ['blocks of a volume', [2, 2, 2], '0/1/0']
  ] as const)('refuses a place with %s and no document, or clears it when told to', async (_, shape, key) => {
    const store = memoryStore([
      [`a/${key}`, Uint8Array.of(1)],
      ['a/notes.txt', Uint8Array.of(2)]
    ])
    const options = { format: 'n5', internalPath: 'a', shape, dtype: 'uint8', chunks: shape } as const
    await expect(createSource(store, options)).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
    expect(await store.size(`a/${key}`)).toBe(1)
    await createSource(store, { ...options, overwrite: true })
    expect(await store.size(`a/${key}`)).toBeUndefined()
    expect(await store.size('a/notes.txt')).toBe(1)
  })
  it('replaces only when asked to', async () => {
    const store = memoryStore()
    const options = { format: 'n5', internalPath: 'a', shape: [8], chunks: [4], dtype: 'uint8' } as const
    await (await createSource(store, options)).set('...', 1)
    await expect(createSource(store, options)).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
    expect(await (await openSource(store, { format: 'n5', internalPath: 'a' })).get([7])).toBe(1)
    const replaced = await createSource(store, { ...options, overwrite: true })
    expect(await replaced.get([7])).toBe(0)
    await expect(createSource(store, { ...options, internalPath: 'a/b' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await createSource(store, { ...options, internalPath: 'g/b' })
    await expect(createSource(store, { ...options, internalPath: 'g', overwrite: true })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS'
    })
  })
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no axes', { shape: [] }, 'ERR_UNSUPPORTED'],
    ['shards', { shards: [4] }, 'ERR_UNSUPPORTED'],
    ['a fill value', { fillValue: 7 }, 'ERR_UNSUPPORTED'],
    ['bool', { dtype: 'bool' }, 'ERR_UNSUPPORTED'],
    ['complex numbers', { dtype: 'complex64' }, 'ERR_UNSUPPORTED'],
    ['a compression that cannot be written', { compression: 'xz' }, 'ERR_UNSUPPORTED'],
    ['an unknown compression', { compression: 'example' }, 'ERR_UNSUPPORTED'],
    ['an unknown member of a compression', { compression: { type: 'gzip', speed: 1 } }, 'ERR_INVALID_ARGUMENT'],
    ['a compression that is none', { compression: 5 }, 'ERR_INVALID_ARGUMENT'],
    ['an attribute of the format', { attrs: { blockSize: [1] } }, 'ERR_INVALID_ARGUMENT'],
    ['an attribute of which digits would be lost', { attrs: { maxId: 2 ** 64 } }, 'ERR_UNSUPPORTED'],
    ['an unknown option', { separator: '/' }, 'ERR_INVALID_ARGUMENT']
  ])('with %s is refused, and leaves nothing', async (_, options, code) => {
    const store = memoryStore()
    await expect(createSource(store, { format: 'n5', internalPath: 'a', shape: [8], dtype: 'uint8', ...options })).rejects.toMatchObject({
      code
    })
    for await (const entry of store.list?.('') ?? []) expect(entry).toBeUndefined()
  })
})

describe('writing', () => {
  it('cuts blocks at the edges, as n5-java does, and reads nothing for whole blocks', async () => {
    const store = recordingStore(memoryStore())
    const source = await createSource(store, { format: 'n5', shape: [3, 5], chunks: [2, 4], dtype: 'uint16', compression: 'raw' })
    store.clear()
    await source.set(
      '...',
      Uint16Array.from({ length: 15 }, (_, at) => at + 1)
    )
    expect(store.requests.filter(({ method }) => method === 'get')).toEqual([])
    // Block x = 1, y = 1 holds one element.
    expect([...((await store.get('1/1')) ?? [])]).toEqual([0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 15])
    expect([...((await store.get('0/1')) ?? [])]).toEqual([0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 11, 0, 12, 0, 13, 0, 14])
  })
  it('changes padded and short blocks, and removes those that become zero', async () => {
    const store = memoryStore([
      ['attributes.json', json({ dimensions: [3], blockSize: [4], dataType: 'uint8', compression: { type: 'raw' } })],
      ['0', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 4, 1, 2, 3, 99)]
    ])
    const source = await openSource(store, { format: 'n5', mode: 'r+' })
    await source.set([1], 7)
    expect([...((await store.get('0')) ?? [])]).toEqual([0, 0, 0, 1, 0, 0, 0, 3, 1, 7, 3])
    await source.set([slice(0, 3)], 0)
    expect(await store.get('0')).toBeUndefined()
  })
  it('stores blocks of zeros when asked to', async () => {
    const store = memoryStore()
    const source = await createSource(store, { format: 'n5', shape: [4], chunks: [4], dtype: 'uint8', writeEmptyChunks: true })
    await source.set('...', 0)
    expect(await store.get('0')).toBeDefined()
  })
  it.each([
    'raw',
    'gzip',
    { type: 'gzip', useZlib: true },
    'lz4',
    { type: 'lz4', blockSize: 64 },
    'zstd',
    'blosc',
    { type: 'blosc', cname: 'zstd', shuffle: 2 }
  ])('and reading again gives the same values: %o', async (compression) => {
    const store = memoryStore()
    const values = Float64Array.from({ length: 7 * 9 }, (_, at) => Math.sqrt(at))
    await (await createSource(store, { format: 'n5', shape: [7, 9], chunks: [3, 4], dtype: 'float64', compression })).set('...', values)
    expect((await (await openSource(store, { format: 'n5' })).get()).data).toEqual(values)
  })
})
