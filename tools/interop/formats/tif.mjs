// TIFF, with tifffile. Files are described as tifffile, OME and ImageJ do, in one piece, in strips and in tiles.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray } = await importPackage('@bioimage/testing')

export const kind = 'tif'
export const extension = '.tif'

const dtypes = [
  ...['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'],
  ...['float16', 'float32', 'float64', 'complex64', 'complex128']
]
const shapes = [[7, 9], [1, 5, 6], [6, 7, 8], [2, 3, 4, 5, 6], [5]]
const compressions = ['zlib', 'zstd', 'lzw']

export const cases = ({ seed }) => {
  const item = (shape, dtype, options, axes, expect = {}) => ({
    title: `${dtype} [${shape}] ${JSON.stringify(options)}`,
    array: referenceArray(shape, dtype, seed),
    readers: ['tifffile'],
    ask: expect,
    options,
    axes
  })
  return [
    ...dtypes.flatMap((dtype) => shapes.map((shape) => item(shape, dtype, {}))),
    ...compressions.flatMap((compression) =>
      ['uint8', 'int16', 'uint16', 'uint32', 'int64', 'float16', 'float32', 'float64'].flatMap((dtype) =>
        [false, true].flatMap((predictor) => [
          item([3, 50, 70], dtype, { compression, predictor }),
          item([3, 50, 70], dtype, { compression, predictor, chunks: [1, 16, 32] }),
          item([50, 70], dtype, { compression, predictor, bigTiff: true, chunks: [7, 70] })
        ])
      )
    ),
    item([3, 40, 50], 'uint16', { chunks: [1, 16, 16] }),
    item([40, 50, 3], 'uint8', { compression: 'lzw', predictor: true }, 'yxs'),
    item([2, 40, 50, 4], 'uint16', { compression: 'zlib', predictor: true, chunks: [1, 16, 16, 4] }, 'zyxs'),
    ...['int8', 'uint16', 'float32', 'complex64'].map((dtype) =>
      item([2, 3, 4, 20, 30], dtype, { description: 'ome' }, 'tczyx', { kind: 'ome', axes: 'TCZYX', voxel: 2.5 })
    ),
    item([3, 20, 30], 'uint16', { description: 'ome', compression: 'zstd' }, 'cyx', { kind: 'ome', axes: 'CYX', voxel: 2.5 }),
    ...['uint8', 'uint16', 'float32'].map((dtype) =>
      item([2, 3, 4, 20, 30], dtype, { description: 'imagej' }, 'tzcyx', { kind: 'imagej', axes: 'TZCYX', voxel: 2.5 })
    ),
    item([4, 20, 30], 'uint16', { description: 'imagej', compression: 'zlib' }, 'zyx', { kind: 'imagej', axes: 'ZYX', voxel: 2.5 })
  ]
}

const types = { t: 'time', c: 'channel', s: 'channel' }

export const write = async ({ array, options, axes }, path) => {
  const metadata = axes && {
    axes: [...axes].map((name) => {
      const type = types[name] ?? 'space'
      return { name, type, ...(type === 'space' && { unit: 'micrometer', scale: 2.5 }), ...(name === 't' && { unit: 'second', scale: 3 }) }
    })
  }
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, metadata, ...options })
  await source.set('...', array)
  await source.close()
}
