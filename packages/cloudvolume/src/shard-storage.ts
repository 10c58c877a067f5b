import { type CodecSpec, joinKey, SourceError, type Store } from '@bioimage/core'
import { type ChunkAccessOptions, ChunkCache, type ChunkChange, type ChunkLocation, type ChunkStorage } from '@bioimage/core/backend'
import { findEntry, type MinishardIndex, minishardIndexOver } from './minishard-index.js'
import { mortonAxes, mortonCode } from './morton.js'
import { cellOf, missingChunk } from './object-storage.js'
import { chunkName, gridOf, type Scale } from './scale.js'
import { buildShard, parseShardIndexEntry, readShard, shardIndexBytes, unpackMinishardIndex } from './shard-file.js'
import { clipToGrid, placeOf, type Sharding, shardBox, shardName } from './sharding.js'
import { mapTriple, type Triple } from './triple.js'

/** Bytes of indices to remember per scale. */
const maximalRemembered = 64 << 20
/** Indices up to this size are read at once, larger ones entry by entry. */
const maximalWholeIndex = 64 << 10
/** Stands in caches for what is not stored. */
const nothing = new Uint8Array(0)

/** How the shards of a scale are stored. */
export interface ShardStorageOptions {
  readonly store: Store
  readonly folder: string
  readonly scale: Scale
  readonly sharding: Sharding
  /** Codecs of a chunk in its shard. */
  readonly codecs: readonly CodecSpec[]
  readonly fillMissing: boolean
  readonly cacheControl: string
}

/**
 * Chunks in shards. The shard is the unit of writing: the chunks that a write does not name are kept as they are stored.
 * (Precomputed, "Sharded format".)
 */
export function shardStorage(options: ShardStorageOptions): ChunkStorage {
  return new ShardStorage(options)
}

/** A shard's files: one, or the index and the data of the obsolete form in two. */
interface ShardFiles {
  readonly indexKey: string
  readonly dataKey: string
  /** Where the data begin in their file, from which all offsets count. */
  readonly dataOffset: number
}

class ShardStorage implements ChunkStorage {
  readonly store: Store
  readonly #options: ShardStorageOptions
  readonly #grid: Triple
  readonly #axes: readonly (0 | 1 | 2)[]
  readonly #indices = new ChunkCache(maximalRemembered)
  /** Other handles and programs may replace shards: where the store cannot tell, nothing is remembered of them. */
  readonly #remembers: boolean

  constructor(options: ShardStorageOptions) {
    this.store = options.store
    this.#options = options
    this.#grid = gridOf(options.scale)
    this.#axes = mortonAxes(this.#grid)
    this.#remembers = options.store.revision !== undefined || options.store.set === undefined
  }

  unitOf(position: readonly number[]): string {
    const { folder, sharding } = this.#options
    return joinKey(folder, `${shardName(placeOf(this.#chunkAt(position), sharding).shard, sharding)}.shard`)
  }

  async locate(position: readonly number[], options: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const { fillMissing, scale, codecs } = this.#options
    const found = await this.#find(this.#chunkAt(position), this.unitOf(position), options)
    if (found !== undefined) return { ...found, codecs }
    if (fillMissing) return undefined
    throw missingChunk(chunkName(scale, cellOf(position)))
  }

