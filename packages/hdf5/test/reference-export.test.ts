import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createSource,
  fileSystemStore,
  fromSpec,
  isSourceError,
  type JsonObject,
  listArrays,
  openSource,
  slice,
  toNested
} from '@bioimage/core'
import { exportReference, type Hdf5Reference } from '@bioimage/hdf5'
import { recordingStore } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { reference as values } from './reference.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-hdf5-reference-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As plain JSON, which is what travels. */
const exported = async (...args: Parameters<typeof exportReference>): Promise<JsonObject & Pick<Hdf5Reference, 'refs' | 'bioimage'>> =>
  JSON.parse(JSON.stringify((await exportReference(...args)).reference))

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (isSourceError(error) ? error.code : String(error))
  )

const kerchunk = (name: string): { refs: Record<string, unknown> } => JSON.parse(readFileSync(fixture(`${name}.kerchunk.json`), 'utf8'))

describe.each(['old.h5', 'new.h5'])('the reference of %s', (name) => {
  it('says what that of kerchunk says', async () => {
    const { refs } = await exported(fixture(name), { path: name })
    const documentOf = (entry: unknown): unknown => (typeof entry === 'string' ? JSON.parse(entry.replaceAll(':NaN', ':"NaN"')) : entry)
    let compared = 0
    for (const [key, entry] of Object.entries(kerchunk(name).refs)) {
      // Texts, which are no arrays here.
      if (key.startsWith('texts/')) continue
      const found = documentOf(refs[key])
      if (key.endsWith('.zattrs') && typeof found === 'object' && found !== null) {
        // Here as text: an integer beyond 2^53.
        expect({ ...found, ...('large' in found && { large: 18446744073709552000 }) }, key).toEqual(documentOf(entry))
      } else expect(found, key).toEqual(documentOf(entry))
      compared++
    }
    expect(compared).toBeGreaterThan(35)
  })

  it('opens every dataset again, by nothing but the chunks', async () => {
    const inline = await exported(fixture(name))
    const path = join(folder, `${name}.json`)
    writeFileSync(path, JSON.stringify(inline))
    const arrays = await listArrays(fixture(name), { reference: path })
    const plain = await listArrays(fixture(name))
    expect(arrays.map(({ internalPath }) => internalPath)).toEqual(
      plain.filter(({ problem, codecs }) => problem === undefined && !codecs.includes('lzf')).map(({ internalPath }) => internalPath)
    )
    for (const { internalPath } of arrays) {
      const expected = await openSource(fixture(name), { internalPath })
      for (const reference of [inline, path]) {
        const source = await openSource(fixture(name), { internalPath, reference })
        expect([source.shape, source.dtype, toNested(await source.get())]).toEqual([
          expected.shape,
          expected.dtype,
          toNested(await expected.get())
        ])
        expect(toNested(await (await fromSpec(source.toSpec())).get())).toEqual(toNested(await expected.get()))
      }
    }
  })

  it('written by kerchunk, opens here', async () => {
    const reference = fixture(`${name}.kerchunk.json`)
    for (const { internalPath, problem, shape } of await listArrays(fixture(name), { reference })) {
      if (internalPath === 'texts') expect(problem).toMatch(/not read/)
      else if (shape.length === 3 && internalPath !== 'no_chunks')
        expect(toNested(await (await openSource(fixture(name), { internalPath, reference })).get())).toEqual(toNested(values))
    }
  })
})

it('reads no byte of the structure of the file', async () => {
  const reference = await exported(fixture('new.h5'))
  const recorded = recordingStore(fileSystemStore(fixture('new.h5')))
  const source = await openSource(recorded, { format: 'hdf5', internalPath: 'fixed_array', reference })
  expect(toNested(await source.get([slice(0, 2), slice(0, 2), slice(0, 2)]))).toEqual(
    toNested(await (await openSource(fixture('new.h5'), { internalPath: 'fixed_array' })).get([slice(0, 2), slice(0, 2), slice(0, 2)]))
  )
  const [, offset, length] = reference.refs['fixed_array/0.0.0'] ?? []
  expect(recorded.requests.filter(({ method }) => method === 'get').map(({ range }) => range)).toEqual([{ offset, length }])
})

it('takes small chunks into the reference itself', async () => {
  const reference = await exported(fixture('old.h5'), { internalPath: 'gzip', inlineBytes: 1000 })
  expect(Object.values(reference.refs).every((entry) => typeof entry === 'string')).toBe(true)
  const source = await openSource(fixture('old.h5'), { internalPath: 'gzip', reference })
  expect(toNested(await source.get())).toEqual(toNested(values))
})

