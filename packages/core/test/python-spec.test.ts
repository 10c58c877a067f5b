import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createRegistry,
  fromPythonSpec,
  fromSpec,
  isPythonSpec,
  type JsonObject,
  parseSpec,
  type SpecBase,
  toPythonSpec
} from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { madeUpDriver } from './helpers/made-up-driver.js'
import { temporaryFile } from './helpers/temporary-folder.js'

/** What `json.dumps(dataclasses.asdict(spec))` gives: all five fields, in this order. */
const python = (fields: JsonObject): JsonObject => ({ kind: null, path: null, internal_path: null, params: {}, wrapped: null, ...fields })

describe('specs of both packages', () => {
  test.each<[string, JsonObject, SpecBase]>([
    [
      'a file that has a format',
      python({ kind: 'file', path: '/x.h5', internal_path: 'a/b', params: { format: 'hdf5', mode: 'r' } }),
      { kind: 'hdf5', path: '/x.h5', internalPath: 'a/b', params: { mode: 'r' } }
    ],
    [
      'a Zarr array that is read',
      python({ kind: 'file', path: '/x.zarr', internal_path: 's0', params: { format: 'zarr', mode: 'r' } }),
      { kind: 'zarr', path: '/x.zarr', internalPath: 's0', params: { mode: 'r' } }
    ],
    [
      'a live Zarr array, which Python opens for writing',
      python({ kind: 'zarr', path: '/x.zarr', internal_path: 's0' }),
      { kind: 'zarr', path: '/x.zarr', internalPath: 's0', params: { mode: 'r+' } }
    ],
    [
      'a live array of z5py',
      python({ kind: 'z5py', path: '/x.n5', internal_path: 's0' }),
      { kind: 'n5', path: '/x.n5', internalPath: 's0', params: { mode: 'r+' } }
    ],
    [
      'a folder of slices',
      python({ kind: 'file', path: '/slices', internal_path: '*.tif', params: { format: 'folder', mode: 'r' } }),
      { kind: 'stack', path: '/slices', internalPath: '*.tif', params: { mode: 'r' } }
    ],
    [
      'a layer with options',
      python({ kind: 'cloudvolume', path: 'gs://x/y', params: { mip: 1, fill_missing: true, bounded_2d: [1] } }),
      { kind: 'cloudvolume', path: 'gs://x/y', params: { mip: 1, fillMissing: true, bounded2d: [1] } }
    ],
    [
      'a layer whose place is an option, beside options that are not given',
      python({ kind: 'webknossos', params: { dataset_name_or_url: 'https://x/datasets/y', organization_id: null, mag: 2 } }),
      { kind: 'webknossos', path: 'https://x/datasets/y', params: { mag: 2 } }
    ]
  ])('%s', (_, theirs, ours) => {
    expect(isPythonSpec(theirs)).toBe(true)
    expect(fromPythonSpec(theirs)).toEqual(ours)
  })
  test.each<[string, SpecBase, JsonObject]>([
    [
      'webknossos',
      { kind: 'webknossos', path: 'https://x/datasets/y', params: { layerName: 'color', mag: 2 } },
      python({ kind: 'webknossos', params: { layer_name: 'color', mag: 2, dataset_name_or_url: 'https://x/datasets/y' } })
    ],
    [
      'hdf5',
      { kind: 'hdf5', path: '/x.h5', internalPath: 'a/b' },
      python({ kind: 'file', path: '/x.h5', internal_path: 'a/b', params: { format: 'hdf5', mode: 'r' } })
    ],
    ['mrc', { kind: 'mrc', path: '/x.mrc' }, python({ kind: 'file', path: '/x.mrc', params: { format: 'mrc', mode: 'r' } })],
    [
      'a Zarr array that stays read-only',
      { kind: 'zarr', path: '/x.zarr', internalPath: 's0' },
      python({ kind: 'file', path: '/x.zarr', internal_path: 's0', params: { format: 'zarr', mode: 'r' } })
    ],
    [
      'a Zarr array that is written',
      { kind: 'zarr', path: '/x.zarr', internalPath: 's0', params: { mode: 'r+' } },
      python({ kind: 'zarr', path: '/x.zarr', internal_path: 's0' })
    ],
    ['n5 that is written', { kind: 'n5', path: '/x.n5', params: { mode: 'a' } }, python({ kind: 'z5py', path: '/x.n5' })],
    [
      'n5 that stays read-only',
      { kind: 'n5', path: '/x.n5' },
      python({ kind: 'file', path: '/x.n5', params: { format: 'n5', mode: 'r' } })
    ],
    ['a stack', { kind: 'stack', path: '/s' }, python({ kind: 'file', path: '/s', params: { format: 'folder', mode: 'r' } })],
    [
      'options',
      { kind: 'cloudvolume', path: 'gs://x/y', params: { mip: 1, fillMissing: true } },
      python({ kind: 'cloudvolume', path: 'gs://x/y', params: { mip: 1, fill_missing: true } })
    ],
    [
      'a wrapper',
      { kind: 'wrapper', params: { roiSize: [1, 2] }, wrapped: { kind: 'mrc', path: '/x.mrc' } },
      python({
        kind: 'wrapper',
        params: { roi_size: [1, 2] },
        wrapped: python({ kind: 'file', path: '/x.mrc', params: { format: 'mrc', mode: 'r' } })
      })
    ]
  ])('ours in their form: %s', (_, ours, theirs) => {
    expect(toPythonSpec(ours)).toEqual(theirs)
    expect(JSON.parse(JSON.stringify(toPythonSpec(ours)))).toEqual(theirs)
  })
  test('come back from there and open the same', () => {
    const kinds = ['zarr', 'n5', 'hdf5', 'mrc', 'nifti', 'tif', 'stack', 'knossos', 'msr', 'cloudvolume', 'webknossos', 'wrapper']
    // Python has one format for these three: their places tell them apart.
    const places: Readonly<Record<string, Pick<SpecBase, 'path' | 'internalPath'>>> = {
      tif: { path: '/x/y.ome.TIF', internalPath: '0/1' },
      knossos: { path: '/x', internalPath: 'mag2' },
      stack: { path: '/x', internalPath: '*.tif' }
    }
    for (const kind of kinds) {
      for (const mode of ['r', 'r+'] as const) {
        const place = places[kind] ?? { path: '/x', internalPath: 'a' }
        const spec: SpecBase = { kind, ...place, params: { mode, someOption: [1] }, wrapped: { kind, ...place } }
        const back = fromPythonSpec(JSON.parse(JSON.stringify(toPythonSpec(spec))))
        const sameMode = kind !== 'cloudvolume' && kind !== 'webknossos' && kind !== 'wrapper'
        expect(back.kind).toBe(kind)
        expect(back).toMatchObject({ ...place, params: { someOption: [1], ...(sameMode && { mode }) }, wrapped: { kind, ...place } })
      }
    }
  })
  test.each<[string, string, string | null, string]>([
    ['a TIFF file', '/x/a.tif', '', 'tif'],
    ['a TIFF file by URL', 'https://x/a.btf?part=1', null, 'tif'],
    ['a local name with a question mark', '/x/a.tif?', null, 'stack'],
    ['a folder named as a TIFF file', '/x/a.tif', '*.png', 'stack'],
    ['a magnification', '/x', 'mag1', 'knossos'],
    ['a magnification with a prefix', '/x', 'e_mag16', 'knossos'],
    ['the configuration of a KNOSSOS data set', '/x/e.k.toml', null, 'knossos'],
    ['a folder without a pattern', '/x', null, 'stack']
  ])('a folder of Python by its names: %s', (_, path, internalPath, kind) => {
    expect(fromPythonSpec(python({ kind: 'file', path, internal_path: internalPath, params: { format: 'folder' } })).kind).toBe(kind)
  })
})

