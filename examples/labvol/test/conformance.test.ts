import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, type ErrorCode, fileSystemStore, memoryStore, type NdArray, openSource } from '@bioimage/core'
import { type BadInput, copyOf, referenceArray, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, test } from 'vitest'
import { labvol } from '../src/driver.js'
import '../src/index.js'
import { volumeFile } from './volume-file.js'

const folder = await mkdtemp(join(tmpdir(), 'labvol-'))
afterAll(() => rm(folder, { recursive: true }))

const stored = referenceArray([6, 7, 8], 'uint16')
/** The stored elements as a file of order `F` means them: its last axis is the first. */
const turned = copyOf({ ...stored, shape: stored.shape.toReversed(), stride: stored.stride.toReversed() })

const badInput = (name: string, bytes: Uint8Array, code: ErrorCode): BadInput => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(memoryStore([['', bytes]])), { format: 'labvol' })
})
const whole = volumeFile(stored)
const badInputs = [
  badInput('cut in the header', whole.subarray(0, 100), 'ERR_CORRUPT_DATA'),
  badInput('cut in the data', whole.subarray(0, -1), 'ERR_CORRUPT_DATA'),
  badInput('too long', new Uint8Array([...whole, 0]), 'ERR_CORRUPT_DATA'),
  badInput('not JSON', new Uint8Array(5000), 'ERR_CORRUPT_DATA'),
  badInput('a negative length', volumeFile(stored, { shape: [6, -7, 8] }), 'ERR_CORRUPT_DATA'),
  badInput('petabytes', volumeFile(stored, { shape: [1e6, 1e6, 1e6] }), 'ERR_CORRUPT_DATA'),
  badInput('an unknown order', volumeFile(stored, { order: 'A' }), 'ERR_CORRUPT_DATA'),
  badInput('an unknown version', volumeFile(stored, { labvol: 2 }), 'ERR_UNSUPPORTED'),
  badInput('an unknown type', volumeFile(stored, { dtype: 'float128' }), 'ERR_UNSUPPORTED')
]

const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space' }) as const)
const scaled = axes.map((axis, at) => ({ ...axis, unit: 'micrometer', scale: [2, 0.5, 0.25][at] }))
const notes = { objective: '20x' }
let created = 0

const variants: readonly (Pick<TestedBackend, 'name' | 'metadata' | 'attrs'> & { reference: NdArray; file: Uint8Array; order: string })[] =
  [
    { name: 'labvol', reference: stored, metadata: { axes }, attrs: {}, file: whole, order: 'C' },
    {
      name: 'labvol, order F, big-endian',
      reference: turned,
      metadata: { axes: scaled },
      attrs: notes,
      file: volumeFile(stored, { shape: turned.shape, order: 'F', byteOrder: 'big', voxelSize: [2, 0.5, 0.25], notes }),
      order: 'F'
    }
  ]

for (const { file, order, ...variant } of variants) {
  const path = join(folder, `${order}.labvol`)
  await writeFile(path, file)
  testBackend(
    { describe, test },
    {
      ...variant,
      kind: 'labvol',
      driver: labvol,
      chunks: null,
      shards: null,
      // The worker imports what is built.
      capabilities: { store: true, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'new' },
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(path)), { format: 'labvol', context, signal }),
      create: (options) => createSource(join(folder, `created-${created++}.labvol`), { ...options, order }),
      creation: { dtypes: ['uint8', 'uint16', 'int16', 'float32'], chunks: false, shards: false, fillValue: false, shapes: [[4, 5, 6]] },
      badInputs
    }
  )
}
