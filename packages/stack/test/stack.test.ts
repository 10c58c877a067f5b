import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRegistry, fileSystemStore, listArrays, memoryStore, openSource, type Store, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { knossos } from '@bioimage/knossos'
import { stack } from '@bioimage/stack'
import { recordingStore } from '@bioimage/testing'
import { wkw } from '@bioimage/webknossos'
import { afterAll, describe, expect, it } from 'vitest'
import '@bioimage/tif'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const fixture = (name: string): string => join(fixtures, name)
const folder = mkdtempSync(join(tmpdir(), 'bioimage-stack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder of files with these contents. */
function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const path = mkdtempSync(join(folder, 'set-'))
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), bytes)
  }
  return path
}

const png = (at: number): Uint8Array => readFileSync(join(fixtures, 'png16', `s${at}.png`))
const firstValue = (at: number): number => (at * 56 * 197) % 65521

interface Expected {
  readonly files: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: string
  readonly sha256: string
}

const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(fixture('expected.json'), 'utf8'))

describe('slices are what tifffile and Pillow read', () => {
  it.each(Object.entries(expected))('%s', async (name, { files, shape, dtype, sha256 }) => {
    const [set = '', internalPath] = name.split('/')
    const source = await openSource(fixture(set), { format: 'stack', internalPath })
    expect([source.attrs.files, source.shape, source.dtype, source.chunks]).toEqual([files, shape, dtype, [1, ...shape.slice(1)]])
    expect(
      createHash('sha256')
        .update(bytesOf((await source.get()).data))
        .digest('hex')
    ).toBe(sha256)
    await source.close()
  })
})

