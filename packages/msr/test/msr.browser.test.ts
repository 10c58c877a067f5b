import { fromSpec, httpStore, openSource } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { msr } from '@bioimage/msr'
import { recordingStore, testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'
import { volume } from './volume.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(`${server}/${name}`)).arrayBuffer()], name)
const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

const data = { kind: 'msr', driver: msr, reference: volume(), chunks: null, shards: null } as const

testBackend(
  { describe, it },
  {
    ...data,
    name: 'plain.obf over HTTP',
    capabilities: { store: true, spec: { worker }, write: 'none' },
    open: ({ wrap, context, signal }) =>
      openSource(wrap(httpStore(`${server}/plain.obf`, context)), { format: 'msr', internalPath: 'volume', context, signal })
  }
)
const zlib = await fileOf('zlib.msr')
testBackend(
  { describe, it },
  {
    ...data,
    name: 'zlib.msr in a File',
    // A File is no store that could be wrapped.
    capabilities: { store: false, spec: false, write: 'none' },
    open: ({ context, signal }) => openSource(zlib, { internalPath: 'volume', context, signal })
  }
)

describe('every fixture', async () => {
  const expected: Readonly<Record<string, readonly unknown[]>> = await (await fetch(`${server}/expected.json`)).json()
  it.each(Object.entries(expected))('%s is the same over HTTP and in a File', async (name, stacks) => {
    const file = await fileOf(name)
    for (const index of stacks.keys()) {
      const sources = [
        await openSource(`${server}/${name}`, { internalPath: String(index) }),
        await openSource(file, { internalPath: String(index) })
      ]
      const [first, second] = await Promise.all(sources.map(async (source) => bytesOf((await source.get()).data)))
      expect(first).toEqual(second)
    }
  })
})

it('a URL opens again by its spec', async () => {
  const source = await openSource(`${server}/interleaved.msr`, { internalPath: 'b' })
  expect(source.toSpec()).toEqual({ kind: 'msr', path: `${server}/interleaved.msr`, internalPath: 'b' })
  const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
  expect(await again.get([1, 2, 3])).toBe(await source.get([1, 2, 3]))
})

it('opening takes three requests, and a region one', async () => {
  const store = recordingStore(httpStore(`${server}/plain.obf`))
  const source = await openSource(store, { format: 'msr' })
  expect(store.requests.length).toBeLessThanOrEqual(3)
  store.clear()
  expect(await source.get([5, 6, 7])).toBe((335 * 197) % 65521)
  expect(store.requests.length).toBe(1)
})
