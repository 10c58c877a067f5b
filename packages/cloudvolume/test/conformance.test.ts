import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fileSystemStore, memoryStore, type NdArray, ndarray, openSource, type Source } from '@bioimage/core'
import { type TestCreateOptions, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'
import { cloudvolume } from '../src/index.js'

const numbers = Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536)
const uint16: NdArray = ndarray(Uint16Array.from(numbers), [6, 7, 8])
const uint64: NdArray = ndarray(
  BigUint64Array.from(numbers, (number) => BigInt(number) + 2n ** 33n),
  [6, 7, 8]
)
const uint32: NdArray = ndarray(
  Uint32Array.from(numbers, (number) => Math.floor(number / 4000)),
  [6, 7, 8]
)
const folder = mkdtempSync(join(tmpdir(), 'bioimage-cloudvolume-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const worker = { modules: [new URL('../dist/index.js', import.meta.url).href] }
const dtypes = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'float32'] as const

/** Shards that are no boxes. */
const scattered = {
  '@type': 'neuroglancer_uint64_sharded_v1',
  hash: 'murmurhash3_x86_128',
  preshift_bits: 0,
  minishard_bits: 1,
  shard_bits: 2
}

let created = 0
const creation = (
  options: Readonly<Record<string, unknown>>,
  more: Partial<TestedBackend['creation']> = {}
): Pick<TestedBackend, 'create' | 'creation'> => ({
  create: (asked: TestCreateOptions): Promise<Source> =>
    createSource(join(folder, String(created++)), {
      format: 'cloudvolume',
      fillMissing: true,
      ...(asked.shards === undefined && options),
      ...asked
    }),
  creation: { dtypes, chunks: true, shards: true, fillValue: false, shapes: [[0, 3, 2]], ...more }
})

const volumes: readonly (Pick<TestedBackend, 'shards' | 'reference'> & {
  readonly name: string
  readonly writing?: Pick<TestedBackend, 'create' | 'creation'>
})[] = [
  { name: 'raw', reference: uint16, shards: null, writing: creation({ compress: false }) },
  { name: 'gzip', reference: uint16, shards: null, writing: creation({}) },
  {
    name: 'labels',
    reference: uint64,
    shards: null,
    writing: creation({ encoding: 'compressed_segmentation' }, { dtypes: ['uint32', 'uint64'] })
  },
  { name: 'sharded', reference: uint16, shards: [4, 6, 10], writing: creation({}) },
  { name: 'scattered', reference: uint16, shards: null, writing: creation({ sharding: scattered }) },
  { name: 'compresso', reference: uint32, shards: null }
]

for (const { name, reference, shards, writing } of volumes) {
  testBackend(
    { describe, it },
    {
      name: `precomputed, ${name}`,
      kind: 'cloudvolume',
      driver: cloudvolume,
      reference,
      chunks: [4, 3, 5],
      shards,
      capabilities: { store: true, spec: { worker }, write: writing === undefined ? 'none' : 'regions' },
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(fixture(name))), { format: 'cloudvolume', context, signal }),
      ...writing,
      badInputs: [
        {
          name: 'a folder that is no layer',
          code: 'ERR_NOT_FOUND',
          open: ({ wrap }) => openSource(wrap(memoryStore()), { format: 'cloudvolume' })
        },
        {
          name: 'damaged metadata',
          code: 'ERR_CORRUPT_DATA',
          open: ({ wrap }) => openSource(wrap(memoryStore([['info', new TextEncoder().encode('{"scales": [')]])), { format: 'cloudvolume' })
        }
      ]
    }
  )
}
