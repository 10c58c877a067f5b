import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, isSourceError, type Json, memoryStore, openSource, slice } from '@bioimage/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import '@bioimage/zarr'

const codecs = [{ id: 'gzip', level: 1 }]

async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bioimage-zarr-names-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (isSourceError(error) ? error.code : String(error))
  )
}

describe('one array under several names', () => {
  it.each([
    ['chunk', [24, 8, 8], undefined],
    ['shard', [1, 8, 8], [24, 8, 8]]
  ] as const)('loses no write to one %s, and shows each of them at once', async (_, chunks, shards) => {
    const folder = await temporaryFolder()
    const container = join(folder, 'real', 'a.zarr')
    const options = { shape: [24, 8, 8], dtype: 'uint8', chunks, shards, codecs } as const
    const first = await createSource(container, { internalPath: 'group/0', ...options })
    await symlink(join(folder, 'real'), join(folder, 'link'))
    await symlink(join(container, 'group'), join(folder, 'group'))
    const others = await Promise.all([
      openSource(join(container, 'group/0'), { mode: 'r+' }),
      openSource(join(container, 'group'), { internalPath: '0', mode: 'r+' }),
      openSource(join(folder, 'link/a.zarr'), { internalPath: 'group/0', mode: 'r+' }),
      openSource(join(folder, 'group/0'), { mode: 'r+' })
    ])
    const sources = [first, ...others]
    await Promise.all(Array.from({ length: 24 }, (_, plane) => sources[plane % sources.length]?.set([plane], plane + 1)))
    for (const source of sources) {
      expect(Array.from((await source.get([null, 0, 0])).data, Number)).toEqual(Array.from({ length: 24 }, (_, plane) => plane + 1))
    }
    // A part of a chunk, which the others have in their caches.
    await first.set([3, 2, slice(0, 4)], 99)
    for (const source of sources) expect(await source.get([3, 2, 1])).toBe(99)
  })

  it('has the same metadata by the path of the container and by its own', async () => {
    const folder = await temporaryFolder()
    const attributes = (ome: Json): string => JSON.stringify({ zarr_format: 3, node_type: 'group', attributes: { ome } })
    const multiscales: Json = [
      {
        axes: ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' })),
        datasets: ['0', '1'].map((path) => ({ path, coordinateTransformations: [{ type: 'scale', scale: [2, 0.5, 0.5] }] }))
      }
    ]
    for (const name of ['img.zarr', 'img']) {
      const container = join(folder, name)
      await createSource(container, { format: 'zarr', internalPath: 'well/0', shape: [2, 3, 4], dtype: 'uint8', codecs })
      await writeFile(join(container, 'well', 'zarr.json'), attributes({ version: '0.5', multiscales }))
      const expected = await openSource(container, { internalPath: 'well/0' })
      expect(expected.metadata.axes?.map(({ scale }) => scale)).toEqual([2, 0.5, 0.5])
      for (const [path, internalPath] of [
        [join(container, 'well/0'), undefined],
        [join(container, 'well'), '0']
      ] as const) {
        const found = await openSource(path, { internalPath })
        expect(found.metadata).toEqual(expected.metadata)
        expect(found.toSpec()).toEqual(expected.toSpec())
      }
    }
  })
})

describe('replacing', () => {
  it('while a second handle is open: it reads and writes the new array from then on', async () => {
    const path = join(await temporaryFolder(), 'a.zarr')
    const options = { shape: [4, 8, 8], dtype: 'uint8', chunks: [2, 8, 8], codecs } as const
    const first = await createSource(path, options)
    await first.set('...', 7)
    const second = await openSource(path, { mode: 'r+' })
    // Into its cache.
    expect(await second.get([0, 0, 0])).toBe(7)
    const third = await createSource(path, { ...options, overwrite: true })
    for (const source of [first, second, third]) expect(await source.get([1, 1, 1])).toBe(0)
    await second.set([0, 0], 5)
    await third.set([1, 1], 6)
    expect(Array.from((await first.get([slice(0, 2), slice(0, 2), 0])).data, Number)).toEqual([5, 0, 0, 6])
  })

  it('shards that are compressed as a whole: no other handle remembers chunks of the old one', async () => {
    const store = memoryStore()
    const options = { format: 'zarr', shape: [4, 8], dtype: 'uint8', chunks: [2, 8], shards: [4, 8], codecs } as const
    await createSource(store, options)
    const document = JSON.parse(new TextDecoder().decode(await store.get('zarr.json')))
    document.codecs.push({ name: 'gzip', configuration: { level: 1 } })
    await store.set?.('zarr.json', new TextEncoder().encode(JSON.stringify(document)))
    const [writer, reader] = await Promise.all([openSource(store, { mode: 'r+', context: { cache: false } }), openSource(store)])
    for (const value of [5, 6]) {
      await writer.set('...', value)
      expect(await reader.get([0, 0])).toBe(value)
      await writer.set([1, 1], value + 10)
      expect(await reader.get([1, 1])).toBe(value + 10)
      expect(await reader.get([3, 7])).toBe(value)
    }
  })

  it('while writes are under way: a close waits for them, and all of them last', async () => {
    const path = join(await temporaryFolder(), 'a.zarr')
    const source = await createSource(path, { shape: [40, 8, 8], dtype: 'uint8', chunks: [20, 8, 8], codecs })
    const writes = Array.from({ length: 40 }, (_, plane) => source.set([plane], plane + 1))
    await source.close()
    // No await of the writes themselves before.
    const again = await openSource(path)
    expect(Array.from((await again.get([null, 7, 7])).data, Number)).toEqual(Array.from({ length: 40 }, (_, plane) => plane + 1))
    await Promise.all(writes)
  })
})

describe('chunks without metadata', () => {
  it.each([
    ['v3', 3, ['c/0/0', 'c/0/1']],
    ['v3 with dots', 3, ['c.0.0']],
    ['v2', 2, ['0.0', '1.0']],
    ['v2 with slashes', 2, ['0/0', '0/1']]
  ] as const)('of %s are refused, and removed when told to', async (_, zarrVersion, keys) => {
    const folder = join(await temporaryFolder(), 'a.zarr')
    for (const key of keys) {
      await mkdir(join(folder, key, '..'), { recursive: true })
      await writeFile(join(folder, key), new Uint8Array(4).fill(9))
    }
    await writeFile(join(folder, 'notes.txt'), 'mine')
    const options = { shape: [2, 4], dtype: 'uint8', chunks: [1, 4], codecs: [], zarrVersion } as const
    expect(await codeOf(createSource(folder, options))).toBe('ERR_ALREADY_EXISTS')
    const source = await createSource(folder, { ...options, overwrite: true })
    expect(Array.from((await source.get()).data, Number)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name).sort()).toEqual([zarrVersion === 3 ? 'zarr.json' : '.zarray', 'notes.txt'].sort())
    // Empty folders are no chunks.
    await rm(join(folder, zarrVersion === 3 ? 'zarr.json' : '.zarray'))
    await (await createSource(folder, options)).close()
  })

  it('are told from other things under such names', async () => {
    const folder = join(await temporaryFolder(), 'a.zarr')
    await createSource(folder, { internalPath: '0', shape: [4], dtype: 'uint8' })
    await rm(join(folder, 'zarr.json'))
    expect(await codeOf(createSource(folder, { shape: [4], dtype: 'uint8', overwrite: true }))).toBe('ERR_ALREADY_EXISTS')
    expect(await readdir(join(folder, '0'))).toEqual(['zarr.json'])
  })
})
