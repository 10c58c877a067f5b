import { fromSpec, httpStore, memoryStore, openSource, slice } from '@bioimage/core'
import { stack } from '@bioimage/stack'
import { testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'
import '@bioimage/tif'
import { volume } from './volume.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }
const filesOf = (ending: string): string[] => Array.from({ length: 6 }, (_, at) => `s${at}.${ending}`)

testBackend(
  { describe, it },
  {
    name: 'png16 over HTTP',
    kind: 'stack',
    driver: stack,
    reference: volume(),
    chunks: [1, 7, 8],
    shards: null,
    capabilities: { store: true, spec: { worker }, write: 'none' },
    // Over HTTP nothing can be listed.
    open: ({ wrap, context, signal }) =>
      openSource(wrap(httpStore(`${server}/png16`, context)), { format: 'stack', files: filesOf('png'), context, signal })
  }
)

const blobs = await Promise.all(
  filesOf('png').map(async (name) => [name, new Uint8Array(await (await fetch(`${server}/png16/${name}`)).arrayBuffer())] as const)
)
testBackend(
  { describe, it },
  {
    name: 'png16 in memory',
    kind: 'stack',
    driver: stack,
    reference: volume(),
    chunks: [1, 7, 8],
    shards: null,
    capabilities: { store: true, spec: false, write: 'none' },
    open: ({ wrap, context, signal }) => openSource(wrap(memoryStore(blobs)), { format: 'stack', internalPath: '*.png', context, signal })
  }
)

describe('a URL', () => {
  it.each([
    ['tif', filesOf('tif')],
    ['png16', filesOf('png')]
  ])('of %s is opened by the names of its slices, and again by its spec', async (name, files) => {
    const source = await openSource(`${server}/${name}`, { format: 'stack', files })
    expect((await source.get()).data).toEqual(volume().data)
    expect(source.toSpec()).toEqual({ kind: 'stack', path: `${server}/${name}`, params: { files } })
    const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
    expect(await again.get([1, 2, 3])).toBe(await source.get([1, 2, 3]))
  })
  it('has slices of JPEG', async () => {
    const source = await openSource(`${server}/jpg`, { format: 'stack', files: ['s0.JPG', 's1.JPG', 's2.JPG'] })
    expect([source.shape, source.dtype]).toEqual([[3, 16, 24], 'uint8'])
    expect((await source.get([slice(2, 3)])).shape).toEqual([1, 16, 24])
  })
  it('without the names says what it needs', async () => {
    await expect(openSource(`${server}/png16`, { format: 'stack', internalPath: '*.png' })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('files')
    })
  })
})