describe('what is not such a spec', () => {
  test('ours are not taken for theirs', () => {
    for (const spec of [{ kind: 'zarr', path: '/x' }, { kind: 'zarr', internalPath: 'x' }, {}, null, 'x', [], 7]) {
      expect(isPythonSpec(spec)).toBe(false)
    }
  })
  const deep = `${'{"kind":"wrapper","internal_path":null,"wrapped":'.repeat(50_000)}null${'}'.repeat(50_000)}`
  test.each<[string, unknown]>([
    ['no object', null],
    ['a list', []],
    ['no kind', { internal_path: 'x' }],
    ['a kind that is a number', { kind: 7, internal_path: 'x' }],
    ['a file without a format', { kind: 'file', path: '/x' }],
    ['a file whose format is a list', { kind: 'file', path: '/x', params: { format: ['hdf5'] } }],
    ['params that are a list', { kind: 'file', params: [] }],
    ['params that are text', { kind: 'zarr', internal_path: 'x', params: 'mode' }],
    ['a wrapped spec that is text', { kind: 'wrapper', internal_path: null, wrapped: 'x' }],
    ['too many levels', JSON.parse(deep)]
  ])('%s', async (_, value) => {
    expect(await codeOf(() => fromPythonSpec(value))).toBe('ERR_INVALID_SPEC')
  })
  test('what it does not know is left for parseSpec to refuse', async () => {
    const registry = createRegistry([madeUpDriver('zarr').driver])
    const bad = [
      { kind: 'zarr', internal_path: null, token: 'x' },
      { kind: 'zarr', internal_path: 7 },
      { kind: 'zarr', internal_path: null, params: { no_such_option: 1 } },
      JSON.parse('{"kind":"zarr","internal_path":null,"__proto__":{"x":1}}'),
      JSON.parse('{"kind":"zarr","internal_path":null,"params":{"__proto__":{"level":1}}}')
    ]
    for (const value of bad) expect(await codeOf(() => parseSpec(fromPythonSpec(value), registry))).toBe('ERR_INVALID_SPEC')
    for (const kind of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(await codeOf(() => parseSpec(fromPythonSpec({ kind, internal_path: null }), registry))).toBe('ERR_UNKNOWN_KIND')
      expect(await codeOf(() => parseSpec(fromPythonSpec({ kind: 'file', params: { format: kind } }), registry))).toBe('ERR_UNKNOWN_KIND')
    }
  })
})