describe('the slices of a folder', () => {
  it('are recognised, and must be named', async () => {
    await expect(openSource(fixture('colours'))).rejects.toMatchObject({
      code: 'ERR_ARRAY_NOT_CHOSEN',
      message: expect.stringContaining('"*.jpg", "*.png"')
    })
    expect((await openSource(fixture('png16'), { internalPath: 's[1-3].png' })).shape).toEqual([3, 7, 8])
  })
  it('are listed by their extensions', async () => {
    const infos = await listArrays(fixture('colours'), { measure: true })
    const sizeOf = (ending: string): number =>
      readdirSync(fixture('colours'))
        .filter((name) => name.endsWith(ending))
        .reduce((sum, name) => sum + readFileSync(join(fixtures, 'colours', name)).byteLength, 0)
    expect(infos.map(({ internalPath, shape, dtype, storedBytes }) => [internalPath, shape, dtype, storedBytes])).toEqual([
      ['*.jpg', [3, 5, 6, 3], 'uint8', sizeOf('.jpg')],
      ['*.png', [3, 5, 6, 3], 'uint8', sizeOf('.png')]
    ])
    expect((await listArrays(fixture('png16'), { internalPath: 's[12].png' })).map(({ shape }) => shape)).toEqual([[2, 7, 8]])
  })
  it('stand in the order of their names, or of their numbers on request', async () => {
    const path = folderOf({ 's10.png': png(0), 's2.png': png(1), 'S1.png': png(2), '.hidden.png': png(3), 's09.png': png(4) })
    expect((await openSource(path, { internalPath: '*.png' })).attrs.files).toEqual(['S1.png', 's09.png', 's10.png', 's2.png'])
    const natural = await openSource(path, { internalPath: 's*.png', sort: 'natural' })
    expect(natural.attrs.files).toEqual(['s2.png', 's09.png', 's10.png'])
    const given = await openSource(path, { files: ['s2.png', 'S1.png'] })
    expect([await given.get([0, 0, 0]), await given.get([1, 0, 0])]).toEqual([firstValue(1), firstValue(2)])
    expect(given.toSpec()).toEqual({ kind: 'stack', path, params: { files: ['s2.png', 'S1.png'] } })
  })
  it('may lie in a folder below', async () => {
    const path = folderOf({ 'raw/s0.png': png(1), 'raw/s1.png': png(2) })
    const source = await openSource(path, { format: 'stack', internalPath: 'raw/*.png' })
    expect([source.attrs.files, await source.get([1, 0, 0])]).toEqual([['raw/s0.png', 'raw/s1.png'], firstValue(2)])
    await expect(openSource(path, { format: 'stack', internalPath: '*/*.png' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
  it('are compared at opening on request', async () => {
    await expect(openSource(fixture('dtypes'), { internalPath: '*.tif', validate: true })).rejects.toThrow(
      /"s2.tif" is int8 \[4, 5\], "s0.tif" is uint8 \[4, 5\]/
    )
    const source = await openSource(fixture('dtypes'), { internalPath: '*.tif' })
    expect(await source.get([1, 0, 0])).toBe((20 * 197) % 256)
    await expect(source.get([2, 0, 0])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
  it('that are gone are an error, not zeros', async () => {
    const path = folderOf(Object.fromEntries([0, 1, 2].map((at) => [`s${at}.png`, png(at)])))
    const source = await openSource(path, { internalPath: '*.png', context: { cache: false } })
    await source.get([2])
    rmSync(join(path, 's1.png'))
    rmSync(join(path, 's2.png'))
    for (const at of [1, 2]) await expect(source.get([at])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(openSource(path, { internalPath: '*.tif' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
  it.each([
    [{ files: [] }, 'ERR_INVALID_ARGUMENT'],
    [{ files: ['s0.png'], internalPath: '*.png' }, 'ERR_INVALID_ARGUMENT'],
    [{ files: ['s0.png'], sort: 'natural' }, 'ERR_INVALID_ARGUMENT'],
    [{ files: ['../png1/s0.png'] }, 'ERR_INVALID_ARGUMENT'],
    [{ files: ['s0.png', 's0.gif'] }, 'ERR_UNSUPPORTED'],
    [{ files: ['other.png'] }, 'ERR_NOT_FOUND']
  ])('are named in one way: %j', async (options, code) => {
    await expect(openSource(fixture('png16'), { format: 'stack', validate: true, ...options })).rejects.toMatchObject({ code })
  })
  it('are more than stay open, and are read several at once', async () => {
    const path = folderOf(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`s${1000 + at}.png`, png(at % 6)])))
    const source = await openSource(path, { internalPath: '*.png' })
    const { data } = await source.get([slice(0, 200), 0, 0])
    expect(data).toEqual(Uint16Array.from({ length: 200 }, (_, at) => firstValue(at % 6)))
    await source.close()
  })
  it('are read no further than a region needs', async () => {
    const store = recordingStore(fileSystemStore(fixture('tif')))
    const source = await openSource(store, { format: 'stack', internalPath: '*.tif' })
    expect(new Set(store.requests.map(({ key }) => key).filter((key) => key.endsWith('.tif')))).toEqual(new Set(['s0.tif']))
    store.clear()
    expect(await source.get([4, 1, 2])).toBe(((4 * 56 + 10) * 197) % 65521)
    expect(new Set(store.requests.map(({ key }) => key))).toEqual(new Set(['s4.tif']))
  })
})

describe('TIFF slices', () => {
  it('need their package, which the error names', async () => {
    const registry = createRegistry()
    registry.register(stack)
    const opening = openSource(fixture('tif'), { internalPath: '*.tif', context: { registry } })
    await expect(opening).rejects.toMatchObject({ code: 'ERR_UNKNOWN_KIND', message: expect.stringContaining('@bioimage/tif') })
  })
  it('of several pages have axes of their own', async () => {
    const { metadata } = await openSource(fixture('imagej'), { internalPath: '*.tif' })
    expect(metadata.axes?.map(({ name }) => name)).toEqual(['index', 'z', 'y', 'x'])
  })
  it('may be mixed with others of the same shape and dtype', async () => {
    const path = folderOf({ 's0.png': png(0), 's1.tif': readFileSync(join(fixtures, 'tif', 's1.tif')) })
    const source = await openSource(path, { internalPath: 's?.*' })
    expect((await source.get()).data).toEqual(Uint16Array.from({ length: 112 }, (_, at) => (at * 197) % 65521))
  })
})

describe('a folder without an extension', () => {
  const registry = createRegistry()
  for (const driver of [stack, knossos, wkw]) registry.register(driver)
  const kindOf = async (path: string): Promise<string | undefined> =>
    openSource(path, { context: { registry } }).then(
      ({ kind }) => kind,
      (error) => error.kind ?? error.code
    )

  it('is told by its content', async () => {
    expect(await kindOf(fixture('png16'))).toBe('stack')
    const cubes = join(folder, 'cubes')
    cpSync(fileURLToPath(new URL('../../knossos/test/fixtures/plain', import.meta.url)), cubes, { recursive: true })
    expect(await kindOf(cubes)).toBe('knossos')
    // An image beside the magnifications, such as a preview, makes it no stack.
    writeFileSync(join(cubes, 'preview.png'), png(0))
    expect(await kindOf(cubes)).toBe('knossos')
    expect(await kindOf(folderOf({ 'header.wkw': 'none', 's.png': png(0) }))).toBe('wkw')
  })
  it('is not guessed', async () => {
    expect(await kindOf(folderOf({ 's0.png': png(0), 'below/s0.png': png(0) }))).toBe('ERR_UNKNOWN_FORMAT')
    expect(await kindOf(folderOf({ 'notes.txt': '' }))).toBe('ERR_UNKNOWN_FORMAT')
    expect(await kindOf(folderOf({ 's0.png': png(0), '.git/config': '' }))).toBe('stack')
  })
})

describe('a store', () => {
  it('in memory holds slices too', async () => {
    const store = memoryStore([
      ['a/0.png', png(0)],
      ['a/1.png', png(1)]
    ])
    const source = await openSource(store, { format: 'stack', internalPath: 'a/*.png' })
    expect(await source.get([1, 0, 0])).toBe(firstValue(1))
  })
  it('that cannot be listed needs the names', async () => {
    const { list: _, ...methods } = recordingStore(fileSystemStore(fixture('png16')))
    const store: Store = methods
    await expect(openSource(store, { format: 'stack', internalPath: '*.png' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    expect((await openSource(store, { format: 'stack', files: ['s0.png', 's1.png'] })).shape).toEqual([2, 7, 8])
  })
})
