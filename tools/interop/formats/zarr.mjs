// Zarr v2 and v3, with zarr-python and tensorstore.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource, ndarray, slice, zeros } = await importPackage('@bioimage/core')
const { dtypes } = await importPackage('@bioimage/core/backend')
const { referenceArray, seededRandom } = await importPackage('@bioimage/testing')

export const kind = 'zarr'
export const extension = '.zarr'

const shape = [10, 13, 7]
const chunks = [4, 5, 7]
const versions = [2, 3]
const both = ['zarr-python', 'tensorstore']
const onlyPython = ['zarr-python']

const codecs = {
  raw: [],
  gzip: [{ id: 'gzip', level: 5 }],
  zlib: [{ id: 'zlib', level: 9 }],
  zstd: [{ id: 'zstd', level: 3 }],
  'zstd, level 15': [{ id: 'zstd', level: 15 }],
  lz4: [{ id: 'lz4', acceleration: 1 }],
  ...Object.fromEntries(
    ['lz4', 'lz4hc', 'blosclz', 'zlib', 'zstd'].flatMap((cname) =>
      ['noshuffle', 'shuffle', 'bitshuffle'].map((shuffle) => [`blosc ${cname} ${shuffle}`, [{ id: 'blosc', cname, clevel: 5, shuffle }]])
    )
  )
}
/** Codecs with filters or checksums of numcodecs, which tensorstore does not have. */
const rareCodecs = {
  'delta, zstd': [{ id: 'delta', dtype: '<u2' }, { id: 'zstd' }],
  'fixed scale offset, gzip': [{ id: 'fixedscaleoffset', offset: 0, scale: 1, dtype: '<u2', astype: '<i4' }, { id: 'gzip' }],
  'shuffle, zlib': [{ id: 'shuffle', elementsize: 2 }, { id: 'zlib' }],
  'gzip, crc32': [{ id: 'gzip' }, { id: 'crc32' }],
  'gzip, adler32': [{ id: 'gzip' }, { id: 'adler32' }],
  'gzip, fletcher32': [{ id: 'gzip' }, { id: 'fletcher32' }]
}

/** tensorstore's zarr v2 has these alone, and its v3 knows no codec by numcodecs' names. */
const tensorstoreHas = (steps, zarrVersion) =>
  steps.every(({ id }) => (zarrVersion === 2 ? ['gzip', 'zlib', 'zstd', 'blosc'] : ['gzip', 'zstd', 'blosc', 'crc32c']).includes(id))

const fillValues = [
  ['float32', 'NaN'],
  ['float64', '-Infinity'],
  ['float16', 'Infinity'],
  ['uint64', 2n ** 64n - 1n],
  ['int64', -(2n ** 63n)],
  ['int8', -128],
  ['bool', true],
  ['uint16', 65535]
]

/** The array of a case whose elements are all the fill value, but for the first. */
const filledArray = (dtype, value) => {
  const array = zeros(shape, dtype)
  const element = typeof value === 'string' ? Number(value) : dtype === 'bool' ? Number(value) : value
  for (let at = 1; at < array.data.length; at++) {
    if (dtype === 'float16') array.data.bits[at] = 0x7c00
    else array.data[at] = element
  }
  return array
}

export const cases = ({ seed }) => {
  const random = seededRandom(seed)
  const list = []
  const add = (title, array, options, readers = both, region = undefined, others = []) => {
    const { zarrVersion = 3, internalPath = '' } = options
    list.push({ title, array, options, readers, region, others, ask: { zarrVersion, internalPath } })
  }
  for (const zarrVersion of versions) {
    const v = `v${zarrVersion}`
    for (const dtype of dtypes) {
      add(`${v}, ${dtype}`, referenceArray(shape, dtype, seed), { zarrVersion, chunks })
    }
    for (const [name, steps] of Object.entries({ ...codecs, ...rareCodecs })) {
      const array = referenceArray(shape, 'uint16', random.bits())
      add(`${v}, ${name}`, array, { zarrVersion, chunks, codecs: steps }, tensorstoreHas(steps, zarrVersion) ? both : onlyPython)
    }
    for (const [dtype, fillValue] of fillValues) {
      const array = filledArray(dtype, fillValue)
      const first = [slice(0, 1), slice(0, 1), slice(0, 1)]
      add(`${v}, fill value ${fillValue} of ${dtype}`, array, { zarrVersion, chunks, fillValue }, both, first)
    }
    for (const dimensionSeparator of ['.', '/']) {
      const array = referenceArray(shape, 'int32', seed)
      add(`${v}, separator ${dimensionSeparator}`, array, { zarrVersion, chunks, dimensionSeparator })
    }
    add(`${v}, order F`, referenceArray(shape, 'uint16', seed), { zarrVersion, chunks, order: 'F' })
    for (const other of [[], [0, 3], [17], [3, 2, 4, 5, 2]]) {
      const array = referenceArray(other, 'float64', seed)
      add(`${v}, shape [${other}]`, array, { zarrVersion, chunks: other.map((length) => Math.max(1, Math.ceil(length / 2))) })
    }
    add(`${v}, path in a group`, referenceArray(shape, 'uint16', seed), { zarrVersion, chunks, internalPath: 'a/b' })
    // One array asks for consolidated metadata, which the others, of every fill value, then keep.
    const others = fillValues.map(([dtype, fillValue], at) => ({
      ...{ zarrVersion, shape, chunks, dtype, fillValue },
      internalPath: `a/${at % 2}/${at}`,
      ...(at === 2 && { consolidated: true })
    }))
    const consolidated = { zarrVersion, chunks, internalPath: 'a/b', attrs: { stain: 'DAPI' } }
    add(`${v}, consolidated`, referenceArray(shape, 'uint16', seed), consolidated, ['zarr-python, consolidated'], undefined, others)
  }
  for (const shardIndexLocation of ['start', 'end']) {
    for (const [name, steps] of Object.entries(codecs)) {
      const array = referenceArray(shape, 'uint16', random.bits())
      const options = { chunks: [2, 5, 7], shards: [4, 10, 7], codecs: steps, shardIndexLocation }
      add(`sharded (index at the ${shardIndexLocation}), ${name}`, array, options, tensorstoreHas(steps, 3) ? both : onlyPython)
    }
  }
  add('sharded, order F', referenceArray(shape, 'int16', seed), { chunks: [2, 5, 7], shards: [4, 10, 7], order: 'F' })
  for (let round = 0; round < 20; round++) {
    const rank = 1 + random.below(4)
    const inner = Array.from({ length: rank }, () => 1 + random.below(6))
    const lengths = inner.map((length) => 1 + random.below(3 * length))
    const shards = random.below(2) === 0 ? undefined : inner.map((length) => length * (1 + random.below(3)))
    const dtype = dtypes[random.below(dtypes.length)]
    const [name, steps] = Object.entries(codecs)[random.below(Object.keys(codecs).length)]
    const title = `random [${lengths}] of ${dtype} in [${inner}]${shards === undefined ? '' : ` in shards of [${shards}]`}, ${name}`
    const array = referenceArray(lengths, dtype, random.bits())
    add(title, array, { chunks: inner, shards, codecs: steps }, tensorstoreHas(steps, 3) ? both : onlyPython)
  }
  return list
}

export const write = async ({ array, options, region, others }, path) => {
  for (const other of others) await (await createSource(path, { format: kind, ...other })).close()
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, ...options })
  if (region === undefined) await source.set('...', array)
  else
    await source.set(
      region,
      ndarray(
        zeros([1], array.dtype).data,
        region.map(() => 1),
        array.dtype
      )
    )
  await source.close()
}
