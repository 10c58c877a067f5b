import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { parseJpegHeader, parsePngHeader } from '@bioimage/codecs'
import { createSource, fileSystemStore, fromSpec, isSourceError, listArrays, memoryStore, ndarray, openSource, slice } from '@bioimage/core'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { addScale, openCloudvolume } from '../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'bioimage-cloudvolume-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(root, String(count++))
})

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
  } catch (error) {
    return isSourceError(error) ? error.code : String(error)
  }
  return 'no error'
}
const create = (options: Readonly<Record<string, unknown>> = {}) =>
  createSource(folder, {
    format: 'cloudvolume',
    shape: [4, 6, 10],
    dtype: 'uint8',
    chunks: [2, 3, 4],
    voxelOffset: [-3, 10, 0],
    ...options
  })
const numbers = Uint8Array.from({ length: 240 }, (_, at) => at)

describe('a window', () => {
  test('counts in voxels of the volume, x y z, and is the same again by its spec', async () => {
    await (await create()).set([], numbers)
    const window = await openCloudvolume(folder, { offset: [-1, 12, 1], size: [5, 2, 3] })
    expect(window.shape).toEqual([3, 2, 5])
    expect(window.voxelOffset).toEqual([-1, 12, 1])
    expect(await window.get([0, 0, 0])).toBe(1 * 60 + 2 * 10 + 2)
    const again = await fromSpec(JSON.parse(JSON.stringify(window.toSpec())))
    expect((await again.get()).data).toEqual((await window.get()).data)
  })
  test('outside the volume is an error, cut, or background', async () => {
    await (await create()).set([], numbers)
    const outside = { offset: [-5, 10, 0], size: [4, 6, 4] }
    expect(await codeOf(() => openCloudvolume(folder, outside))).toBe('ERR_INVALID_ARGUMENT')
    expect((await openCloudvolume(folder, { ...outside, autocrop: true })).shape).toEqual([4, 6, 2])
    const open = await openCloudvolume(folder, { ...outside, bounded: false, backgroundColor: 9 })
    expect([...(await open.get([0, 0, slice()])).data]).toEqual([9, 9, 0, 1])
    expect(await codeOf(() => open.set([0, 0, slice()], 5))).toBe('ERR_INVALID_INDEX')
  })
})

describe('chunks that are not stored', () => {
  test('are an error that names the box, or background', async () => {
    const source = await create()
    await source.set([slice(2), slice(3), slice(4)], 5)
    expect(await source.get([1, 2, 3])).toBe(5)
    await expect(source.get([3, 3, 3])).rejects.toThrow(/-3-1_13-16_2-4.*fillMissing/)
    const filled = await openCloudvolume(folder, { fillMissing: true, backgroundColor: 4 })
    expect(await filled.get([3, 3, 3])).toBe(4)
    expect(await codeOf(() => source.set([3, 3, 3], 1))).toBe('ERR_NOT_FOUND')
  })
  test('of zero bytes are missing too, unless they are compressed: then they are damaged', async () => {
    await create()
    mkdirSync(join(folder, '1_1_1'))
    writeFileSync(join(folder, '1_1_1', '-3-1_10-13_0-2'), '')
    const source = await openCloudvolume(folder)
    expect(await codeOf(() => source.get([0, 0, 0]))).toBe('ERR_NOT_FOUND')
    writeFileSync(join(folder, '1_1_1', '-3-1_10-13_0-2.gz'), '')
    expect(await codeOf(() => source.get([0, 0, 0]))).toBe('ERR_CORRUPT_DATA')
  })
})

describe('files of one chunk', () => {
  test('the newest counts, and a write leaves one', async () => {
    const source = await create()
    await source.set([], numbers)
    const name = join(folder, '1_1_1', '-3-1_10-13_0-2')
    writeFileSync(name, new Uint8Array(24).fill(77))
    utimesSync(name, 1, 1)
    expect(await (await openCloudvolume(folder)).get([0, 0, 0])).toBe(0)
    utimesSync(name, Date.now() / 1000 + 100, Date.now() / 1000 + 100)
    const again = await openCloudvolume(folder)
    expect(await again.get([0, 0, 0])).toBe(77)
    await again.set([0, 0, 0], 5)
    expect(readdirSync(join(folder, '1_1_1')).filter((file) => file.startsWith('-3-1_10-13_0-2'))).toEqual(['-3-1_10-13_0-2.gz'])
    expect((await again.get([0, 0, slice(2)])).data).toEqual(Uint8Array.of(5, 77))
  })
  test('cut ones are damaged', async () => {
    const source = await create()
    await source.set([], numbers)
    writeFileSync(join(folder, '1_1_1', '-3-1_10-13_0-2.gz'), gzipSync(new Uint8Array(23)))
    expect(await codeOf(async () => (await openCloudvolume(folder)).get([0, 0, 0]))).toBe('ERR_CORRUPT_DATA')
  })
})

