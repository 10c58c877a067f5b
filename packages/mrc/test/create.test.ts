import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Axis,
  type CreateOptions,
  createSource,
  type DType,
  isSourceError,
  ndarray,
  openSource,
  slice,
  type TypedArray
} from '@bioimage/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '@bioimage/mrc'

let folder = ''
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bioimage-mrc-create-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fresh = (): string => join(folder, `${count++}.mrc`)

type Written = TypedArray | number | readonly [re: number, im: number]

async function write(options: Partial<CreateOptions>, value: Written): Promise<DataView> {
  const path = fresh()
  const { shape = [2, 3, 4], dtype = 'int16', ...others } = options
  const source = await createSource(path, { format: 'mrc', shape, dtype, ...others })
  await source.set('...', ArrayBuffer.isView(value) ? ndarray(value, [...shape]) : value)
  await source.close()
  const bytes = await readFile(path)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A header by the words of MRC2014, counted from 1. */
const integer = (file: DataView, word: number): number => file.getInt32(4 * (word - 1), true)
const float = (file: DataView, word: number): number => file.getFloat32(4 * (word - 1), true)
const text = (file: DataView, at: number, length: number): string =>
  String.fromCharCode(...new Uint8Array(file.buffer, file.byteOffset + at, length))

describe('a new file', () => {
  it('has the header of MRC2014, word by word, and its rows from the bottom up', async () => {
    const file = await write(
      {},
      Int16Array.from({ length: 24 }, (_, at) => at)
    )
    expect(file.byteLength).toBe(1024 + 48)
    expect([1, 2, 3, 4].map((word) => integer(file, word))).toEqual([4, 3, 2, 1])
    expect([5, 6, 7, 8, 9, 10].map((word) => integer(file, word))).toEqual([0, 0, 0, 4, 3, 2])
    expect([11, 12, 13, 14, 15, 16].map((word) => float(file, word))).toEqual([0, 0, 0, 90, 90, 90])
    expect([17, 18, 19, 23, 24, 28].map((word) => integer(file, word))).toEqual([1, 2, 3, 1, 0, 20140])
    expect([20, 21, 22].map((word) => float(file, word))).toEqual([0, 23, 11.5])
    expect(float(file, 55)).toBeCloseTo(Math.sqrt((24 ** 2 - 1) / 12), 5)
    expect([text(file, 208, 4), text(file, 212, 4), integer(file, 56)]).toEqual(['MAP ', 'DD\0\0', 0])
    const stored = Array.from({ length: 24 }, (_, at) => file.getInt16(1024 + 2 * at, true))
    expect(stored).toEqual([8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3, 20, 21, 22, 23, 16, 17, 18, 19, 12, 13, 14, 15])
  })
  it.each<[string, readonly number[], number[]]>([
    ['an image', [3, 4], [4, 3, 1, 1, 0]],
    ['a volume', [1, 3, 4], [4, 3, 1, 1, 1]],
    ['a stack of volumes', [5, 2, 3, 4], [4, 3, 10, 2, 401]]
  ])('says what it holds: %s', async (_, shape, expected) => {
    const file = await write({ shape }, 1)
    expect([1, 2, 3, 10, 23].map((word) => integer(file, word))).toEqual(expected)
  })
  it.each<[DType, number, number]>([
    ['int8', 0, 1],
    ['int16', 1, 2],
    ['float32', 2, 4],
    ['complex64', 4, 8],
    ['uint16', 6, 2],
    ['float16', 12, 2]
  ])('holds %s as mode %i', async (dtype, mode, size) => {
    const path = fresh()
    await (await createSource(path, { shape: [2, 3], dtype })).close()
    const bytes = await readFile(path)
    expect([bytes.readInt32LE(12), bytes.byteLength]).toEqual([mode, 1024 + 6 * size])
    expect((await openSource(path)).dtype).toBe(dtype)
  })
  it('tells the voxel size by its cell, origin, start and labels by its fields', async () => {
    const axes = [4, 2.5, 0.15].map(
      (scale, at) => ({ name: 'zyx'.charAt(at), type: 'space', unit: at === 2 ? 'nanometer' : 'angstrom', scale }) as const
    )
    const attrs = { origin: { x: 1.5, y: -2, z: 3 }, nxstart: -1, nystart: 2, nzstart: 3, labels: ['one', 'zw\u00f6lf'], mode: 77, nx: 99 }
    const file = await write({ metadata: { axes }, attrs }, 0)
    expect([11, 12, 13].map((word) => float(file, word))).toEqual([6, 7.5, 8])
    expect([50, 51, 52].map((word) => float(file, word))).toEqual([1.5, -2, 3])
    expect([5, 6, 7, 1, 4, 56].map((word) => integer(file, word))).toEqual([-1, 2, 3, 4, 1, 2])
    expect(text(file, 224, 160)).toBe('one'.padEnd(80) + 'zw\u00f6lf'.padEnd(80))
  })
  it.each<[string, Partial<CreateOptions>, Written]>([
    ['complex values', { dtype: 'complex64' }, [3, -4]],
    ['NaN', { dtype: 'float32', shape: [1, 2] }, Float32Array.of(1, Number.NaN)],
    ['infinite values', { dtype: 'float32', shape: [1, 2] }, Float32Array.of(1, Number.POSITIVE_INFINITY)],
    ['statistics that are not wanted', { statistics: false, shape: [1, 2] }, Int16Array.of(1, 2)]
  ])('marks its statistics as unknown for %s', async (_, options, value) => {
    const file = await write(options, value)
    expect([20, 21, 22, 55].map((word) => float(file, word))).toEqual([0, -1, -2, -1])
  })
  it('has exact statistics for many values, far from zero', async () => {
    const values = Float32Array.from({ length: 1 << 21 }, (_, at) => 1e6 + (at % 2))
    const file = await write({ dtype: 'float32', shape: [8, 512, 512] }, values)
    expect([20, 21, 22, 55].map((word) => float(file, word))).toEqual([1e6, 1e6 + 1, 1e6 + 0.5, 0.5])
  })
})

describe('the axes of a new file', () => {
  const axesOf = (names: string, scales: readonly number[]): readonly Axis[] =>
    [...names].map((name, at) =>
      name === 'i' ? { name: 'index', type: 'index' } : { name, type: 'space', unit: 'angstrom', scale: scales[at] ?? 1 }
    )
  it.each(['zyx', 'zxy', 'yzx', 'yxz', 'xyz', 'xzy', 'ixy', 'iyx', 'izxy', 'izyx', 'xz', 'zy', 'yx'])(
    '%s are the same when it is read',
    async (names) => {
      const path = fresh()
      const shape = [3, 4, 5, 6].slice(-names.length)
      const metadata = { axes: axesOf(names, [1.5, 2, 4, 8].slice(-names.length)) }
      const created = await createSource(path, { shape, dtype: 'int8', metadata })
      expect(created.metadata).toEqual(metadata)
      await created.close()
      const source = await openSource(path)
      expect([source.shape, source.metadata]).toEqual([shape, metadata])
      const again = fresh()
      await (await createSource(again, { shape, dtype: 'int8', metadata: source.metadata, attrs: source.attrs })).close()
      expect(await readFile(again)).toEqual(await readFile(path))
    }
  )
  it('say where x, y and z lie, and the cell follows them', async () => {
    const axes = axesOf('xyz', [100, 200, 400]).map((axis) => ({ ...axis, unit: 'nanometer' }))
    const file = await write({ shape: [3, 4, 5], metadata: { axes } }, 0)
    expect([17, 18, 19].map((word) => integer(file, word))).toEqual([3, 2, 1])
    expect([1, 2, 3, 8, 9, 10].map((word) => integer(file, word))).toEqual([5, 4, 3, 3, 4, 5])
    expect([11, 12, 13].map((word) => float(file, word))).toEqual([3000, 8000, 20000])
  })
  it('of a stack of images are one interval deep, in space group 0', async () => {
    const file = await write({ shape: [3, 4, 5], metadata: { axes: axesOf('iyx', [1, 2, 4]) }, attrs: { cella: { z: 7 } } }, 0)
    expect([3, 8, 9, 10, 17, 18, 19, 23].map((word) => integer(file, word))).toEqual([3, 5, 4, 1, 1, 2, 3, 0])
    expect([11, 12, 13].map((word) => float(file, word))).toEqual([20, 8, 7])
  })
  it('of no meaning are z, y, x', async () => {
    const file = await write({ metadata: { axes: ['a', 'b', 'd'].map((name) => ({ name, type: 'index' })) } }, 0)
    expect([10, 17, 18, 19, 23].map((word) => integer(file, word))).toEqual([2, 1, 2, 3, 1])
  })
  const time: Axis = { name: 't', type: 'time' }
  it.each<[string, readonly Axis[], string]>([
    ['time and an image', [time, ...axesOf('yx', [])], 'ERR_UNSUPPORTED'],
    ['channels and a volume', [{ name: 'c', type: 'channel' }, ...axesOf('zyx', [])], 'ERR_UNSUPPORTED'],
    ['an index behind', axesOf('yxi', []), 'ERR_UNSUPPORTED'],
    ['twice the same', axesOf('yyx', []), 'ERR_UNSUPPORTED'],
    ['an index of a unit', [{ name: 'index', type: 'index', unit: 'second' }, ...axesOf('yx', [])], 'ERR_UNSUPPORTED'],
    ['images that are not of x and y', axesOf('izx', []), 'ERR_UNSUPPORTED'],
    ['volumes whose sections are not along z', axesOf('ixyz', []), 'ERR_UNSUPPORTED'],
    ['four of space', axesOf('xzyx', []), 'ERR_UNSUPPORTED'],
    ['fewer than the array has', axesOf('x', []), 'ERR_INVALID_ARGUMENT']
  ])('are refused: %s', async (_, axes, code) => {
    const shape = [2, 2, 2, 2].slice(-Math.max(3, axes.length))
    await expect(createSource(fresh(), { shape, dtype: 'int8', metadata: { axes } })).rejects.toMatchObject({ code })
  })
  it('of a stack of one image are refused: it would be an image', async () => {
    const options = { shape: [1, 4, 5], dtype: 'int8', metadata: { axes: axesOf('iyx', []) } } as const
    await expect(createSource(fresh(), options)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('until it is closed', () => {
  it('nobody sees it; then it is whole', async () => {
    const path = fresh()
    const source = await createSource(path, { shape: [4, 3], dtype: 'int8' })
    await source.set([slice(1, 3)], 5)
    await expect(openSource(path)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await source.close()
    expect([...(await (await openSource(path)).get('...')).data].map(Number)).toEqual([0, 0, 0, 5, 5, 5, 5, 5, 5, 0, 0, 0])
  })
  it('it can be given up, and nothing is left', async () => {
    const path = fresh()
    const before = await readdir(folder)
    const source = await createSource(path, { format: 'mrc', shape: [4, 3], dtype: 'int8' })
    await source.set('...', 5)
    await source.discard()
    await source.close()
    expect(await readdir(folder)).toEqual(before)
  })
})

describe('what an MRC file cannot hold is refused, and nothing is left', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['uint8, with what fits', { dtype: 'uint8' }, 'ERR_UNSUPPORTED'],
    ['float64', { dtype: 'float64' }, 'ERR_UNSUPPORTED'],
    ['one axis', { shape: [4] }, 'ERR_UNSUPPORTED'],
    ['five axes', { shape: [1, 1, 1, 2, 2] }, 'ERR_UNSUPPORTED'],
    ['more columns than a header counts', { shape: [1, 2 ** 31] }, 'ERR_UNSUPPORTED'],
    ['more sections than a header counts', { shape: [2 ** 16, 2 ** 16, 0, 1] }, 'ERR_UNSUPPORTED'],
    ['chunks', { chunks: [2, 2] }, 'ERR_UNSUPPORTED'],
    ['a fill value', { fillValue: 1 }, 'ERR_UNSUPPORTED'],
    ['attributes without a place', { attrs: { author: 'me' } }, 'ERR_UNSUPPORTED'],
    [
      'a unit that is no length',
      {
        metadata: {
          axes: [
            { name: 'y', type: 'space' },
            { name: 'x', type: 'space', unit: 'second', scale: 1 }
          ]
        }
      },
      'ERR_UNSUPPORTED'
    ],
    ['an origin that is no number', { attrs: { origin: { x: 'far' } } }, 'ERR_INVALID_ARGUMENT'],
    ['eleven labels', { attrs: { labels: Array.from({ length: 11 }, () => 'x') } }, 'ERR_INVALID_ARGUMENT'],
    ['a label of 81 characters', { attrs: { labels: ['x'.repeat(81)] } }, 'ERR_INVALID_ARGUMENT'],
    ['a start that is no 32-bit integer', { attrs: { nxstart: 2 ** 31 } }, 'ERR_INVALID_ARGUMENT'],
    ['an unknown option', { codecs: [] }, 'ERR_INVALID_ARGUMENT']
  ])('%s', async (_, changes, code) => {
    const before = await readdir(folder)
    const options = { shape: [2, 2], dtype: 'int8', ...changes } as CreateOptions
    const error = await createSource(fresh(), options).then(
      () => expect.unreachable('it was created'),
      (error: unknown) => error
    )
    expect(isSourceError(error) ? error.code : error).toBe(code)
    expect(await readdir(folder)).toEqual(before)
  })
  it.each(['.mrc.gz', '.mrc.bz2'])('%s', async (extension) => {
    await expect(createSource(join(folder, `x${extension}`), { shape: [2, 2], dtype: 'int8' })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED'
    })
  })
})
