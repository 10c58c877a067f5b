import { fileURLToPath } from 'node:url'
import { openSource } from '@bioimage/core'
import '@bioimage/hdf5'
import { expect, it } from 'vitest'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const axes = (scale: readonly number[], unit: string, translation?: readonly number[]): unknown =>
  ['z', 'y', 'x'].map((name, axis) => ({
    name,
    type: 'space',
    unit,
    scale: scale[axis],
    ...(translation !== undefined && { translation: translation[axis] })
  }))

it('BigDataViewer: voxel size from the XML beside the file, times the downsampling', async () => {
  const { metadata } = await openSource(fixture('bdv.h5'), { internalPath: 't00000/s00/1/cells' })
  expect(metadata).toEqual({
    axes: axes([2, 1, 0.5], 'micrometer'),
    levels: [
      { internalPath: 't00000/s00/0/cells', scale: [2, 0.5, 0.25] },
      { internalPath: 't00000/s00/1/cells', scale: [2, 1, 0.5] }
    ]
  })
})

it('Imaris: extent by true size, not by the padded one', async () => {
  const internalPath = 'DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data'
  const { metadata } = await openSource(fixture('imaris.ims'), { internalPath })
  expect(metadata.axes).toEqual(axes([2, 1, 0.5], 'micrometer', [10, 0, 1]))
  expect(metadata.levels).toEqual([
    { internalPath, scale: [2, 1, 0.5], translation: [10, 0, 1] },
    { internalPath: internalPath.replace('Level 0', 'Level 1'), scale: [2, 2, 1], translation: [10, 0, 1] }
  ])
})
