import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fileSystemStore, memoryStore, ndarray, openSource, type Source, slice, zipStore } from '@bioimage/core'
import { n5 } from '@bioimage/n5'
import { type TestCreateOptions, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'

const voxels = Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536)
const reference = ndarray(voxels, [6, 7, 8])
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-n5-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const worker = { modules: [new URL('../dist/index.js', import.meta.url).href] }
const dtypes = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64'] as const
const damaged = new TextEncoder().encode('{"dimensions": [4,')

let created = 0
const writing = (compression: string): Pick<TestedBackend, 'create' | 'creation'> => ({
  create: (asked: TestCreateOptions): Promise<Source> =>
    createSource(join(folder, `${created++}.n5`), { format: 'n5', internalPath: 'a/volume', compression, ...asked }),
  creation: { dtypes, chunks: true, shards: false, fillValue: false, shapes: [[0, 3]] }
})

for (const [file, compression] of [
  ['zarr-python-gzip', 'gzip'],
  ['tensorstore-raw', 'raw'],
  ['z5-blosc', 'blosc'],
  ['tensorstore-zstd', 'zstd'],
  ['z5-lz4', 'lz4']
] as const) {
  testBackend(
    { describe, it },
    {
      name: `n5, ${file}`,
      kind: 'n5',
      driver: n5,
      reference,
      chunks: [4, 3, 5],
      shards: null,
      capabilities: { store: true, spec: { worker }, write: 'regions' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(fixture(`${file}.n5`))), { format: 'n5', internalPath: 'volume', context, signal }),
      ...writing(compression),
      badInputs: [
        { name: 'a folder that is no N5', code: 'ERR_NOT_FOUND', open: ({ wrap }) => openSource(wrap(memoryStore()), { format: 'n5' }) },
        {
          name: 'damaged metadata',
          code: 'ERR_CORRUPT_DATA',
          open: ({ wrap }) => openSource(wrap(memoryStore([['attributes.json', damaged]])), { format: 'n5' })
        }
      ]
    }
  )
}

testBackend(
  { describe, it },
  {
    name: 'n5 in a zip file',
    kind: 'n5',
    driver: n5,
    reference,
    chunks: [4, 3, 5],
    shards: null,
    capabilities: { store: true, spec: { worker }, write: 'none' },
    open: async ({ wrap, context, signal }) =>
      openSource(await zipStore(wrap(fileSystemStore(fixture('z5-gzip.n5.zip'))), '', { signal }), {
        format: 'n5',
        internalPath: 'volume',
        context,
        signal
      })
  }
)

describe('the array of the suite, by other writers and compressions', () => {
  it.each(['tensorstore-blosc', 'tensorstore-bzip2', 'z5-raw', 'z5-gzip', 'zarr-python-xz', 'zarr-python-zlib'])('%s', async (file) => {
    const source = await openSource(fixture(`${file}.n5`), { format: 'n5', internalPath: 'volume' })
    expect(source).toMatchObject({ dtype: 'uint16', shape: [6, 7, 8], chunks: [4, 3, 5] })
    expect(await source.get()).toEqual(reference)
    const part = await source.get([slice(3, 6), 6, slice(4, 8)])
    expect(part).toEqual(
      ndarray(
        Uint16Array.from({ length: 12 }, (_, at) => voxels[(3 + (at >> 2)) * 56 + 48 + 4 + (at & 3)] ?? 0),
        [3, 4]
      )
    )
  })
})
