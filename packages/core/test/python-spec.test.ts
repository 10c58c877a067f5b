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
    const kinds = ['zarr', 'n5', 'hdf5', 'mrc', 'nifti', 'stack', 'knossos', 'msr', 'cloudvolume', 'webknossos', 'wrapper']
    for (const kind of kinds) {
      for (const mode of ['r', 'r+'] as const) {
        const spec: SpecBase = { kind, path: '/x', internalPath: 'a', params: { mode, someOption: [1] }, wrapped: { kind, path: '/y' } }
        const back = fromPythonSpec(JSON.parse(JSON.stringify(toPythonSpec(spec))))
        const sameMode = kind !== 'cloudvolume' && kind !== 'webknossos' && kind !== 'wrapper'
        // Python folds a folder of slices and KNOSSOS into one format.
        expect(back.kind).toBe(kind === 'knossos' ? 'stack' : kind)
        expect(back).toMatchObject({ path: '/x', internalPath: 'a', params: { someOption: [1], ...(sameMode && { mode }) } })
      }
    }
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
