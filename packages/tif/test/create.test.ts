import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CreateOptions, createSource, memoryStore, type NdArray, openSource, type Store, slice } from '@bioimage/core'
import { bytesOf, createObject } from '@bioimage/core/backend'
import { referenceArray } from '@bioimage/testing'
import { tif } from '@bioimage/tif'
import { afterAll, describe, expect, it } from 'vitest'
import { tags } from '../src/container/tags.js'
import { TiffFile } from '../src/container/tiff-file.js'
import { pagesOf } from '../src/series/page-list.js'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-tif-create-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0

async function stored(array: NdArray, options: Partial<CreateOptions>, name = 'a.tif') {
  const path = join(folder, `${count++}-${name}`)
  const source = await createSource(path, { format: tif.kind, shape: array.shape, dtype: array.dtype, ...options })
  await source.set('...', array)
  await source.close()
  return { path, source: await openSource(path, { format: tif.kind }) }
}

const sameBytes = (one: NdArray, other: NdArray): boolean => Buffer.compare(bytesOf(one.data), bytesOf(other.data)) === 0

describe('compressed files', () => {
  const volume = referenceArray([3, 50, 70], 'uint16')
  it.each(
    ['none', 'zlib', 'zstd', 'lzw'].flatMap((compression) =>
      [undefined, [1, 16, 32], [1, 7, 70]].map((chunks) => ({ compression, chunks, predictor: compression !== 'none' }))
    )
  )('$compression in chunks of $chunks hold what was written', async (options) => {
    const { source } = await stored(volume, options)
    expect(sameBytes(await source.get(), volume)).toBe(true)
    if (options.chunks !== undefined && options.compression !== 'none') expect(source.chunks).toEqual(options.chunks)
  })

  it('take regions in any order, give them back at once, and zeros where nothing was written', async () => {
    const path = join(folder, 'regions.tif')
    const made = await createSource(path, {
      format: tif.kind,
      shape: [4, 40, 50],
      dtype: 'int32',
      compression: 'zlib',
      chunks: [1, 16, 16]
    })
    await made.set([2, slice(10, 30), slice(5, 45)], 7)
    await made.set([2, slice(12, 14), slice(20, 40)], -1)
    expect(await made.get([2, 13, 30])).toBe(-1)
    expect(readdirSync(folder)).not.toContain('regions.tif')
    await made.close()
    const source = await openSource(path)
    const read = await source.get([slice(1, 3), slice(9, 15), 30])
    expect([...bytesOf(read.data).filter((_, at) => at % 4 === 0)]).toEqual([0, 0, 0, 0, 0, 0, 0, 7, 7, 255, 255, 7])
    // Tiles of zeros are stored once.
    expect(statSync(path).size).toBeLessThan(10_000)
  })

  it.each(['zlib', 'lzw'])('hold arrays of one axis, by %s', async (compression) => {
    const row = referenceArray([3000], 'uint16')
    const { source } = await stored(row, { compression, predictor: true })
    expect([source.shape, source.chunks]).toEqual([[3000], [3000]])
    expect(sameBytes(await source.get(), row)).toBe(true)
  })

  it('leave nothing behind when they are discarded', async () => {
    const before = readdirSync(folder)
    const made = await createSource(join(folder, 'gone.tif'), { format: tif.kind, shape: [4, 5], dtype: 'uint8', compression: 'lzw' })
    await made.set('...', 1)
    await made.discard()
    await made.close()
    expect(readdirSync(folder)).toEqual(before)
  })
})

describe('descriptions', () => {
  const micrometer = (name: string, scale: number) => ({ name, type: 'space' as const, unit: 'micrometer', scale })
  const axes = [
    { name: 't', type: 'time' as const, unit: 'second', scale: 2 },
    { name: 'c', type: 'channel' as const },
    micrometer('z', 2),
    micrometer('y', 0.5),
    micrometer('x', 0.25)
  ]
  const array = referenceArray([2, 3, 4, 5, 6], 'uint16')

  it.each(['shaped', 'ome'] as const)('%s keep axes, voxel sizes and channels', async (description) => {
    const metadata = { axes, channels: ['DAPI', 'GFP <a&b>', 'µ'] }
    const { source } = await stored(array, { metadata, description })
    expect(source.seriesKind).toBe(description)
    expect(source.axes).toBe('TCZYX')
    expect(source.metadata).toEqual(metadata)
    expect(sameBytes(await source.get(), array)).toBe(true)
  })

  it('imagej keeps the unit of time', async () => {
    const ordered = ['t', 'y', 'x'].map((name) => ({
      ...micrometer(name, 2),
      ...(name === 't' && { type: 'time' as const, unit: 'millisecond' })
    }))
    const { source } = await stored(referenceArray([2, 5, 6], 'uint8'), { metadata: { axes: ordered }, description: 'imagej' })
    expect(source.metadata.axes).toEqual(ordered)
  })

  it('imagej keeps axes and voxel sizes', async () => {
    const ordered = [axes[0], axes[2], axes[1], axes[3], axes[4]].filter((axis) => axis !== undefined)
    const { source } = await stored(array, { metadata: { axes: ordered }, description: 'imagej' })
    expect([source.seriesKind, source.axes]).toEqual(['imagej', 'TZCYX'])
    expect(source.metadata.axes).toEqual(ordered)
    expect(sameBytes(await source.get(), array)).toBe(true)
  })

  it('go by the name of the file', async () => {
    expect((await stored(array, { metadata: { axes } }, 'b.ome.tif')).source.seriesKind).toBe('ome')
  })

  it('hold samples of a pixel', async () => {
    const rgb = referenceArray([40, 50, 3], 'uint8')
    const metadata = { axes: ['y', 'x', 's'].map((name) => ({ name, type: name === 's' ? ('channel' as const) : ('space' as const) })) }
    const { source } = await stored(rgb, { metadata, compression: 'lzw', predictor: true })
    expect(source.axes).toBe('YXS')
    expect(source.attrs.photometric).toBe(2)
    expect(sameBytes(await source.get(), rgb)).toBe(true)
  })
})