  async write(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void> {
    const { sharding, cacheControl } = this.#options
    const { store } = this
    if (store.set === undefined || store.delete === undefined)
      throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`, { path: store.path })
    const current = this.#isComplete(changes) ? undefined : await store.get(unit, { signal: options.signal, chunk: true })
    const chunks = current === undefined ? new Map<bigint, Uint8Array>() : await readShard(current, sharding)
    for (const { position, encoded } of changes) {
      if (encoded === undefined) chunks.delete(this.#chunkAt(position))
      else chunks.set(this.#chunkAt(position), encoded)
    }
    const shard = await buildShard(chunks, sharding)
    const content = { type: 'application/octet-stream', cacheControl }
    try {
      if (shard === undefined) await store.delete(unit, options)
      else await store.set(unit, shard, { ...options, content })
    } finally {
      this.#indices.invalidateAll(`${unit}\n`)
    }
  }

  #chunkAt(position: readonly number[]): bigint {
    return mortonCode(cellOf(position), this.#grid, this.#axes)
  }

  async #find(chunk: bigint, unit: string, options: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const files = await this.#filesOf(unit)
    const { minishard } = placeOf(chunk, this.#options.sharding)
    const version = this.store.revision === undefined ? '' : await this.store.revision(files.indexKey)
    if (version === undefined) return undefined
    const name = `${unit}\n${version}\n`
    const index = await this.#remember(`${name}${minishard}`, options, () => this.#readMinishardIndex(files, name, minishard, options))
    const entry = index === undefined ? undefined : findEntry(minishardIndexOver(index), chunk)
    return entry === undefined ? undefined : { key: files.dataKey, offset: files.dataOffset + entry.start, length: entry.length }
  }

  /** The bytes of that name, where the cache may not know them; `undefined` for what is not stored, which is remembered too. */
  async #remember(name: string, options: ChunkAccessOptions, load: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const orNothing = async (): Promise<Uint8Array> => (await load()) ?? nothing
    const bytes = this.#remembers ? await this.#indices.fetch(name, options.signal, orNothing) : await orNothing()
    return bytes === undefined || bytes.byteLength === 0 ? undefined : bytes
  }

  async #readMinishardIndex(
    files: ShardFiles,
    name: string,
    minishard: number,
    options: ChunkAccessOptions
  ): Promise<Uint8Array | undefined> {
    const { sharding } = this.#options
    const place = await this.#placeOfIndex(files, name, minishard, options)
    if (place === undefined) return undefined
    const { store } = this
    const range = { offset: files.dataOffset + place.start, length: place.length }
    const stored = await store.get(files.dataKey, { range, signal: options.signal, chunk: true })
    if (stored?.byteLength !== place.length) {
      throw new SourceError(
        'ERR_CORRUPT_DATA',
        `${files.dataKey} ends early: the index of minishard ${minishard} is ${place.length} bytes at byte ${range.offset}, found ${stored?.byteLength ?? 'no object'}`
      )
    }
    const index: MinishardIndex = await unpackMinishardIndex(stored, sharding)
    return index.bytes
  }

  async #placeOfIndex(
    files: ShardFiles,
    name: string,
    minishard: number,
    options: ChunkAccessOptions
  ): Promise<{ readonly start: number; readonly length: number } | undefined> {
    const total = shardIndexBytes(this.#options.sharding)
    const whole = total <= maximalWholeIndex
    const range = whole ? { offset: 0, length: total } : { offset: 16 * minishard, length: 16 }
    const read = async (): Promise<Uint8Array | undefined> => {
      const bytes = await this.store.get(files.indexKey, { range, signal: options.signal, chunk: true })
      if (bytes !== undefined && bytes.byteLength !== range.length) {
        throw new SourceError('ERR_CORRUPT_DATA', `${files.indexKey} ends in its shard index, which takes ${total} bytes`)
      }
      return bytes
    }
    const bytes = whole ? await this.#remember(`${name}index`, options, read) : await read()
    return bytes === undefined ? undefined : parseShardIndexEntry(bytes, whole ? 16 * minishard : 0, minishard)
  }

  #filesOf(unit: string): ShardFiles {
    return { indexKey: unit, dataKey: unit, dataOffset: shardIndexBytes(this.#options.sharding) }
  }

  /** Whether the changes name every chunk of their shard. */
  #isComplete(changes: readonly ChunkChange[]): boolean {
    const [first] = changes
    const box = shardBox(this.#options.sharding, this.#grid)
    if (box === undefined || first === undefined) return false
    const cell = cellOf(first.position)
    const origin = mapTriple(cell, (at, axis) => Math.floor(at / box[axis]) * box[axis])
    const inside = clipToGrid(
      box,
      mapTriple(this.#grid, (length, axis) => length - origin[axis])
    )
    return changes.length === inside[0] * inside[1] * inside[2]
  }
}
