import { SourceError } from '@bioimage/core'
import { mortonAxes } from './morton.js'
import { boxOfBits, clipToGrid, type Sharding } from './sharding.js'
import { mapTriple, type Triple } from './triple.js'

/** Encodings whose chunks gzip makes no smaller. */
const incompressible: ReadonlySet<string> = new Set(['jpeg', 'png', 'jxl', 'kempressed', 'fpzip', 'zfpc'])
/** Chunk numbers of a minishard, so that its index is read in one small request. */
const minishardBitsWanted = 9

/**
 * The sharding whose shards are boxes of so many voxels, x y z.
 *
 * @throws ERR_UNSUPPORTED for a box that no shard can have, naming those that it can: chunks are numbered along x, y and z in turns.
 */
export function shardingOfBox(box: Triple, chunkSize: Triple, grid: Triple, encoding: string): Sharding {
  const axes = mortonAxes(grid)
  const possible = Array.from({ length: axes.length + 1 }, (_, bits) => boxOfBits(axes, bits))
  // The last bits only fill up the edge of the grid.
  const wanted = clipToGrid(
    mapTriple(box, (length, axis) => Math.ceil(length / chunkSize[axis])),
    grid
  )
  const isMultiple = box.every((length, axis) => length % (chunkSize[axis] ?? 1) === 0)
  const bits = possible.findIndex((chunks) => clipToGrid(chunks, grid).join() === wanted.join())
  if (bits < 0 || !isMultiple) {
    const shown = possible.map(
      (chunks) =>
        `[${mapTriple(chunks, (length, axis) => length * chunkSize[axis])
          .toReversed()
          .join(', ')}]`
    )
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `shards of [${box.toReversed().join(', ')}] are not possible: chunks are numbered along x, y and z in turns; possible are ${shown.slice(0, 24).join(', ')}`
    )
  }
  const preshiftBits = Math.min(bits, minishardBitsWanted)
  return {
    hash: 'identity',
    preshiftBits,
    minishardBits: bits - preshiftBits,
    shardBits: axes.length - bits,
    dataEncoding: incompressible.has(encoding) ? 'raw' : 'gzip',
    minishardIndexEncoding: 'gzip'
  }
}

/** What the recommended parameters go by. */
export interface RecommendedShardingOptions {
  readonly size: Triple
  readonly chunkSize: Triple
  /** Bytes of a voxel with all its channels. */
  readonly voxelBytes: number
  readonly encoding: string
  /** Bytes of a shard before compression. Defaults to 256 MiB, since a write to a shard stores all of it; CloudVolume takes 3.5e9. */
  readonly shardBytes?: number | undefined
}

/** Bytes that an index of a shard, and of a minishard, may take. */
const maximalShardIndex = 8192
const maximalMinishardIndex = 40_000
const maximalMinishardChunks = 4000

/** The parameters that CloudVolume would choose for shards of that size. */
export function recommendedSharding(options: RecommendedShardingOptions): Sharding {
  const { size, chunkSize, voxelBytes, encoding, shardBytes = 256 << 20 } = options
  const grid = mapTriple(size, (length, axis) => Math.ceil(length / chunkSize[axis]))
  let bits = grid.reduce((sum, length) => sum + bitsFor(length), 0)
  const chunks = grid[0] * grid[1] * grid[2]
  let perShard = 2 ** Math.floor(Math.log2(Math.ceil(shardBytes / (chunkSize[0] * chunkSize[1] * chunkSize[2] * voxelBytes))))
  if (chunks < perShard) perShard = 2 ** bitsFor(chunks)
  let shards = chunks / perShard
  let shardBits = Math.ceil(Math.log2(shards))
  let preshiftBits = Math.min(bitsFor(perShard), bits - shardBits)
  let minishardBits = 0
  for (let perMinishard = perShard; perMinishard > maximalMinishardChunks; perMinishard /= 2) {
    minishardBits++
    const half = perMinishard / 2
    if ((24 * half > maximalMinishardIndex && minishardBits > preshiftBits) || 16 * 2 ** minishardBits > maximalShardIndex) {
      minishardBits--
      shards *= 2
      shardBits = Math.ceil(Math.log2(shards))
      preshiftBits = Math.min(bitsFor(perShard), bits - shardBits)
    }
  }
  preshiftBits -= minishardBits
  if (size[2] === chunkSize[2]) {
    const rounds = Math.floor(preshiftBits / 3)
    for (let round = 0; round < rounds; ) {
      bits++
      preshiftBits++
      if (preshiftBits % 3 !== 0) round++
    }
  }
  return {
    hash: 'identity',
    preshiftBits,
    minishardBits,
    shardBits: Math.max(bits - preshiftBits - minishardBits, 0),
    dataEncoding: incompressible.has(encoding) ? 'raw' : 'gzip',
    minishardIndexEncoding: 'gzip'
  }
}

function bitsFor(count: number): number {
  let bits = 0
  while (2 ** bits < count) bits++
  return bits
}
