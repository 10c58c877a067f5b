import { type Json, type JsonObject, SourceError } from '@bioimage/core'
import { checkChunkBytes, parseIntegers } from '@bioimage/core/backend'
import { parseSharding, type Sharding } from './sharding.js'
import { mapTriple, type Triple } from './triple.js'

/** One scale of a volume. All triples are x, y, z. (Precomputed, "Volume", member `scales`.) */
export interface Scale {
  readonly mip: number
  /** Folder of the chunks, relative to `info`. */
  readonly key: string
  /** Voxels. */
  readonly size: Triple
  /** Nanometres per voxel. */
  readonly resolution: Triple
  readonly voxelOffset: Triple
  /** Voxels of a chunk. Where the data are stored in several chunkings, this is the first. */
  readonly chunkSize: Triple
  /** Whether the same data are stored in further chunkings, all of which a write would have to change. */
  readonly severalChunkings: boolean
  readonly encoding: string
  readonly sharding: Sharding | undefined
  readonly locked: boolean
  readonly document: JsonObject
}

/**
 * @param voxelBytes Bytes of a voxel with all its channels.
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseScale(document: JsonObject, mip: number, voxelBytes: number): Scale {
  const { key, encoding, chunk_sizes: chunkSizes, locked, sharding } = document
  if (typeof key !== 'string') throw corrupt(`\`key\` is a text, found ${JSON.stringify(key)}`)
  if (typeof encoding !== 'string') throw corrupt(`\`encoding\` is a name, found ${JSON.stringify(encoding)}`)
  if (!Array.isArray(chunkSizes) || chunkSizes.length === 0) throw corrupt('`chunk_sizes` is a list of at least one chunk size')
  const chunkSize = tripleOf('chunk_sizes', parseIntegers('chunk_sizes', chunkSizes[0], 1))
  const size = tripleOf('size', parseIntegers('size', document.size, 0))
  const voxelOffset = tripleOf('voxel_offset', parseIntegers('voxel_offset', document.voxel_offset ?? [0, 0, 0], -Number.MAX_SAFE_INTEGER))
  if (size.some((length, axis) => !Number.isSafeInteger(length + (voxelOffset[axis] ?? 0) + (chunkSize[axis] ?? 0))))
    throw corrupt(`a volume of ${size.join(' x ')} voxels at [${voxelOffset.join(', ')}] cannot be counted exactly`)
  const inside = mapTriple(chunkSize, (length, axis) => Math.min(length, Math.max(size[axis], 1)))
  checkChunkBytes(inside, voxelBytes)
  const isSharded = sharding !== undefined && sharding !== null
  if (isSharded && chunkSizes.length > 1) throw corrupt('a sharded scale has exactly one chunk size')
  return {
    mip,
    key,
    size,
    resolution: parseResolution(document.resolution),
    voxelOffset,
    chunkSize,
    severalChunkings: chunkSizes.length > 1,
    encoding: encoding.toLowerCase(),
    sharding: isSharded ? parseSharding(sharding) : undefined,
    locked: locked === true,
    document
  }
}

/** Chunks along each axis. The grid begins at the voxel offset. */
export function gridOf({ size, chunkSize }: Pick<Scale, 'size' | 'chunkSize'>): Triple {
  return mapTriple(size, (length, axis) => Math.ceil(length / chunkSize[axis]))
}

/** File name of a chunk: its box in voxels, cut at the upper edge of the volume. (Precomputed, "Unsharded chunk storage".) */
export function chunkName({ size, chunkSize, voxelOffset }: Pick<Scale, 'size' | 'chunkSize' | 'voxelOffset'>, cell: Triple): string {
  return mapTriple(cell, (at, axis) => at * chunkSize[axis])
    .map((start, axis) => {
      const offset = voxelOffset[axis] ?? 0
      return `${offset + start}-${offset + Math.min(start + (chunkSize[axis] ?? 0), size[axis] ?? 0)}`
    })
    .join('_')
}

function parseResolution(value: Json | undefined): Triple {
  const numbers: number[] = []
  for (const item of Array.isArray(value) ? value : [])
    if (typeof item === 'number' && Number.isFinite(item) && item > 0) numbers.push(item)
  if (numbers.length !== 3 || !Array.isArray(value) || value.length !== 3)
    throw corrupt(`\`resolution\` is three numbers above 0, found ${JSON.stringify(value)}`)
  return tripleOf('resolution', numbers)
}

function tripleOf(name: string, numbers: readonly number[]): Triple {
  const [x, y, z] = numbers
  if (x === undefined || y === undefined || z === undefined || numbers.length !== 3)
    throw corrupt(`\`${name}\` has ${numbers.length} numbers, expected 3`)
  return [x, y, z]
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
