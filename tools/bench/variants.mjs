// The data sets: one volume stored in different ways, as Zarr v3.

const chunk = 64

/** `codecs` as we name them, `v3` as zarr.json does. `shard` is the edge of a shard, at most the volume's. */
export const variants = [
  { name: 'raw', chunk, codecs: [], v3: [] },
  { name: 'gzip', chunk, codecs: [{ id: 'gzip', level: 1 }], v3: [{ name: 'gzip', configuration: { level: 1 } }] },
  { name: 'zstd', chunk, codecs: [{ id: 'zstd', level: 1 }], v3: [{ name: 'zstd', configuration: { level: 1, checksum: false } }] },
  { name: 'blosc-lz4', chunk, ...blosc('lz4', 5) },
  { name: 'blosc-zstd', chunk, ...blosc('zstd', 1) },
  {
    name: 'sharded',
    chunk,
    shard: 256,
    codecs: [{ id: 'zstd', level: 1 }],
    v3: [{ name: 'zstd', configuration: { level: 1, checksum: false } }]
  }
]

function blosc(cname, clevel) {
  const configuration = { cname, clevel, shuffle: 'shuffle', typesize: 2, blocksize: 0 }
  return { codecs: [{ id: 'blosc', cname, clevel, shuffle: 1, blocksize: 0 }], v3: [{ name: 'blosc', configuration }] }
}

/** The variant for a volume of this size: smaller ones have smaller chunks, so that there are always some of each. */
export const variantFor = (variant, size) => {
  const edge = Math.min(variant.chunk, size / 4)
  return { ...variant, chunk: edge, ...(variant.shard !== undefined && { shard: Math.min(variant.shard, size / 2) }) }
}
