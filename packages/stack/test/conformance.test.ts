import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSystemStore, openSource } from '@bioimage/core'
import { stack } from '@bioimage/stack'
import { type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'
import '@bioimage/tif'
import { volume } from './volume.js'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-stack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A copy of the PNG slices in which one is replaced. */
let copies = 0
function changed(file: string, bytes: Uint8Array | string): string {
  const path = join(folder, `copy-${copies++}`)
  cpSync(join(fixtures, 'png16'), path, { recursive: true })
  writeFileSync(join(path, file), bytes)
  return path
}

const slice = readFileSync(join(fixtures, 'png16', 's3.png'))
const files = {
  'a slice of another shape': ['ERR_CORRUPT_DATA', changed('s3.png', readFileSync(join(fixtures, 'png1', 's0.png')))],
  'a slice that is no image': ['ERR_CORRUPT_DATA', changed('s3.png', 'noise')],
  'a slice that is cut': ['ERR_CORRUPT_DATA', changed('s3.png', slice.subarray(0, -30))],
  'a slice whose header is cut': ['ERR_CORRUPT_DATA', changed('s3.png', slice.subarray(0, 20))],
  'a slice with a changed byte': [
    'ERR_CORRUPT_DATA',
    changed(
      's3.png',
      Uint8Array.from(slice, (byte, at) => (at === 50 ? byte ^ 1 : byte))
    )
  ],
  'a first slice that is empty': ['ERR_CORRUPT_DATA', changed('s0.png', '')],
  'a first slice of impossible size': [
    'ERR_TOO_LARGE',
    changed(
      's0.png',
      Uint8Array.from(slice, (byte, at) => (at >= 16 && at < 24 ? 0x7f : byte))
    )
  ],
  'no slices': ['ERR_NOT_FOUND', join(folder, 'nothing')]
} as const
const badInputs: TestedBackend['badInputs'] = Object.entries(files).map(([name, [code, path]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(fileSystemStore(path)), { format: 'stack', internalPath: '*.png' })
}))

for (const [name, internalPath] of [
  ['png16', '*.png'],
  ['tif', 's?.tif']
] as const) {
  testBackend(
    { describe, it },
    {
      name: `stack ${name}`,
      kind: 'stack',
      driver: stack,
      reference: volume(),
      chunks: [1, 7, 8],
      shards: null,
      metadata: {
        axes: [
          { name: 'z', type: 'space' },
          { name: 'y', type: 'space' },
          { name: 'x', type: 'space' }
        ]
      },
      capabilities: {
        store: true,
        spec: { worker: { modules: ['../dist/index.js', '../../tif/dist/index.js'].map((path) => new URL(path, import.meta.url).href) } },
        write: 'none'
      },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(join(fixtures, name))), { format: 'stack', internalPath, context, signal }),
      ...(name === 'png16' && { badInputs })
    }
  )
}
