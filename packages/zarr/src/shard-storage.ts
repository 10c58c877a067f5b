import { decodeBytes, encodeBytes } from '@bioimage/codecs'
import { joinKey, SourceError, type Store } from '@bioimage/core'
import {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  type CodecRuntime,
  conflict,
  LoadingCache,
  type ReadObject,
  readObject,
  replaceObject,
  type StoredUnit
} from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { type ShardIndex, ShardIndexFormat } from './shard-index.js'

/** Bytes of decoded indexes, and of shards that must be decoded whole, to remember per array. */
const maximalRemembered = 64 << 20
/** A shard that is compressed as a whole may decode to this many bytes. */
const maximalShard = 2 ** 31 - 1

/** Bytes that hold a shard: an object or a part of one, or bytes at hand. */
type ShardPlace =
  | { readonly key: string; readonly offset: number; readonly length: number | undefined; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array }

/** A shard at hand. */
interface OpenedShard {
  readonly bytes: Uint8Array
  readonly index: ShardIndex
}

/** An index, or a shard that was decoded whole, and the revision of the object that it is of, where the store tells. */
interface Remembered<T> {
  readonly value: T
  readonly revision: string | undefined
}

/** What is remembered of shards, by object and place in it. */
interface Memory {
  readonly indexes: LoadingCache<Remembered<ShardIndex>>
  readonly wholes: LoadingCache<Remembered<Uint8Array>>
}

/**
 * Chunks inside shards, which may lie in shards again. The stored object is the unit of writing: a write reads what the
 * shard holds, replaces chunks, and stores it anew without gaps, the index where the metadata say. (Zarr v3,
 * "sharding_indexed".)
 */
export function shardStorage(store: Store, root: string, metadata: ArrayMetadata, runtime: CodecRuntime): ChunkStorage {
  return new ShardStorage(store, root, metadata, runtime)
}

class ShardStorage implements ChunkStorage {
  readonly store: Store
  readonly unitShape: readonly number[]
  readonly #root: string
  readonly #metadata: ArrayMetadata
  readonly #formats: readonly ShardIndexFormat[]
  readonly #memory = newMemory()
  /** Other handles and programs may replace shards: where the store cannot tell, nothing is remembered of them beyond one read. */
  readonly #remembers: boolean
  readonly #passes = new WeakMap<object, Memory>()