it('says which datasets it leaves out, and refuses one that is asked for by name', async () => {
  const { omitted } = await exportReference(fixture('old.h5'))
  // Of lzf, h5py leaves chunks as they are that it cannot make smaller.
  expect(omitted.map(({ internalPath }) => internalPath)).toEqual(['lzf', 'texts'])
  expect(await codeOf(exportReference(fixture('old.h5'), { internalPath: 'texts' }))).toBe('ERR_UNSUPPORTED')
  expect(await codeOf(exportReference(fixture('old.h5'), { internalPath: 'nowhere' }))).toBe('ERR_NOT_FOUND')
})

it('brings every dtype and fill value, and voxel sizes', async () => {
  const path = join(folder, 'dtypes.h5')
  const fills = {
    float32: 'NaN',
    float64: '-Infinity',
    uint64: 2n ** 64n - 1n,
    int64: -(2n ** 63n),
    int8: -3,
    bool: true,
    float16: 1.5,
    complex64: 2
  } as const
  const axes = [{ name: 'x', type: 'space', unit: 'micrometer', scale: 0.5 }] as const
  for (const [dtype, fillValue] of Object.entries(fills)) {
    const source = await createSource(path, {
      internalPath: dtype,
      shape: [40],
      chunks: [16],
      dtype: dtype as keyof typeof fills,
      fillValue,
      metadata: { axes }
    })
    await source.set([slice(0, 16)], dtype === 'bool' ? false : dtype.includes('int64') ? 7n : dtype.startsWith('complex') ? [7, -1] : 7)
    await source.close()
  }
  const reference = await exported(path)
  for (const internalPath of Object.keys(fills)) {
    const [source, expected] = [await openSource(path, { internalPath, reference }), await openSource(path, { internalPath })]
    expect(source.dtype).toBe(expected.dtype)
    expect(toNested(await source.get())).toEqual(toNested(await expected.get()))
    expect(source.metadata).toEqual(expected.metadata)
  }
})

describe('refused', () => {
  it('a reference of another state of the file, or of another file', async () => {
    const path = join(folder, 'grown.h5')
    cpSync(fixture('old.h5'), path)
    const reference = await exported(path)
    await (await createSource(path, { internalPath: 'more', shape: [4], dtype: 'uint8' })).close()
    expect(await codeOf(openSource(path, { internalPath: 'gzip', reference }))).toBe('ERR_CORRUPT_DATA')
    const { bioimage: _, ...foreign } = reference
    const source = await openSource(fixture('new.h5'), { internalPath: 'gzip', reference: foreign })
    expect(await codeOf(source.get())).toBe('ERR_UNSUPPORTED')
  })

  it.each([
    ['a chunk behind the end', { 'gzip/0.0.0': ['old.h5', 1e9, 5] }, 'ERR_CORRUPT_DATA'],
    ['an entry that is none', { 'gzip/0.0.0': [1, 2] }, 'ERR_CORRUPT_DATA'],
    ['no base64', { 'gzip/0.0.0': 'base64:?' }, 'ERR_CORRUPT_DATA'],
    ['no document', { 'gzip/.zarray': '{' }, 'ERR_CORRUPT_DATA'],
    [
      'a codec that is not known',
      { 'gzip/.zarray': '{"shape":[4],"chunks":[4],"dtype":"<u2","filters":[{"id":"nothing"}],"order":"C"}' },
      'ERR_UNSUPPORTED'
    ],
    ['texts', { 'gzip/.zarray': '{"shape":[4],"chunks":[4],"dtype":"|O","order":"C"}' }, 'ERR_UNSUPPORTED']
  ])('%s', async (_, change, code) => {
    const whole = await exported(fixture('old.h5'))
    const reference = { ...whole, refs: { ...whole.refs, ...change } }
    const read = async (): Promise<unknown> => (await openSource(fixture('old.h5'), { internalPath: 'gzip', reference })).get()
    expect(await codeOf(read())).toBe(code)
  })

  it('writing, unknown paths, no reference, generated keys', async () => {
    const reference = await exported(fixture('old.h5'))
    const open = (options: Record<string, unknown>): Promise<unknown> =>
      openSource(fixture('old.h5'), { internalPath: 'gzip', reference, ...options })
    expect(await codeOf(open({ mode: 'r+' }))).toBe('ERR_READ_ONLY')
    expect(await codeOf(open({ internalPath: 'nowhere' }))).toBe('ERR_NOT_FOUND')
    expect(await codeOf(open({ internalPath: undefined }))).toBe('ERR_ARRAY_NOT_CHOSEN')
    expect(await codeOf(open({ reference: join(folder, 'none.json') }))).toBe('ERR_NOT_FOUND')
    expect(await codeOf(open({ reference: fixture('old.h5') }))).toBe('ERR_CORRUPT_DATA')
    expect(await codeOf(open({ reference: { version: 2, refs: {} } }))).toBe('ERR_UNSUPPORTED')
    expect(await codeOf(open({ reference: { version: 1, refs: {}, gen: [{}] } }))).toBe('ERR_UNSUPPORTED')
  })
})
