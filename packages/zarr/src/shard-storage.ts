import { decodeBytes, encodeBytes } from '@bioimage/codecs'
import { joinKey, SourceError, type Store } from '@bioimage/core'
import {
  type ChunkAccessOptions,
  ChunkCache,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  type CodecRuntime
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
  readonly #root: string
  readonly #metadata: ArrayMetadata
  readonly #formats: readonly ShardIndexFormat[]
  readonly #indexes = new ChunkCache(maximalRemembered)
  readonly #wholes = new ChunkCache(maximalRemembered)
  /** Other handles and programs may replace shards: where the store cannot tell, nothing is remembered of them. */
  readonly #remembers: boolean

  constructor(store: Store, root: string, metadata: ArrayMetadata, runtime: CodecRuntime) {
    this.store = store
    this.#remembers = store.revision !== undefined || store.set === undefined
    this.#root = root
    this.#metadata = metadata
    this.#formats = metadata.shardLevels.map((level) => new ShardIndexFormat(level, runtime))
  }

  unitOf(position: readonly number[]): string {
    const [outer] = this.#formats
    return joinKey(this.#root, this.#metadata.keyOf(position.map((at, axis) => Math.floor(at / this.#chunksPerShard(outer, axis)))))
  }

  async locate(position: readonly number[], options: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const key = this.unitOf(position)
    const revision = await this.store.revision?.(key)
    if (this.store.revision !== undefined && revision === undefined) return undefined
    const version = `${key}\n${revision ?? ''}`
    let place: ShardPlace = { key, offset: 0, length: undefined }
    let name = version
    for (const [depth, format] of this.#formats.entries()) {
      const found: ShardPlace | undefined = await this.#unwrap(format, place, name, options)
      if (found === undefined) return undefined
      const bytes: Uint8Array | undefined = await this.#remembered(
        this.#indexes,
        name,
        async () => (await this.#readIndex(format, found, options))?.bytes,
        options
      )
      if (bytes === undefined) return undefined
      const index = format.over(bytes)
      const number = format.numberOf(this.#positionIn(depth, position))
      const length = index.lengths[number] ?? -1
      const offset = index.offsets[number] ?? 0
      if (length < 0) return undefined
      place =
        found.bytes !== undefined
          ? { bytes: found.bytes.subarray(offset, offset + length) }
          : { key, offset: found.offset + offset, length }
      name = `${name}\n${number}`
    }
    return place
  }

  async write(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void> {
    const { set, delete: remove } = this.store
    if (set === undefined) throw new SourceError('ERR_READ_ONLY', `${this.store.path ?? 'the store'} cannot be written`)
    const current = this.#isComplete(changes) ? undefined : await this.store.get(unit, { signal: options.signal, chunk: true })
    const shard = await this.#rebuild(0, current, changes)
    try {
      if (shard !== undefined) await set.call(this.store, unit, shard, options)
      else if (remove !== undefined) await remove.call(this.store, unit, options)
    } finally {
      this.#indexes.invalidateAll(`${unit}\n`)
      this.#wholes.invalidateAll(`${unit}\n`)
    }
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

  #remembered(
    cache: ChunkCache,
    name: string,
    load: () => Promise<Uint8Array | undefined>,
    options: ChunkAccessOptions
  ): Promise<Uint8Array | undefined> {
    return this.#remembers ? cache.fetch(name, options.signal, load) : load()
  }

  /** The bytes of a shard without its outer compressions. */
  async #unwrap(format: ShardIndexFormat, place: ShardPlace, name: string, options: ChunkAccessOptions): Promise<ShardPlace | undefined> {
    if (format.level.outerCodecs.length === 0) return place
    const load = async (): Promise<Uint8Array | undefined> => {
      const encoded = await this.#read(place, options)
      return encoded === undefined ? undefined : this.#decodeOuter(format, encoded)
    }
    const bytes = await this.#remembered(this.#wholes, name, load, options)
    return bytes === undefined ? undefined : { bytes }
  }

  async #decodeOuter(format: ShardIndexFormat, encoded: Uint8Array): Promise<Uint8Array> {
    let bytes = encoded
    for (const codec of format.level.outerCodecs.toReversed()) bytes = await decodeBytes(codec, bytes, { maxBytes: maximalShard })
    return bytes
  }

  async #read(place: ShardPlace, options: ChunkAccessOptions): Promise<Uint8Array | undefined> {
    if (place.bytes !== undefined) return place.bytes
    const range = place.length === undefined ? undefined : { offset: place.offset, length: place.length }
    return this.store.get(place.key, { signal: options.signal, chunk: true, range })
  }

  async #readIndex(format: ShardIndexFormat, place: ShardPlace, options: ChunkAccessOptions): Promise<ShardIndex | undefined> {
    const { byteLength, level } = format
    if (place.bytes !== undefined) return this.#indexOf(format, place.bytes)
    const { key, offset, length } = place
    if (length !== undefined && length < byteLength) throw tooShort(key, length, byteLength)
    const atEnd = length === undefined ? { suffixLength: byteLength } : { offset: offset + length - byteLength, length: byteLength }
    const range = level.indexLocation === 'end' ? atEnd : { offset, length: byteLength }
    const encoded = await this.store.get(key, { range, signal: options.signal, chunk: true })
    if (encoded === undefined) return undefined
    if (encoded.byteLength < byteLength) throw tooShort(key, encoded.byteLength, byteLength)
    // Without the object's size at hand, entries past its end are found when their bytes are missing.
    return format.decode(encoded, length ?? Number.MAX_SAFE_INTEGER)
  }

  async #indexOf(format: ShardIndexFormat, shard: Uint8Array): Promise<ShardIndex> {
    const { byteLength, level } = format
    if (shard.byteLength < byteLength) throw tooShort('the shard', shard.byteLength, byteLength)
    const start = level.indexLocation === 'end' ? shard.byteLength - byteLength : 0
    return format.decode(shard.subarray(start, start + byteLength), shard.byteLength)
  }

  /** Whether the changes name every chunk of their shard that lies inside the array. */
  #isComplete(changes: readonly ChunkChange[]): boolean {
    const [outer] = this.#formats
    const [first] = changes
    if (outer === undefined || first === undefined) return false
    const { shape, chunks } = this.#metadata
    const inside = first.position.reduce((product, at, axis) => {
      const perShard = this.#chunksPerShard(outer, axis)
      const inArray = Math.ceil((shape[axis] ?? 0) / (chunks[axis] ?? 1)) - Math.floor(at / perShard) * perShard
      return product * Math.min(perShard, inArray)
    }, 1)
    return changes.length === inside
  }

  /** The encoded shard of that depth after the changes; `undefined` if it holds no chunk any more. */
  async #rebuild(depth: number, encoded: Uint8Array | undefined, changes: readonly ChunkChange[]): Promise<Uint8Array | undefined> {
    const format = this.#formats[depth]
    if (format === undefined) return changes[0]?.encoded
    const current = encoded === undefined ? undefined : await this.#decodeOuter(format, encoded)
    const index = current === undefined ? format.empty() : await this.#indexOf(format, current)
    const pieces = Array.from({ length: format.count }, (_, number): Uint8Array | undefined => {
      const length = index.lengths[number] ?? -1
      const offset = index.offsets[number] ?? 0
      return length < 0 ? undefined : current?.subarray(offset, offset + length)
    })
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

function tooShort(key: string, found: number, expected: number): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `${key} has ${found} bytes, its shard index alone takes ${expected}`)
}
