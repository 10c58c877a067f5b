import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CodecSpec, createSource, fileSystemStore, memoryStore, ndarray, openSource, type Source, zipStore } from '@bioimage/core'
import { type TestCreateOptions, type TestedBackend, testBackend } from '@bioimage/testing'
import { zarr } from '@bioimage/zarr'
import { afterAll, describe, it } from 'vitest'

const shape = [6, 7, 8]
const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  shape
)
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-zarr-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const worker = { modules: [new URL('../dist/index.js', import.meta.url).href] }
const numeric = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float16',
  'float32',
  'float64',
  'complex64',
  'complex128'
] as const

let created = 0
const creation = (options: Readonly<Record<string, unknown>>, shards: boolean): Pick<TestedBackend, 'create' | 'creation'> => ({
  create: (asked: TestCreateOptions): Promise<Source> =>
    createSource(join(folder, `${created++}.zarr`), { format: 'zarr', ...options, ...asked }),
  creation: { dtypes: numeric, chunks: true, shards, fillValue: true, shapes: [[], [0, 3]] }
})
const gzip: readonly CodecSpec[] = [{ id: 'gzip', level: 1 }]

const backends: readonly (Pick<TestedBackend, 'name' | 'chunks' | 'shards'> & {
  readonly file: string
  readonly writing: Pick<TestedBackend, 'create' | 'creation'>
})[] = [
  { name: 'v2, blosc', file: 'v2-blosc.zarr', chunks: [4, 3, 5], shards: null, writing: creation({ zarrVersion: 2 }, false) },
  {
    name: 'v2, raw, Fortran order',
    file: 'v2-raw-fortran.zarr',
    chunks: shape,
    shards: null,
    writing: creation({ zarrVersion: 2, order: 'F', codecs: [] }, false)
  },
  { name: 'v3, gzip', file: 'v3-gzip.zarr', chunks: [4, 3, 5], shards: null, writing: creation({ codecs: gzip }, true) },
  { name: 'v3, raw', file: 'v3-raw.zarr', chunks: shape, shards: null, writing: creation({ codecs: [] }, true) },
  {
    name: 'v3, sharded',
    file: 'v3-sharded.zarr',
    chunks: [2, 2, 2],
    shards: [4, 4, 4],
    writing: creation({ codecs: gzip, shardIndexLocation: 'start' }, true)
  },
  {
    name: 'v3, blosc with zstd and bit shuffle',
    file: 'v3-blosc-zstd.zarr',
    chunks: [3, 7, 4],
    shards: null,
    writing: creation({ codecs: [{ id: 'blosc' }] }, true)
  }
]

for (const { name, file, chunks, shards, writing } of backends) {
  testBackend(
    { describe, it },
    {
      name: `zarr ${name}`,
      kind: 'zarr',
      driver: zarr,
      reference,
      chunks,
      shards,
      capabilities: { store: true, spec: { worker }, write: 'regions' },
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(fixture(file))), { format: 'zarr', context, signal }),
      ...writing,
      badInputs: [
        {
          name: 'a folder that is no Zarr',
          code: 'ERR_NOT_FOUND',
          open: ({ wrap }) => openSource(wrap(memoryStore()), { format: 'zarr' })
        },
        {
          name: 'damaged metadata',
          code: 'ERR_CORRUPT_DATA',
          open: ({ wrap }) =>
            openSource(wrap(memoryStore([['zarr.json', new TextEncoder().encode('{"zarr_format": 3')]])), { format: 'zarr' })
        }
      ]
    }
  )
}

testBackend(
  { describe, it },
  {
    name: 'zarr in a zip file',
    kind: 'zarr',
    driver: zarr,
    reference,
    chunks: [2, 2, 2],
    shards: [4, 4, 4],
    capabilities: { store: true, spec: { worker }, write: 'none' },
    open: async ({ wrap, context, signal }) =>
      openSource(await zipStore(wrap(fileSystemStore(fixture('v3-sharded.zarr.zip'))), '', { signal }), { format: 'zarr', context, signal })
  }
)
