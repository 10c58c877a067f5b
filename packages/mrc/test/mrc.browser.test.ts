import { fromSpec, httpStore, ndarray, openSource, type Source, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { mrc } from '@bioimage/mrc'
import { copyOf, recordingStore, testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const readOnly = { store: true, spec: false, write: 'none' } as const
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(`${server}/${name}`)).arrayBuffer()], name)

/** The values of fixtures/make-mrc-fixtures.py: `at * 7919 + 11`, as int16, in rows from the bottom up. */
const stored = ndarray(
  Int16Array.from({ length: 24 }, (_, at) => at * 7919 + 11),
  [2, 3, 4]
)
const reference = copyOf({ ...stored, stride: [12, -4, 1], offset: 8 })
const data = { kind: 'mrc', driver: mrc, reference, chunks: null, shards: null } as const

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const name of ['mode-1.mrc', 'mode-1-big.mrc', 'gzip.mrc.gz', 'bzip2.mrc.bz2']) {
  testBackend(
    { describe, it },
    {
      ...data,
      name: `${name} over HTTP`,
      capabilities: {
        ...readOnly,
        spec: { worker }
      },
      open: ({ wrap, context, signal }) => openSource(wrap(httpStore(`${server}/${name}`, context)), { format: 'mrc', context, signal })
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
  const expected: Readonly<Record<string, { shape: number[]; dtype: string }>> = await (await fetch(`${server}/expected.json`)).json()
  it.each(Object.entries(expected))('%s is the same over HTTP and in a File', async (name, { shape, dtype }) => {
    const sources: readonly Source[] = [
      await openSource(`${server}/${name}`, { format: 'mrc' }),
      await openSource(await fileOf(name), { format: 'mrc' })
    ]
    const [first, second] = await Promise.all(sources.map(async (source) => bytesOf((await source.get()).data)))
    expect(first).toEqual(second)
    for (const source of sources) expect([source.shape, source.dtype]).toEqual([shape, dtype])
  })
})

describe('a URL', () => {
  it('opens by its extension, and again by its spec', async () => {
    for (const name of ['mode-1.mrc', 'gzip.mrc.gz']) {
      const source = await openSource(`${server}/${name}`)
      expect(source.toSpec()).toEqual({ kind: 'mrc', path: `${server}/${name}` })
      const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
      expect(await again.get([1, 2, 3])).toBe(await source.get([1, 2, 3]))
    }
  })
  it('is read by ranges, no more than the region needs', async () => {
    const store = recordingStore(httpStore(`${server}/fei1.mrc`))
    const source = await openSource(store, { format: 'mrc' })
    expect(store.bytesRead).toBe(1024)
    store.clear()
    await source.get([1, slice(1, 2)])
    expect(store.bytesRead).toBe(8)
  })
})
