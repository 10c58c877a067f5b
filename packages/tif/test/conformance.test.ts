import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fileSystemStore, memoryStore, openSource } from '@bioimage/core'
import { dtypes } from '@bioimage/core/backend'
import { type TestedBackend, testBackend } from '@bioimage/testing'
import { tif } from '@bioimage/tif'
import { afterAll, describe, it } from 'vitest'
import { fixtureArray, suiteFiles } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-tif-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let created = 0

const pathOf = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const deflate = readFileSync(pathOf('deflate-strips.tif'))
const contiguous = readFileSync(pathOf('shaped.tif'))

/** A file with some bytes changed. */
function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.set(values, at)
  return copy
}

/** Where the entry of a tag lies in the first directory of a little-endian file. */
function entryOf(bytes: Uint8Array, tag: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ifd = view.getUint32(4, true)
  for (let entry = 0; entry < view.getUint16(ifd, true); entry++) {
    const at = ifd + 2 + 12 * entry
    if (view.getUint16(at, true) === tag) return at
  }
  throw new Error(`no tag ${tag}`)
}

const badInputs: TestedBackend['badInputs'] = Object.entries({
  'no header': ['ERR_CORRUPT_DATA', deflate.subarray(0, 6)],
  'another magic number': ['ERR_CORRUPT_DATA', changed(deflate, 2, 41)],
  'a first directory behind the end': ['ERR_CORRUPT_DATA', changed(deflate, 4, 255, 255, 255, 0)],
  'a file that ends within its pixels': ['ERR_CORRUPT_DATA', contiguous.subarray(0, 1000)],
  'a width of 2^31': ['ERR_CORRUPT_DATA', changed(contiguous, entryOf(contiguous, 256) + 8, 255, 255, 255, 127)],
  'samples of 19789 bits': ['ERR_UNSUPPORTED', changed(contiguous, entryOf(contiguous, 258) + 8, 77, 77)],
  'an unknown compression': ['ERR_UNSUPPORTED', changed(deflate, entryOf(deflate, 259) + 8, 99, 99)],
  'a compression that is not read': ['ERR_UNSUPPORTED', changed(deflate, entryOf(deflate, 259) + 8, 10, 0)]
} as const).map(([name, [code, bytes]]) => ({
  name,
  code,
  // What is not read is so when it is read.
  open: async ({ wrap }) => {
    const source = await openSource(wrap(memoryStore([['', bytes]])), { format: 'tif' })
    await source.get()
    return source
  }
}))

const writing: Pick<TestedBackend, 'create' | 'creation'> = {
  create: (options) => createSource(join(folder, `created-${created++}.tif`), { ...options }),
  creation: {
    dtypes: dtypes.filter((name) => name !== 'bool'),
    chunks: false,
    shards: false,
    fillValue: false,
    shapes: [[], [5], [1, 3, 4], [3, 4, 5, 2]]
  }
}

for (const { file, shape, dtype, chunks } of suiteFiles) {
  testBackend(
    { describe, it },
    {
      name: `tif ${file}`,
      kind: 'tif',
      driver: tif,
      reference: fixtureArray(shape, dtype),
      chunks,
      shards: null,
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } },
        write: file === 'imagej.tif' ? 'new' : 'none'
      },
      ...(file === 'imagej.tif' && writing),
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(pathOf(file))), { context, signal }),
      ...(file === 'deflate-strips.tif' && { badInputs })
    }
  )
}