const planesAlong = (name: string) => [
  { name, type: name === 'c' ? ('channel' as const) : ('space' as const) },
  ...['y', 'x'].map((each) => ({ name: each, type: 'space' as const }))
]
const inUnits = (first: string, others: string) => ({
  axes: planesAlong('z').map((axis, at) => ({ ...axis, scale: 2, unit: at === 0 ? first : others }))
})

describe('what a file cannot hold is refused before anything is written', () => {
  const refused: Readonly<Record<string, [Partial<CreateOptions>, string]>> = {
    'tiles that are no multiples of 16': [{ chunks: [1, 10, 10] }, 'ERR_UNSUPPORTED'],
    'chunks of several pages': [{ chunks: [2, 16, 16] }, 'ERR_UNSUPPORTED'],
    bool: [{ dtype: 'bool' }, 'ERR_UNSUPPORTED'],
    'ImageJ with doubles': [{ dtype: 'float64', description: 'imagej' }, 'ERR_UNSUPPORTED'],
    'OME with 64-bit integers': [{ dtype: 'int64', description: 'ome' }, 'ERR_UNSUPPORTED'],
    'OME with an axis of length 1': [{ shape: [1, 40, 50], description: 'ome' }, 'ERR_UNSUPPORTED'],
    'a predictor without a compression': [{ predictor: true }, 'ERR_INVALID_ARGUMENT'],
    'more strips than places can be kept of': [{ shape: [2 ** 24, 16], chunks: [1, 16], compression: 'lzw' }, 'ERR_TOO_LARGE'],
    'a unit of two lines in ImageJ': [
      { metadata: inUnits('pixel\nslices=7', 'pixel\nslices=7'), description: 'imagej' },
      'ERR_UNSUPPORTED'
    ],
    'two units in ImageJ': [{ metadata: inUnits('nanometer', 'micrometer'), description: 'imagej' }, 'ERR_UNSUPPORTED'],
    'a unit of OME that only objects have': [{ metadata: inUnits('constructor', 'constructor'), description: 'ome' }, 'ERR_UNSUPPORTED'],
    'a channel name with a control character in OME': [
      { metadata: { axes: planesAlong('c'), channels: ['a', 'b\u0001', 'c'] }, description: 'ome' },
      'ERR_UNSUPPORTED'
    ],
    'an unknown compression': [{ compression: 'rar' }, 'ERR_INVALID_ARGUMENT']
  }
  it.each(Object.entries(refused))('%s', async (_, [options, code]) => {
    const before = readdirSync(folder)
    const creating = createSource(join(folder, 'refused.tif'), { format: tif.kind, shape: [3, 40, 50], dtype: 'uint16', ...options })
    await expect(creating).rejects.toMatchObject({ code })
    expect(readdirSync(folder)).toEqual(before)
  })
})

describe('large files', () => {
  it('get their directories in pieces', async () => {
    const memory = memoryStore()
    const lengths: number[] = []
    const store: Store = {
      identity: memory.identity,
      path: memory.path,
      remote: memory.remote,
      get: (key, options) => memory.get(key, options),
      size: (key, options) => memory.size(key, options),
      set: async (key, bytes, options) => memory.set?.(key, bytes, options),
      create: async (key, { size }) => {
        const writer = await createObject(memory, key, { size, overwrite: false })
        return {
          size,
          write: async (offset, bytes) => {
            lengths.push(bytes.byteLength)
            await writer.write(offset, bytes)
          },
          read: (offset, target) => writer.read(offset, target),
          commit: (length) => writer.commit(length),
          abort: () => writer.abort()
        }
      }
    }
    const planes = 10_000
    const made = await createSource(store, { format: 'tif', shape: [planes, 1, 2], dtype: 'uint8' })
    await made.set([planes - 1, 0, 1], 5)
    await made.close()
    expect(Math.max(...lengths)).toBeLessThan(lengths.reduce((sum, length) => sum + length) * 0.6)
    const file = await TiffFile.open(memory, '', {})
    expect(await file.pageCount({})).toBe(planes)
    const [start = 0] = (await (await pagesOf(file).page(planes - 1, {}))?.ifd.numbers(tags.stripOffsets, {})) ?? []
    expect([...(await file.read(start, 2, {}))]).toEqual([0, 5])
  })

  it('are BigTIFF where the tables of their strips pass 4 GiB', async () => {
    const path = join(folder, 'many-strips.tif')
    const shape = [4_261_400, 1000]
    const made = await createSource(path, { format: 'tif', shape, dtype: 'uint8', chunks: [1, 1000] })
    await made.set([4_261_399, slice(990, 1000)], 3)
    await made.close()
    expect([...readFirst(path, 4)]).toEqual([0x49, 0x49, 43, 0])
    const source = await openSource(path)
    expect(source.shape).toEqual(shape)
    expect([...(await source.get([slice(4_261_398, 4_261_400), 995])).data]).toEqual([0, 3])
    rmSync(path)
  })
})

function readFirst(path: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const file = openSync(path, 'r')
  readSync(file, bytes)
  closeSync(file)
  return bytes
}
