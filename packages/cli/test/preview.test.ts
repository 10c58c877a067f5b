import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DType, type NdArray, ndarray } from '@bioimage/core'
import { decode } from 'fast-png'
import { beforeAll, describe, expect, it } from 'vitest'
import { choosePlane } from '../src/plane.js'
import { nanometers, pattern, volume, writeZarr } from './arrays.js'
import { runHere, temporaryFolder } from './run-cli.js'

const folder = await temporaryFolder()
const cwd = folder
const raw = volume([7, 30, 40])

async function draw(
  ...args: readonly string[]
): Promise<{ width: number; height: number; channels: number; data: ArrayLike<number>; json: Record<string, unknown> }> {
  const { code, stdout, stderr } = await runHere(['preview', ...args, '-o', 'x.png', '--json'], { cwd })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { width, height, channels, data, depth } = decode(await readFile(join(folder, 'x.png')))
  expect(depth).toBe(8)
  return { width, height, channels, data, json: JSON.parse(stdout) }
}

/** What a value becomes with `--range 0,4095`. */
const grey = (value: number): number => Math.round((value * 255) / 4095)

beforeAll(async () => {
  await writeZarr(join(folder, 'raw.zarr'), raw, { chunks: [3, 16, 16], metadata: nanometers })
})

describe('preview', () => {
  it('draws the middle slice, or the one asked for', async () => {
    const middle = await draw('raw.zarr', '--range', '0,4095')
    expect(middle).toMatchObject({ width: 40, height: 30, channels: 1, json: { slice: { z: 3 }, projected: null } })
    expect([...Array.from(middle.data)]).toEqual([...raw.data.subarray(3 * 1200, 4 * 1200)].map(grey))
    const last = await draw('raw.zarr', '--range', '0,4095', '--slice', 'z=-1')
    expect([...Array.from(last.data)]).toEqual([...raw.data.subarray(6 * 1200)].map(grey))
    const same = await draw('raw.zarr', '--range', '0,4095', '--axis', '0', '--index', '6')
    expect(same.data).toEqual(last.data)
  })

  it('looks along another axis', async () => {
    const { width, height, data } = await draw('raw.zarr', '--range', '0,4095', '--slice', 'y=4')
    expect({ width, height }).toEqual({ width: 40, height: 7 })
    const expected = Array.from({ length: 280 }, (_, at) => grey(raw.data[(Math.floor(at / 40) * 30 + 4) * 40 + (at % 40)] ?? 0))
    expect([...Array.from(data)]).toEqual(expected)
  })

  it.each(['256MiB', '1MiB'])('projects the maximum, with %s', async (memory) => {
    const large = volume([20, 150, 200])
    await writeZarr(join(folder, 'large.zarr'), large, { chunks: [8, 32, 32] }).catch(() => {})
    const { data, json } = await draw('large.zarr', '--max', '--range', '0,4095', '--memory', memory)
    expect(json.projected).toBe('z')
    const expected = Array.from({ length: 30000 }, (_, at) =>
      grey(Math.max(...Array.from({ length: 20 }, (_, z) => large.data[z * 30000 + at] ?? 0)))
    )
    expect([...Array.from(data)]).toEqual(expected)
  })

  it('stretches between percentiles', async () => {
    const { data, json } = await draw('raw.zarr', '--percentile', '10,90')
    const sorted = [...raw.data.subarray(3600, 4800)].sort((a, b) => a - b)
    const { low, high } = json.window as { low: number; high: number }
    expect(low).toBeCloseTo((sorted[119] ?? 0) + ((sorted[120] ?? 0) - (sorted[119] ?? 0)) * 0.9, 6)
    expect(high).toBeGreaterThan(low)
    const values = Array.from(data)
    expect(values.filter((value) => value === 0).length).toBeGreaterThanOrEqual(120)
    expect(values.filter((value) => value === 255).length).toBeGreaterThanOrEqual(120)
  })

  it('shrinks by the mean', async () => {
    const { width, height, data } = await draw('raw.zarr', '--range', '0,4095', '--size', '10')
    expect({ width, height }).toEqual({ width: 10, height: 8 })
    const mean = (row: number, column: number): number => {
      const values: number[] = []
      for (let y = row * 4; y < Math.min(30, row * 4 + 4); y++)
        for (let x = column * 4; x < column * 4 + 4; x++) values.push(raw.data[3600 + y * 40 + x] ?? 0)
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    expect(data[0]).toBe(grey(mean(0, 0)))
    expect(data[7 * 10 + 9]).toBe(grey(mean(7, 9)))
  })

  it('draws labels in colours', async () => {
    const labels = ndarray(BigUint64Array.from(pattern(400, 3), BigInt), [20, 20], 'uint64')
    await writeZarr(join(folder, 'labels.zarr'), labels)
    const { channels, data } = await draw('labels.zarr', '--labels')
    expect(channels).toBe(3)
    const colors = new Map<bigint, string>()
    for (const [at, label] of labels.data.entries()) {
      const color = Array.from(data)
        .slice(at * 3, at * 3 + 3)
        .join()
      expect(colors.get(BigInt(label)) ?? color).toBe(color)
      colors.set(BigInt(label), color)
    }
    expect(colors.get(0n)).toBe('0,0,0')
    expect(new Set(colors.values()).size).toBe(3)
  })

  it.each<[DType, NdArray]>([
    ['bool', ndarray(Uint8Array.of(0, 1, 1, 0), [2, 2], 'bool')],
    ['int8', ndarray(Int8Array.of(-100, 100, 100, -100), [2, 2])],
    ['float32', ndarray(Float32Array.of(0, 1, 1, Number.NaN), [2, 2])],
    ['complex64', ndarray(Float32Array.of(0, 0, 3, 4, 5, 0, 0, 0), [2, 2], 'complex64')]
  ])('draws %s', async (dtype, array) => {
    await writeZarr(join(folder, `${dtype}.zarr`), array)
    const { data } = await draw(`${dtype}.zarr`, '--percentile', '0,100')
    expect([...Array.from(data)]).toEqual([0, 255, 255, 0])
  })

  it('takes the coarser level of an image that suffices, and the only image of a container', async () => {
    const path = join(folder, 'pyramid.zarr')
    for (const [level, edge] of [64, 32, 16].entries())
      await writeZarr(path, ndarray(new Uint8Array(edge * edge).fill(level * 10 + 10), [edge, edge]), { internalPath: `${level}` })
    const group = JSON.parse(await readFile(join(path, 'zarr.json'), 'utf8'))
    const datasets = [0, 1, 2].map((level) => ({
      path: `${level}`,
      coordinateTransformations: [{ type: 'scale', scale: [2 ** level, 2 ** level] }]
    }))
    const axes = ['y', 'x'].map((name) => ({ name, type: 'space' }))
    group.attributes = { ome: { version: '0.5', multiscales: [{ axes, datasets }] } }
    await writeFile(join(path, 'zarr.json'), JSON.stringify(group))
    expect(await draw('pyramid.zarr', '--range', '0,255', '--size', '20')).toMatchObject({
      width: 16,
      data: expect.objectContaining({ 0: 20 }),
      json: { array: '1' }
    })
    expect(await draw('pyramid.zarr', '--range', '0,255')).toMatchObject({ width: 64, data: expect.objectContaining({ 0: 10 }) })
    const full = await draw('pyramid.zarr', '-a', '0', '--range', '0,255', '--size', '20', '--full-resolution')
    expect(full).toMatchObject({ width: 16, data: expect.objectContaining({ 0: 10 }) })
  })

  it.each([
    [['labels.zarr', '--max'], 'no axis to project'],
    [['raw.zarr', '--channel', '1'], 'no channel axis'],
    [['raw.zarr', '--slice', 'q=1'], 'there is no axis "q"'],
    [['raw.zarr', '--slice', 'z=1', '--max'], 'leave one out'],
    [['float32.zarr', '--labels'], 'draws integers']
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runHere(['preview', ...args, '-o', 'y.png'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('choosePlane', () => {
  const axes = (names: string) => ({
    metadata: {
      axes: [...names].map((name) => ({
        name,
        type: name === 'c' ? ('channel' as const) : name === 't' ? ('time' as const) : ('space' as const)
      }))
    }
  })

  it('takes the first channel and time and the middle of space', () => {
    const plane = choosePlane({ shape: [4, 3, 9, 20, 30], ...axes('tczyx') }, { channel: 2 })
    expect(plane).toEqual({
      rows: 3,
      columns: 4,
      projected: undefined,
      fixed: [
        { axis: 0, index: 0 },
        { axis: 1, index: 2 },
        { axis: 2, index: 4 }
      ]
    })
  })

  it('takes a short last axis without a name for colours', () => {
    expect(choosePlane({ shape: [100, 200, 3], metadata: {} }, {})).toMatchObject({ rows: 0, columns: 1, fixed: [{ axis: 2, index: 0 }] })
    expect(choosePlane({ shape: [9, 100, 200], metadata: {} }, { max: true })).toMatchObject({
      rows: 1,
      columns: 2,
      projected: 0,
      fixed: []
    })
  })

  it('refuses what has no plane', () => {
    expect(() => choosePlane({ shape: [5], metadata: {} }, {})).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
  })
})
