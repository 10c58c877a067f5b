import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSystemStore, openSource } from '@bioimage/core'
import { knossos } from '@bioimage/knossos'
import { type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'
import { volumeOf } from './volume.js'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-knossos-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A copy of a data set with one file changed. */
let copies = 0
function changed(name: string, file: string, bytes: Uint8Array | string): string {
  const path = join(folder, `copy-${copies++}`)
  cpSync(join(fixtures, name), path, { recursive: true })
  writeFileSync(join(path, file), bytes)
  return path
}

/** A data set of nothing but this configuration. */
function configured(toml: string): string {
  const path = join(folder, `copy-${copies++}`)
  mkdirSync(path)
  writeFileSync(join(path, 'a.k.toml'), toml)
  return path
}

const cube = 'mag1/x0000/y0000/z0000'
const codestream = new Uint8Array(readFileSync(join(fixtures, 'codestreams', cube, 'codestreams_mag1_x0000_y0000_z0000.j2k')))
const badInputs: TestedBackend['badInputs'] = Object.entries({
  'a raw cube that is cut': ['ERR_CORRUPT_DATA', changed('plain', `${cube}/plain_mag1_x0000_y0000_z0000.raw`, new Uint8Array(63))],
  'an image that is none': ['ERR_CORRUPT_DATA', changed('images', `${cube}/images_mag1_x0000_y0000_z0000.png`, 'no image')],
  'an archive that is cut': ['ERR_CORRUPT_DATA', changed('labels', `${cube}/labels_mag1_x0000_y0000_z0000.seg.sz.zip`, 'PK')],
  'a configuration that is no TOML': ['ERR_CORRUPT_DATA', changed('plain', 'plain.k.toml', '[[Layer')],
  'another server format': ['ERR_UNSUPPORTED', changed('plain', 'plain.k.toml', '[[Layer]]\nServerFormat = "precomputed"\n')],
  'a codestream of JPEG 2000 that is empty': [
    'ERR_CORRUPT_DATA',
    changed('codestreams', `${cube}/codestreams_mag1_x0000_y0000_z0000.j2k`, '')
  ],
  'a codestream of JPEG 2000 that is cut': [
    'ERR_CORRUPT_DATA',
    changed('codestreams', `${cube}/codestreams_mag1_x0000_y0000_z0000.j2k`, codestream.subarray(0, 60))
  ],
  'a codestream of another size': [
    'ERR_CORRUPT_DATA',
    changed('codestreams', `${cube}/codestreams_mag1_x0000_y0000_z0000.j2k`, codestream.with(15, 8))
  ],
  'cubes of a sort that is not read': [
    'ERR_UNSUPPORTED',
    configured('[[Layer]]\nName = "a"\nServerFormat = "knossos"\nFileExtension = [".webp"]\nExtent_px = [8, 8, 8]\n')
  ]
} as const).map(([name, [code, path]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(fileSystemStore(path)), { format: 'knossos' })
}))

const metadata = {
  axes: [25, 10, 10].map((scale, axis) => ({ name: 'zyx'.charAt(axis), type: 'space', unit: 'nanometer', scale }) as const)
}

for (const [name, dtype] of [
  ['plain', 'uint8'],
  ['images', 'uint8'],
  ['codestreams', 'uint8'],
  ['labels', 'uint64']
] as const) {
  testBackend(
    { describe, it },
    {
      name: `knossos ${name}`,
      kind: 'knossos',
      driver: knossos,
      reference: volumeOf(dtype),
      chunks: [4, 4, 4],
      shards: null,
      metadata,
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } },
        write: 'none'
      },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(join(fixtures, name))), { format: 'knossos', extent: 'conf', context, signal }),
      ...(name === 'plain' && { badInputs })
    }
  )
}
