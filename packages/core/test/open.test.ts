import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, test } from 'vitest'
import {
  arraySource,
  asSource,
  type CreateRequest,
  createRegistry,
  createSource,
  fileSystemStore,
  isSourceError,
  type ListRequest,
  listArrays,
  memoryStore,
  ndarray,
  openSource,
  type Reader,
  type SourceDriver,
  SourceError,
  type Store
} from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { type MadeUpDriver, madeUpDriver } from './helpers/made-up-driver.js'
import { makeZip } from './helpers/make-zip.js'
import { temporaryFile, temporaryFolder } from './helpers/temporary-folder.js'

const contextOf = (...drivers: readonly (MadeUpDriver | SourceDriver)[]) => ({
  registry: createRegistry(drivers.map((driver) => ('driver' in driver ? driver.driver : driver)))
})
const messageOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (isSourceError(error) ? `${error.code}: ${error.message}` : `not a SourceError: ${String(error)}`)
  )
const beginsWith = (first: number, prefixBytes?: number): SourceDriver['sniff'] => ({ prefixBytes, test: (prefix) => prefix[0] === first })

describe('the format', () => {
  const gz = madeUpDriver('gz', { extensions: ['.gz'] })
  const nii = madeUpDriver('nii', { extensions: ['.nii', '.nii.gz'] })
  const tif = madeUpDriver('tif', { extensions: ['.tif', '.tiff'] })
  const ome = madeUpDriver('ome', { extensions: ['.ome.tif', '.ome.tiff'] })
  const byMagic = madeUpDriver('by-magic', { extensions: [], sniff: beginsWith(7) })
  const context = contextOf(gz, tif, nii, ome, byMagic)
  const bytes = Uint8Array.of(7, 1, 2, 3)

  test.each([
    ['brain.nii.gz', 'nii'],
    ['brain.nii', 'nii'],
    ['notes.gz', 'gz'],
    ['BRAIN.NII.GZ', 'nii'],
    ['image.ome.tif', 'ome'],
    ['image.Ome.Tiff', 'ome'],
    ['image.ome.x.tif', 'tif'],
    ['ome.tif', 'tif'],
    ['image.tif.7', 'by-magic'],
    ['image', 'by-magic']
  ])('of %s is %s, by the longest extension, else by content', async (name, kind) => {
    const path = await temporaryFile(name, bytes)
    expect((await openSource(path, { context })).kind).toBe(kind)
    expect((await openSource(pathToFileURL(path), { context })).kind).toBe(kind)
    expect((await openSource(new File([bytes], name), { context })).kind).toBe(kind)
  })
  test('does not depend on the order of registration', async () => {
    for (const drivers of [
      [gz, nii],
      [nii, gz]
    ]) {
      expect((await openSource(new File([bytes], 'x.nii.gz'), { context: contextOf(...drivers) })).kind).toBe('nii')
    }
  })
  test('that the caller names is taken, whatever the name says', async () => {
    expect((await openSource(new File([bytes], 'x.tif'), { format: 'gz', context })).kind).toBe('gz')
    expect(await codeOf(openSource(new File([bytes], 'x.tif'), { format: 'unknown', context }))).toBe('ERR_UNKNOWN_KIND')
  })
  test('is told from content by one short read, whatever the number of backends', async () => {
    const seen: number[] = []
    const curious = [4, 212, undefined].map((prefixBytes, at) =>
      madeUpDriver(`curious-${at}`, {
        extensions: [],
        sniff: {
          prefixBytes,
          test: (prefix) => {
            seen.push(prefix.byteLength)
            return false
          }
        }
      })
    )
    const store = recordingStore(memoryStore([['', new Uint8Array(1 << 20).fill(7)]]))
    await openSource(store, { context: contextOf(...curious, byMagic) })
    expect(seen).toEqual([4, 212, 4096])
    expect(store.requests.filter(({ method }) => method === 'get')).toHaveLength(1)
    expect(store.bytesRead).toBe(4096)
  })
  test('of a folder is told by the files that mark it', async () => {
    const marked = madeUpDriver('marked', { extensions: [], layout: 'container', sniff: { markers: ['a.json', 'b.json'] } }, openAnything)
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'b.json'), '{}')
    expect((await openSource(folder, { context: contextOf(byMagic, marked) })).kind).toBe('marked')
  })
  test('of a URL is told by its address, and nothing is read there as a file or a zip file', async () => {
    const reader: Partial<Reader> = { open: async (request) => ({ ...arraySource(Uint8Array.of(1)), kind: String(request.location.path) }) }
    const address = ({ pathname }: URL): 'certain' | 'possible' | undefined =>
      pathname.startsWith('/data/') ? 'certain' : pathname.startsWith('/d/') ? 'possible' : undefined
    const server = madeUpDriver('server', { extensions: [], layout: 'container', sniff: { address } }, reader)
    let requests = 0
    const fetch = async (): Promise<Response> => {
      requests++
      return new Response(null, { status: 404 })
    }
    const context = { ...contextOf(byMagic, server), fetch }
    expect((await openSource('https://example.org/data/a', { context })).kind).toBe('https://example.org/data/a')
    expect((await openSource('https://example.org/d/a', { context, format: 'server' })).kind).toBe('https://example.org/d/a')
    expect(requests).toBe(0)
    expect(await codeOf(openSource('https://example.org/d/a', { context }))).toBe('ERR_UNKNOWN_FORMAT')
  })
  test('of an unknown file is not guessed: the message says what was tried', async () => {
    const path = await temporaryFile('x.unknown', Uint8Array.of(1))
    const message = await messageOf(openSource(path, { context }))
    expect(message).toMatch(/^ERR_UNKNOWN_FORMAT: .*"x\.unknown"/)
    for (const part of [path, '.nii.gz', 'by-magic', '`format`']) expect(message).toContain(part)
    expect(await messageOf(openSource(path, { context: contextOf() }))).toContain('no backend is registered')
    expect(await codeOf(openSource(await temporaryFile('empty', new Uint8Array(0)), { context }))).toBe('ERR_UNKNOWN_FORMAT')
  })
  test('of a folder that nothing marks is not guessed either', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'x'), '')
    expect(await codeOf(openSource(folder, { context }))).toBe('ERR_UNKNOWN_FORMAT')
  })
  test('of nothing: it is not there', async () => {
    const folder = await temporaryFolder()
    for (const name of ['missing', 'missing.tif', 'missing.unknown', 'missing/x.nii.gz']) {
      expect(await messageOf(openSource(join(folder, name), { context }))).toMatch(/^ERR_NOT_FOUND: .*(nothing there|does not exist)/)
    }
  })
})

