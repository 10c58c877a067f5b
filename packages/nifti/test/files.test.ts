import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { arraySource, Float16View, type NdArray, openSource, slice } from '@bioimage/core'
import { copyOf } from '@bioimage/testing'
import { describe, expect, it } from 'vitest'
import '@bioimage/nifti'

/** What nibabel reads, written down by fixtures/make-nifti-fixtures.py. */
interface Expected {
  /** In the order of the file: x, y, z, … */
  readonly shape: readonly number[]
  readonly dtype: string
  /** In the order in which they lie in the file; complex ones as pairs. */
  readonly values: readonly (number | readonly [number, number])[]
  readonly zooms: readonly number[]
  readonly affine: readonly (readonly number[])[] | null
  readonly descrip: string
  readonly extensions: readonly (readonly [number, number])[]
}

const path = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(path('expected.json'), 'utf8'))

/** The elements in C order; two numbers for each complex one. */
function numbersOf(array: NdArray): number[] {
  const { data } = copyOf(array)
  return Array.from(data instanceof Float16View ? data.toFloat32Array() : data, Number)
}

describe.each(Object.entries(expected))('%s', (name, { shape, dtype, values, zooms, affine, descrip }) => {
  const isColour = dtype === 'rgb'
  it('has the shape, type and values that nibabel reads, the axes in reverse', async () => {
    const source = await openSource(path(name))
    expect(source.shape).toEqual([...shape.toReversed(), ...(isColour ? [3] : [])])
    expect([source.dtype, source.chunks, source.writable]).toEqual([isColour ? 'uint8' : dtype, null, false])
    expect(numbersOf(await source.get('...'))).toEqual(values.flat())
  })
  it('gives regions of the same', async () => {
    const source = await openSource(path(name))
    const whole = arraySource(copyOf(await source.get('...')))
    const index = source.shape.map((length, axis) => (axis === 1 ? slice(length - 1, length) : slice(0, length, 2)))
    expect(copyOf(await source.get(index))).toEqual(copyOf(await whole.get(index)))
  })
  it('says where the voxels lie', async () => {
    const { metadata, attrs } = await openSource(path(name))
    const axes = (metadata.axes ?? []).filter(({ type }) => type !== 'channel').toReversed()
    expect(axes.map((axis) => axis.name)).toEqual(['x', 'y', 'z', 't'].slice(0, shape.length))
    expect(axes.map((axis) => axis.scale)).toEqual(zooms)
    expect(metadata.affine === undefined).toBe(affine === null)
    for (const [row, numbers] of (affine ?? []).entries()) {
      for (const [column, number] of numbers.entries()) expect(metadata.affine?.matrix[row]?.[column]).toBeCloseTo(number, 5)
    }
    expect(attrs.descrip).toBe(descrip)
    expect(JSON.parse(JSON.stringify(attrs))).toEqual(attrs)
  })
})

describe('scaling', () => {
  it('is left out on request', async () => {
    const source = await openSource(path('scaled-third.nii'), { scaled: false })
    expect(source.dtype).toBe('uint8')
    expect(numbersOf(await source.get('...'))).toEqual(Array.from({ length: 60 }, (_, at) => (at * 37 - 900) & 255))
    expect(source.toSpec()).toMatchObject({ kind: 'nifti', params: { scaled: false } })
  })
  it('gives 32-bit floats on request, rounded once', async () => {
    const wide = numbersOf(await (await openSource(path('scaled-third.nii'))).get('...'))
    const source = await openSource(path('scaled-third.nii'), { dtype: 'float32' })
    expect(source.dtype).toBe('float32')
    expect(numbersOf(await source.get('...'))).toEqual(wide.map(Math.fround))
  })
  it.each([
    ['int16.nii', 'float32', 'float32'],
    ['int16.nii', 'float64', 'float64'],
    ['complex64.nii', 'float64', 'complex128'],
    ['complex64.nii', 'float32', 'complex64'],
    ['scaled-complex.nii', 'float32', 'complex64']
  ])('%s as %s is %s', async (name, dtype, found) => {
    const source = await openSource(path(name), { dtype })
    expect(source.dtype).toBe(found)
    expect(numbersOf(await source.get('...'))).toEqual(numbersOf(await (await openSource(path(name))).get('...')))
  })
})

describe('metadata', () => {
  it('has units, time and the space of the affine', async () => {
    const turned = await openSource(path('sform.nii'))
    expect(turned.metadata.affine).toMatchObject({ unit: 'millimeter', space: 'mni' })
    expect((await openSource(path('qform.nii'))).metadata.affine).toMatchObject({ unit: 'millimeter', space: 'scanner' })
    const { metadata } = await openSource(path('time.nii.gz'))
    expect(metadata.axes?.[0]).toEqual({ name: 't', type: 'time', unit: 'second', scale: 1.5, translation: 0.25 })
    expect(metadata.axes?.[1]).toEqual({ name: 'z', type: 'space', unit: 'millimeter', scale: 3 })
  })
  it('names the channels of colours', async () => {
    const { metadata } = await openSource(path('rgb.nii'))
    expect(metadata.axes?.at(-1)).toEqual({ name: 'c', type: 'channel' })
    expect(metadata.channels).toEqual(['red', 'green', 'blue'])
  })
  it('lists extensions, and gives them whole', async () => {
    const source = await openSource(path('extensions.nii'), { format: 'nifti' })
    const [comment, other, ...others] = await source.extensions()
    expect([comment?.ecode, other?.ecode, others.length]).toEqual([6, 0, 0])
    expect(new TextDecoder().decode(comment?.bytes)).toMatch(/^a comment of an image\0*$/)
    expect(other?.bytes.subarray(0, 40)).toEqual(Uint8Array.from({ length: 40 }, (_, at) => at))
    expect(source.attrs.extensions).toMatchObject([{ ecode: 6, text: 'a comment of an image' }, { ecode: 0 }])
    expect(await (await openSource(path('int16.nii'), { format: 'nifti' })).extensions()).toEqual([])
  })
})

describe('a pair', () => {
  it.each(['pair.hdr', 'pair.img', 'zipped.hdr.gz', 'zipped.img.gz'])('is opened by %s', async (name) => {
    const source = await openSource(path(name))
    expect(numbersOf(await source.get('...'))).toEqual(Array.from({ length: 60 }, (_, at) => at * 37 - 900))
    expect(source.toSpec()).toEqual({ kind: 'nifti', path: path(name) })
  })
})
