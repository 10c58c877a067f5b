import { listArrays, memoryStore, openSource, slice } from '@bioimage/core'
import '@bioimage/tif'
import { describe, expect, it } from 'vitest'
import { fieldTypes } from '../src/container/field-types.js'
import { TiffFile } from '../src/container/tiff-file.js'
import { readPage } from '../src/page/page.js'
import { directoriesOf, long, makeTiff, short, type TestPage } from './make-tiff.js'

const page = (value: number, more: Partial<TestPage> = {}): TestPage => ({
  width: 2,
  length: 2,
  data: new Uint8Array(4).fill(value),
  ...more
})
const storeOf = (pages: readonly TestPage[]) => memoryStore([['', makeTiff(pages)]])
const open = (pages: readonly TestPage[], seriesKind?: 'plain') =>
  openSource(storeOf(pages), { format: 'tif', ...(seriesKind !== undefined && { seriesKind }) })

describe('tables that say more than there is', () => {
  it('of SubIFDs are refused beyond what any pyramid has', async () => {
    const second = directoriesOf(makeTiff([page(1), page(2)]))[0] ?? 0
    const subIfds = { tag: 330, type: fieldTypes.long, values: new Array<number>(200_000).fill(second) }
    await expect(open([page(1, { fields: [subIfds] })])).rejects.toMatchObject({
      code: 'ERR_CORRUPT_DATA',
      message: expect.stringContaining('200000 other pages')
    })
  })

  it('of SubIFDs that name a directory twice give its page once', async () => {
    const fields = (offset: number) => [long(330, offset, offset, offset)]
    const second = directoriesOf(makeTiff([page(1, { fields: fields(0) }), page(2)]))[1] ?? 0
    const arrays = await listArrays(storeOf([page(1, { fields: fields(second) }), page(2)]), { format: 'tif' })
    expect(arrays.map(({ shape }) => shape)).toEqual([[2, 2, 2]])
  })

  it('of values per sample are read as far as there are samples', async () => {
    const extra = { tag: 338, type: fieldTypes.short, values: new Array<number>(100_000).fill(0) }
    const file = await TiffFile.open(storeOf([page(1, { fields: [extra] })]), '', {})
    const first = await file.readIfd((await file.offsetOf(0, {})) ?? 0, {})
    expect((await readPage(file, first, {})).extraSamples).toEqual([0])
  })

  it('of JPEG are refused beyond what JPEG has', async () => {
    const tables = { tag: 347, type: fieldTypes.undefined, values: new Uint8Array(2 << 20) }
    await expect(open([page(1, { fields: [short(259, 7), tables] })])).rejects.toMatchObject({
      code: 'ERR_CORRUPT_DATA',
      message: expect.stringContaining('JPEG tables')
    })
  })

  it('of fields are read as far as they are known', async () => {
    const fields = Array.from({ length: 3000 }, (_, at) => short(60_000 + at, 1))
    const file = await TiffFile.open(storeOf([page(1, { fields })]), '', {})
    expect((await file.readIfd((await file.offsetOf(0, {})) ?? 0, {})).size).toBe(9)
  })
})

describe('OME-XML', () => {
  const described = (sizeZ: number, tiffData: string, pages: number) => {
    const pixels = `<Pixels DimensionOrder="XYZCT" Type="uint8" SizeX="2" SizeY="2" SizeZ="${sizeZ}" SizeC="1" SizeT="1">`
    const description = `<?xml version="1.0"?><OME><Image>${pixels}<Channel/>${tiffData}</Pixels></Image></OME>`
    return open(Array.from({ length: pages }, (_, at) => page(at + 1, at === 0 ? { description } : {})))
  }

  it('that announces many planes takes no memory for them', async () => {
    const count = 2 ** 31 - 1
    const source = await described(count, `<TiffData IFD="0" PlaneCount="${count}"/>`, 2)
    expect(source.shape).toEqual([count, 2, 2])
    expect(await source.get([1, 0, 0])).toBe(2)
  })

  it('places planes by the last element that names them', async () => {
    const tiffData = [
      '<TiffData FirstZ="1" IFD="4" PlaneCount="1"/>',
      '<TiffData IFD="0" PlaneCount="4"/>',
      '<TiffData FirstZ="2" IFD="0" PlaneCount="2"/>',
      '<TiffData FirstZ="3" IFD="4" PlaneCount="1"/>'
    ]
    const source = await described(4, tiffData.join(''), 5)
    expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 2, 1, 5])
  })
})

describe('a page whose samples no dtype holds', () => {
  const odd = page(9, { fields: [short(339, 5)] })

  it('is left out of the series of the others', async () => {
    for (const pages of [
      [page(1), odd, page(3)],
      [odd, page(1), page(3)]
    ]) {
      const source = await open(pages)
      expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 3])
    }
  })

  it('is an error where it is alone', async () => {
    await expect(open([odd])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('names that every object of JavaScript has', () => {
  it('are no orders or units of ImageJ', async () => {
    const description = 'ImageJ=1.11a\nimages=2\nslices=2\norder=constructor\nunit=constructor\nspacing=3\n'
    const source = await open([page(1, { description }), page(2)])
    expect([source.seriesKind, source.axes, source.metadata.axes?.[0]?.unit]).toEqual(['imagej', 'ZYX', 'constructor'])
  })

  it('are no types of Modulo in OME-XML', async () => {
    const along = '<ModuloAlongZ Type="constructor" Start="0" End="1"/>'
    const annotation = `<StructuredAnnotations><XMLAnnotation ID="A" Namespace="x/Modulo"><Value>${along}</Value></XMLAnnotation></StructuredAnnotations>`
    const pixels = '<Pixels DimensionOrder="XYZCT" Type="uint8" SizeX="2" SizeY="2" SizeZ="2" SizeC="1" SizeT="1"><TiffData/></Pixels>'
    const description = `<?xml version="1.0"?><OME><Image><AnnotationRef ID="A"/>${pixels}</Image>${annotation}</OME>`
    const source = await open([page(1, { description }), page(2)])
    expect([source.seriesKind, source.axes]).toEqual(['ome', 'QYX'])
  })
})
