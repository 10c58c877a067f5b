// NIfTI, with nibabel.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray } = await importPackage('@bioimage/testing')

export const kind = 'nifti'
export const extension = '.nii'

const dtypes = 'uint8 int8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128'.split(' ')
const shapes = [[5], [3, 4], [6, 7, 8], [3, 4, 5, 2], [2, 40_000]]

export const cases = ({ seed }) =>
  dtypes.flatMap((dtype) =>
    shapes.map((shape) => ({ title: `${dtype} [${shape}]`, array: referenceArray(shape, dtype, seed), readers: ['nibabel', 'compressed'] }))
  )

export const write = async ({ array }, path) => {
  const space = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer', scale: 2.5 }))
  const others = [{ name: 'v' }, { name: 't', type: 'time', scale: 2.5 }]
  const metadata = { axes: [...others, ...space].slice(-array.shape.length) }
  // The peer reads the second one beside the first.
  for (const name of [path, `${path}.gz`]) {
    const source = await createSource(name, { format: kind, shape: array.shape, dtype: array.dtype, metadata })
    await source.set('...', array)
    await source.close()
  }
}
