// N5, with tensorstore.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray, seededRandom } = await importPackage('@bioimage/testing')

export const kind = 'n5'
export const extension = '.n5'

const shape = [10, 13, 7]
const chunks = [4, 5, 7]
const dtypes = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64']
const compressions = {
  raw: { type: 'raw' },
  gzip: { type: 'gzip', level: 6 },
  'gzip with zlib streams': { type: 'gzip', level: 3, useZlib: true },
  zstd: { type: 'zstd', level: 3 },
  ...Object.fromEntries(
    ['lz4', 'lz4hc', 'blosclz', 'zlib', 'zstd'].flatMap((cname) =>
      [0, 1, 2].map((shuffle) => [`blosc ${cname} ${shuffle}`, { type: 'blosc', cname, clevel: 5, shuffle, blocksize: 0 }])
    )
  )
}

export const cases = ({ seed }) => {
  const random = seededRandom(seed)
  const list = []
  const add = (title, array, options) =>
    list.push({ title, array, options, readers: ['tensorstore'], ask: { internalPath: options.internalPath ?? '' } })
  for (const dtype of dtypes) add(dtype, referenceArray(shape, dtype, seed), { chunks })
  for (const [name, compression] of Object.entries(compressions)) add(name, referenceArray(shape, 'uint16', seed), { chunks, compression })
  for (const other of [[17], [3, 2, 4, 5]]) add(`shape [${other}]`, referenceArray(other, 'float64', seed), {})
  add('path in groups', referenceArray(shape, 'int16', seed), { chunks, internalPath: 'a/b/c' })
  for (let round = 0; round < 10; round++) {
    const rank = 1 + random.below(4)
    const inner = Array.from({ length: rank }, () => 1 + random.below(6))
    const lengths = inner.map((length) => 1 + random.below(3 * length))
    const dtype = dtypes[random.below(dtypes.length)]
    const [name, compression] = Object.entries(compressions)[random.below(Object.keys(compressions).length)]
    add(`random [${lengths}] of ${dtype} in [${inner}], ${name}`, referenceArray(lengths, dtype, random.bits()), {
      chunks: inner,
      compression
    })
  }
  return list
}

export const write = async ({ array, options }, path) => {
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, ...options })
  await source.set('...', array)
  await source.close()
}
