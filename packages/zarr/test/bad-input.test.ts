import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createSource,
  type ErrorCode,
  fromSpec,
  type JsonObject,
  listArrays,
  memoryStore,
  openSource,
  type Source,
  slice
} from '@bioimage/core'
import { folderContent, memoryOf } from '@bioimage/testing'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import '@bioimage/zarr'

/** So much memory may be taken before bad input is refused; what the inputs here announce is far more. */
const fewBytes = 64 << 20
const folder = mkdtempSync(join(tmpdir(), 'bioimage-zarr-bad-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string): string => join(folder, name)
const text = (content: string): Uint8Array => new TextEncoder().encode(content)
let count = 0

type Edit = (bytes: Uint8Array) => Uint8Array

/** A copy of a fixture in which one file is another. */
function damaged(fixture: string, file: string, edit: Edit): string {
  const copy = path(`${count++}-${fixture}`)
  cpSync(fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), copy, { recursive: true })
  writeFileSync(join(copy, file), edit(new Uint8Array(readFileSync(join(copy, file)))))
  return copy
}

/** Replaces members of a metadata document. */
const members =
  (changes: JsonObject): Edit =>
  (bytes) =>
    text(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(bytes)), ...changes }))
const grid = (chunks: readonly number[]): JsonObject => ({ chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } } })
const v3 = (changes: JsonObject): string => damaged('v3-gzip.zarr', 'zarr.json', members(changes))
const v2 = (changes: JsonObject): string => damaged('v2-blosc.zarr', '.zarray', members(changes))
const document = (content: string): string => damaged('v3-gzip.zarr', 'zarr.json', () => text(content))
const cut: Edit = (bytes) => bytes.subarray(0, bytes.byteLength - 5)
const flipped =
  (at: number): Edit =>
  (bytes) =>
    bytes.with(at < 0 ? bytes.byteLength + at : at, (bytes.at(at) ?? 0) ^ 0x55)
const first = 'c/0/0/0'

const good = damaged('v3-gzip.zarr', 'zarr.json', (bytes) => bytes)
const zip = readFileSync(new URL('fixtures/v3-sharded.zarr.zip', import.meta.url))
writeFileSync(path('cut.zarr.zip'), zip.subarray(0, zip.byteLength - 30))
writeFileSync(path('noise.zarr'), zip.subarray(1000))
writeFileSync(path('unknown.extension'), new Uint8Array(2000))
mkdirSync(path('empty.zarr'))
const sparse = { chunk_grid: { name: 'regular', configuration: { chunk_shape: [1, 1024, 1024] } } }
const group = path('group.zarr')
mkdirSync(group)
writeFileSync(join(group, 'zarr.json'), '{"zarr_format":3,"node_type":"group"}')

const read = async (place: string): Promise<unknown> => (await openSource(place, { context: { cache: false } })).get('...')
const spec = (changes: object): unknown => ({ kind: 'zarr', path: good, ...changes })
const opened = (mode: 'r' | 'r+'): Promise<Source> => openSource(good, { mode })
const created = (options: object, place: string = path('new.zarr')): Promise<Source> =>
  createSource(place, { shape: [4, 4], dtype: 'uint8', ...options })

