import { httpStore, openSource, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { recordingStore, testBackend } from '@bioimage/testing'
import { tif } from '@bioimage/tif'
import { describe, expect, inject, it } from 'vitest'
import { fixtureArray, suiteFiles } from './support.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const readOnly = { store: true, spec: false, write: 'none' } as const
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(`${server}/${name}`)).arrayBuffer()], name)

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const { file: name, shape, dtype, chunks } of suiteFiles) {
  const data = { kind: 'tif', driver: tif, reference: fixtureArray(shape, dtype), chunks, shards: null } as const
  testBackend(
    { describe, it },
    {
      ...data,
      name: `${name} over HTTP`,
      capabilities: {
        ...readOnly,
        spec: { worker }
      },
      open: ({ wrap, context, signal }) => openSource(wrap(httpStore(`${server}/${name}`, context)), { format: 'tif', context, signal })
    }
  )
  const file = await fileOf(name)
  testBackend(
    { describe, it },
    {
      ...data,
      name: `${name} in a File`,
      // A File is no store that could be wrapped.
      capabilities: { ...readOnly, store: false },
      open: ({ context, signal }) => openSource(file, { context, signal })
    }
  )
}

describe('every fixture', async () => {
  const expected: Readonly<Record<string, { shape: number[]; dtype: string; sha256: string }>> = await (
    await fetch(`${server}/expected.json`)
  ).json()
  it.each(Object.entries(expected))('%s is what tifffile reads, over HTTP and in a File', async (name, { shape, dtype, sha256 }) => {
    for (const source of [await openSource(`${server}/${name}`), await openSource(await fileOf(name), { format: 'tif' })]) {
      expect([source.shape, source.dtype]).toEqual([shape, dtype])
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytesOf((await source.get()).data)))
      expect([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(sha256)
    }
  })
})

it('a URL is read by ranges', async () => {
  const store = recordingStore(httpStore(`${server}/raw-tiles.tif`))
  const source = await openSource(store, { format: 'tif' })
  store.clear()
  await source.get([3, slice(0, 2), slice(0, 2)])
  expect(store.bytesRead).toBeLessThan(1000)
})
