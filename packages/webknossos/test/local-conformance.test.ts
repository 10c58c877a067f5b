import { fileURLToPath } from 'node:url'
import { fileSystemStore, memoryStore, type NdArray, ndarray, openSource } from '@bioimage/core'
import { testBackend } from '@bioimage/testing'
import { webknossos } from '@bioimage/webknossos'
import { describe, it } from 'vitest'
import '@bioimage/zarr'

const folder = fileURLToPath(new URL('fixtures/dataset', import.meta.url))
const modules = ['webknossos', 'zarr'].map((name) => new URL(`../../${name}/dist/index.js`, import.meta.url).href)
const values = Array.from({ length: 10 * 14 * 20 }, (_, at) => {
  const [z, y, x] = [7 + Math.floor(at / 280), 6 + (Math.floor(at / 20) % 14), 5 + (at % 20)]
  return ((7 * x + 13 * y + 29 * z) % 251) + 1
})
const shape = [10, 14, 20]
const references: Readonly<Record<string, NdArray>> = {
  wkw: ndarray(Uint8Array.from(values), shape),
  zarr3: ndarray(
    BigUint64Array.from(values, (value) => BigInt(value)),
    shape
  )
}
const document = (text: string): readonly (readonly [string, Uint8Array])[] => [
  ['datasource-properties.json', new TextEncoder().encode(text)]
]

for (const [layerName, reference] of Object.entries(references)) {
  testBackend(
    { describe, it },
    {
      name: `a local dataset, ${layerName}`,
      kind: 'webknossos',
      driver: webknossos,
      reference,
      chunks: [8, 8, 8],
      shards: [16, 16, 16],
      capabilities: { store: true, spec: { worker: { modules } }, write: 'none' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(folder)), { format: 'webknossos', layerName, mag: 1, context, signal }),
      badInputs: [
        { name: 'no dataset', code: 'ERR_NOT_FOUND', open: ({ wrap }) => openSource(wrap(memoryStore()), { format: 'webknossos' }) },
        {
          name: 'cut properties',
          code: 'ERR_CORRUPT_DATA',
          open: ({ wrap }) => openSource(wrap(memoryStore(document('{"dataLayers":['))), { format: 'webknossos' })
        },
        {
          name: 'no layers',
          code: 'ERR_CORRUPT_DATA',
          open: ({ wrap }) => openSource(wrap(memoryStore(document('{}'))), { format: 'webknossos' })
        }
      ]
    }
  )
}
