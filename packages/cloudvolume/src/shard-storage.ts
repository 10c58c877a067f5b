import { type CodecSpec, joinKey, SourceError, type Store } from '@bioimage/core'
import {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  conflict,
  LoadingCache,
  type ReadObject,
  readObject,
  replaceObject,
  type StoredUnit
} from '@bioimage/core/backend'
import { withContent } from './layer-files.js'
import { findEntry, type MinishardIndex } from './minishard-index.js'
import { mortonAxes, mortonCode } from './morton.js'
import { cellOf, missingChunk } from './object-storage.js'
import { chunkName, gridOf, type Scale } from './scale.js'
import { buildShard, longestIndex, parseShardIndexEntry, readShard, shardIndexBytes, unpackMinishardIndex } from './shard-file.js'
import { placeOf, type Sharding, shardBox, shardName } from './sharding.js'
import { reversed, type Triple } from './triple.js'

/** Bytes of indices to remember per scale. */
const maximalRemembered = 64 << 20
/** Indices up to this size are read at once, larger ones entry by entry. */
const maximalWholeIndex = 64 << 10

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

/** Something of a shard, with the revision of the shard that it is of; nothing where the shard does not hold it. */
interface Remembered<T> {
  readonly value: T | undefined
  readonly revision: string | undefined
  /** When its loading began. */
  readonly loadedAt: number
}