test('fromSpec opens them as they are', async () => {
  const { driver, opened } = madeUpDriver('hdf5', { layout: 'container', schema: { chunkCache: 'integer' }, writable: true })
  const path = await temporaryFile('x.h5')
  const theirs = python({ kind: 'file', path, internal_path: 'a/b', params: { format: 'hdf5', mode: 'r+', chunk_cache: 5 } })
  await fromSpec(theirs as unknown, { registry: createRegistry([driver]) })
  expect(opened).toMatchObject([{ internalPath: 'a/b', mode: 'r+', params: { chunkCache: 5 } }])
})

describe('fromSpec looks at what Python calls a folder', () => {
  const tif = () => madeUpDriver('tif', { extensions: ['.tif'], sniff: { prefixBytes: 2, test: ([first]) => first === 0x49 } })
  const folder = (path: string, internalPath: string | null = null): unknown =>
    python({ kind: 'file', path, internal_path: internalPath, params: { format: 'folder', mode: 'r' } })
  test.each(['t.tif', 'without-an-extension'])('a file %s, there and back', async (name) => {
    const { driver, opened } = tif()
    const context = { registry: createRegistry([driver]) }
    const path = await temporaryFile(name, Uint8Array.of(0x49, 0x49, 42, 0))
    const source = await fromSpec<SpecBase>({ kind: 'tif', path }, context)
    const again = await fromSpec(JSON.parse(JSON.stringify(toPythonSpec(source.toSpec()))), context)
    expect([again.toSpec(), opened.length]).toEqual([source.toSpec(), 2])
  })
  test('a folder that a backend knows by its files, also wrapped', async () => {
    const path = dirname(await temporaryFile('knossos.conf'))
    const { driver } = madeUpDriver('knossos', { layout: 'container', sniff: { markers: ['knossos.conf'] } }, { open: unopened })
    const wrapper = madeUpDriver('wrapper', {}, { fromSpec: async (spec) => Promise.reject(new Error(JSON.stringify(spec))) })
    const context = { registry: createRegistry([driver, wrapper.driver]) }
    await expect(fromSpec(folder(path, '1'), context)).rejects.toThrow('opened by knossos')
    const wrapped: unknown = python({ kind: 'wrapper', wrapped: python({ kind: 'file', path, params: { format: 'folder' } }) })
    await expect(fromSpec(wrapped, context)).rejects.toThrow('"wrapped":{"kind":"knossos"')
  })
  test('what no backend knows is a stack, what is not there is not found', async () => {
    const context = { registry: createRegistry([tif().driver]) }
    const path = await temporaryFile('other')
    expect(await codeOf(() => fromSpec(folder(path), context))).toBe('ERR_UNKNOWN_KIND')
    expect(await codeOf(() => fromSpec(folder(`${path}-none`), context))).toBe('ERR_NOT_FOUND')
  })
})

function unopened(): Promise<never> {
  return Promise.reject(new Error('opened by knossos'))
}
