import { blobStore, httpStore, openSource } from '@bioimage/core'
import { hdf5 } from '@bioimage/hdf5'
import { testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'
import { reference } from './reference.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const [file, internalPath] of [
  ['old.h5', 'filters'],
  ['new.h5', 'extensible_array']
] as const) {
  testBackend(
    { describe, it },
    {
      name: `${file} ${internalPath} over HTTP`,
      kind: 'hdf5',
      driver: hdf5,
      reference,
      capabilities: {
        store: true,
        spec: { worker },
        write: 'none'
      },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(httpStore(`${server}/${file}`, context)), { format: 'hdf5', internalPath, context, signal })
    }
  )
}

testBackend(
  { describe, it },
  {
    name: 'an HDF5 File',
    kind: 'hdf5',
    driver: hdf5,
    reference,
    chunks: null,
    capabilities: { store: true, spec: false, write: 'none' },
    open: async ({ wrap, context, signal }) => {
      const response = await fetch(`${server}/old.h5`)
      const file = new File([await response.arrayBuffer()], 'old.h5')
      return openSource(wrap(blobStore(file)), { format: 'hdf5', internalPath: 'contiguous', context, signal })
    }
  }
)

it('refuses to write, saying why', async () => {
  await expect(openSource(`${server}/old.h5`, { internalPath: 'gzip', mode: 'r+' })).rejects.toMatchObject({ code: 'ERR_READ_ONLY' })
})
