import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, fileSystemStore, openSource, type Source } from '@bioimage/core'
import { referenceArray, type TestedBackend } from '../../src/index.js'
import { toyDriver } from './toy-backend.mjs'

/** A folder for toy arrays, and the toy format as a backend under test. */
export interface Toy {
  backend(defect?: string): TestedBackend
  remove(): void
}

export async function makeToy(): Promise<Toy> {
  const folder = mkdtempSync(join(tmpdir(), 'bioimage-testing-'))
  const reference = referenceArray([6, 7, 8], 'int32', 5)
  const made = join(folder, 'made.toy')
  const source = await createSource(made, { shape: reference.shape, dtype: 'int32', chunks: [4, 3, 8] })
  await source.set('...', reference)
  await source.close()
  let count = 0

  const backend = (defect?: string): TestedBackend => {
    // A copy of its own: a defect must not damage the data of the next.
    const path = join(folder, `${count++}.toy`)
    cpSync(made, path, { recursive: true })
    cpSync(made, `${path}-other`, { recursive: true })
    writeFileSync(join(`${path}-other`, 'c.0.0.0'), new Uint8Array(4 * 4 * 3 * 8))
    const damaged = join(folder, `${count++}.toy`)
    cpSync(made, damaged, { recursive: true })
    writeFileSync(join(damaged, 'toy.json'), '{"shape": [6,')
    const option = defect === undefined ? {} : { defect }
    const open = (path: string): TestedBackend['open'] => {
      return ({ wrap, context, signal }): Promise<Source> =>
        openSource(wrap(fileSystemStore(path)), { format: 'toy', ...option, context, signal })
    }
    return {
      name: defect ?? 'toy',
      kind: 'toy',
      driver: toyDriver,
      reference,
      chunks: [4, 3, 8],
      shards: null,
      attrs: {},
      metadata: { axes: ['a0', 'a1', 'a2'].map((name) => ({ name, type: 'space' })) },
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('./toy-backend.mjs', import.meta.url).href] } },
        write: 'regions'
      },
      open: open(path),
      create: (options) => createSource(join(folder, `${count++}.toy`), { ...options, ...option }),
      creation: {
        dtypes: ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64'],
        chunks: true,
        shards: false,
        fillValue: false,
        shapes: [[], [7], [0], [3, 0, 2], [3, 4, 5, 2]]
      },
      badInputs: [
        { name: 'a damaged header', open: open(damaged), code: 'ERR_CORRUPT_DATA' },
        { name: 'nothing there', open: open(join(folder, 'nothing.toy')), code: 'ERR_NOT_FOUND' }
      ],
      seed: 1
    }
  }
  return { backend, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
