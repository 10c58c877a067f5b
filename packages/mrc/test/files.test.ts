import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { arraySource, Float16View, type Index, type NdArray, openSource, type Source, slice } from '@bioimage/core'
import { isNdArray } from '@bioimage/core/backend'
import { copyOf } from '@bioimage/testing'
import { describe, expect, it } from 'vitest'
import '@bioimage/mrc'

/** What mrcfile reads, written down by fixtures/make-mrc-fixtures.py. */
interface Expected {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly values: readonly number[]
  readonly nsymbt: number
  readonly exttyp: string
  readonly voxel_size: readonly number[]
  readonly origin: readonly number[]
  readonly nstart: readonly number[]
  readonly ispg: number
  readonly mode: number
  readonly statistics: readonly number[]
  readonly labels: readonly string[]
}

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(fixture('expected.json'), 'utf8'))
const open = (name: string) => openSource(fixture(name), { format: 'mrc' })

async function regionOf(source: Source, index: Index): Promise<NdArray> {
  const region = await source.get(index)
  if (!isNdArray(region)) throw new TypeError('expected an array')
  return copyOf(region)
}

/** The elements in C order; two numbers for each complex one. */
function numbersOf(array: NdArray): number[] {
  const { data } = copyOf(array)
  return Array.from(data instanceof Float16View ? data.toFloat32Array() : data, Number)
}

/** The stored rows from the top down: each plane's rows in reverse. */
function topDown({ shape, values }: Expected): number[] {
  const row = values.length / shape.slice(0, -1).reduce((a, b) => a * b, 1)
  const rows = shape.at(-2) ?? 1
  return values.map((_, at) => {
    const [line, column] = [Math.floor(at / row), at % row]
    const plane = Math.floor(line / rows)
    return values[(plane * rows + rows - 1 - (line % rows)) * row + column] ?? Number.NaN
  })
}

describe.each(Object.entries(expected))('%s', (name, expected) => {
  it('has the shape, type and values that mrcfile reads, the rows from the top down', async () => {
    const source = await open(name)
    expect([source.shape, source.dtype, source.chunks, source.writable]).toEqual([expected.shape, expected.dtype, null, false])
    expect(numbersOf(await source.get('...'))).toEqual(topDown(expected))
  })
  it('gives regions of the same', async () => {
    const source = await open(name)
    const whole = arraySource(copyOf(await source.get('...')))
    const [first = 0, ...others] = source.shape
    for (const index of [
      [first - 1],
      [slice(first - 1, first), ...others.map((length) => slice(0, length, 2))],
      ['...', 1, slice(1, 3)]
    ] as const) {
      expect(await regionOf(source, index)).toEqual(await regionOf(whole, index))
    }
  })
  it('has the fields of the header', async () => {
    const { attrs } = await open(name)
    const [dmin, dmax, dmean, rms] = expected.statistics
    const [x, y, z] = expected.origin
    const [nxstart, nystart, nzstart] = expected.nstart
    const [nx, ny] = expected.shape.toReversed()
    expect(attrs).toMatchObject({ nx, ny, mode: expected.mode, ispg: expected.ispg, nsymbt: expected.nsymbt, exttyp: expected.exttyp })
    expect(attrs).toMatchObject({ dmin, dmax, dmean, rms, origin: { x, y, z }, nxstart, nystart, nzstart, nversion: 20141 })
    expect(attrs).toMatchObject({ cellb: { alpha: 90, beta: 90, gamma: 90 }, labels: expected.labels.map((label) => label.trimEnd()) })
    expect(JSON.parse(JSON.stringify(attrs))).toEqual(attrs)
  })
})

describe('axes', () => {
  const [x, y, z] = [1.5, 2.5, 4].map((scale, at) => ({ name: 'xyz'.charAt(at), type: 'space', unit: 'angstrom', scale }))
  const index = { name: 'index', type: 'index' }
  it.each([
    ['mode-1.mrc', [z, y, x]],
    ['image.mrc', [y, x]],
    ['one-section.mrc', [z, y, x]],
    ['image-stack.mrcs', [index, y, x]],
    ['volume-stack.mrc', [index, z, y, x]],
    ['gzip.mrc.gz', [z, y, x]],
    // Columns run along z, rows along x, sections along y. No element moves.
    ['axes-3-1-2.map', [y, x, z]]
  ])('of %s', async (name, axes) => {
    expect((await open(name)).metadata).toEqual({ axes })
  })
})

describe('extended headers', () => {
  it('of FEI, SerialEM, CCP4 and of no even length are skipped and handed out', async () => {
    const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)
    const fei = await (await openSource(fixture('fei1.mrc'), { format: 'mrc' })).extendedHeader()
    const view = new DataView(fei.buffer, fei.byteOffset)
    // Two records; each begins with its size, and has the tilt angle at byte 100 (mrcfile's table of FEI1).
    expect([fei.byteLength, view.getInt32(0, true), view.getFloat64(100, true), view.getFloat64(868, true)]).toEqual([1536, 768, -30, 30])
    expect([...(await (await open('seri.mrc')).extendedHeader())]).toEqual(Array.from({ length: 64 }, (_, at) => at))
    expect(text(await (await open('ccp4.map')).extendedHeader())).toBe('X,  Y,  Z'.padEnd(80) + '-X,  Y+1/2,  -Z'.padEnd(80))
    expect(text(await (await open('odd-extension.mrc')).extendedHeader())).toBe('seven b')
  })
  it('are empty where there are none', async () => {
    expect(await (await open('mode-2.mrc')).extendedHeader()).toEqual(new Uint8Array(0))
    expect(await (await open('gzip.mrc.gz')).extendedHeader()).toEqual(new Uint8Array(0))
  })
})

describe('modes that are not read', () => {
  it.each([
    ['mode-3.mrc', 'mode 3 (complex 16-bit integers)'],
    ['mode-101.mrc', 'mode 101 (4-bit integers)']
  ])('%s is refused by name', async (name, words) => {
    await expect(open(name)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining(words) })
  })
})
