import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CreateOptions, createSource, type NdArray, openSource, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { referenceArray } from '@bioimage/testing'
import { tif } from '@bioimage/tif'
import { afterAll, describe, expect, it } from 'vitest'

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

describe('what a file cannot hold is refused before anything is written', () => {
  const refused: Readonly<Record<string, [Partial<CreateOptions>, string]>> = {
    'tiles that are no multiples of 16': [{ chunks: [1, 10, 10] }, 'ERR_UNSUPPORTED'],
    'chunks of several pages': [{ chunks: [2, 16, 16] }, 'ERR_UNSUPPORTED'],
    bool: [{ dtype: 'bool' }, 'ERR_UNSUPPORTED'],
    'ImageJ with doubles': [{ dtype: 'float64', description: 'imagej' }, 'ERR_UNSUPPORTED'],
    'OME with 64-bit integers': [{ dtype: 'int64', description: 'ome' }, 'ERR_UNSUPPORTED'],
    'OME with an axis of length 1': [{ shape: [1, 40, 50], description: 'ome' }, 'ERR_UNSUPPORTED'],
    'a predictor without a compression': [{ predictor: true }, 'ERR_INVALID_ARGUMENT'],
    'an unknown compression': [{ compression: 'rar' }, 'ERR_INVALID_ARGUMENT']
  }
  it.each(Object.entries(refused))('%s', async (_, [options, code]) => {
    const before = readdirSync(folder)
    const creating = createSource(join(folder, 'refused.tif'), { format: tif.kind, shape: [3, 40, 50], dtype: 'uint16', ...options })
    await expect(creating).rejects.toMatchObject({ code })
    expect(readdirSync(folder)).toEqual(before)
  })
})
