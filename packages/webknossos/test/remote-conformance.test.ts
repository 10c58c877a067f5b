import { ndarray, openSource } from '@bioimage/core'
import { testBackend } from '@bioimage/testing'
import { webknossos } from '@bioimage/webknossos'
import { afterAll, describe, it } from 'vitest'
import { datasetId, startServer } from './support/server.js'

const server = await startServer()
afterAll(() => server.close())

const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)

for (const transport of ['buckets', 'cuboid'] as const) {
  testBackend(
    { describe, it },
    {
      name: `a remote layer, ${transport}`,
      kind: 'webknossos',
      driver: webknossos,
      reference,
      chunks: transport === 'buckets' ? [32, 32, 32] : null,
      shards: null,
      capabilities: { store: false, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'none' },
      open: ({ context, signal }) =>
        openSource(`${server.url}/datasets/made-up-${datasetId}/view`, { layerName: 'table', transport, context, signal }),
      badInputs: [
        {
          name: 'a dataset that its server cannot read',
          code: 'ERR_UNSUPPORTED',
          open: ({ context }) => openSource(`${server.url}/datasets/aaaaaaaaaaaaaaaaaaaaaaaa`, { context })
        }
      ]
    }
  )
}
