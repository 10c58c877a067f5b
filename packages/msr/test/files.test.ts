import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSystemStore, listArrays, openSource, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, it } from 'vitest'
import '@bioimage/msr'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const fixture = (name: string): string => join(fixtures, name)

interface Expected {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly sha256: string
}

const expected: Readonly<Record<string, readonly Expected[]>> = JSON.parse(readFileSync(fixture('expected.json'), 'utf8'))

describe.each(Object.entries(expected))('%s is what obffile and msr-reader find', (file, stacks) => {
  it.each(stacks.map((stack, index) => ({ ...stack, index })))('$index $name', async ({ index, name, shape, dtype, sha256 }) => {
    const source = await openSource(fixture(file), { internalPath: String(index) })
    expect([source.attrs.name, source.shape, source.dtype]).toEqual([name, shape, dtype])
    expect(
      createHash('sha256')
        .update(bytesOf((await source.get()).data))
        .digest('hex')
    ).toBe(sha256)
    await source.close()
  })
})

describe('the stacks of a file', () => {
  it('are listed by name; by number where names do not tell them apart', async () => {
    const infos = await listArrays(fixture('zlib.msr'))
    expect(infos.map(({ internalPath, shape, codecs }) => [internalPath, shape, codecs])).toEqual([
      ['volume', [6, 7, 8], ['zlib']],
      ['STAR RED {2}', [6, 5], ['zlib']],
      ['2', [6, 5], ['zlib']]
    ])
    const values = await Promise.all(
      ['STAR RED {2}', '1', '2'].map(async (internalPath) => (await openSource(fixture('zlib.msr'), { internalPath })).get([0, 1]))
    )
    expect(values).toEqual([197, 197, -197])
  })
  it('are the first one by default, which the spec says', async () => {
    const source = await openSource(fixture('zlib.msr'))
    expect(source.toSpec()).toEqual({ kind: 'msr', path: fixture('zlib.msr'), internalPath: '0' })
  })
  it('that are not there are an error that names those that are', async () => {
    await expect(openSource(fixture('zlib.msr'), { internalPath: 'STAR' })).rejects.toThrow(/"volume", "STAR RED \{2\}", "2"/)
    await expect(openSource(fixture('zlib.msr'), { internalPath: '3' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(await listArrays(fixture('empty.obf'))).toEqual([])
  })
  it('are one array where they are alike', async () => {
    const source = await openSource(fixture('alike.msr'), { internalPath: 'data' })
    expect([source.shape, source.metadata.channels]).toEqual([
      [3, 4, 5],
      ['channel 0', 'channel 1', 'channel 2']
    ])
    expect((await source.get([slice(0, 3, 2), 0, slice(0, 2)])).data).toEqual(Uint8Array.of(0, 197, 2, 199))
    await expect(openSource(fixture('zlib.msr'), { internalPath: 'data' })).rejects.toMatchObject({
      code: 'ERR_SHAPE_MISMATCH',
      message: expect.stringContaining('"volume" uint16 [6, 7, 8], "STAR RED {2}" int16 [6, 5]')
    })
  })
  it('keep axes of length 1 on request', async () => {
    const source = await openSource(fixture('five-axes.obf'), { squeeze: false })
    expect([source.shape, source.ndim]).toEqual([[2, 1, 3, 2, 4], 5])
    expect((await source.get()).data).toEqual((await (await openSource(fixture('five-axes.obf'))).get()).data)
  })
  it('that cannot be read do not hide others', async () => {
    const bytes = new Uint8Array(readFileSync(fixture('alike.msr')))
    const view = new DataView(bytes.buffer)
    view.setUint32(Number(view.getBigUint64(14, true)) + 324, 3, true)
    const infos = await listArrays(new File([bytes], 'a.msr'))
    expect(infos.map(({ problem }) => problem === undefined)).toEqual([false, true, true])
    view.setUint32(Number(view.getBigUint64(14, true)) + 324, 1, true)
    // A chain that leads back to its begin.
    view.setBigUint64(Number(view.getBigUint64(14, true)) + 360, view.getBigUint64(14, true), true)
    await expect(listArrays(new File([bytes], 'a.msr'))).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    expect(await (await openSource(new File([bytes], 'a.msr'))).get([0, 1])).toBe(197)
  })
})

describe('metadata', () => {
  it('has axes by their labels, and places in the unit of the footer', async () => {
    const { metadata } = await openSource(fixture('plain.obf'))
    const axes = [
      { name: 'z', type: 'space', unit: 'meter', scale: 1.2e-6 / 6, translation: -1e-6 + 1e-7 },
      { name: 'y', type: 'space', unit: 'meter', scale: 2.1e-6 / 7, translation: 1.5e-7 },
      { name: 'x', type: 'space', unit: 'meter', scale: 1.6e-6 / 8, translation: 1e-6 + 1e-7 }
    ]
    expect(metadata.axes?.map(({ name, type, unit }) => ({ name, type, unit }))).toEqual(
      axes.map(({ name, type, unit }) => ({ name, type, unit }))
    )
    for (const [at, { scale, translation }] of axes.entries()) {
      expect(metadata.axes?.[at]?.scale).toBeCloseTo(scale, 15)
      expect(metadata.axes?.[at]?.translation).toBeCloseTo(translation, 15)
    }
  })
  it('has the positions and labels of columns, in the place of a scale', async () => {
    const { metadata, attrs } = await openSource(fixture('columns.obf'))
    expect(metadata.axes).toEqual([
      { name: 'axis2', type: 'time', unit: 'second', translation: 0 },
      { name: 'y', type: 'space', unit: 'meter', scale: 1, translation: 0.5 },
      { name: 'Lambda', type: 'space', unit: 'meter', translation: 8e-7 }
    ])
    expect(attrs).toMatchObject({
      col_positions: [[4.0e-7, 4.5e-7, 5.5e-7, 7.0e-7], null, [0, 2.5]],
      col_labels: [null, null, ['before', 'nach']],
      metadata: '<old/>'
    })
  })
  it('has descriptions and dictionaries as they are', async () => {
    const { attrs } = await openSource(fixture('zlib.msr'))
    expect(attrs).toMatchObject({
      name: 'volume',
      description: '<root/>',
      tags: { imspector: '<doc/>', empty: '' },
      file: { description: 'a file of the tests', tags: { ome_xml: '<OME/>' } }
    })
  })
  it('names colours', async () => {
    const { metadata, shape } = await openSource(fixture('types.obf'), { internalPath: 'rgba' })
    expect([shape, metadata.channels, metadata.axes?.at(-1)]).toEqual([
      [3, 4, 4],
      ['red', 'green', 'blue', 'alpha'],
      { name: 'c', type: 'channel' }
    ])
  })
})

describe('a file', () => {
  it('of the older container is refused by its name, also without its extension', async () => {
    const blob = new Blob([readFileSync(fixture('imspector-pro.msr'))])
    for (const target of [blob, fixture('imspector-pro.msr')]) {
      await expect(openSource(target)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('CDataStack') })
    }
  })
  it('is recognised by its first bytes', async () => {
    expect((await openSource(new Blob([readFileSync(fixture('plain.obf'))]))).kind).toBe('msr')
  })
  it('is read no further than a region needs', async () => {
    const store = recordingStore(fileSystemStore(fixture('plain.obf')))
    const source = await openSource(store, { format: 'msr' })
    store.clear()
    await source.get([2, 3])
    expect(store.bytesRead).toBe(16)
  })
})