describe('writes', () => {
  test('that are not aligned can be refused, with the nearest box', async () => {
    await (await create()).set([], numbers)
    const source = await openCloudvolume(folder, { nonAlignedWrites: false })
    await source.set([slice(2), slice(3), slice(4, 10)], 1)
    await expect(source.set([slice(2), slice(3), slice(4, 9)], 1)).rejects.toThrow(/\[1, 10, 0\] to \[7, 13, 2\]/)
  })
  test('of one channel keep the others', async () => {
    const source = await createSource(folder, { format: 'cloudvolume', shape: [3, 4, 6, 10], dtype: 'uint8', chunks: [3, 2, 3, 4] })
    await source.set([], ndarray(new Uint8Array(720).fill(1), [3, 4, 6, 10]))
    const green = await openCloudvolume(folder, { channel: 1 })
    expect(green.shape).toEqual([4, 6, 10])
    await green.set([slice(1, 3), 2, 5], 8)
    expect((await source.get([slice(), 1, 2, 5])).data).toEqual(Uint8Array.of(1, 8, 1))
    expect((await openCloudvolume(folder, { channel: -1 })).shape).toEqual([4, 6, 10])
    expect(await codeOf(() => openCloudvolume(folder, { channel: 3 }))).toBe('ERR_INVALID_ARGUMENT')
  })
  test('to a part of a shard keep its other chunks, also from two handles at once', async () => {
    const source = await create({ shards: [4, 6, 8], fillMissing: true })
    const other = await openCloudvolume(folder, { fillMissing: true })
    expect(source.shards).toEqual([4, 6, 8])
    await Promise.all(Array.from({ length: 10 }, (_, x) => (x % 2 === 0 ? source : other).set([slice(), slice(), x], x + 1)))
    expect((await source.get([3, 5, slice()])).data).toEqual(Uint8Array.from({ length: 10 }, (_, x) => x + 1))
  })
  test('of nothing but background can remove chunks', async () => {
    const source = await create({ deleteBlackUploads: true, fillMissing: true })
    await source.set([], numbers)
    await source.set([slice(2), slice(3), slice(4)], 0)
    expect(readdirSync(join(folder, '1_1_1'))).not.toContain('-3-1_10-13_0-2.gz')
    expect(await source.get([0, 0, 0])).toBe(0)
  })
  test('to a locked scale are refused', async () => {
    await create()
    const info = JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))
    info.scales[0].locked = true
    writeFileSync(join(folder, 'info'), JSON.stringify(info))
    expect(await codeOf(() => openSource(folder, { format: 'cloudvolume', mode: 'r+' }))).toBe('ERR_READ_ONLY')
    expect((await openCloudvolume(folder)).writable).toBe(false)
  })
})

test.each([
  [1, 100, 2],
  [1, undefined, 9],
  [3, 100, 5],
  [3, 60, 60]
])('jpeg chunks of %s channels and quality %s differ by at most %s', async (channels, jpegQuality, tolerance) => {
  const path = join(folder, `jpeg-${channels}-${jpegQuality}`)
  const shape = [...(channels === 1 ? [] : [channels]), 20, 30, 40]
  const wave = (at: number): number => 128 + 100 * Math.sin((at % 40) / 9) * Math.cos((Math.floor(at / 40) % 30) / 11 + (at >> 13))
  const data = Uint8Array.from({ length: channels * 24000 }, (_, at) => wave(at))
  const source = await createSource(path, {
    format: 'cloudvolume',
    shape,
    dtype: 'uint8',
    chunks: [...(channels === 1 ? [] : [channels]), 16, 16, 16],
    encoding: 'jpeg',
    ...(jpegQuality !== undefined && { jpegQuality })
  })
  await source.set([], data)
  const scale = JSON.parse(readFileSync(join(path, 'info'), 'utf8')).scales[0]
  expect(scale.jpeg_quality).toBe(jpegQuality ?? 85)
  const read = (await (await openCloudvolume(path)).get()).data
  const differences = Array.from(data, (value, at) => Math.abs(value - (read instanceof Uint8Array ? (read[at] ?? 0) : 0)))
  expect(differences.reduce((largest, each) => Math.max(largest, each), 0)).toBeLessThanOrEqual(tolerance)
  expect(parseJpegHeader(readFileSync(join(path, '1_1_1', '32-40_0-16_0-16')))).toEqual({
    width: 8,
    height: 256,
    channels,
    bitsPerSample: 8
  })
  const coarser = await addScale(path, { factor: [2, 2, 2] })
  expect(JSON.parse(readFileSync(join(path, 'info'), 'utf8')).scales[1]).toMatchObject({ key: coarser, jpeg_quality: jpegQuality ?? 85 })
})