const cases: readonly (readonly [what: string, code: ErrorCode, work: () => Promise<unknown>])[] = [
  ['an unknown kind', 'ERR_UNKNOWN_KIND', () => openSource(good, { format: 'zar' })],
  ['an unknown extension', 'ERR_UNKNOWN_FORMAT', () => openSource(path('unknown.extension'))],
  ['a folder that is missing', 'ERR_NOT_FOUND', () => openSource(path('missing.zarr'))],
  ['an empty folder', 'ERR_NOT_FOUND', () => openSource(path('empty.zarr'))],
  ['a file for a folder', 'ERR_NOT_FOUND', () => openSource(path('noise.zarr'))],
  ['a zip file that is cut', 'ERR_CORRUPT_DATA', () => openSource(path('cut.zarr.zip'))],
  ['an array that is not in it', 'ERR_NOT_FOUND', () => openSource(good, { internalPath: 'other' })],
  ['an array outside', 'ERR_INVALID_ARGUMENT', () => openSource(good, { internalPath: '../other' })],
  ['an array of a group that is not chosen', 'ERR_ARRAY_NOT_CHOSEN', () => openSource(group)],
  ['listing what is not there', 'ERR_NOT_FOUND', () => listArrays(path('missing.zarr'))],

  ['metadata of nothing', 'ERR_CORRUPT_DATA', () => read(document(''))],
  ['metadata that are cut', 'ERR_CORRUPT_DATA', () => read(damaged('v3-gzip.zarr', 'zarr.json', cut))],
  ['metadata of v2 that are cut', 'ERR_CORRUPT_DATA', () => read(damaged('v2-blosc.zarr', '.zarray', cut))],
  ['metadata that are a web page', 'ERR_CORRUPT_DATA', () => read(document('<html>Please log in</html>'))],
  ['metadata that are a list', 'ERR_CORRUPT_DATA', () => read(document('[]'))],
  ['metadata that are null', 'ERR_CORRUPT_DATA', () => read(document('null'))],
  [
    'metadata that nest a hundred thousand levels deep',
    'ERR_CORRUPT_DATA',
    () => read(document(`{"zarr_format":3,"node_type":"array","attributes":${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}}`))
  ],
  ['a version of the future', 'ERR_UNSUPPORTED', () => read(v3({ zarr_format: 4 }))],
  ['a node that is neither array nor group', 'ERR_CORRUPT_DATA', () => read(v3({ node_type: 'table' }))],
  ['a shape that is text', 'ERR_CORRUPT_DATA', () => read(v3({ shape: '6' }))],
  ['a negative shape', 'ERR_CORRUPT_DATA', () => read(v3({ shape: [6, -7, 8] }))],
  ['a fractional shape', 'ERR_CORRUPT_DATA', () => read(v2({ shape: [6, 7.5, 8] }))],
  ['chunks of another rank', 'ERR_CORRUPT_DATA', () => read(v3(grid([4, 3])))],
  ['empty chunks', 'ERR_CORRUPT_DATA', () => read(v2({ chunks: [4, 0, 5] }))],
  ['a type that there is not', 'ERR_UNSUPPORTED', () => read(v3({ data_type: 'uint24' }))],
  ['a type of objects', 'ERR_UNSUPPORTED', () => read(v2({ dtype: '|O' }))],
  [
    'a codec that there is not',
    'ERR_UNSUPPORTED',
    () => read(v3({ codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'pied_piper' }] }))
  ],
  ['a codec that is a number', 'ERR_CORRUPT_DATA', () => read(v3({ codecs: [7] }))],
  ['no codecs', 'ERR_CORRUPT_DATA', () => read(v3({ codecs: [] }))],
  ['a fill value of another type', 'ERR_CORRUPT_DATA', () => read(v3({ fill_value: 'seven' }))],
  ['a member that must be understood', 'ERR_UNSUPPORTED', () => read(v3({ novelty: {} }))],
  ['an unknown grid', 'ERR_UNSUPPORTED', () => read(v3({ chunk_grid: { name: 'irregular', configuration: {} } }))],

  ['a shape of exabytes, read whole', 'ERR_TOO_LARGE', () => read(v3({ shape: [2 ** 30, 2 ** 30, 2 ** 20] }))],
  ['a shape of terabytes, read whole', 'ERR_TOO_LARGE', () => read(v3({ shape: [2 ** 20, 2 ** 10, 2 ** 10], ...sparse }))],
  ['chunks of terabytes', 'ERR_CORRUPT_DATA', () => read(v3({ shape: [2 ** 40], dimension_names: null, ...grid([2 ** 40]) }))],
  [
    'a chunk of gigabytes that is stored in few',
    'ERR_CORRUPT_DATA',
    async () => {
      const source = await openSource(v3({ shape: [1024, 1024, 512], ...grid([1024, 1024, 512]) }))
      await source.get([0, 0, 0])
    }
  ],

  ['a chunk that is cut, gzip', 'ERR_CORRUPT_DATA', () => read(damaged('v3-gzip.zarr', first, cut))],
  ['a chunk that is empty, gzip', 'ERR_CORRUPT_DATA', () => read(damaged('v3-gzip.zarr', first, () => new Uint8Array(0)))],
  ['a chunk with a wrong checksum, gzip', 'ERR_CORRUPT_DATA', () => read(damaged('v3-gzip.zarr', first, flipped(-6)))],
  ['a chunk of noise, gzip', 'ERR_CORRUPT_DATA', () => read(damaged('v3-gzip.zarr', first, () => zip.subarray(100, 300)))],
  ['a chunk that is cut, zstd', 'ERR_CORRUPT_DATA', () => read(damaged('v2-blosc.zarr', '0/0/0', cut))],
  ['a chunk with a wrong header, blosc', 'ERR_CORRUPT_DATA', () => read(damaged('v3-blosc-zstd.zarr', first, flipped(5)))],
  ['a chunk that is cut, blosc', 'ERR_CORRUPT_DATA', () => read(damaged('v3-blosc-zstd.zarr', first, cut))],
  ['a raw chunk that is cut', 'ERR_CORRUPT_DATA', () => read(damaged('v3-raw.zarr', first, cut))],
  [
    'a raw chunk that is cut, of which a row is read',
    'ERR_CORRUPT_DATA',
    async () => (await openSource(damaged('v3-raw.zarr', first, cut))).get([0, 0])
  ],
  ['a raw chunk that is longer', 'ERR_CORRUPT_DATA', () => read(damaged('v3-raw.zarr', first, (bytes) => Uint8Array.of(...bytes, 0)))],
  ['a shard that is cut', 'ERR_CORRUPT_DATA', () => read(damaged('v3-sharded.zarr', first, cut))],
  ['a shard that is empty', 'ERR_CORRUPT_DATA', () => read(damaged('v3-sharded.zarr', first, () => new Uint8Array(0)))],
  ['a shard whose index has a wrong checksum', 'ERR_CORRUPT_DATA', () => read(damaged('v3-sharded.zarr', first, flipped(-8)))],
  [
    'a chunk of noise in a shard',
    'ERR_CORRUPT_DATA',
    () => read(damaged('v3-sharded.zarr', first, (bytes) => flipped(1)(flipped(0)(bytes))))
  ],
  [
    'writing a part of a damaged chunk',
    'ERR_CORRUPT_DATA',
    async () => (await openSource(damaged('v3-gzip.zarr', first, cut), { mode: 'r+' })).set([0, 0, 0], 1)
  ],
  [
    'writing a part of a damaged shard',
    'ERR_CORRUPT_DATA',
    async () => (await openSource(damaged('v3-sharded.zarr', first, cut), { mode: 'r+' })).set([0, 0, 0], 1)
  ],

  ['an index out of range', 'ERR_INVALID_INDEX', async () => (await opened('r')).get([6])],
  ['an index of too many axes', 'ERR_INVALID_INDEX', async () => (await opened('r')).get([0, 0, 0, 0])],
  ['memory of another dtype', 'ERR_DTYPE_MISMATCH', async () => (await opened('r')).get('...', { out: new Float32Array(336) })],
  ['memory of another size', 'ERR_SHAPE_MISMATCH', async () => (await opened('r')).get('...', { out: new Uint16Array(335) })],
  ['writing what is open for reading', 'ERR_READ_ONLY', async () => (await opened('r')).set('...', 1)],
  ['a value of another dtype', 'ERR_DTYPE_MISMATCH', async () => (await opened('r+')).set('...', new Int32Array(336))],
  ['a value that does not fit', 'ERR_DTYPE_MISMATCH', async () => (await opened('r+')).set('...', 65536)],
  ['a value of another shape', 'ERR_SHAPE_MISMATCH', async () => (await opened('r+')).set([0], new Uint16Array(55))],
  ['writing out of range', 'ERR_INVALID_INDEX', async () => (await opened('r+')).set([6], 1)],
  ['writing in steps', 'ERR_INVALID_INDEX', async () => (await opened('r+')).set([slice(0, 6, 2)], 1)],

  ['creating over an array', 'ERR_ALREADY_EXISTS', () => created({}, good)],
  ['creating over a file', 'ERR_ALREADY_EXISTS', () => created({}, path('noise.zarr'))],
  ['creating over a file that is to be replaced', 'ERR_ALREADY_EXISTS', () => created({ overwrite: true }, path('noise.zarr'))],
  ['creating below a file', 'ERR_ALREADY_EXISTS', () => created({}, path('noise.zarr/folder/new.zarr'))],
  ['creating inside an array', 'ERR_INVALID_ARGUMENT', () => created({ internalPath: 'inside' }, good)],
  ['creating with a codec that there is not', 'ERR_UNSUPPORTED', () => created({ codecs: [{ id: 'pied_piper' }] })],
  ['creating with codecs that are text', 'ERR_INVALID_ARGUMENT', () => created({ codecs: 'gzip' })],
  ['creating with shards that are no whole chunks', 'ERR_INVALID_ARGUMENT', () => created({ chunks: [2, 2], shards: [4, 3] })],
  ['creating shards of v2', 'ERR_UNSUPPORTED', () => created({ zarrVersion: 2, chunks: [2, 2], shards: [4, 4] })],
  ['creating a version that there is not', 'ERR_INVALID_ARGUMENT', () => created({ zarrVersion: 4 })],
  ['creating with a fill value that does not fit', 'ERR_INVALID_ARGUMENT', () => created({ fillValue: 256 })],

  ['a spec with an option', 'ERR_INVALID_SPEC', () => fromSpec(spec({ params: { codecs: [] } }))],
  ['a spec with a field', 'ERR_INVALID_SPEC', () => fromSpec(spec({ token: 'x' }))],
  ['a spec with a prototype', 'ERR_INVALID_SPEC', () => fromSpec(JSON.parse('{"kind":"zarr","path":"x","__proto__":{"mode":"a"}}'))],
  ['a spec with a NUL', 'ERR_INVALID_SPEC', () => fromSpec(spec({ internalPath: 'a\0' }))],
  ['a spec that leaves the container', 'ERR_INVALID_ARGUMENT', () => fromSpec(spec({ internalPath: 'a/../../b' }))],
  ['a spec of an array named like a prototype', 'ERR_NOT_FOUND', () => fromSpec(spec({ internalPath: '__proto__' }))],
  ['a spec of another place', 'ERR_NOT_FOUND', () => fromSpec(spec({ path: path('elsewhere.zarr') }))],
  ['a store with nothing in it', 'ERR_NOT_FOUND', () => openSource(memoryStore(), { format: 'zarr' })]
]

