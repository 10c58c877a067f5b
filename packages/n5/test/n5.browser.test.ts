import { blobStore, fromSpec, httpStore, ndarray, openSource, slice, zipStore } from '@bioimage/core'
import { n5 } from '@bioimage/n5'
import { testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'

const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
const server = inject('rangeServerUrl').replace(/\/$/, '')
const capabilities = { store: true, spec: false, write: 'none' } as const

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const file of ['zarr-python-gzip', 'tensorstore-blosc']) {
  testBackend(
    { describe, it },
    {
      name: `${file} over HTTP`,
      kind: 'n5',
      driver: n5,
      reference,
      chunks: [4, 3, 5],
      shards: null,
      capabilities: {
        ...capabilities,
        spec: { worker }
      },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(httpStore(`${server}/${file}.n5`, context)), { format: 'n5', internalPath: 'volume', context, signal })
    }
  )
}

testBackend(
  { describe, it },
  {
    name: 'a zipped N5 in a File',
    kind: 'n5',
    driver: n5,
    reference,
    chunks: [4, 3, 5],
    shards: null,
    capabilities,
    open: async ({ wrap, context, signal }) => {
      const response = await fetch(`${server}/z5-gzip.n5.zip`)
      const file = new File([await response.arrayBuffer()], 'z5-gzip.n5.zip')
      return openSource(await zipStore(wrap(blobStore(file)), '', { signal }), { format: 'n5', internalPath: 'volume', context, signal })
    }
  }
)

it.each(['zarr-python-xz', 'tensorstore-raw', 'tensorstore-zstd', 'z5-gzip', 'z5-lz4'])('%s over HTTP', async (file) => {
  const source = await openSource(`${server}/${file}.n5`, { internalPath: 'volume' })
  expect(source).toMatchObject({ dtype: 'uint16', shape: [6, 7, 8], chunks: [4, 3, 5] })
  expect(await source.get()).toEqual(reference)
})

describe('a URL', () => {
  it('opens by its extension, and again by its spec', async () => {
    const source = await openSource(`${server}/tensorstore-zstd.n5`, { internalPath: 'volume' })
    const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
    const { data } = await again.get([slice(2, 4), 3])
    expect([...data]).toEqual([...(await source.get([slice(2, 4), 3])).data])
  })
  it('of a zip file opens too', async () => {
    const source = await openSource(`${server}/z5-gzip.n5.zip`, { internalPath: 'volume' })
    expect(await source.get([5, 6, 7])).toBe((335 * 7919) % 65536)
  })
})