test('what JPEG cannot hold is refused', async () => {
  const volume = { format: 'cloudvolume', shape: [4, 4, 4], dtype: 'uint8', encoding: 'jpeg' } as const
  await expect(createSource(join(folder, 'jpeg-0'), { ...volume, jpegQuality: 0 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await expect(createSource(join(folder, 'jpeg-1'), { ...volume, dtype: 'uint16' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  await expect(createSource(join(folder, 'jpeg-2'), { ...volume, shape: [2, 4, 4, 4] })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})

test('images interleave channels as the format says: what tensorstore wrote as png and raw is the same, and png written here comes back', async () => {
  const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const raw = await (await openCloudvolume(fixture('channels'))).get()
  expect((await (await openCloudvolume(fixture('png'))).get()).data).toEqual(raw.data)
  const source = await createSource(folder, {
    format: 'cloudvolume',
    shape: raw.shape,
    dtype: 'uint8',
    chunks: [3, 4, 3, 5],
    encoding: 'png'
  })
  await source.set([], raw)
  expect((await source.get()).data).toEqual(raw.data)
  const [z, y, x] = [4, 3, 5].map((length, axis) => Math.min(length, raw.shape[axis + 1] ?? 0))
  const [first = ''] = readdirSync(join(folder, '1_1_1')).filter((name) => name === `0-${x}_0-${y}_0-${z}`)
  expect(parsePngHeader(readFileSync(join(folder, '1_1_1', first)))).toMatchObject({ width: x, height: (y ?? 0) * (z ?? 0), channels: 3 })
})

describe('scales', () => {
  test('are added, listed, and chosen by index, resolution or key', async () => {
    await create({ resolution: [4, 4, 40] })
    expect(await addScale(folder, { factor: [2, 2, 1] })).toBe('8_8_40')
    expect(await codeOf(() => addScale(folder, { factor: [2, 2, 1] }))).toBe('ERR_ALREADY_EXISTS')
    const arrays = await listArrays(folder, { format: 'cloudvolume' })
    expect(arrays.map(({ internalPath, shape }) => [internalPath, shape])).toEqual([
      ['4_4_40', [4, 6, 10]],
      ['8_8_40', [4, 3, 5]]
    ])
    for (const mip of [1, -1, [8, 8, 40]]) expect((await openCloudvolume(folder, { mip })).voxelOffset).toEqual([-2, 5, 0])
    expect(await codeOf(() => openCloudvolume(folder, { mip: 2 }))).toBe('ERR_NOT_FOUND')
    expect((await openSource(folder, { format: 'cloudvolume', internalPath: '8_8_40' })).metadata.axes?.[2]?.scale).toBe(8)
  })
  test('are added to a compressed `info`, of which the others stay', async () => {
    await (await create({ resolution: [4, 4, 40] })).set([], numbers)
    const store = memoryStore()
    const local = join(root, `${count++}`)
    mkdirSync(local)
    for (const place of [store, fileSystemStore(local)]) {
      await place.set?.('info.gz', gzipSync(readFileSync(join(folder, 'info'))))
      await place.set?.('provenance.gz', gzipSync('{}'))
    }
    for (const target of [store, local]) {
      const scale = { format: 'cloudvolume', shape: [4, 3, 5], dtype: 'uint8', resolution: [8, 8, 40], internalPath: '8_8_40' } as const
      await createSource(target, scale)
      await expect(createSource(target, scale)).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
      const arrays = await listArrays(target, { format: 'cloudvolume' })
      expect(arrays.map(({ internalPath }) => internalPath)).toEqual(['4_4_40', '8_8_40'])
    }
    expect(readdirSync(local).sort()).toEqual(['info', 'provenance.gz'])
    await createSource(local, { format: 'cloudvolume', shape: [1, 1, 1], dtype: 'uint8', overwrite: true })
    expect(await listArrays(local, { format: 'cloudvolume' })).toHaveLength(1)
  })
  test('made twice at the same time are made once', async () => {
    for (const target of [folder, memoryStore()]) {
      const options = { format: 'cloudvolume', shape: [1, 1, 1], dtype: 'uint8' } as const
      const results = await Promise.allSettled(Array.from({ length: 4 }, () => createSource(target, options)))
      const codes = results.map((result) => (result.status === 'fulfilled' ? 'made' : isSourceError(result.reason) && result.reason.code))
      expect(codes.sort()).toEqual(['ERR_ALREADY_EXISTS', 'ERR_ALREADY_EXISTS', 'ERR_ALREADY_EXISTS', 'made'])
    }
  })
  test('are never replaced unasked', async () => {
    const source = await create()
    await source.set([], numbers)
    expect(await codeOf(() => create())).toBe('ERR_ALREADY_EXISTS')
    expect(await codeOf(async () => (await create({ overwrite: true })).get())).toBe('ERR_NOT_FOUND')
  })
})

describe('hostile documents', () => {
  const scale = { key: 'k', size: [8, 8, 8], resolution: [1, 1, 1], chunk_sizes: [[4, 4, 4]], encoding: 'raw' }
  const document = { data_type: 'uint8', num_channels: 1, scales: [scale] }
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['no scales', { ...document, scales: [] }, 'ERR_CORRUPT_DATA'],
    ['a negative size', { ...document, scales: [{ ...scale, size: [-1, 8, 8] }] }, 'ERR_CORRUPT_DATA'],
    ['an absurd size', { ...document, scales: [{ ...scale, size: [2 ** 53, 8, 8] }] }, 'ERR_CORRUPT_DATA'],
    ['chunks of nothing', { ...document, scales: [{ ...scale, chunk_sizes: [[0, 4, 4]] }] }, 'ERR_CORRUPT_DATA'],
    [
      'chunks of more than any memory',
      { ...document, scales: [{ ...scale, size: [1e6, 1e6, 1e6], chunk_sizes: [[1e6, 1e6, 1e6]] }] },
      'ERR_CORRUPT_DATA'
    ],
    ['a resolution of 0', { ...document, scales: [{ ...scale, resolution: [0, 1, 1] }] }, 'ERR_CORRUPT_DATA'],
    ['an unknown type', { ...document, data_type: 'uint128' }, 'ERR_UNSUPPORTED'],
    ['an unknown encoding', { ...document, scales: [{ ...scale, encoding: 'crackle' }] }, 'ERR_UNSUPPORTED'],
    [
      'no block size',
      { ...document, data_type: 'uint32', scales: [{ ...scale, encoding: 'compressed_segmentation' }] },
      'ERR_CORRUPT_DATA'
    ],
    [
      'absurd shard bits',
      {
        ...document,
        scales: [
          {
            ...scale,
            sharding: { '@type': 'neuroglancer_uint64_sharded_v1', hash: 'identity', preshift_bits: 1, minishard_bits: 40, shard_bits: 1 }
          }
        ]
      },
      'ERR_CORRUPT_DATA'
    ],
    [
      'too many chunks for their numbers',
      {
        ...document,
        scales: [
          {
            ...scale,
            size: [2 ** 50, 2 ** 50, 2 ** 50],
            sharding: { '@type': 'neuroglancer_uint64_sharded_v1', hash: 'identity', preshift_bits: 1, minishard_bits: 1, shard_bits: 1 }
          }
        ]
      },
      'ERR_UNSUPPORTED'
    ],
    ['a key that leads out', { ...document, scales: [{ ...scale, key: '../../other' }] }, 'ERR_CORRUPT_DATA']
  ]
  test.each(cases)('%s', async (_, info, code) => {
    const store = memoryStore([['info', new TextEncoder().encode(JSON.stringify(info))]])
    expect(await codeOf(() => openSource(store, { format: 'cloudvolume' }))).toBe(code)
  })
})
