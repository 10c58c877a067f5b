import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asSource, createSource, fromSpec, isSourceError, memoryStore, type NdArray, openSource, slice, toNested } from '@bioimage/core'
import '@bioimage/hdf5'
import { Dataset, File as H5File } from 'h5wasm/node'
import { afterAll, describe, expect, it } from 'vitest'
import { LibraryFile } from '../src/h5wasm-library.js'
import { reference } from './reference.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-hdf5-library-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (isSourceError(error) ? error.code : String(error))
  )
const read = async (path: string, internalPath: string): Promise<NdArray> => (await openSource(path, { internalPath })).get()
const descriptors = (): number => readdirSync('/proc/self/fd').length

describe('virtual datasets', () => {
  it('show their sources', async () => {
    const source = await openSource(fixture('virtual.h5'), { internalPath: 'virtual' })
    expect(source.shape).toEqual([2, 6, 7, 8])
    expect(toNested(await source.get())).toEqual([toNested(reference), toNested(reference)])
    expect(await source.get([1, 2, 3, 4])).toBe((((2 * 7 + 3) * 8 + 4) * 7919) % 65536)
    expect(toNested(await source.get([0, slice(1, null, 2), 3, slice(1, 8, 3)]))).toEqual(
      toNested(await (await openSource(fixture('old.h5'), { internalPath: 'gzip' })).get([slice(1, null, 2), 3, slice(1, 8, 3)]))
    )
  })

  it('are refused where a source is missing, or is outside the folder', async () => {
    expect(await codeOf(read(fixture('virtual.h5'), 'missing'))).toBe('ERR_NOT_FOUND')
    const { readFileSync } = await import('node:fs')
    const file = memoryStore([['', readFileSync(fixture('virtual.h5'))]])
    expect(await codeOf(openSource(file, { format: 'hdf5', internalPath: 'virtual' }))).toBe('ERR_UNSUPPORTED')
  })
})

describe('h5wasm', () => {
  it('never gives what a failed read left in its memory', async () => {
    for (let round = 0; round < 2; round++) expect(await codeOf(read(fixture('virtual.h5'), 'damaged'))).toBe('ERR_IO')
    // The thread was ended each time; the next one works.
    expect(toNested(await read(fixture('virtual.h5'), 'virtual'))).toEqual([toNested(reference), toNested(reference)])
  })

  it('is started again after it ran out of memory', async () => {
    const library = new LibraryFile(fixture('old.h5'), false)
    const task = { task: 'read', dataset: 'contiguous', start: [0, 0, 0], shape: [1, 1, 8], step: [1, 1, 1], byteLength: 16 } as const
    expect((await library.run(task))?.byteLength).toBe(16)
    expect(await codeOf(library.run({ ...task, byteLength: 2 ** 40 }))).toBe('ERR_IO')
    expect((await library.run(task))?.byteLength).toBe(16)
    await library.close()
  })

  it('leaves no descriptor open, also after failures', async () => {
    const fail = (): Promise<string> => codeOf(read(fixture('virtual.h5'), 'damaged'))
    expect(await fail()).toBe('ERR_IO')
    await read(fixture('virtual.h5'), 'virtual')
    const before = descriptors()
    for (let round = 0; round < 1000; round++) await read(fixture('old.h5'), 'contiguous')
    for (let round = 0; round < 20; round++) await read(fixture('virtual.h5'), 'virtual')
    expect(descriptors()).toBeLessThanOrEqual(before)
    // Each would leave at least one in the thread that made it.
    for (let round = 0; round < 5; round++) expect(await fail()).toBe('ERR_IO')
    await read(fixture('virtual.h5'), 'virtual')
    expect(descriptors()).toBeLessThanOrEqual(before)
  }, 120_000)

  it('is refused writes that reach past the end, or would lose values', async () => {
    const source = await createSource(join(folder, 'writes.h5'), { internalPath: 'a', shape: [10], dtype: 'uint16' })
    await source.set(
      '...',
      Uint16Array.from({ length: 10 }, (_, at) => at)
    )
    expect(await codeOf(source.set([{ start: 8, stop: 12 }], Uint16Array.of(1, 2, 3, 4)))).toBe('ERR_SHAPE_MISMATCH')
    expect(await codeOf(source.set([10], 1))).toBe('ERR_INVALID_INDEX')
    expect(await codeOf(source.set([3], -1))).toBe('ERR_DTYPE_MISMATCH')
    expect(await codeOf(source.set([3], 1.5))).toBe('ERR_DTYPE_MISMATCH')
    expect(await codeOf(source.set([{ start: 0, stop: 2 }], Int8Array.of(1, -1)))).toBe('ERR_DTYPE_MISMATCH')
    expect(toNested(await source.get())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await source.close()
  })

  it('does not write through a source that only reads, beside one that writes', async () => {
    const path = join(folder, 'both.h5')
    const writer = await createSource(path, { internalPath: 'a', shape: [4], dtype: 'uint8' })
    const reader = await openSource(path, { internalPath: 'a' })
    expect(await codeOf(reader.set([0], 9))).toBe('ERR_READ_ONLY')
    expect(await writer.get([0])).toBe(0)
    await writer.close()
  })
})

describe('a live dataset of h5wasm', () => {
  const datasetOf = (file: H5File, name: string): Dataset => {
    const found = file.get(name)
    if (!(found instanceof Dataset)) throw new Error(`h5wasm does not find ${name}`)
    return found
  }

  it('is a source that opens again', async () => {
    const file = new H5File(fixture('old.h5'), 'r')
    const source = await asSource(datasetOf(file, 'gzip'))
    expect([source.kind, source.dtype, source.shape, source.chunks]).toEqual(['hdf5', 'uint16', [6, 7, 8], [4, 3, 5]])
    expect(toNested(await source.get())).toEqual(toNested(reference))
    expect(source.toSpec()).toEqual({ kind: 'hdf5', path: fixture('old.h5'), internalPath: 'gzip' })
    file.close()
    expect(toNested(await (await fromSpec(source.toSpec())).get())).toEqual(toNested(reference))
  })

  it('shows what was written through h5wasm', async () => {
    const path = join(folder, 'live.h5')
    const created = await createSource(path, { internalPath: 'live', shape: [3], dtype: 'uint8', gzip: 0 })
    await created.set('...', 1)
    await created.close()
    const file = new H5File(path, 'a')
    const dataset = datasetOf(file, 'live')
    const source = await asSource(dataset)
    expect(toNested(await source.get())).toEqual([1, 1, 1])
    dataset.write_slice([[1, 2]], Uint8Array.of(5))
    expect(toNested(await source.get())).toEqual([1, 5, 1])
    file.close()
  })

  it('is refused where two open files have such a dataset', async () => {
    const copy = join(folder, 'copy.h5')
    copyFileSync(fixture('old.h5'), copy)
    const [one, other] = [new H5File(fixture('old.h5'), 'r'), new H5File(copy, 'r')]
    expect(await codeOf(asSource(datasetOf(one, 'gzip')))).toBe('ERR_INVALID_ARGUMENT')
    other.close()
    expect((await asSource(datasetOf(one, 'gzip'))).toSpec()).toMatchObject({ path: fixture('old.h5') })
    one.close()
  })
})
