import { listArrays, memoryStore, openSource, type Source, slice } from '@bioimage/core'
import '@bioimage/tif'
import { describe, expect, it } from 'vitest'
import { directoriesOf, makeTiff, short } from './make-tiff.js'

const open = (bytes: Uint8Array): Promise<Source> => openSource(memoryStore([['', bytes]]), { format: 'tif' })
const page = (value: number) => ({ width: 2, length: 2, data: new Uint8Array(4).fill(value) })

describe('a file of tifffile with fewer pages than its description says', () => {
  const packBits = (value: number) => ({ ...page(value), data: Uint8Array.of(0xfd, value), fields: [short(259, 32773)] })
  const description = '{"shape": [4, 2, 2]}'

  it('has no zeros in place of those that are lost', async () => {
    const source = await open(makeTiff([{ ...packBits(1), description }, packBits(2)]))
    expect(source.shape).toEqual([4, 2, 2])
    expect([...(await source.get([slice(0, 2), 0, 0])).data]).toEqual([1, 2])
    await expect(source.get([2, 0, 0])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(source.get()).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })

  it('is an error where the pages are not compressed', async () => {
    const reading = open(makeTiff([{ ...page(1), description }, page(2)])).then((source) => source.get())
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
})

describe('a stack of Micro-Manager', () => {
  /** Planes along z; a file with an index map whose offsets `change` may alter. */
  const stackOf = (change: (offsets: number[], size: number) => void): Uint8Array => {
    const summary = new TextEncoder().encode(JSON.stringify({ MicroManagerVersion: '2.0', Frames: 1, Slices: 3 }))
    const pages = makeTiff([1, 2, 3].map(page), 40 + summary.byteLength)
    const offsets = [...directoriesOf(pages)]
    const bytes = new Uint8Array(pages.byteLength + 8 + 20 * offsets.length)
    bytes.set(pages)
    bytes.set(summary, 40)
    change(offsets, bytes.byteLength)
    const view = new DataView(bytes.buffer)
    for (const [at, value] of [54773648, pages.byteLength].entries()) view.setUint32(8 + 4 * at, value, true)
    for (const [at, value] of [2355492, summary.byteLength].entries()) view.setUint32(32 + 4 * at, value, true)
    const map = [3453623, offsets.length, ...offsets.flatMap((offset, slice) => [0, slice, 0, 0, offset])]
    for (const [at, value] of map.entries()) view.setUint32(pages.byteLength + 4 * at, value, true)
    return bytes
  }

  it('has planes of 0 where its index has none', async () => {
    const source = await open(stackOf((offsets) => offsets.splice(1, 1, 0)))
    expect(source).toMatchObject({ seriesKind: 'micromanager', shape: [3, 2, 2] })
    expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 0, 3])
  })

  it.each([0, 100, -60])('has no zeros where its index points behind the end of the file (%d)', async (beyond) => {
    const source = await open(stackOf((offsets, size) => offsets.splice(1, 1, size + beyond)))
    expect(await source.get([2, 0, 0])).toBe(3)
    await expect(source.get([1, 0, 0])).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
})

describe('a stack of tifffile before pages that it does not describe', () => {
  it('is listed with them, as it is opened', async () => {
    const description = '{"shape": [2, 2, 2]}'
    const store = memoryStore([['', makeTiff([{ ...page(1), description }, page(2), { ...page(3), width: 1, length: 4 }])]])
    const options = { format: 'tif' } as const
    const arrays = await listArrays(store, options)
    expect(arrays.map(({ internalPath, shape }) => [internalPath, shape])).toEqual([
      ['0', [2, 2, 2]],
      ['1', [4, 1]]
    ])
    expect([...(await (await openSource(store, options)).get([slice(), 0, 0])).data]).toEqual([1, 2])
    expect([...(await (await openSource(store, { ...options, internalPath: '1' })).get()).data]).toEqual([3, 3, 3, 3])
  })
})