class ShardStorage implements ChunkStorage {
  readonly store: Store
  readonly unitShape: readonly number[] | undefined
  readonly locksWholeUnits = true
  readonly #options: ShardStorageOptions
  readonly #grid: Triple
  readonly #axes: readonly (0 | 1 | 2)[]
  /** The chunks of the scale. */
  readonly #maxChunks: number
  readonly #shardIndices = new LoadingCache<Remembered<Uint8Array>>(maximalRemembered, ({ value }) => 64 + (value?.byteLength ?? 0))
  readonly #minishardIndices = new LoadingCache<Remembered<MinishardIndex>>(
    maximalRemembered,
    ({ value }) => 64 + (value?.bytes.byteLength ?? 0)
  )
  /**
   * Whether what is remembered holds for later reads: where a look-up tells that a shard was replaced, or nothing replaces it. Else other
   * programs may do so without notice, behind a web server, too: that a chunk is there is then checked when it is read, but that it is
   * not there holds only within the read that saw it.
   */
  readonly #isSteady: boolean
  /** Counts reads, each of which begins at its number. */
  #time = 0
  readonly #begins = new WeakMap<object, number>()

  constructor(options: ShardStorageOptions) {
    const { store, scale, sharding, cacheControl } = options
    this.store = withContent(store, { type: 'application/octet-stream', cacheControl })
    this.#options = options
    this.#grid = gridOf(scale)
    this.#axes = mortonAxes(this.#grid)
    this.#maxChunks = this.#grid[0] * this.#grid[1] * this.#grid[2]
    this.#isSteady = store.revision !== undefined || (store.set === undefined && !store.remote)
    const box = shardBox(sharding, this.#grid)
    this.unitShape = box === undefined ? undefined : [1, ...reversed(box)]
  }

  unitOf(position: readonly number[]): string {
    const { folder, sharding } = this.#options
    return joinKey(folder, `${shardName(placeOf(this.#chunkAt(position), sharding).shard, sharding)}.shard`)
  }

  async locate(position: readonly number[], options: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const { fillMissing, scale, codecs } = this.#options
    const { signal, pass } = options
    const found = await this.#find(this.#chunkAt(position), this.unitOf(position), this.#beginOf(pass ?? {}), signal)
    if (found !== undefined) return { ...found, codecs }
    if (fillMissing) return undefined
    throw missingChunk(chunkName(scale, cellOf(position)))
  }

  async write(unit: string, changes: readonly ChunkChange[]): Promise<void> {
    const { set, delete: remove } = this.store
    const shard = await this.#merge(new Map(), changes)
    if (shard !== undefined && set !== undefined) await set.call(this.store, unit, shard)
    else if (shard === undefined && remove !== undefined) await remove.call(this.store, unit)
    else throw new SourceError('ERR_READ_ONLY', `${this.store.path ?? 'the store'} cannot be written`, { path: this.store.path })
  }

  async openUnit(unit: string, { signal }: ChunkAccessOptions): Promise<StoredUnit> {
    const { fillMissing, scale, codecs, sharding } = this.#options
    const read = await readObject(this.store, unit, { signal, chunk: true })
    const chunks = read.bytes === undefined ? new Map<bigint, Uint8Array>() : await readShard(read.bytes, sharding, this.#maxChunks)
    return {
      locate: (position) => {
        const bytes = chunks.get(this.#chunkAt(position))
        if (bytes !== undefined) return { bytes, key: unit, codecs }
        if (fillMissing) return undefined
        throw missingChunk(chunkName(scale, cellOf(position)))
      },
      write: async (changes) => replaceObject(this.store, unit, read, await this.#merge(chunks, changes))
    }
  }

  forget(unit: string): void {
    this.#shardIndices.invalidateAll(`${unit}\n`)
    this.#minishardIndices.invalidateAll(`${unit}\n`)
  }

  #chunkAt(position: readonly number[]): bigint {
    return mortonCode(cellOf(position), this.#grid, this.#axes)
  }

  /** The shard of these chunks after the changes; `undefined` if none is left. */
  #merge(stored: ReadonlyMap<bigint, Uint8Array>, changes: readonly ChunkChange[]): Promise<Uint8Array | undefined> {
    const chunks = new Map(stored)
    for (const { position, encoded } of changes) {
      if (encoded === undefined) chunks.delete(this.#chunkAt(position))
      else chunks.set(this.#chunkAt(position), encoded)
    }
    return buildShard(chunks, this.#options.sharding)
  }

  #beginOf(pass: object): number {
    const known = this.#begins.get(pass)
    if (known !== undefined) return known
    this.#time++
    this.#begins.set(pass, this.#time)
    return this.#time
  }

  /** @param begin When the read began: what was loaded since then tells that a chunk is not there. */
  async #find(chunk: bigint, unit: string, begin: number, signal: AbortSignal | undefined): Promise<ChunkLocation | undefined> {
    const { minishard } = placeOf(chunk, this.#options.sharding)
    const now = await this.store.revision?.(unit)
    if (this.store.revision !== undefined && now === undefined) return undefined
    const index = await this.#minishardIndex(unit, minishard, now, signal)
    const entry = index.value === undefined ? undefined : findEntry(index.value, chunk)
    if (entry !== undefined) {
      const offset = shardIndexBytes(this.#options.sharding) + entry.start
      return { key: unit, offset, length: entry.length, revision: index.revision }
    }
    if (this.#isSteady || index.loadedAt >= begin) return undefined
    this.forget(unit)
    return this.#find(chunk, unit, begin, signal)
  }

  async #minishardIndex(
    unit: string,
    minishard: number,
    now: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Remembered<MinishardIndex>> {
    const load = async (): Promise<Remembered<MinishardIndex>> => {
      const place = await this.#placeOfIndex(unit, minishard, now, signal)
      const { loadedAt } = place
      if (place.value === undefined) return { value: undefined, revision: place.revision, loadedAt }
      const read = await this.#readPart(unit, place.value, place.revision, signal)
      const value = await unpackMinishardIndex(read.bytes, this.#options.sharding, this.#maxChunks)
      return { value, revision: read.revision ?? place.revision, loadedAt }
    }
    return (await this.#minishardIndices.fetch(`${unit}\n${minishard}`, signal, load, now)) ?? load()
  }

  /** Where the index of a minishard lies in the file. */
  async #placeOfIndex(
    unit: string,
    minishard: number,
    now: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Remembered<{ readonly offset: number; readonly length: number }>> {
    const total = shardIndexBytes(this.#options.sharding)
    const whole = total <= maximalWholeIndex
    const range = whole ? { offset: 0, length: total } : { offset: 16 * minishard, length: 16 }
    const load = async (): Promise<Remembered<Uint8Array>> => {
      const loadedAt = this.#time
      const { bytes, revision } = await readObject(this.store, unit, { range, signal, chunk: true })
      if (bytes !== undefined && bytes.byteLength !== range.length)
        throw new SourceError('ERR_CORRUPT_DATA', `${unit} ends in its shard index, which takes ${total} bytes`)
      return { value: bytes, revision, loadedAt }
    }
    const { value, revision, loadedAt } =
      (whole ? await this.#shardIndices.fetch(`${unit}\n`, signal, load, now) : undefined) ?? (await load())
    const place = value === undefined ? undefined : parseShardIndexEntry(value, whole ? 16 * minishard : 0, minishard)
    if (place !== undefined && place.length > longestIndex(this.#maxChunks))
      throw new SourceError(
        'ERR_CORRUPT_DATA',
        `${unit}: the index of minishard ${minishard} takes ${place.length} bytes, far more than the ${this.#maxChunks} chunks of the scale`
      )
    return { value: place && { offset: total + place.start, length: place.length }, revision, loadedAt }
  }

  /** @throws ERR_CONFLICT if the object is not of that revision: what the part is may lie elsewhere now, or nowhere. */
  async #readPart(
    unit: string,
    range: { readonly offset: number; readonly length: number },
    expected: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<ReadObject & { readonly bytes: Uint8Array }> {
    const { bytes, revision } = await readObject(this.store, unit, { range, signal, chunk: true })
    const isOther = bytes === undefined || (revision !== undefined && revision !== expected)
    if (expected !== undefined && isOther) throw conflict(unit)
    if (bytes?.byteLength === range.length) return { bytes, revision }
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${unit} ends early: a minishard index takes ${range.length} bytes at byte ${range.offset}, found ${bytes?.byteLength ?? 'no object'}`
    )
  }
}
