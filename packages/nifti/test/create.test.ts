import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createSource, memoryStore, openSource, slice } from '@bioimage/core'
import { referenceArray } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'
import '@bioimage/nifti'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-nifti-create-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const newPath = (extension = '.nii'): string => join(folder, `new-${count++}${extension}`)

const types = { t: 'time', c: 'channel', u: 'index' } as const
const axisNamed = (name: string): object => ({ name, type: Object.entries(types).find(([letter]) => letter === name)?.[1] ?? 'space' })

describe('a new file', () => {
  it('has the header of the specification', async () => {
    const path = newPath()
    const source = await createSource(path, { shape: [2, 3, 4], dtype: 'int16' })
    await source.set('...', referenceArray([2, 3, 4], 'int16'))
    expect(existsSync(path)).toBe(false)
    await source.close()
    const bytes = readFileSync(path)
    expect(bytes.byteLength).toBe(352 + 48)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    expect(view.getInt32(0, true)).toBe(348)
    expect(Array.from({ length: 8 }, (_, at) => view.getInt16(40 + 2 * at, true))).toEqual([3, 4, 3, 2, 1, 1, 1, 1])
    expect([view.getInt16(70, true), view.getInt16(72, true)]).toEqual([4, 16])
    expect(Array.from({ length: 8 }, (_, at) => view.getFloat32(76 + 4 * at, true))).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect([108, 112, 116].map((at) => view.getFloat32(at, true))).toEqual([352, 1, 0])
    expect(bytes.subarray(344, 352).toString('latin1')).toBe('n+1\0\0\0\0\0')
  })
  it('keeps axes, affine and free fields', async () => {
    const path = newPath()
    const metadata = {
      axes: [
        { name: 't', type: 'time', unit: 'second', scale: 1.5, translation: 0.5 },
        { name: 'z', type: 'space', unit: 'micrometer', scale: 3 },
        { name: 'y', type: 'space', unit: 'micrometer', scale: 2 },
        { name: 'x', type: 'space', unit: 'micrometer', scale: 1 }
      ],
      affine: {
        matrix: [
          [0, 2, 0, 5],
          [1, 0, 0, 6],
          [0, 0, 3, 7],
          [0, 0, 0, 1]
        ],
        unit: 'micrometer',
        space: 'scanner'
      }
    } as const
    const attrs = { descrip: 'made by a test', intent_code: 1002, cal_max: 7.5 }
    await (await createSource(path, { shape: [2, 3, 4, 5], dtype: 'uint8', metadata, attrs })).close()
    const source = await openSource(path)
    expect(source.metadata).toEqual(metadata)
    expect(source.attrs).toMatchObject({ ...attrs, sform_code: 1, qform_code: 0, toffset: 0.5, xyzt_units: 11 })
    // The attributes of one file make another.
    const copy = newPath()
    await (await createSource(copy, { shape: [2, 3, 4, 5], dtype: 'uint8', attrs: source.attrs })).close()
    expect((await openSource(copy)).metadata).toEqual(metadata)
  })
  it('keeps the translation of axes by an affine', async () => {
    const space = (name: string, scale: number, translation?: number): object => ({
      name,
      type: 'space',
      unit: 'micrometer',
      scale,
      ...(translation !== undefined && { translation })
    })
    const path = newPath()
    const axes = [space('z', 3, 30), space('y', 2), space('x', -1, 10)] as never
    await (await createSource(path, { shape: [2, 3, 4], dtype: 'uint8', metadata: { axes } })).close()
    const { metadata } = await openSource(path)
    expect(metadata.axes).toEqual([space('z', 3), space('y', 2), space('x', 1)])
    const matrix = [
      [-1, 0, 0, 10],
      [0, 2, 0, 0],
      [0, 0, 3, 30],
      [0, 0, 0, 1]
    ]
    expect(metadata.affine).toEqual({ matrix, unit: 'micrometer', space: 'aligned' })
  })
  it('takes axes of no meaning, and a frequency', async () => {
    const path = newPath()
    const axes = [
      { name: 'c', type: 'channel' },
      { name: 'f', type: 'index', unit: 'hertz', scale: 5 },
      { name: 'i', type: 'index' },
      { name: 'y', type: 'space', scale: 2 },
      { name: 'x', type: 'space', scale: 2 }
    ] as const
    await (await createSource(path, { shape: [1, 2, 3, 4, 5], dtype: 'uint8', metadata: { axes } })).close()
    expect((await openSource(path)).metadata.axes?.slice(1)).toEqual([axes[1], { name: 'z', type: 'space', scale: 1 }, axes[3], axes[4]])
  })
  it.each([
    ['an axis beyond 32767', [2, 40_000], 2],
    ['the lengths by which FreeSurfer means others', [6, 1, 27307], 2],
    ['short axes', [2, 32_767], 1]
  ] as const)('with %s is NIfTI-%#', async (_, shape, version) => {
    const path = newPath()
    await (await createSource(path, { shape, dtype: 'uint8' })).close()
    expect(readFileSync(path).readInt32LE(0)).toBe(version === 1 ? 348 : 540)
    expect((await openSource(path)).shape).toEqual(shape)
  })
  it('is compressed as .nii.gz when it is closed', async () => {
    const path = newPath('.nii.gz')
    const source = await createSource(path, { shape: [20, 30, 40], dtype: 'float32', level: 6 })
    const values = referenceArray([20, 30, 40], 'float32')
    await source.set([slice(0, 20)], values)
    expect(existsSync(path)).toBe(false)
    await source.close()
    expect(gunzipSync(readFileSync(path)).byteLength).toBe(352 + 96_000)
    expect((await (await openSource(path)).get()).data).toEqual(values.data)
    expect(source.toSpec).toThrow()
  })
  it('leaves nothing when it is given up', async () => {
    for (const extension of ['.nii', '.nii.gz']) {
      const before = readdirSync(folder)
      const source = await createSource(newPath(extension), { format: 'nifti', shape: [2, 3], dtype: 'int8' })
      await source.set('...', 1)
      await source.discard()
      await source.close()
      expect(readdirSync(folder)).toEqual(before)
    }
  })
  it('goes into any store that can be written', async () => {
    const store = memoryStore()
    const source = await createSource(store, { format: 'nifti', shape: [3, 4], dtype: 'uint16' })
    await source.set('...', referenceArray([3, 4], 'uint16'))
    await source.close()
    expect((await (await openSource(store, { format: 'nifti' })).get()).data).toEqual(referenceArray([3, 4], 'uint16').data)
  })
})