/** A reader whose arrays are there whatever lies at the place. */
const openAnything = {
  open: async () => Object.assign(arraySource(Uint8Array.of(1)), { kind: 'marked' })
}

describe('openSource', () => {
  test('records local paths as absolute', async () => {
    const { driver, opened } = madeUpDriver('x')
    const path = await temporaryFile('a b#?%.x')
    const source = await openSource(relative(process.cwd(), path), { context: contextOf(driver) })
    expect(source.toSpec()).toEqual({ kind: 'x', path })
    expect(opened[0]?.location).toMatchObject({ path, name: 'a b#?%.x' })
  })
  test('takes a folder for a file as what it is', async () => {
    const { driver } = madeUpDriver(
      'x',
      {},
      { open: async ({ location }) => arraySource((await location.store.get('')) ?? new Uint8Array(0)) }
    )
    const folder = join(await temporaryFolder(), 'folder.x')
    await mkdir(folder)
    expect(await codeOf(openSource(folder, { context: contextOf(driver) }))).toBe('ERR_NOT_FOUND')
  })
  test('gives the backend exactly what it was given', async () => {
    const { driver, opened } = madeUpDriver('x', { writable: true, defaultInternalPath: 'data' })
    const context = contextOf(driver)
    const { signal } = new AbortController()
    const path = await temporaryFile('a.x')
    await openSource(path, { context, signal, mode: 'a', internalPath: '/data/', level: 3 })
    await openSource(path, { context })
    expect(opened).toMatchObject([
      { internalPath: 'data', mode: 'a', params: { level: 3 } },
      { internalPath: undefined, mode: 'r', params: {} }
    ])
    expect(opened[0]?.signal).toBe(signal)
    expect(opened[0]?.context).toBe(context)
  })
  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown option', { lever: 1 }, 'ERR_INVALID_ARGUMENT'],
    ['an option of another type', { level: '1' }, 'ERR_INVALID_ARGUMENT'],
    ['an option that is a bigint', { level: 1n }, 'ERR_INVALID_ARGUMENT'],
    ['a mode that replaces', { mode: 'w' }, 'ERR_INVALID_ARGUMENT'],
    ['a mode that is a bigint', { mode: 1n }, 'ERR_INVALID_ARGUMENT'],
    ['writing a format that is read only', { mode: 'r+' }, 'ERR_READ_ONLY'],
    ['an internalPath that leaves', { internalPath: 'a/../..' }, 'ERR_INVALID_ARGUMENT'],
    ['an internalPath that is a number', { internalPath: 7 }, 'ERR_INVALID_ARGUMENT'],
    ['an array that a file of one array does not have', { internalPath: 'other' }, 'ERR_NOT_FOUND']
  ])('refuses %s', async (_, options, code) => {
    const { driver, opened } = madeUpDriver('x', { defaultInternalPath: 'data' })
    expect(await codeOf(openSource(await temporaryFile('a.x'), { context: contextOf(driver), ...options }))).toBe(code)
    expect(opened).toEqual([])
  })
  test.each<[string, unknown]>([
    ['an empty path', ''],
    ['a number', 7],
    ['null', null],
    ['an array', Uint8Array.of(1)],
    ['a URL that is none', 'http://']
  ])('refuses %s as a place', async (_, target) => {
    expect(await codeOf(openSource(target as string, { context: contextOf() }))).toBe('ERR_INVALID_ARGUMENT')
  })
  test('makes a SourceError with kind and path of whatever a backend throws, but leaves aborts', async () => {
    const failures: unknown[] = [new TypeError('a mistake'), new SourceError('ERR_CORRUPT_DATA', 'damaged'), 'text']
    const path = await temporaryFile('a.x')
    const failing = contextOf(madeUpDriver('x', {}, { open: async () => Promise.reject(failures.shift()) }))
    for (const code of ['ERR_IO', 'ERR_CORRUPT_DATA', 'ERR_IO']) {
      await expect(openSource(path, { context: failing })).rejects.toMatchObject({ name: 'SourceError', code, kind: 'x', path })
    }
    const reason = new Error('no longer wanted')
    failures.push(reason)
    await expect(openSource(path, { context: failing, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

/** A container whose arrays lie below it: one is chosen, or the failure lists them. */
function container(): MadeUpDriver & { readonly listed: ListRequest[] } {
  const listed: ListRequest[] = []
  const info = { shape: [3], dtype: 'uint8', chunks: null, shards: null, codecs: [], metadata: {} }
  const made = madeUpDriver(
    'tree',
    { layout: 'container', extensions: ['.tree'], sniff: { markers: ['root'] } },
    {
      async open({ location, internalPath }) {
        if (internalPath === undefined) throw new SourceError('ERR_ARRAY_NOT_CHOSEN', 'choose one of "a", "b"')
        const bytes = await location.store.get(internalPath)
        if (bytes === undefined) throw new SourceError('ERR_NOT_FOUND', `no array ${internalPath}`)
        return arraySource(bytes)
      },
      async list(request) {
        listed.push(request)
        return ['a', 'b'].map((internalPath) => ({ internalPath, ...info }))
      }
    }
  )
  return { ...made, listed }
}

describe('containers', () => {
  const zip = makeZip(['root', 'a', 'c/d'].map((name) => ({ name, data: new TextEncoder().encode(name) })))
  test('need the array to be chosen', async () => {
    const context = contextOf(container())
    const store = memoryStore([['a', Uint8Array.of(5)]])
    expect(await codeOf(openSource(store, { format: 'tree', context }))).toBe('ERR_ARRAY_NOT_CHOSEN')
    expect(await (await openSource(store, { format: 'tree', context, internalPath: './a/' })).get([0])).toBe(5)
    expect(await codeOf(openSource(store, { format: 'tree', context, internalPath: 'z' }))).toBe('ERR_NOT_FOUND')
  })
  test.each(['x.zip', 'x.tree.zip', 'x.ozx', 'x'])('in a zip file named %s are opened like folders', async (name) => {
    const context = contextOf(container())
    const source = await openSource(await temporaryFile(name, zip), { context, internalPath: 'c/d', format: 'tree' })
    expect(source.shape).toEqual([3])
    const found = await openSource(new File([zip], name), { context, internalPath: 'a' })
    expect(await found.get([0])).toBe(97)
  })
  test('whose zip file is cut are damaged, not absent', async () => {
    const path = await temporaryFile('x.zip', zip.subarray(0, zip.byteLength - 3))
    expect(await codeOf(openSource(path, { format: 'tree', context: contextOf(container()) }))).toBe('ERR_CORRUPT_DATA')
  })
  test('list their arrays, and files of one array that one', async () => {
    const tree = container()
    const { signal } = new AbortController()
    const store = memoryStore([['root', Uint8Array.of(1)]])
    const arrays = await listArrays(store, { context: contextOf(tree), signal, measure: true })
    expect(arrays.map(({ internalPath }) => internalPath)).toEqual(['a', 'b'])
    expect(tree.listed).toMatchObject([{ measure: true, internalPath: undefined, params: {} }])
    expect(tree.listed[0]?.signal).toBe(signal)

    const single = contextOf(madeUpDriver('x', { defaultInternalPath: 'data' }))
    const path = await temporaryFile('a.x', new Uint8Array(9))
    const expected = { internalPath: 'data', shape: [3], dtype: 'uint8', chunks: null, shards: null, codecs: [], metadata: {} }
    expect(await listArrays(path, { context: single })).toEqual([expected])
    expect(await listArrays(path, { context: single, measure: true })).toEqual([{ ...expected, storedBytes: 9 }])
    expect(await codeOf(listArrays(`${path}.missing.x`, { context: single }))).toBe('ERR_NOT_FOUND')
  })
})

describe('createSource', () => {
  const writer = (): { driver: SourceDriver; requests: CreateRequest[] } => {
    const requests: CreateRequest[] = []
    const create = async (request: CreateRequest) => {
      requests.push(request)
      return arraySource(new Uint8Array(request.shape.reduce((size, length) => size * length, 1)))
    }
    const options = { writable: true, schema: { level: 'integer' }, createSchema: { quality: 'number' } } as const
    return { driver: madeUpDriver('x', options, { create }).driver, requests }
  }
  test('gives the backend exactly what it was given', async () => {
    const { driver, requests } = writer()
    const given = {
      shape: [4, 6],
      dtype: 'uint8',
      chunks: [2, 3],
      fillValue: 7,
      attrs: { a: 1 },
      overwrite: true,
      internalPath: 'a/b/'
    } as const
    await createSource(join(await temporaryFolder(), 'new.X'), { ...given, level: 1, quality: 0.5, context: contextOf(driver) })
    await createSource(memoryStore(), { shape: [], dtype: 'bool', format: 'x', context: contextOf(driver) })
    expect(requests).toMatchObject([
      { ...given, internalPath: 'a/b', params: { level: 1, quality: 0.5 }, metadata: {} },
      { shape: [], dtype: 'bool', chunks: undefined, shards: undefined, fillValue: undefined, overwrite: false, attrs: {}, params: {} }
    ])
  })
  test.each<[string, Record<string, unknown>, string]>([
    ['a shape that is a number', { shape: 4 }, 'ERR_INVALID_ARGUMENT'],
    ['a negative length', { shape: [4, -1] }, 'ERR_INVALID_ARGUMENT'],
    ['a fraction', { shape: [1.5, 6] }, 'ERR_INVALID_ARGUMENT'],
    ['a length that is a bigint', { shape: [4n, 6] }, 'ERR_INVALID_ARGUMENT'],
    ['a length that no number holds', { shape: [2 ** 53, 6] }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown dtype', { dtype: 'uint24' }, 'ERR_INVALID_ARGUMENT'],
    ['a dtype that is a bigint', { dtype: 1n }, 'ERR_INVALID_ARGUMENT'],
    ['empty chunks', { chunks: [2, 0] }, 'ERR_INVALID_ARGUMENT'],
    ['chunks of another rank', { chunks: [2] }, 'ERR_INVALID_ARGUMENT'],
    ['shards of another rank', { shards: [2, 3, 4] }, 'ERR_INVALID_ARGUMENT'],
    ['attributes that are no object', { attrs: [1] }, 'ERR_INVALID_ARGUMENT'],
    ['attributes that are a class', { attrs: new Map() }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown option', { qality: 1 }, 'ERR_INVALID_ARGUMENT'],
    ['an option of another type', { quality: 'high' }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown format', { format: 'y' }, 'ERR_UNKNOWN_KIND'],
    ['an internalPath that leaves', { internalPath: '..' }, 'ERR_INVALID_ARGUMENT']
  ])('refuses %s before the backend is asked, and leaves nothing behind', async (_, changes, code) => {
    const { driver, requests } = writer()
    const folder = await temporaryFolder()
    const options = { shape: [4, 6], dtype: 'uint8', context: contextOf(driver), ...changes } as const
    expect(await codeOf(createSource(join(folder, 'new.x'), options as Parameters<typeof createSource>[1]))).toBe(code)
    expect(requests).toEqual([])
    for await (const entry of fileSystemStore(folder).list?.('') ?? []) expect.unreachable(`there is ${entry.name}`)
  })
  test('needs a format that is known, that is written, and a place that is writable', async () => {
    const array = { shape: [4], dtype: 'uint8' } as const
    const { driver } = writer()
    const context = contextOf(driver, madeUpDriver('reads'))
    const folder = await temporaryFolder()
    expect(await messageOf(createSource(join(folder, 'a.unknown'), { ...array, context }))).toMatch(/^ERR_UNKNOWN_FORMAT: .*writable: x\)/)
    expect(await codeOf(createSource(join(folder, 'a.reads'), { ...array, context }))).toBe('ERR_READ_ONLY')
    expect(await codeOf(createSource('http://127.0.0.1:1/a.x', { ...array, context }))).toBe('ERR_READ_ONLY')
    expect(await codeOf(createSource(new File([], 'a.x'), { ...array, context }))).toBe('ERR_READ_ONLY')
  })
})

describe('asSource', () => {
  test('gives a source back as it is, also one of a stranger', async () => {
    const source = arraySource(Uint8Array.of(1))
    expect(await asSource(source)).toBe(source)
  })
  test('takes arrays without copying them', async () => {
    const data = Uint16Array.of(1, 2, 3, 4, 5, 6)
    const bare = await asSource(data)
    const shaped = await asSource(ndarray(data, [2, 3]))
    expect([bare.shape, shaped.shape, shaped.dtype]).toEqual([[6], [2, 3], 'uint16'])
    await shaped.set([1, 2], 60)
    expect(data[5]).toBe(60)
    expect(await bare.get([5])).toBe(60)
  })
  test.each(['/data/x.zarr', 'https://example.org/x.zarr', ''])('refuses the path %j and says what opens it', async (path) => {
    const message = await messageOf(asSource(path as unknown as object))
    expect(message).toBe(`ERR_INVALID_ARGUMENT: asSource takes live arrays; open a path with openSource(${JSON.stringify(path)})`)
    if (path.includes(':')) expect(await messageOf(asSource(new URL(path)))).toBe(message)
  })
  test('takes the live handles of backends, before anything else', async () => {
    const wrapped: unknown[] = []
    const { driver } = madeUpDriver(
      'x',
      { accepts: (handle) => handle instanceof Uint8Array && handle.length === 2 },
      {
        wrap: async (handle) => {
          wrapped.push(handle)
          return arraySource(Uint8Array.of(7))
        }
      }
    )
    const context = contextOf(madeUpDriver('other', { accepts: () => false }), driver)
    const handle = Uint8Array.of(1, 2)
    expect(await (await asSource(handle, context)).get([0])).toBe(7)
    expect(await (await asSource(Uint8Array.of(1), context)).get([0])).toBe(1)
    expect(wrapped).toEqual([handle])
  })
  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['a plain list', [1, 2]],
    ['an ArrayBuffer', new ArrayBuffer(4)],
    ['a DataView', new DataView(new ArrayBuffer(4))],
    ['a Blob', new Blob(['x'])],
    ['a store', memoryStore() satisfies Store],
    ['an object', { shape: [1], data: [1] }]
  ])('refuses %s and names the backends that take handles', async (_, value) => {
    const context = contextOf(madeUpDriver('x', { accepts: () => false }))
    const message = await messageOf(asSource(value as object, context))
    expect(message).toMatch(/^ERR_INVALID_ARGUMENT: cannot make a source of \w+; .*@made-up\/x$/)
  })
})
