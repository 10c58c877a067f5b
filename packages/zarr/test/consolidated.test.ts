import { createSource, type Json, listArrays, memoryStore, openSource, type Store } from '@bioimage/core'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, it } from 'vitest'
import '@bioimage/zarr'

const options = { format: 'zarr', shape: [4], dtype: 'uint64', codecs: [] } as const
const versions = [2, 3] as const
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const encode = (document: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(document, null, 2))

/** The text of the document that holds the consolidated metadata of a group. */
const textOf = async (store: Store, zarrVersion: 2 | 3, group = ''): Promise<string> =>
  decode(await store.get(`${group}${zarrVersion === 2 ? '.zmetadata' : 'zarr.json'}`))

/** Names of the nodes, or in v2 of the documents, that a group's consolidated metadata hold. */
const namesIn = async (store: Store, zarrVersion: 2 | 3, group = ''): Promise<readonly string[] | undefined> => {
  const text = await textOf(store, zarrVersion, group)
  if (text === '') return undefined
  const document = JSON.parse(text)
  const metadata = zarrVersion === 2 ? document.metadata : document.consolidated_metadata?.metadata
  return metadata && Object.keys(metadata)
}

/** The same store, whose arrays are only found where consolidated metadata name them. */
const unlisted = (store: Store): Store => ({
  identity: `${store.identity} unlisted`,
  path: undefined,
  remote: true,
  get: (key, options) => store.get(key, options),
  size: (key, options) => store.size(key, options)
})
const listed = async (store: Store): Promise<readonly string[]> =>
  (await listArrays(unlisted(store), { format: 'zarr' })).map(({ internalPath }) => internalPath)

