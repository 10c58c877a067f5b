// MRC, with mrcfile, which also judges whether a file is as the specification has it.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray } = await importPackage('@bioimage/testing')

export const kind = 'mrc'
export const extension = '.mrc'

const shapes = [
  [7, 9],
  [1, 5, 6],
  [6, 7, 8],
  [3, 4, 5, 2]
]

export const cases = ({ seed }) =>
  ['int8', 'int16', 'uint16', 'float16', 'float32', 'complex64'].flatMap((dtype) =>
    shapes.map((shape) => ({ title: `${dtype} [${shape}]`, array: referenceArray(shape, dtype, seed), readers: ['mrcfile'] }))
  )

export const write = async ({ array }, path) => {
  const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'angstrom', scale: 2.5 })).slice(-array.shape.length)
  if (array.shape.length > 3) axes.unshift({ name: 'index', type: 'index' })
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, metadata: { axes } })
  await source.set('...', array)
  await source.close()
}
