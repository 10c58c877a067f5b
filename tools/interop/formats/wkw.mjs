// WKW, with wkw, the reference library.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray } = await importPackage('@bioimage/testing')

export const kind = 'wkw'
export const packageName = '@bioimage/webknossos'
export const extension = ''

const dtypes = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64']
const layouts = [
  { chunks: [4, 4, 4], shards: [8, 8, 8] },
  { chunks: [2, 2, 2], shards: [16, 16, 16] },
  { chunks: [8, 8, 8], shards: [8, 8, 8] }
]

export const cases = ({ seed }) => [
  ...dtypes.flatMap((dtype, at) =>
    ['raw', 'lz4', 'lz4hc'].map((blockType, index) => ({
      title: `${dtype} ${blockType}`,
      array: referenceArray([9, 10, 11], dtype, seed + at),
      layout: { ...layouts[(at + index) % layouts.length], blockType },
      readers: ['wkw']
    }))
  ),
  {
    title: 'three channels',
    array: referenceArray([9, 10, 11, 3], 'uint8', seed),
    layout: { chunks: [4, 4, 4, 3], shards: [8, 8, 8, 3], blockType: 'lz4' },
    readers: ['wkw']
  }
]

export const write = async ({ array, layout }, path) => {
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, ...layout })
  await source.set('...', array)
  await source.close()
}