  constructor(store: Store, root: string, metadata: ArrayMetadata, runtime: CodecRuntime) {
    this.store = store
    this.#remembers = store.revision !== undefined || store.set === undefined
    this.#root = root
    this.#metadata = metadata
    this.#formats = metadata.shardLevels.map((level) => new ShardIndexFormat(level, runtime))
    this.unitShape = metadata.chunks.map((_, axis) => this.#chunksPerShard(this.#formats[0], axis))
  }

  unitOf(position: readonly number[]): string {
    return joinKey(this.#root, this.#metadata.keyOf(position.map((at, axis) => Math.floor(at / (this.unitShape[axis] ?? 1)))))
  }

  /**
   * Every index on the way is of one revision of the object, which the location names: an object that is replaced between the index
   * and the chunk is noticed.
   *
   * @throws ERR_CONFLICT if it is replaced between two indexes.
   */
  async locate(position: readonly number[], options: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const key = this.unitOf(position)
    const now = await this.store.revision?.(key)
    if (this.store.revision !== undefined && now === undefined) return undefined
    const memory = this.#memoryFor(options)
    let place: ShardPlace = { key, offset: 0, length: undefined }
    let revision: string | undefined
    let name = `${key}\n`
    for (const [depth, format] of this.#formats.entries()) {
      const from: ShardPlace = place
      const whole: Remembered<ShardPlace> | undefined = await this.#unwrap(memory, format, from, name, now, options)
      if (whole === undefined) return undefined
      const index = await memory.indexes.fetch(name, options.signal, () => this.#readIndex(format, whole, options), now)
      if (index === undefined) return undefined
      if (revision !== undefined && index.revision !== undefined && index.revision !== revision) throw conflict(key)
      revision = index.revision ?? revision
      const number = format.numberOf(this.#positionIn(depth, position))
      const length = index.value.lengths[number] ?? -1
      const offset = index.value.offsets[number] ?? 0
      if (length < 0) return undefined
      const { value: found } = whole
      place =
        found.bytes !== undefined
          ? { bytes: found.bytes.subarray(offset, offset + length) }
          : { key, offset: found.offset + offset, length }
      name = `${name}\n${number}`
    }
    return place.bytes === undefined ? { ...place, revision } : { bytes: place.bytes, key, revision }
  }

  async write(unit: string, changes: readonly ChunkChange[]): Promise<void> {
    const { set, delete: remove } = this.store
    if (set === undefined) throw new SourceError('ERR_READ_ONLY', `${this.store.path ?? 'the store'} cannot be written`)
    const shard = await this.#rebuild(0, undefined, changes)
    if (shard !== undefined) await set.call(this.store, unit, shard)
    else if (remove !== undefined) await remove.call(this.store, unit)
  }

  async openUnit(unit: string, { signal }: ChunkAccessOptions): Promise<StoredUnit> {
    const read = await readObject(this.store, unit, { signal, chunk: true })
    const opened = new Map<string, Promise<OpenedShard>>()
    return {
      locate: async (position) => {
        let bytes = read.bytes
        let name = ''
        for (const [depth, format] of this.#formats.entries()) {
          if (bytes === undefined) return undefined
          const shard = opened.get(name) ?? this.#openShard(format, bytes)
          opened.set(name, shard)
          const number = format.numberOf(this.#positionIn(depth, position))
          bytes = pieceOf(await shard, number)
          name = `${name}\n${number}`
        }
        return bytes && { bytes, key: unit }
      },
      write: async (changes) => replaceObject(this.store, unit, read, await this.#rebuild(0, read.bytes, changes))
    }
  }

  forget(unit: string): void {
    // What is remembered by revision is never used for another one.
    if (this.store.revision !== undefined) return
    this.#memory.indexes.invalidateAll(`${unit}\n`)
    this.#memory.wholes.invalidateAll(`${unit}\n`)
  }

  #memoryFor({ pass }: ChunkAccessOptions): Memory {
    if (this.#remembers) return this.#memory
    if (pass === undefined) return newMemory()
    const memory = this.#passes.get(pass) ?? newMemory()
    this.#passes.set(pass, memory)
    return memory
  }

  /** Leaf chunks of one shard of a level, along an axis. */
  #chunksPerShard(format: ShardIndexFormat | undefined, axis: number): number {
    return (format?.level.shape[axis] ?? 1) / (this.#metadata.chunks[axis] ?? 1)
  }

  /** Position, in the shard of that depth, of the piece that holds a leaf chunk. */
  #positionIn(depth: number, position: readonly number[]): number[] {
    const format = this.#formats[depth]
    const inner = this.#formats[depth + 1]
    return position.map((at, axis) =>
      Math.floor((at % this.#chunksPerShard(format, axis)) / (inner === undefined ? 1 : this.#chunksPerShard(inner, axis)))
    )
  }

  /** The bytes of a shard without its outer compressions. */
  async #unwrap(
    memory: Memory,
    format: ShardIndexFormat,
    place: ShardPlace,
    name: string,
    now: string | undefined,
    options: ChunkAccessOptions
  ): Promise<Remembered<ShardPlace> | undefined> {
    if (format.level.outerCodecs.length === 0) return { value: place, revision: undefined }
    const load = async (): Promise<Remembered<Uint8Array> | undefined> => {
      const { bytes, revision } = await this.#read(place, options)
      return bytes === undefined ? undefined : { value: await this.#decodeOuter(format, bytes), revision }
    }
    const whole = await memory.wholes.fetch(name, options.signal, load, now)
    return whole && { value: { bytes: whole.value }, revision: whole.revision }
  }

  async #decodeOuter(format: ShardIndexFormat, encoded: Uint8Array): Promise<Uint8Array> {
    let bytes = encoded
    for (const codec of format.level.outerCodecs.toReversed()) bytes = await decodeBytes(codec, bytes, { maxBytes: maximalShard })
    return bytes
  }

  async #read(place: ShardPlace, { signal }: ChunkAccessOptions): Promise<ReadObject> {
    if (place.bytes !== undefined) return { bytes: place.bytes, revision: undefined }
    const range = place.length === undefined ? undefined : { offset: place.offset, length: place.length }
    return readObject(this.store, place.key, { signal, chunk: true, range })
  }

  async #readIndex(
    format: ShardIndexFormat,
    { value: place, revision: known }: Remembered<ShardPlace>,
    { signal }: ChunkAccessOptions
  ): Promise<Remembered<ShardIndex> | undefined> {
    const { byteLength, level } = format
    if (place.bytes !== undefined) return { value: await this.#indexOf(format, place.bytes), revision: known }
    const { key, offset, length } = place
    if (length !== undefined && length < byteLength) throw tooShort(key, length, byteLength)
    const atEnd = length === undefined ? { suffixLength: byteLength } : { offset: offset + length - byteLength, length: byteLength }
    const range = level.indexLocation === 'end' ? atEnd : { offset, length: byteLength }
    const { bytes: encoded, revision } = await readObject(this.store, key, { range, signal, chunk: true })
    if (encoded === undefined) return undefined
    if (encoded.byteLength < byteLength) throw tooShort(key, encoded.byteLength, byteLength)
    // Without the object's size at hand, entries past its end are found when their bytes are missing.
    return { value: await format.decode(encoded, length ?? Number.MAX_SAFE_INTEGER), revision }
  }

  async #openShard(format: ShardIndexFormat, encoded: Uint8Array): Promise<OpenedShard> {
    const bytes = await this.#decodeOuter(format, encoded)
    return { bytes, index: await this.#indexOf(format, bytes) }
  }

  async #indexOf(format: ShardIndexFormat, shard: Uint8Array): Promise<ShardIndex> {
    const { byteLength, level } = format
    if (shard.byteLength < byteLength) throw tooShort('the shard', shard.byteLength, byteLength)
    const start = level.indexLocation === 'end' ? shard.byteLength - byteLength : 0
    return format.decode(shard.subarray(start, start + byteLength), shard.byteLength)
  }

  /** The encoded shard of that depth after the changes; `undefined` if it holds no chunk any more. */
  async #rebuild(depth: number, encoded: Uint8Array | undefined, changes: readonly ChunkChange[]): Promise<Uint8Array | undefined> {
    const format = this.#formats[depth]
    if (format === undefined) return changes[0]?.encoded
    const current = encoded && (await this.#openShard(format, encoded))
    const pieces = Array.from({ length: format.count }, (_, number) => current && pieceOf(current, number))
    for (const [number, group] of this.#groupByPiece(format, depth, changes))
      pieces[number] = await this.#rebuild(depth + 1, pieces[number], group)
    if (pieces.every((piece) => piece === undefined)) return undefined
    return this.#assemble(format, pieces)
  }

  #groupByPiece(format: ShardIndexFormat, depth: number, changes: readonly ChunkChange[]): Map<number, ChunkChange[]> {
    const groups = new Map<number, ChunkChange[]>()
    for (const change of changes) {
      const number = format.numberOf(this.#positionIn(depth, change.position))
      groups.set(number, [...(groups.get(number) ?? []), change])
    }
    return groups
  }

  async #assemble(format: ShardIndexFormat, pieces: readonly (Uint8Array | undefined)[]): Promise<Uint8Array> {
    const { level, byteLength } = format
    const index = format.empty()
    let end = level.indexLocation === 'start' ? byteLength : 0
    for (const [number, piece] of pieces.entries()) {
      if (piece === undefined) continue
      index.offsets[number] = end
      index.lengths[number] = piece.byteLength
      end += piece.byteLength
    }
    const shard = new Uint8Array(end + (level.indexLocation === 'end' ? byteLength : 0))
    for (const [number, piece] of pieces.entries()) if (piece !== undefined) shard.set(piece, index.offsets[number] ?? 0)
    shard.set(await format.encode(index), level.indexLocation === 'end' ? end : 0)
    let bytes: Uint8Array = shard
    for (const codec of level.outerCodecs) bytes = await encodeBytes(codec, bytes)
    return bytes
  }
}

function newMemory(): Memory {
  return {
    indexes: new LoadingCache(maximalRemembered, ({ value }) => value.bytes.byteLength),
    wholes: new LoadingCache(maximalRemembered, ({ value }) => value.byteLength)
  }
}

/** The encoded inner chunk, or inner shard, of that number; `undefined` if it is not stored. */
function pieceOf({ bytes, index }: OpenedShard, number: number): Uint8Array | undefined {
  const length = index.lengths[number] ?? -1
  const offset = index.offsets[number] ?? 0
  return length < 0 ? undefined : bytes.subarray(offset, offset + length)
}

function tooShort(key: string, found: number, expected: number): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `${key} has ${found} bytes, its shard index alone takes ${expected}`)
}
