import { decodeBytes, encodeBytes } from '@bioimage/codecs'
import type { CodecSpec, Store } from '@bioimage/core'
import {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  conflict,
  fetchEncoded,
  type StoredUnit
} from '@bioimage/core/backend'
import type { ContentEncoding } from './content-encodings.js'
import type { DiskCache, KeptObject } from './disk-cache.js'
import { leftEncoding, type StoredFile, withMethods } from './layer-files.js'

/** What the chunks of a scale are, for keeping them. */
export interface CachedChunksOptions {
  readonly cache: DiskCache
  /** Name of the file of a chunk: that of the object, or in shards the number of the chunk. */
  nameOf(position: readonly number[]): string
  /** Codecs of a chunk without compressions around it. */
  readonly codecs: readonly CodecSpec[]
  /** Bytes of a decoded chunk. */
  byteLengthOf(position: readonly number[]): number
  /** Whether decoded chunks are the bytes themselves. */
  readonly isRaw: boolean
  /** The compression that chunks have as their storage gives them; `undefined` where a server may have left one or not. */
  readonly stored: ContentEncoding | 'none' | undefined
  /** How to compress chunks that are not, for keeping. */
  readonly compression: ContentEncoding | undefined
}

/** Where a chunk is to be read, kept from its look-up to its reading. */
interface Place {
  readonly position: readonly number[]
  readonly file?: StoredFile
  readonly location?: ChunkLocation
}

/** More chunks than are looked up before the first of them is read. */
const maximalPlaces = 1 << 15
/** Chunks come from another place than a disk: speed counts more than size. */
const fastLevel: Readonly<Record<string, CodecSpec>> = {
  gzip: { id: 'gzip', level: 1 },
  br: { id: 'br', quality: 1 },
  zstd: { id: 'zstd', level: 1 }
}

/**
 * Chunks that are kept on disk once they are read. Missing ones are not, nor indices of shards, which hold for one revision of a shard
 * only. What is written goes to the source, and what was kept of it is forgotten before the write ends. To change part of a chunk or a
 * shard, the source is read.
 */
export function cachedChunks(storage: ChunkStorage, options: CachedChunksOptions): ChunkStorage {
  return new CachedChunks(storage, options)
}

class CachedChunks implements ChunkStorage {
  readonly store: Store
  readonly unitShape: ChunkStorage['unitShape']
  readonly locksWholeUnits: boolean | undefined
  readonly write?: NonNullable<ChunkStorage['write']>
  readonly openUnit?: NonNullable<ChunkStorage['openUnit']>
  readonly #inner: ChunkStorage
  readonly #options: CachedChunksOptions
  readonly #places = new Map<string, Place>()

  constructor(inner: ChunkStorage, options: CachedChunksOptions) {
    this.#inner = inner
    this.#options = options
    this.unitShape = inner.unitShape
    this.locksWholeUnits = inner.locksWholeUnits
    this.store = withMethods(inner.store, { get: (name, { signal } = {}) => this.#get(name, signal) })
    const { write, openUnit } = inner
    if (write !== undefined)
      this.write = async (unit, changes, access) => {
        await this.#forgetAfter(changes, () => write.call(inner, unit, changes, access))
      }
    if (openUnit !== undefined)
      this.openUnit = async (unit, access): Promise<StoredUnit> => {
        const opened = await openUnit.call(inner, unit, access)
        return {
          locate: (position) => opened.locate(position),
          write: (changes) => this.#forgetAfter(changes, () => opened.write(changes))
        }
      }
  }

  unitOf(position: readonly number[]): string {
    return this.#inner.unitOf(position)
  }

  forget(unit: string): void {
    this.#inner.forget?.(unit)
  }

  async locate(position: readonly number[], access: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const { cache, nameOf, codecs } = this.#options
    const name = nameOf(position)
    const file = await cache.find(name, access.signal)
    if (file !== undefined) {
      this.#remember(name, { position, file })
      const around = file.encoding === undefined ? [] : [{ id: file.encoding.codec }]
      return { key: name, codecs: [...codecs, ...around] }
    }
    const location = await this.#inner.locate(position, access)
    if (location === undefined) return undefined
    this.#remember(name, { position, location })
    return { key: name, codecs: location.codecs }
  }

  #remember(name: string, place: Place): void {
    this.#places.delete(name)
    this.#places.set(name, place)
    const [oldest] = this.#places.keys()
    if (this.#places.size > maximalPlaces && oldest !== undefined) this.#places.delete(oldest)
  }

  /** @throws ERR_CONFLICT if the chunk lies elsewhere meanwhile: then it is looked up again. */
  async #get(name: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    const { cache } = this.#options
    const place = this.#places.get(name)
    if (place?.file !== undefined) {
      const bytes = await cache.read(place.file, signal)
      if (bytes !== undefined) return bytes
    }
    if (place?.location === undefined) throw conflict(name)
    const { position, location } = place
    const coding = { byteLength: this.#options.byteLengthOf(position) }
    const filled = await cache.fill(name, signal, async () => {
      const loaded = await fetchEncoded({ store: this.#inner.store, signal, coding }, { location })
      return { loaded, keep: async () => loaded && this.#keptAs(loaded, coding.byteLength) }
    })
    if (filled === 'found') throw conflict(name)
    return filled.loaded
  }

  /** How to keep the bytes of a chunk; `undefined` for bytes that are none. */
  async #keptAs(bytes: Uint8Array, byteLength: number): Promise<KeptObject | undefined> {
    const { stored, isRaw, compression } = this.#options
    if (stored !== undefined && stored !== 'none') return { bytes, encoding: stored }
    const plain = stored === 'none' ? bytes : await withoutLeftEncoding(bytes, isRaw, byteLength)
    if (plain === undefined || plain.byteLength === 0 || (isRaw && plain.byteLength !== byteLength)) return undefined
    const codec = compression && fastLevel[compression.name]
    if (codec === undefined) return { bytes: plain, encoding: undefined }
    return { bytes: await encodeBytes(codec, plain), encoding: compression }
  }

  async #forgetAfter(changes: readonly ChunkChange[], write: () => Promise<void>): Promise<void> {
    const { cache, nameOf } = this.#options
    // Also after a failure: whether the source was changed is not known then.
    try {
      await write()
    } finally {
      for (const { position } of changes) await cache.forget(nameOf(position))
    }
  }
}

/** Without the compression that a server may have left; `undefined` for damaged bytes, of which whoever decodes them tells. */
async function withoutLeftEncoding(bytes: Uint8Array, isRaw: boolean, byteLength: number): Promise<Uint8Array | undefined> {
  try {
    const maxBytes = 4 * byteLength + (16 << 20)
    return await decodeBytes(leftEncoding, bytes, isRaw ? { exactBytes: byteLength, maxBytes } : { maxBytes })
  } catch {
    return undefined
  }
}
