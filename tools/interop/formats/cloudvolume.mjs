// Neuroglancer precomputed, with tensorstore and CloudVolume.
import { importPackage } from '../../conformance/packages.mjs'

const { createSource } = await importPackage('@bioimage/core')
const { referenceArray } = await importPackage('@bioimage/testing')

export const kind = 'cloudvolume'
export const extension = ''

const both = ['tensorstore', 'cloudvolume']
const space = { chunks: [8, 16, 12], resolution: [4, 4, 40], voxelOffset: [100, -7, 3] }
const sharded = { ...space, shards: [16, 32, 24] }
const scattered = {
  ...space,
  sharding: {
    '@type': 'neuroglancer_uint64_sharded_v1',
    hash: 'murmurhash3_x86_128',
    preshift_bits: 1,
    minishard_bits: 2,
    shard_bits: 1,
    data_encoding: 'gzip',
    minishard_index_encoding: 'gzip'
  }
}
const labels = { encoding: 'compressed_segmentation' }

const volumes = [
  ...['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'float32'].map((dtype) => [dtype, space]),
  ...['uint32', 'uint64'].map((dtype) => [dtype, { ...space, ...labels }]),
  ['uint16', { ...space, compress: 'br' }],
  ['uint16', { ...space, compress: 'zstd' }],
  ['uint16', { ...space, compress: false }],
  ['uint16', sharded],
  ['uint64', { ...sharded, ...labels }],
  ['int32', scattered]
]

const filled = (shape, dtype, value) => {
  const array = referenceArray(shape, dtype, 0)
  array.data.fill(value)
  return array
}

export const cases = ({ seed }) => [
  ...volumes.map(([dtype, options]) => ({
    title: `${dtype} ${JSON.stringify(options)}`,
    array: referenceArray([17, 33, 25], dtype, seed),
    options,
    // tensorstore reads files without compression around them, and shards.
    readers: options.shards !== undefined || options.sharding !== undefined || options.compress === false ? both : ['cloudvolume']
  })),
  {
    title: 'three channels',
    array: referenceArray([3, 9, 10, 11], 'uint8', seed),
    options: { ...space, chunks: [3, 4, 5, 6], compress: false },
    readers: both
  },
  // Of one value, which no quality changes.
  ...[
    ['gray', []],
    ['color', [3]]
  ].map(([name, channels]) => ({
    title: `jpeg, ${name}`,
    array: filled([...channels, 17, 33, 25], 'uint8', 1 + (seed % 250)),
    options: { ...space, chunks: [...channels, 8, 16, 12], encoding: 'jpeg', jpegQuality: 90 },
    readers: both
  })),
  {
    title: 'png, three channels',
    array: referenceArray([3, 9, 10, 11], 'uint8', seed),
    options: { ...space, chunks: [3, 4, 5, 6], encoding: 'png' },
    // CloudVolume takes the channels of images in another order than the format says.
    readers: ['tensorstore']
  }
]

/** Where nothing gets lost by coding it again, in parts that meet chunks and shards in part, so that what is there is merged. */
export const write = async ({ array, options }, path) => {
  const source = await createSource(path, { format: kind, shape: array.shape, dtype: array.dtype, fillMissing: true, ...options })
  const isLossy = options.encoding === 'jpeg'
  const rows = array.shape.at(-3)
  const before = array.shape.slice(0, -3).map(() => null)
  const step = isLossy ? rows : 5
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first)
    const part = { ...array, shape: [...array.shape.slice(0, -3), count, ...array.shape.slice(-2)], offset: first * array.stride.at(-3) }
    await source.set([...before, { start: first, stop: first + count }], part)
  }
  await source.close()
}
