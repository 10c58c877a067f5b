import { isJsonObject, type Json, SourceError } from '@bioimage/core'
import { mortonAxes } from './morton.js'
import { murmurHash3 } from './murmur-hash3.js'
import { mapTriple, type Triple } from './triple.js'

/** How the parts of a shard are compressed. */
export type ShardEncoding = 'raw' | 'gzip'

/** The member `sharding` of a scale. (Precomputed, "Sharded format", `neuroglancer_uint64_sharded_v1`.) */
export interface Sharding {
  readonly hash: 'identity' | 'murmurhash3_x86_128'
  readonly preshiftBits: number
  readonly minishardBits: number
  readonly shardBits: number
  readonly dataEncoding: ShardEncoding
  readonly minishardIndexEncoding: ShardEncoding
}

/** Where a chunk is: its shard, and the minishard in it. */
export interface ShardPlace {
  readonly shard: bigint
  readonly minishard: number
}

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (another type of shards). */
export function parseSharding(value: Json | undefined): Sharding {
  if (!isJsonObject(value)) throw corrupt(`\`sharding\` is an object, found ${JSON.stringify(value)}`)
  const type = value['@type']
  if (type !== 'neuroglancer_uint64_sharded_v1') {
    throw new SourceError('ERR_UNSUPPORTED', `sharding of type ${JSON.stringify(type)}; known is "neuroglancer_uint64_sharded_v1"`)
  }
  const { hash } = value
  if (hash !== 'identity' && hash !== 'murmurhash3_x86_128')
    throw corrupt(`\`sharding.hash\` is "identity" or "murmurhash3_x86_128", found ${JSON.stringify(hash)}`)
  const bits = (name: string, most: number): number => {
    const found = value[name]
    if (typeof found !== 'number' || !Number.isInteger(found) || found < 0 || found > most)
      throw corrupt(`\`sharding.${name}\` is an integer from 0 to ${most}, found ${JSON.stringify(found)}`)
    return found
  }
  const encoding = (name: string): ShardEncoding => {
    const found = value[name] ?? 'raw'
    if (found !== 'raw' && found !== 'gzip') throw corrupt(`\`sharding.${name}\` is "raw" or "gzip", found ${JSON.stringify(found)}`)
    return found
  }
  const minishardBits = bits('minishard_bits', 32)
  return {
    hash,
    preshiftBits: bits('preshift_bits', 64),
    minishardBits,
    shardBits: bits('shard_bits', 64 - minishardBits),
    dataEncoding: encoding('data_encoding'),
    minishardIndexEncoding: encoding('minishard_index_encoding')
  }
}

/** The member of a document. */
export function formatSharding(sharding: Sharding): Record<string, Json> {
  return {
    '@type': 'neuroglancer_uint64_sharded_v1',
    hash: sharding.hash,
    preshift_bits: sharding.preshiftBits,
    minishard_bits: sharding.minishardBits,
    shard_bits: sharding.shardBits,
    data_encoding: sharding.dataEncoding,
    minishard_index_encoding: sharding.minishardIndexEncoding
  }
}

/** The shard and minishard of a chunk number. */
export function placeOf(chunk: bigint, sharding: Sharding): ShardPlace {
  const shifted = chunk >> BigInt(sharding.preshiftBits)
  const hashed = sharding.hash === 'identity' ? shifted : murmurHash3(shifted)
  return {
    minishard: Number(BigInt.asUintN(sharding.minishardBits, hashed)),
    shard: BigInt.asUintN(sharding.shardBits, hashed >> BigInt(sharding.minishardBits))
  }
}

/** File name of a shard, without its extension. */
export function shardName(shard: bigint, sharding: Sharding): string {
  return shard.toString(16).padStart(Math.ceil(sharding.shardBits / 4), '0')
}

/**
 * The chunks along x, y and z that one shard holds, not cut at the edge of the grid; `undefined` where a shard is not one box.
 */
export function shardBox(sharding: Sharding, grid: Triple): Triple | undefined {
  const axes = mortonAxes(grid)
  const { hash, preshiftBits, minishardBits, shardBits } = sharding
  if (hash !== 'identity' || preshiftBits + minishardBits + shardBits < axes.length) return undefined
  return boxOfBits(axes, preshiftBits + minishardBits)
}

/** The same for a minishard. */
export function minishardBox(sharding: Sharding, grid: Triple): Triple | undefined {
  return shardBox(sharding, grid) === undefined ? undefined : boxOfBits(mortonAxes(grid), sharding.preshiftBits)
}

/** The chunks along each axis that share all but the lowest bits of their number. */
export function boxOfBits(axes: readonly (0 | 1 | 2)[], bits: number): Triple {
  const counts: [number, number, number] = [0, 0, 0]
  for (const axis of axes.slice(0, bits)) counts[axis]++
  return mapTriple(counts, (count) => 2 ** count)
}

/** A box of chunks, cut at the edge of the grid. */
export function clipToGrid(box: Triple, grid: Triple): Triple {
  return mapTriple(box, (length, axis) => Math.min(length, grid[axis]))
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
