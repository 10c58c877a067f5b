import { httpStore, itemAt, ndarray, openSource, slice } from '@bioimage/core'
import { testBackend } from '@bioimage/testing'
import { openWebknossos, webknossos, wkw } from '@bioimage/webknossos'
import { describe, expect, inject, it } from 'vitest'
import '@bioimage/zarr'

const datasetId = '0123456789abcdef01234567'
const annotationId = 'fedcba9876543210fedcba98'
const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
const server = inject('webknossosUrl')
const files = inject('rangeServerUrl').replace(/\/$/, '')
const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

testBackend(
  { describe, it },
  {
    name: 'a remote layer of another origin',
    kind: 'webknossos',
    driver: webknossos,
    reference,
    chunks: [32, 32, 32],
    shards: null,
    capabilities: { store: false, spec: { worker }, write: 'none' },
    open: ({ context, signal }) => openSource(`${server}/datasets/${datasetId}/view`, { layerName: 'table', context, signal })
  }
)

testBackend(
  { describe, it },
  {
    name: 'WKW over HTTP',
    kind: 'wkw',
    driver: wkw,
    reference,
    chunks: [2, 2, 2],
    shards: [4, 4, 4],
    capabilities: { store: true, spec: { worker }, write: 'none' },
    open: ({ wrap, context, signal }) =>
      openSource(wrap(httpStore(`${files}/lz4-uint16`, context)), { format: 'wkw', shape: [6, 7, 8], context, signal })
  }
)

describe('another origin', () => {
  it('gives voxels with a token, which takes a preflight, and by boxes', async () => {
    const url = `${server}/datasets/${datasetId}`
    const context = { credentials: { [`webknossos:${new URL(server).host}`]: 'secret' }, cache: false } as const
    for (const transport of ['buckets', 'cuboid'] as const) {
      const source = await openWebknossos(url, { layerName: 'color', transport, context })
      const row = await source.get([1, 2, slice(0, 100)])
      expect(itemAt(row, 99)).toBe((7 * 139 + 13 * 32 + 29 * 21) & 255)
    }
  })
  it('tells empty buckets, and gives annotations', async () => {
    const source = await openWebknossos(`${server}/annotations/${annotationId}`, { layerName: 'Volume', offset: [0, 0, 0], size: [96, 32, 32] })
    const row = await source.get([0, 0, slice(null)])
    expect([0, 40, 70].map((x) => itemAt(row, x))).toEqual([7, 9, 0])
  })
  it('gives a dataset folder', async () => {
    const source = await openWebknossos(`${files}/dataset`, { layerName: 'zarr3', mag: 1 })
    expect(await source.get([0, 0, 0])).toBe(BigInt(((7 * 5 + 13 * 6 + 29 * 7) % 251) + 1))
  })
})
