import { copyOf, referenceArray, testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'
import { dtypes } from '../src/backend.js'
import {
  arraySource,
  blobStore,
  fileSystemStore,
  fromSpec,
  globalRegistry,
  httpStore,
  ndarray,
  openSource,
  registerSource,
  SourceError,
  type Store,
  zeros,
  zipStore
} from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { rawDriver } from './helpers/raw-driver.js'
import { testReading } from './helpers/read-contract.js'

registerSource(rawDriver)
const server = `${inject('rangeServerUrl')}zip`
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(`${server}/${name}`)).arrayBuffer()], name)

const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
const raw = { kind: 'raw', driver: rawDriver, reference, chunks: null, shards: null } as const
const worker = { create: () => new Worker(new URL('helpers/raw-worker.ts', import.meta.url), { type: 'module' }) }

testBackend(
  { describe, it },
  {
    ...raw,
    name: 'raw elements over HTTP',
    capabilities: { store: true, spec: { worker }, write: 'none' },
    open: ({ wrap, context, signal }) => openSource(wrap(httpStore(`${server}/ramp.raw`, context)), { format: 'raw', context, signal })
  }
)
for (const name of ['python-stored.zip', 'python-deflated.zip']) {
  testBackend(
    { describe, it },
    {
      ...raw,
      name: `raw elements in ${name} over HTTP`,
      capabilities: { store: true, spec: { worker }, write: 'none' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(httpStore(`${server}/${name}`, context)), { format: 'raw', internalPath: 'ramp.raw', context, signal })
    }
  )
  const file = await fileOf(name)
  testBackend(
    { describe, it },
    {
      ...raw,
      name: `raw elements in ${name} in a File`,
      capabilities: { store: true, spec: false, write: 'none' },
      open: async ({ wrap, context, signal }) =>
        openSource(await zipStore(wrap(blobStore(file)), '', { signal }), { format: 'raw', internalPath: 'ramp.raw', context, signal })
    }
  )
}

for (const dtype of ['int64', 'float16'] as const) {
  const memory = referenceArray([4, 5, 6], dtype, 3)
  testBackend(
    { describe, it, log: () => {} },
    {
      name: `arraySource of ${dtype}`,
      kind: 'array',
      reference: memory,
      chunks: null,
      shards: null,
      capabilities: { store: false, spec: false, write: 'regions' },
      open: async () => arraySource(copyOf(memory)),
      create: async ({ shape, dtype, chunks, shards, fillValue = 0 }) => {
        if (chunks !== undefined || shards !== undefined || Number(fillValue) !== 0)
          throw new SourceError('ERR_UNSUPPORTED', 'memory has no chunks and no fill value')
        return arraySource(zeros(shape, dtype))
      },
      creation: { dtypes, chunks: false, shards: false, fillValue: false }
    }
  )
}

describe('stores', () => {
  const inZip = async (name: string): Promise<{ store: Store; key: string }> => ({
    store: await zipStore(blobStore(await fileOf(name))),
    key: 'digits'
  })
  testReading('Blob', async () => ({ store: blobStore(new Blob([Uint8Array.from({ length: 10 }, (_, at) => at)])), key: '' }))
  testReading('stored in a zip file', () => inZip('python-stored.zip'))
  testReading('deflated in a zip file', () => inZip('python-deflated.zip'))
  testReading('zip over HTTP', async () => ({ store: await zipStore(httpStore(`${server}/zip-zip64.zip`)), key: 'digits' }))

  it('give the whole after a part of it, and parts after the whole, whatever the cache of the browser holds', async () => {
    const whole = new Uint8Array(await (await fileOf('python-stored.zip')).arrayBuffer())
    const { byteLength } = whole
    for (const [range, start, end] of [
      [{ offset: 0, length: 100 }, 0, 100],
      [{ offset: 1000, length: 100 }, 1000, 1100],
      [{ suffixLength: 50 }, byteLength - 50, byteLength]
    ] as const) {
      // The query makes it another object for the cache.
      const store = httpStore(`${server}/python-stored.zip?after=${start}`)
      expect(await store.get('', { range })).toEqual(whole.slice(start, end))
      expect(await store.get('')).toEqual(whole)
      expect(await store.get('', { range: { offset: 3000, length: 200 } })).toEqual(whole.slice(3000, 3200))
      expect(await store.size('')).toBe(byteLength)
    }
  })
  it('say what is not there', async () => {
    expect(await httpStore(server).get('missing')).toBeUndefined()
    expect(await httpStore(server).size('missing')).toBeUndefined()
    expect(await codeOf(openSource(`${server}/missing.raw`))).toBe('ERR_NOT_FOUND')
  })
  it('read nothing of the local file system, and say what to open instead', async () => {
    expect(await codeOf(() => fileSystemStore('/etc/passwd'))).toBe('ERR_UNSUPPORTED')
    await expect(openSource('/data/x.raw')).rejects.toThrow('open a URL, a File or a Blob')
  })
  it('end an aborted transfer with its reason', async () => {
    const reason = new Error('no longer wanted')
    const controller = new AbortController()
    const reading = httpStore(`${server}/python-stored.zip?aborted`).get('', { signal: controller.signal })
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

it('a spec opens what a URL opened', async () => {
  const source = await openSource(`${server}/python-deflated.zip`, { internalPath: 'ramp.raw' })
  expect(source.toSpec()).toEqual({ kind: 'raw', path: `${server}/python-deflated.zip`, internalPath: 'ramp.raw' })
  const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
  expect(await again.get([5, 6, 7])).toBe((335 * 7919) % 65536)
  expect(globalRegistry().driver('raw')).toBe(rawDriver)
})