describe('what NIfTI cannot hold is refused, and nothing is left', () => {
  const whole = { shape: [2, 3, 4], dtype: 'int16' } as const
  it.each([
    ['bools', { ...whole, dtype: 'bool' }, 'ERR_UNSUPPORTED', /uint8/],
    ['float16', { ...whole, dtype: 'float16' }, 'ERR_UNSUPPORTED', /float32/],
    ['no axes', { ...whole, shape: [] }, 'ERR_UNSUPPORTED', /1 to 7/],
    ['eight axes', { ...whole, shape: [1, 1, 1, 1, 1, 1, 1, 1] }, 'ERR_UNSUPPORTED', /1 to 7/],
    ['chunks', { ...whole, chunks: [1, 1, 1] }, 'ERR_UNSUPPORTED', /chunks/],
    ['a fill value', { ...whole, fillValue: 7 }, 'ERR_UNSUPPORTED', /fillValue/],
    ['an option for reading', { ...whole, scaled: false }, 'ERR_UNSUPPORTED', /for reading/],
    ['an unknown attribute', { ...whole, attrs: { colour: 'red' } }, 'ERR_UNSUPPORTED', /colour/],
    ['a text too long', { ...whole, attrs: { descrip: 'x'.repeat(81) } }, 'ERR_INVALID_ARGUMENT', /80 bytes/],
    ['a field of another type', { ...whole, attrs: { intent_code: 'many' } }, 'ERR_INVALID_ARGUMENT', /integer/],
    ['a list too short', { ...whole, attrs: { srow_x: [1, 2] } }, 'ERR_INVALID_ARGUMENT', /4 numbers/],
    [
      'inches',
      { ...whole, metadata: { axes: ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'inch', scale: 1 })) } },
      'ERR_UNSUPPORTED',
      /inch/
    ],
    ...(
      [
        ['channels last', 'zyxc'],
        ['channels between time and space', 'tczyx'],
        ['channels before space', 'czyx'],
        ['time beyond the fourth axis', 'tuzyx'],
        ['axes in another order', 'xyz'],
        ['time in space', 'tyx']
      ] as const
    ).map(
      ([what, names]) =>
        [
          what,
          { shape: Array.from(names, () => 2), dtype: 'int16', metadata: { axes: Array.from(names, axisNamed) } },
          'ERR_UNSUPPORTED',
          /move the axes/
        ] as const
    ),
    ['an affine that is no matrix', { ...whole, metadata: { affine: { matrix: [[1]] } } }, 'ERR_INVALID_ARGUMENT', /four rows/]
  ] as const)('%s', async (_, options, code, message) => {
    const path = newPath()
    await expect(createSource(path, { ...options, format: 'nifti' } as Parameters<typeof createSource>[1])).rejects.toMatchObject({ code })
    await expect(createSource(path, { ...options, format: 'nifti' } as Parameters<typeof createSource>[1])).rejects.toThrow(message)
    expect(existsSync(path)).toBe(false)
  })
  it('a pair', async () => {
    await expect(createSource(newPath('.hdr'), whole)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})