describe.each(versions)('consolidated metadata of v%i', (zarrVersion) => {
  const create = (store: Store, internalPath: string, further: object = {}): Promise<unknown> =>
    createSource(store, { ...options, zarrVersion, internalPath, ...further })

  it('are not written unless asked for', async () => {
    const store = memoryStore()
    await create(store, 'a/x')
    expect(await namesIn(store, zarrVersion)).toBeUndefined()
  })
  it('hold every group and array, outer ones first', async () => {
    const store = memoryStore()
    await create(store, 'b/c/x')
    await create(store, 'a', { consolidated: true, attrs: { stain: 'DAPI' } })
    expect(await namesIn(store, zarrVersion)).toEqual(
      zarrVersion === 3 ? ['a', 'b', 'b/c', 'b/c/x'] : ['.zgroup', 'a/.zarray', 'a/.zattrs', 'b/.zgroup', 'b/c/.zgroup', 'b/c/x/.zarray']
    )
    expect(await listed(store)).toEqual(['a', 'b/c/x'])
  })
  it('are written anew with every array that is created or replaced', async () => {
    const store = memoryStore()
    await create(store, 'a', { consolidated: true })
    await create(store, 'b/x')
    expect(await listed(store)).toEqual(['a', 'b/x'])
    await create(store, 'a', { shape: [5, 6], overwrite: true })
    const arrays = await listArrays(unlisted(store), { format: 'zarr' })
    expect(arrays.map(({ internalPath, shape }) => [internalPath, shape])).toEqual([
      ['a', [5, 6]],
      ['b/x', [4]]
    ])
  })
  it('are the same documents as the single ones, to the last digit', async () => {
    const store = memoryStore()
    await create(store, 'a', { fillValue: 2n ** 64n - 1n, consolidated: true })
    // As Python writes floats, large integers and NaN.
    const attributes = '{"scale": 1.0, "id": 18446744073709551615, "gain": NaN, "path": "{\\"a\\": [1.0, \\u0041]}"}'
    const key = zarrVersion === 2 ? 'b/.zattrs' : 'b/zarr.json'
    await create(store, 'b', { fillValue: 9007199254740993n })
    const document = decode(await store.get(key))
    await store.set?.(
      key,
      new TextEncoder().encode(zarrVersion === 2 ? attributes : document.replace(/"attributes": \{\}/, `"attributes": ${attributes}`))
    )
    await create(store, 'c')
    const text = await textOf(store, zarrVersion)
    expect(text).toContain('"fill_value": 18446744073709551615')
    expect(text).toContain('"fill_value": 9007199254740993')
    for (const member of ['"scale": 1.0', '"id": 18446744073709551615', '"gain": NaN', '"path": "{\\"a\\": [1.0, \\u0041]}"'])
      expect(text).toContain(member)
    expect(await listed(store)).toEqual(['a', 'b', 'c'])
  })
  it('leave the group that holds them as it was, however often they are written', async () => {
    const store = memoryStore()
    const attributes = { lab: 'B', nested: { deep: [1, { x: [] }] } }
    const plain = zarrVersion === 3 ? { zarr_format: 3, node_type: 'group', attributes } : { zarr_format: 2 }
    await store.set?.(zarrVersion === 3 ? 'zarr.json' : '.zgroup', encode(plain))
    await create(store, 'a', { consolidated: true })
    const once = await textOf(store, zarrVersion)
    await create(store, 'a', { overwrite: true })
    await create(store, 'a', { overwrite: true })
    expect(await textOf(store, zarrVersion)).toBe(once)
    const { consolidated_metadata: _, ...group } = JSON.parse(decode(await store.get(zarrVersion === 3 ? 'zarr.json' : '.zgroup')))
    expect(group).toEqual(plain)
  })
  it('of groups below the root are kept too', async () => {
    const store = memoryStore()
    await create(store, 'g/a')
    if (zarrVersion === 2) await store.set?.('g/.zmetadata', encode({ zarr_consolidated_format: 1, metadata: {} }))
    else {
      const consolidated_metadata = { kind: 'inline', must_understand: false, metadata: {} }
      await store.set?.('g/zarr.json', encode({ zarr_format: 3, node_type: 'group', consolidated_metadata }))
    }
    await create(store, 'g/h/b', { consolidated: true })
    const below = zarrVersion === 3 ? ['a', 'h', 'h/b'] : ['.zgroup', 'a/.zarray', 'h/.zgroup', 'h/b/.zarray']
    expect(await namesIn(store, zarrVersion, 'g/')).toEqual(below)
    expect(await listed(store)).toEqual(['g/a', 'g/h/b'])
  })
  it('name folders without a document as groups', async () => {
    const store = memoryStore()
    await create(store, 'g/h/a')
    for (const group of ['g', 'g/h']) await store.delete?.(`${group}/${zarrVersion === 3 ? 'zarr.json' : '.zgroup'}`)
    await createSource(store, { ...options, zarrVersion, internalPath: 'b', consolidated: true })
    expect(await namesIn(store, zarrVersion)).toEqual(
      zarrVersion === 3 ? ['b', 'g', 'g/h', 'g/h/a'] : ['.zgroup', 'b/.zarray', 'g/.zgroup', 'g/h/.zgroup', 'g/h/a/.zarray']
    )
  })
  it('name all of thirty arrays that are created at once', async () => {
    const store = memoryStore()
    const names = Array.from({ length: 30 }, (_, at) => `g${at % 3}/${String(at).padStart(2, '0')}`)
    await Promise.all(names.map((name, at) => create(store, name, { consolidated: at === 7 })))
    expect(await listed(store)).toEqual(names.toSorted())
  })
  it('are left as they are by what is refused', async () => {
    const store = memoryStore()
    await create(store, 'a', { consolidated: true })
    const recorded = recordingStore(store)
    for (const [path, further, code] of [
      ['a', {}, 'ERR_ALREADY_EXISTS'],
      ['a/b', {}, 'ERR_INVALID_ARGUMENT'],
      ['b', { fillValue: -1 }, 'ERR_INVALID_ARGUMENT'],
      ['', { consolidated: true }, 'ERR_INVALID_ARGUMENT']
    ] as const)
      await expect(create(recorded, path, further)).rejects.toMatchObject({ code })
    expect(recorded.requests.filter(({ method }) => method !== 'get' && method !== 'size' && method !== 'list')).toEqual([])
  })
  it('are gone where a process is stopped before it has written them, and come back where a creation fails', async () => {
    const store = memoryStore()
    await create(store, 'a', { consolidated: true })
    let meanwhile: unknown = 'not looked at'
    const failing: Store = {
      ...unlisted(store),
      identity: store.identity,
      list: (folder) => store.list?.(folder) ?? (async function* () {})(),
      delete: async (key) => store.delete?.(key),
      set: async (key, bytes) => {
        if (/^b\//.test(key)) {
          meanwhile = await namesIn(store, zarrVersion)
          throw new Error('the disk is full')
        }
        await store.set?.(key, bytes)
      }
    }
    await expect(create(failing, 'b')).rejects.toMatchObject({ code: 'ERR_IO' })
    expect(meanwhile).toBeUndefined()
    expect(await listed(store)).toEqual(['a'])
  })
  it('are not written where one document is damaged: the error says so, and what there is can be listed', async () => {
    const store = memoryStore()
    await create(store, 'a', { consolidated: true })
    await store.set?.(zarrVersion === 3 ? 'a/zarr.json' : 'a/.zarray', new TextEncoder().encode('{'))
    await expect(create(store, 'b')).rejects.toMatchObject({
      code: 'ERR_CORRUPT_DATA',
      message: expect.stringMatching(/the array is made, but .* a\/(zarr\.json|\.zarray) cannot be read as JSON/)
    })
    expect(await namesIn(store, zarrVersion)).toBeUndefined()
    const arrays = await listArrays(store, { format: 'zarr' })
    expect(arrays.map(({ internalPath, problem }) => [internalPath, problem === undefined])).toEqual([
      ['a', false],
      ['b', true]
    ])
  })
  it('are refused, before anything is written, where the store cannot list', async () => {
    const store = memoryStore()
    await create(store, 'a', { consolidated: true })
    const blind: Store = { ...unlisted(store), set: async (key, bytes) => store.set?.(key, bytes) }
    const before = await textOf(store, zarrVersion)
    await expect(create(blind, 'b')).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    expect(await textOf(store, zarrVersion)).toBe(before)
    await expect(openSource(store, { format: 'zarr', internalPath: 'b' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})

describe('a metadata document', () => {
  it('may hold a text of many megabytes', async () => {
    const store = memoryStore()
    const xml = `${'<OME/>"\\'.repeat(1 << 20)}`
    await createSource(store, { ...options, attrs: { xml } })
    const { attrs } = await openSource(store, { format: 'zarr' })
    expect(attrs.xml === xml).toBe(true)
  })
})
