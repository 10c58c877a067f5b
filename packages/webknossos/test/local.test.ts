import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createRegistry,
  createSource,
  fromSpec,
  isSourceError,
  itemAt,
  listArrays,
  ndarray,
  openSource,
  registerStore,
  type StoreDriver,
  slice,
  toNested
} from '@bioimage/core'
import { memoryStore } from '@bioimage/core/backend'
import { listLayers, listMags, openWebknossos, webknossos, wkw } from '@bioimage/webknossos'
import { afterAll, describe, expect, test } from 'vitest'
import '@bioimage/cloudvolume'
import '@bioimage/n5'
import '@bioimage/zarr'

const fixture = fileURLToPath(new URL('fixtures/dataset', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-webknossos-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let made = 0
const place = (): string => join(folder, String(made++))
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (isSourceError(error) ? `${error.code}: ${error.message}` : `not a SourceError: ${String(error)}`)
  )
const voxel = (x: number, y: number, z: number): number => ((7 * x + 13 * y + 29 * z) % 251) + 1

/** A dataset folder of one layer. */
const dataset = (layer: Readonly<Record<string, unknown>>): string => {
  const path = place()
  cpSync(join(fixture, 'wkw'), join(path, 'wkw'), { recursive: true })
  const boundingBox = { topLeft: [5, 6, 7], width: 20, height: 14, depth: 10 }
  const usual = { name: 'wkw', category: 'color', dataFormat: 'wkw', elementClass: 'uint8', boundingBox, mags: [{ mag: 1 }] }
  writeFileSync(join(path, 'datasource-properties.json'), JSON.stringify({ scale: [4, 5, 6], dataLayers: [{ ...usual, ...layer }] }))
  return path
}

describe('a dataset folder of the reference library', () => {
  test.each([
    ['wkw', 'uint8'],
    ['zarr', 'uint32'],
    ['zarr3', 'uint64']
  ])('is read in every voxel: %s', async (layerName, dtype) => {
    const fine = await openWebknossos(fixture, { layerName })
    expect([fine.shape, fine.dtype, fine.offset, fine.extent]).toEqual([[10, 14, 20], dtype, [5, 6, 7], [20, 14, 10]])
    const coarse = await openWebknossos(fixture, { layerName, mag: '2-2-1' })
    expect([coarse.shape, coarse.offset]).toEqual([
      [10, 7, 11],
      [4, 6, 7]
    ])
    const [one, other] = [await fine.get(), await coarse.get()]
    for (let z = 0; z < 10; z++)
      for (let y = 0; y < 14; y++)
        for (let x = 0; x < 20; x++) {
          expect(Number(itemAt(one, z, y, x))).toBe(voxel(5 + x, 6 + y, 7 + z))
          // The first voxel of the box begins before the layer, where nothing was written.
          if (y < 7 && x < 11) expect(Number(itemAt(other, z, y, x))).toBe(x === 0 ? 0 : voxel(4 + 2 * x, 6 + 2 * y, 7 + z))
        }
  })
  test.each([
    ['rgb', 3, 0],
    ['zarr3-channels', 2, 1000]
  ])('has channels before z: %s', async (layerName, channels, factor) => {
    const all = await openWebknossos(fixture, { layerName, mag: 1 })
    expect(all.shape).toEqual([channels, 10, 14, 20])
    expect(all.chunks).toEqual(
      [layerName === 'rgb' ? 3 : 1, 8, 8, 8].map((length, axis) => (axis === 0 ? (all.chunks?.[0] ?? length) : length))
    )
    expect(toNested(await all.get([slice(null), 9, 13, 19]))).toEqual(
      Array.from({ length: channels }, (_, c) => voxel(24, 19, 16) + c * factor)
    )
    const one = await openWebknossos(fixture, { layerName, mag: 1, channel: 1 })
    expect(one.shape).toEqual([10, 14, 20])
    expect(await one.get([9, 13, 19])).toBe(voxel(24, 19, 16) + factor)
    expect(await (await fromSpec(one.toSpec())).get([0, 0, 0])).toBe(voxel(5, 6, 7) + factor)
  })
  test('lists layers, magnifications, voxel sizes and segment ids', async () => {
    const arrays = await listArrays(fixture, { format: 'webknossos' })
    expect(arrays.every(({ problem }) => problem === undefined)).toBe(true)
    expect(arrays).toHaveLength(10)
    const array = arrays.find(({ internalPath }) => internalPath === 'zarr/2-2-1')
    expect(array).toMatchObject({ shape: [10, 7, 11], dtype: 'uint32', chunks: [8, 8, 8], shards: null })
    expect(array?.metadata.axes?.map(({ scale, translation, unit }) => [scale, translation, unit])).toEqual([
      [6, 42, 'nanometer'],
      [10, 30, 'nanometer'],
      [8, 16, 'nanometer']
    ])
    expect(await listLayers(fixture)).toEqual(['rgb', 'wkw', 'zarr', 'zarr3', 'zarr3-channels'])
    expect(await listMags(fixture, 'wkw')).toEqual(['1', '2-2-1'])
    expect((await openWebknossos(fixture, { layerName: 'zarr' })).largestSegmentId).toBe(2n ** 60n)
  })
  test('gives zeros outside of the layer and of its arrays', async () => {
    for (const layerName of ['wkw', 'zarr', 'zarr3']) {
      const source = await openWebknossos(fixture, { layerName, mag: 1, offset: [-3, 6, 7], size: [200, 14, 10] })
      const row = await source.get([0, 0, slice(null)])
      expect([0, 7, 8, 27, 28, 199].map((x) => Number(itemAt(row, x)))).toEqual([0, 0, voxel(5, 6, 7), voxel(24, 6, 7), 0, 0])
      const stepped = await source.get([slice(0, 10, 9), 0, slice(1, 200, 7)])
      expect(Number(itemAt(stepped, 1, 1))).toBe(voxel(5, 6, 16))
    }
  })
  test('takes no option of a server, and no writing', async () => {
    expect(await codeOf(openWebknossos(fixture, { layerName: 'wkw', mapping: 'x' }))).toMatch(/^ERR_INVALID_ARGUMENT: `mapping`/)
    expect(await codeOf(openSource(fixture, { format: 'webknossos', layerName: 'wkw', mode: 'r+' }))).toMatch(/^ERR_READ_ONLY: /)
  })
})

describe('the properties of a dataset', () => {
  test('of older versions are read', async () => {
    const path = dataset({
      mags: undefined,
      wkwResolutions: [
        { resolution: 1, cubeLength: 16 },
        { resolution: [2, 2, 1], cubeLength: 16 }
      ]
    })
    expect(await listMags(path, 'wkw')).toEqual(['1', '2-2-1'])
    expect(await (await openWebknossos(path, { mag: 1 })).get([0, 0, 0])).toBe(voxel(5, 6, 7))
  })
  test('without paths lead to the short name of the magnification, else to the long one', async () => {
    const path = dataset({})
    expect(await (await openWebknossos(path)).get([0, 0, 0])).toBe(voxel(5, 6, 7))
    renameSync(join(path, 'wkw/1'), join(path, 'wkw/1-1-1'))
    expect(await (await openWebknossos(path)).get([0, 0, 0])).toBe(voxel(5, 6, 7))
  })
  test('name a folder that is missing, which hides no other', async () => {
    const path = dataset({
      mags: [
        { mag: 1, path: './gone' },
        { mag: [2, 2, 1], path: 'wkw/2-2-1' }
      ]
    })
    const [fine, coarse] = await listArrays(path, { format: 'webknossos' })
    expect(fine?.problem).toMatch(/missing/)
    expect(coarse?.problem).toBeUndefined()
    expect(await codeOf(openWebknossos(path))).toMatch(/^ERR_NOT_FOUND: .*"wkw" at magnification 1 is missing/)
  })
  test('lead out of the folder in a local dataset only', async () => {
    const other = dataset({})
    const path = dataset({
      mags: [
        { mag: 1, path: join(other, 'wkw/1') },
        { mag: 2, path: `../${other.split('/').at(-1)}/wkw/1` }
      ]
    })
    for (const mag of [1, 2])
      expect(await (await openWebknossos(path, { mag, offset: [6, 6, 8], size: [2, 2, 2] })).get([0, 0, 0])).toBe(
        mag === 1 ? voxel(6, 6, 8) : 0
      )
    const store = memoryStore([
      [
        'datasource-properties.json',
        new TextEncoder().encode(
          JSON.stringify({
            dataLayers: [
              {
                name: 'a',
                elementClass: 'uint8',
                dataFormat: 'wkw',
                boundingBox: { topLeft: [0, 0, 0], width: 1, height: 1, depth: 1 },
                mags: [{ mag: 1, path: '/etc' }]
              }
            ]
          })
        )
      ]
    ])
    expect(await codeOf(openSource(store, { format: 'webknossos' }))).toMatch(/^ERR_UNSUPPORTED: .*"\/etc"/)
  })
  test.each([
    ['a category that there is not', { category: 'mesh' }, 'ERR_UNSUPPORTED'],
    ['an element class that there is not', { elementClass: 'uint12' }, 'ERR_UNSUPPORTED'],
    ['a format that there is not', { dataFormat: 'tiff' }, 'ERR_UNSUPPORTED'],
    ['channels that do not fit', { elementClass: 'uint16', numChannels: 3 }, 'ERR_CORRUPT_DATA'],
    ['a magnification that is none', { mags: [{ mag: [1, 3, 1] }] }, 'ERR_CORRUPT_DATA'],
    ['no box', { boundingBox: null }, 'ERR_CORRUPT_DATA'],
    ['a box with half a voxel', { boundingBox: { topLeft: [0, 0, 0.5], width: 1, height: 1, depth: 1 } }, 'ERR_CORRUPT_DATA'],
    ['a name that is a path', { name: '../x' }, 'ERR_CORRUPT_DATA']
  ])('with %s are refused', async (_, layer, code) => {
    expect(await codeOf(openWebknossos(dataset(layer)))).toMatch(new RegExp(`^${code}: `))
  })
  test('of a layer without magnifications are listed, with the problem', async () => {
    const path = dataset({ mags: [] })
    expect(await listLayers(path)).toEqual(['wkw'])
    expect(await listMags(path, 'wkw')).toEqual([])
    const [array] = await listArrays(path, { format: 'webknossos' })
    expect([array?.internalPath, array?.problem]).toEqual(['wkw', 'layer "wkw" has no magnification'])
    expect(await codeOf(openWebknossos(path))).toMatch(/^ERR_NOT_FOUND: .*no magnification/)
  })
  test.each([
    ['s3://storage.example.org/bucket/wkw/1', 's3://https://storage.example.org/bucket/wkw/1'],
    ['s3://storage:9000/bucket/wkw/1', 's3://https://storage:9000/bucket/wkw/1'],
    ['s3://localhost/bucket/wkw/1', 's3://https://localhost/bucket/wkw/1'],
    ['s3://s3.eu-west-1.amazonaws.com/bucket/wkw/1', 's3://https://s3.eu-west-1.amazonaws.com/bucket/wkw/1'],
    ['s3://a.bucket.s3.eu-west-1.amazonaws.com/wkw/1', 's3://https://s3.eu-west-1.amazonaws.com/a.bucket/wkw/1'],
    ['s3://https://storage.example.org/bucket/wkw/1', 's3://https://storage.example.org/bucket/wkw/1'],
    ['s3://bucket/wkw/1', 's3://bucket/wkw/1'],
    ['gs://a.bucket/wkw/1', 'gs://a.bucket/wkw/1']
  ])('lead to object storage, by the server that they name: %s', async (magPath, expected) => {
    const opened: string[] = []
    const names = readdirSync(join(fixture, 'wkw/1'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wkw'))
    const context = { registry: createRegistry([webknossos, wkw]) }
    const open: StoreDriver['open'] = async (url) => {
      opened.push(url.href)
      return memoryStore(names.map((name) => [name, readFileSync(join(fixture, 'wkw/1', name))]))
    }
    registerStore({ id: 'object-storage', schemes: ['s3:', 'gs:'], open }, context.registry)
    const source = await openWebknossos(dataset({ mags: [{ mag: 1, path: magPath }] }), { context })
    expect(await source.get([9, 13, 19])).toBe(voxel(24, 19, 16))
    expect([...new Set(opened)]).toEqual([new URL(expected).href])
  })
  test('of one broken layer hide no other', async () => {
    const path = dataset({ dataFormat: 'tiff' })
    const [array] = await listArrays(path, { format: 'webknossos' })
    expect(array?.problem).toMatch(/"tiff"/)
  })
})

describe('a layer in another format', () => {
  const source = (x: number, y: number, z: number): number => 100 * z + 10 * y + x
  const volume = ndarray(
    Uint16Array.from({ length: 60 }, (_, at) => source(at % 5, Math.floor(at / 5) % 4, Math.floor(at / 20))),
    [3, 4, 5]
  )
  const properties = (dataFormat: string, mag: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string => {
    const boundingBox = { topLeft: [0, 0, 0], width: 5, height: 4, depth: 3 }
    const layer = { name: 'a', category: 'color', elementClass: 'uint16', dataFormat, boundingBox, mags: [{ mag: 1, ...mag }], ...more }
    return JSON.stringify({ scale: { factor: [1, 1, 1], unit: '\u00b5m' }, dataLayers: [layer] })
  }
  test('N5, whose axes run the other way', async () => {
    const path = place()
    const array = await createSource(path, {
      format: 'n5',
      internalPath: 'a/1',
      shape: [3, 4, 5, 1],
      dtype: 'uint16',
      chunks: [2, 2, 2, 1]
    })
    await array.set('...', volume.data)
    writeFileSync(join(path, 'datasource-properties.json'), properties('n5', { axisOrder: { c: 0, x: 1, y: 2, z: 3 } }))
    const layer = await openWebknossos(path)
    expect([layer.shape, layer.chunks, layer.metadata.axes?.[0]?.unit]).toEqual([[3, 4, 5], [2, 2, 2], 'micrometer'])
    expect(toNested(await layer.get())).toEqual(toNested(volume))
    expect(toNested(await layer.get([slice(1, 3), slice(0, 4, 3), 4]))).toEqual([1, 2].map((z) => [0, 3].map((y) => source(4, y, z))))
  })
  test('Zarr with the axes in another order, one of several channels, and time', async () => {
    const path = place()
    const array = await createSource(path, {
      format: 'zarr',
      internalPath: 'a/1',
      shape: [2, 3, 4, 5, 6],
      dtype: 'uint16',
      chunks: [1, 1, 2, 2, 2]
    })
    // Axes c, z, t, y, x.
    for (let c = 0; c < 2; c++) for (let t = 0; t < 4; t++) await array.set([c, slice(null), t, slice(0, 4), slice(0, 5)], volumeOf(c, t))
    const axisOrder = { c: 0, z: 1, y: 3, x: 4 }
    const additionalAxes = [{ name: 't', bounds: [1, 4], index: 2 }]
    writeFileSync(join(path, 'datasource-properties.json'), properties('zarr3', { axisOrder, channelIndex: 1 }, { additionalAxes }))
    const layer = await openWebknossos(path)
    expect([layer.shape, layer.chunks]).toEqual([
      [3, 3, 4, 5],
      [2, 1, 2, 2]
    ])
    expect(await layer.get([2, 1, 2, 3])).toBe(1000 + 300 + source(3, 2, 1))
    const still = await openWebknossos(path, { additionalCoordinates: { t: 2 } })
    expect([still.shape, await still.get([1, 2, 3])]).toEqual([[3, 4, 5], 1000 + 200 + source(3, 2, 1)])

    function volumeOf(c: number, t: number): Uint16Array {
      return Uint16Array.from({ length: 60 }, (_, at) => 1000 * c + 100 * t + source(at % 5, Math.floor(at / 5) % 4, Math.floor(at / 20)))
    }
  })
  test('an axis order that does not fit the array is refused', async () => {
    const path = place()
    await createSource(path, { format: 'zarr', internalPath: 'a/1', shape: [3, 4, 5], dtype: 'uint16' })
    writeFileSync(join(path, 'datasource-properties.json'), properties('zarr', { axisOrder: { c: 0, x: 1, y: 2, z: 3 } }))
    expect(await codeOf(openWebknossos(path))).toMatch(/^ERR_CORRUPT_DATA: .*3 axes/)
  })
  test('precomputed, whose voxels begin at an offset', async () => {
    const path = place()
    const array = await createSource(join(path, 'a'), {
      format: 'cloudvolume',
      shape: [3, 4, 5],
      dtype: 'uint16',
      voxelOffset: [1, 2, 3],
      resolution: [1, 1, 1],
      key: '1'
    })
    await array.set('...', volume)
    const boundingBox = { topLeft: [0, 0, 0], width: 6, height: 6, depth: 6 }
    writeFileSync(join(path, 'datasource-properties.json'), properties('neuroglancerPrecomputed', { path: './a/1' }, { boundingBox }))
    const layer = await openWebknossos(path)
    expect(layer.shape).toEqual([6, 6, 6])
    expect(await layer.get([2, 5, 5])).toBe(0)
    expect(toNested(await layer.get([slice(3, 6), slice(2, 6), slice(1, 6)]))).toEqual(toNested(volume))
  })
  test('whose package is not imported is an error that names it', async () => {
    const context = { registry: createRegistry([webknossos]) }
    expect(await (await openWebknossos(fixture, { layerName: 'wkw', context })).get([0, 0, 0])).toBe(voxel(5, 6, 7))
    expect(await codeOf(openWebknossos(fixture, { layerName: 'zarr', context }))).toMatch(/^ERR_UNKNOWN_KIND: .*install @bioimage\/zarr/)
    const problems = (await listArrays(fixture, { format: 'webknossos', context })).map(({ internalPath, problem }) => [
      internalPath,
      problem !== undefined
    ])
    expect(problems.filter(([, problem]) => problem).map(([path]) => path)).toEqual([
      'zarr/1',
      'zarr/2-2-1',
      'zarr3-channels/1',
      'zarr3-channels/2-2-1',
      'zarr3/1',
      'zarr3/2-2-1'
    ])
  })
})
