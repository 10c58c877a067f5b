import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fileSystemStore, memoryStore, openSource, type Source } from '@bioimage/core'
import { dtypes } from '@bioimage/core/backend'
import { hdf5 } from '@bioimage/hdf5'
import { type TestCreateOptions, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'
import { reference } from './reference.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-hdf5-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let created = 0
const creation = (options: Readonly<Record<string, unknown>>): Pick<TestedBackend, 'create' | 'creation'> => ({
  create: (asked: TestCreateOptions): Promise<Source> =>
    createSource(join(folder, `${created++}.h5`), { internalPath: 'group/data', ...options, ...asked }),
  creation: { dtypes, chunks: true, shards: false, fillValue: true, shapes: [[], [0, 3]] }
})
const chunks = [4, 3, 5]
const old = readFileSync(fixture('old.h5'))

const badInputs: TestedBackend['badInputs'] = Object.entries({
  'no HDF5': ['ERR_CORRUPT_DATA', new Uint8Array(3000)],
  'nothing but a signature': ['ERR_CORRUPT_DATA', old.subarray(0, 8)],
  'a file that ends early': ['ERR_CORRUPT_DATA', old.subarray(0, old.length - 1)],
  'a version that is not known': ['ERR_UNSUPPORTED', Uint8Array.from(old).fill(9, 8, 9)]
} as const).map(([name, [code, bytes]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(memoryStore([['', bytes]])), { format: 'hdf5', internalPath: 'contiguous' })
}))

const arrays: readonly (Pick<TestedBackend, 'chunks'> & {
  readonly file: string
  readonly path: string
  readonly create: Readonly<Record<string, unknown>>
})[] = [
  { file: 'old.h5', path: 'contiguous', chunks: null, create: {} },
  { file: 'old.h5', path: 'filters', chunks, create: { gzip: 0 } },
  { file: 'new.h5', path: 'extensible_array', chunks, create: { gzip: 9, shuffle: true } }
]

for (const { file, path, chunks, create } of arrays) {
  testBackend(
    { describe, it },
    {
      name: `hdf5 ${path}`,
      kind: 'hdf5',
      driver: hdf5,
      reference,
      chunks,
      shards: null,
      capabilities: { store: true, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'regions' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(fixture(file))), { format: 'hdf5', internalPath: path, context, signal }),
      ...creation(create),
      badInputs
    }
  )
}
