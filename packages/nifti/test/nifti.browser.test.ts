import { fromSpec, httpStore, ndarray, openSource, type Source, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { nifti } from '@bioimage/nifti'
import { copyOf, recordingStore, testBackend } from '@bioimage/testing'
import { describe, expect, inject, it } from 'vitest'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const readOnly = { store: true, spec: false, write: 'none' } as const
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(`${server}/${name}`)).arrayBuffer()], name)

/** The values of fixtures/make-nifti-fixtures.py: `at * 37 - 900`, scaled in one of the files. */
const stored = Int16Array.from({ length: 60 }, (_, at) => at * 37 - 900)
const references = {
  'sform.nii': copyOf(ndarray(stored, [5, 4, 3])),
  'scaled.nii': copyOf(
    ndarray(
      Float64Array.from(stored, (value) => value * 0.5 - 3),
      [5, 4, 3]
    )
  ),
  'time.nii.gz': copyOf(
    ndarray(
      Int16Array.from({ length: 120 }, (_, at) => at * 37 - 900),
      [2, 3, 4, 5]
    )
  )
}

const worker = { create: (): Worker => new Worker(new URL('worker.ts', import.meta.url), { type: 'module' }) }

for (const [name, reference] of Object.entries(references)) {
  const data = { kind: 'nifti', driver: nifti, reference, chunks: null, shards: null } as const
  testBackend(
    { describe, it },
    {
      ...data,
      name: `${name} over HTTP`,
      capabilities: {
        ...readOnly,
        spec: { worker }
      },
      open: ({ wrap, context, signal }) => openSource(wrap(httpStore(`${server}/${name}`, context)), { format: 'nifti', context, signal })
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
  const single = Object.keys(expected).filter((name) => !name.includes('.hdr'))
  it.each(single)('%s is the same over HTTP and in a File', async (name) => {
    const sources: readonly Source[] = [await openSource(`${server}/${name}`), await openSource(await fileOf(name))]
    const [first, second] = await Promise.all(sources.map(async (source) => bytesOf((await source.get()).data)))
    expect(first).toEqual(second)
    expect(sources[0]?.shape).toEqual(sources[1]?.shape)
  })
})

describe('a URL', () => {
  it('opens by its extension, and again by its spec', async () => {
    for (const name of ['int16.nii', 'members.nii.gz', 'pair.hdr', 'zipped.img.gz']) {
      const source = await openSource(`${server}/${name}`)
      expect(source.toSpec()).toEqual({ kind: 'nifti', path: `${server}/${name}` })
      const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
      expect(await again.get([1, 2, 2])).toBe(await source.get([1, 2, 2]))
    }
  })
  it('is read by ranges, no more than the region needs', async () => {
    const store = recordingStore(httpStore(`${server}/sform.nii`))
    const source = await openSource(store, { format: 'nifti' })
    store.clear()
    await source.get([1, slice(1, 2)])
    expect(store.bytesRead).toBe(6)
  })
  it('tells that a File of a pair has no other half', async () => {
    await expect(openSource(await fileOf('pair.hdr'))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})
