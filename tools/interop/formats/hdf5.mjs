// HDF5, with h5py; and the references that we export, with fsspec and zarr-python.
import { writeFileSync } from 'node:fs'
import { importPackage } from '../../conformance/packages.mjs'

const { createSource, ndarray, slice, zeros } = await importPackage('@bioimage/core')
const { dtypes } = await importPackage('@bioimage/core/backend')
const { exportReference } = await importPackage('@bioimage/hdf5')
const { referenceArray, seededRandom } = await importPackage('@bioimage/testing')

export const kind = 'hdf5'
export const extension = '.h5'

const shape = [10, 13, 7]
const chunks = [4, 5, 7]
const all = ['h5py', 'reference']

const fillValues = [
  ['float32', 'NaN'],
  ['float64', '-Infinity'],
  ['uint64', 2n ** 64n - 1n],
  ['int64', -(2n ** 63n)],
  ['int8', -128],
  ['bool', true],
  ['uint16', 65535]
]

/** All elements are the fill value, but for the first. */
const filledArray = (dtype, value) => {
  const array = zeros(shape, dtype)
  const element = typeof value === 'string' ? Number(value) : dtype === 'bool' ? Number(value) : value
  array.data.fill(element, 1)
  return array
}

export const cases = ({ seed }) => {
  const random = seededRandom(seed)
  const list = []
  const add = (title, array, options, { readers = all, region } = {}) =>
    list.push({ title, array, options, region, readers, ask: { internalPath: options.internalPath ?? 'data' } })
  for (const dtype of dtypes) add(dtype, referenceArray(shape, dtype, seed), { chunks })
  for (const gzip of [0, 1, 9]) {
    for (const shuffle of [false, true])
      add(`gzip ${gzip}, shuffle ${shuffle}`, referenceArray(shape, 'uint16', seed), { chunks, gzip, shuffle })
  }
  for (const [dtype, fillValue] of fillValues)
    add(
      `fill value ${fillValue} of ${dtype}`,
      filledArray(dtype, fillValue),
      { chunks, fillValue },
      { region: [slice(0, 1), slice(0, 1), slice(0, 1)] }
    )
  for (const other of [[], [0, 3], [17], [3, 2, 4, 5, 2]]) add(`shape [${other}]`, referenceArray(other, 'float64', seed), {})
  add('path in groups', referenceArray(shape, 'int16', seed), { chunks, internalPath: 'a/b/c' })
  for (let round = 0; round < 10; round++) {
    const rank = 1 + random.below(4)
    const inner = Array.from({ length: rank }, () => 1 + random.below(6))
    const lengths = inner.map((length) => 1 + random.below(3 * length))
    const dtype = dtypes[random.below(dtypes.length)]
    const options = { chunks: inner, gzip: random.below(10), shuffle: random.below(2) === 0 }
    add(`random [${lengths}] of ${dtype} in [${inner}]`, referenceArray(lengths, dtype, random.bits()), options)
  }
  return list
}

export const write = async ({ array, options, region }, path) => {
  const source = await createSource(path, { format: kind, internalPath: 'data', shape: array.shape, dtype: array.dtype, ...options })
  const ones = () =>
    ndarray(
      zeros([1], array.dtype).data,
      region.map(() => 1),
      array.dtype
    )
  await source.set(region ?? '...', region === undefined ? array : ones())
  await source.close()
  const { reference } = await exportReference(path)
  writeFileSync(`${path}.json`, JSON.stringify(reference))
}