describe('bad input gives its error at once, takes little memory and leaves every file as it is', () => {
  it.each(cases)('%s: %s', async (_, code, work) => {
    // Inputs are made before, by the case itself: what it adds is not what it changes.
    const before = folderContent(folder)
    const { error, bytes } = await memoryOf(work)
    expect(error).toMatchObject({ name: 'SourceError', code })
    expect(bytes).toBeLessThan(fewBytes)
    const after = folderContent(folder)
    expect(Object.fromEntries(Object.keys(before).map((name) => [name, after[name]]))).toEqual(before)
    expect(Object.keys(after).filter((name) => name.includes('.tmp') || name.includes('new.zarr'))).toEqual([])
  })
})

describe('metadata of 3 GiB', () => {
  it.each(['zarr.json', '.zarray'])('in %s are refused before they are read', async (name) => {
    const vast = mkdtempSync(join(tmpdir(), 'bioimage-zarr-vast-'))
    onTestFinished(() => rmSync(vast, { recursive: true, force: true }))
    writeFileSync(join(vast, name), '{')
    truncateSync(join(vast, name), 3 * 2 ** 30)
    const { error, bytes } = await memoryOf(() => openSource(vast, { format: 'zarr' }))
    expect(error).toMatchObject({ code: 'ERR_TOO_LARGE', message: expect.stringContaining('3221225472 bytes') })
    expect(bytes).toBeLessThan(fewBytes)
  })
})

describe('damage in one chunk', () => {
  it('leaves the others readable', async () => {
    const source = await openSource(damaged('v3-gzip.zarr', first, cut))
    expect(await source.get([5, 6, 7])).toBe((335 * 7919) % 65536)
    await expect(source.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA', kind: 'zarr' })
  })
  it('is never read as anything else, whichever byte it is', async () => {
    for (const fixture of ['v3-gzip.zarr', 'v3-sharded.zarr'] as const) {
      const bytes = new Uint8Array(readFileSync(new URL(`fixtures/${fixture}/${first}`, import.meta.url)))
      const metadata = new Uint8Array(readFileSync(new URL(`fixtures/${fixture}/zarr.json`, import.meta.url)))
      for (let length = 0; length < bytes.byteLength; length += 3) {
        const store = memoryStore([
          ['zarr.json', metadata],
          [first, bytes.subarray(0, length)]
        ])
        const source = await openSource(store, { format: 'zarr', context: { cache: false } })
        await expect(source.get([slice(0, 4), slice(0, 3), slice(0, 4)])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
      }
    }
  })
})
