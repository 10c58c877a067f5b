import { fromSpec, httpStore, openSource } from '@bioimage/core'
import { knossos } from '@bioimage/knossos'
import { testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'
import { volumeOf } from './volume.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')

// Over HTTP nothing can be listed: shape and names of the cubes come from the configuration.
const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const [name, dtype] of [
  ['plain', 'uint8'],
  ['images', 'uint8'],
  ['labels', 'uint64']
] as const) {
  testBackend(
    { describe, it },
    {
      name: `${name} over HTTP`,
      kind: 'knossos',
      driver: knossos,
      reference: volumeOf(dtype),
      chunks: [4, 4, 4],
      shards: null,
      capabilities: {
        // The cubes lie beside the configuration, in a store of their own.
        store: false,
        spec: { worker },
        write: 'none'
      },
      open: ({ context, signal }) => openSource(`${server}/${name}/${name}.k.toml`, { context, signal })
    }
  )
}

it('JPEG 2000 is refused in browsers', async () => {
  const source = await openSource(`${server}/codestreams/codestreams.k.toml`)
  await expect(source.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('Node') })
})

describe('a URL', () => {
  it('of a folder is opened by its knossos.conf', async () => {
    const source = await openSource(httpStore(`${server}/plain`), { format: 'knossos' })
    expect([source.shape, source.chunks]).toEqual([
      [6, 7, 8],
      [4, 4, 4]
    ])
    expect((await source.get()).data).toEqual(volumeOf('uint8').data)
  })
  it('opens again by its spec, which holds no password', async () => {
    const source = await openSource(`${server}/labels/labels.k.toml`)
    expect(source.toSpec()).toEqual({ kind: 'knossos', path: `${server}/labels/labels.k.toml`, internalPath: 'mag1' })
    const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
    expect(await again.get([1, 2, 3])).toBe(await source.get([1, 2, 3]))
  })
})
