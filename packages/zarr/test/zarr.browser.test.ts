import { blobStore, fromSpec, httpStore, ndarray, openSource, slice, zipStore } from '@bioimage/core'
import { testBackend } from '@bioimage/testing'
import { zarr } from '@bioimage/zarr'
import { describe, expect, inject, it } from 'vitest'

const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
const server = inject('rangeServerUrl').replace(/\/$/, '')
const capabilities = { store: true, spec: false, write: 'none' } as const

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const file of ['v2-blosc.zarr', 'v3-sharded.zarr']) {
  testBackend(
    { describe, it },
    {
      name: `${file} over HTTP`,
      kind: 'zarr',
      driver: zarr,
      reference,
      capabilities: {
        ...capabilities,
        spec: { worker }
      },
      open: ({ wrap, context, signal }) => openSource(wrap(httpStore(`${server}/${file}`, context)), { format: 'zarr', context, signal })
    }
  )
}

testBackend(
  { describe, it },
  {
    name: 'a zipped Zarr in a File',
    kind: 'zarr',
    driver: zarr,
    reference,
    chunks: [2, 2, 2],
    shards: [4, 4, 4],
    capabilities,
    open: async ({ wrap, context, signal }) => {
      const response = await fetch(`${server}/v3-sharded.zarr.zip`)
      const file = new File([await response.arrayBuffer()], 'v3-sharded.zarr.zip')
      return openSource(await zipStore(wrap(blobStore(file)), '', { signal }), { format: 'zarr', context, signal })
    }
  }
)

it.each(['v2-raw-fortran.zarr', 'v3-gzip.zarr', 'v3-raw.zarr', 'v3-blosc-zstd.zarr'])('%s over HTTP', async (file) => {
  const source = await openSource(`${server}/${file}`)
  expect(source).toMatchObject({ dtype: 'uint16', shape: [6, 7, 8] })
  expect(await source.get()).toEqual(reference)
})

describe('a URL', () => {
  it('opens by its extension, and again by its spec', async () => {
    const source = await openSource(`${server}/v3-sharded.zarr`)
    const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
    const { data } = await again.get([slice(2, 4), 3])
    expect([...data]).toEqual([...(await source.get([slice(2, 4), 3])).data])
  })
  it('of a zip file opens too', async () => {
    const source = await openSource(`${server}/v3-sharded.zarr.zip`)
    expect(source.shards).toEqual([4, 4, 4])
    expect(await source.get([5, 6, 7])).toBe((335 * 7919) % 65536)
  })
})
