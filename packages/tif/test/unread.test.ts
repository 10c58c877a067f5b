import { listArrays, memoryStore, openSource } from '@bioimage/core'
import '@bioimage/tif'
import { expect, it } from 'vitest'
import { long, makeTiff, short } from './make-tiff.js'

it.each([
  ['JBIG', [short(259, 34661)]],
  ['compression 99', [short(259, 99)]],
  ['subsampled', [short(262, 6), short(277, 3), short(258, 8, 8, 8), short(530, 2, 2)]]
])('pixels that are not read (%s) have a shape and metadata, and an error that says why', async (name, fields) => {
  const rows = [long(278, 4), long(273, 8, 8), long(279, 8, 8)]
  const resolution = [short(296, 3), { tag: 282, type: 5, values: [10_000, 1] }]
  const store = memoryStore([
    ['', makeTiff([{ width: 6, length: 8, data: new Uint8Array(8), fields: [...fields, ...rows, ...resolution] }])]
  ])
  const source = await openSource(store, { format: 'tif' })
  const samples = name === 'subsampled' ? [3] : []
  expect(source).toMatchObject({ shape: [8, 6, ...samples], dtype: 'uint8', chunks: [4, 6, ...samples] })
  expect(source.metadata.axes?.find((axis) => axis.name === 'x')).toMatchObject({ scale: 1e-4, unit: 'centimeter' })
  await expect(source.get([0, 0])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining(name) })
  expect((await listArrays(store, { format: 'tif' }))[0]?.shape).toEqual(source.shape)
  await source.close()
})
