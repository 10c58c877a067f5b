import { type CodecSpec, joinKey, SourceError, type Store, type StoreGetOptions } from '@bioimage/core'
import type { ChunkAccessOptions, ChunkChange, ChunkLocation, ChunkStorage, StoredUnit } from '@bioimage/core/backend'
import { findFile, foundObjects, type LayerObjects, leftEncoding, openObject, putObject } from './layer-files.js'
import { chunkName, type Scale } from './scale.js'
import type { Triple } from './triple.js'

/** How the chunks of a scale are stored and what their absence means. */
export interface ObjectStorageOptions {
  readonly objects: LayerObjects
  readonly folder: string
  readonly scale: Scale
  /** Codecs of a chunk without compressions around it. */
  readonly codecs: readonly CodecSpec[]
  readonly fillMissing: boolean
}

/** One object per chunk, named by its box, perhaps compressed. (Precomputed, "Unsharded chunk storage".) */
export function objectStorage(options: ObjectStorageOptions): ChunkStorage {
  return options.objects.store.contentEncoding === true ? new RemoteObjects(options) : new LocalObjects(options)
}

/** The cell of a position in the chunk grid of the array, whose axes are channel, z, y, x. */
export function cellOf(position: readonly number[]): Triple {
  return [position[3] ?? 0, position[2] ?? 0, position[1] ?? 0]
}

/** The error of a chunk that is not there, where that is not allowed. */
export function missingChunk(name: string): SourceError {
  return new SourceError(
    'ERR_NOT_FOUND',
    `the chunk ${name} (x_y_z, in voxels) is not stored; give \`fillMissing: true\` to read background in its place`
  )
}

/** What both ways of storing have in common: names and writing. */
abstract class Objects {
  readonly unitShape = 'chunk'
  readonly store: Store
  protected readonly options: ObjectStorageOptions

  constructor(options: ObjectStorageOptions, store: Store) {
    this.options = options
    this.store = store
  }

  unitOf(position: readonly number[]): string {
    const { folder, scale } = this.options
    return joinKey(folder, chunkName(scale, cellOf(position)))
  }

  async write(unit: string, [change]: readonly ChunkChange[]): Promise<void> {
    await putObject(this.options.objects, unit, change?.encoded)
  }

  async openUnit(unit: string, { signal }: ChunkAccessOptions): Promise<StoredUnit> {
    const { objects, codecs, fillMissing, scale } = this.options
    const opened = await openObject(objects.store, unit, { signal, chunk: true })
    const { bytes } = opened.read
    return {
      locate: (position) => {
        if (bytes !== undefined && (bytes.byteLength > 0 || opened.file?.encoding !== undefined)) {
          const around = objects.store.contentEncoding === true ? leftEncoding : opened.file?.encoding && { id: opened.file.encoding.codec }
          return { bytes, key: unit, codecs: around === undefined ? codecs : [...codecs, around] }
        }
        if (fillMissing) return undefined
        throw missingChunk(chunkName(scale, cellOf(position)))
      },
      write: ([change]) => putObject(objects, unit, change?.encoded, opened)
    }
  }
}

/** Files, whose name tells their compression. */
class LocalObjects extends Objects implements ChunkStorage {
  readonly locksWholeUnits = true

  constructor(options: ObjectStorageOptions) {
    super(options, foundObjects(options.objects.store))
  }

  async locate(position: readonly number[], { signal }: ChunkAccessOptions): Promise<ChunkLocation | undefined> {
    const { objects, codecs, fillMissing, scale } = this.options
    const file = await findFile(objects.store, this.unitOf(position), signal)
    if (file === undefined) {
      if (fillMissing) return undefined
      throw missingChunk(chunkName(scale, cellOf(position)))
    }
    const around = file.encoding === undefined ? [] : [{ id: file.encoding.codec }]
    return { key: file.key, revision: file.revision, codecs: [...codecs, ...around] }
  }
}

/** Objects, whose header tells their compression, which the platform undoes when the object is read whole. */
class RemoteObjects extends Objects implements ChunkStorage {
  constructor(options: ObjectStorageOptions) {
    super(options, new ChunkObjects(options.objects.store, options.fillMissing))
  }

  locate(position: readonly number[]): ChunkLocation {
    return { key: this.unitOf(position), codecs: [...this.options.codecs, leftEncoding] }
  }
}

/** So many absent chunks are looked for under `.gz` before it is taken that none lies there. */
const maximalProbes = 16

/** A store for chunks: an empty object is an absent one, and absence may be an error. */
class ChunkObjects implements Store {
  readonly identity: string
  readonly path: string | undefined
  readonly remote: boolean
  readonly contentEncoding = true
  readonly set?: NonNullable<Store['set']>
  readonly delete?: NonNullable<Store['delete']>
  readonly #store: Store
  readonly #fillMissing: boolean
  /** A local layer behind a plain web server: files end in `.gz`, and no header says so. */
  #gzipNames: 'found' | 'unknown' | 'none'
  #probes = 0

  constructor(store: Store, fillMissing: boolean) {
    this.identity = store.identity
    this.path = store.path
    this.remote = store.remote
    if (store.set !== undefined) this.set = store.set.bind(store)
    if (store.delete !== undefined) this.delete = store.delete.bind(store)
    this.#store = store
    this.#fillMissing = fillMissing
    // What can be written is object storage, where no such names are.
    this.#gzipNames = store.set === undefined ? 'unknown' : 'none'
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    const bytes = await this.#find(key, options)
    if (bytes === undefined && options.chunk === true && !this.#fillMissing) throw missingChunk(key.slice(key.lastIndexOf('/') + 1))
    return bytes
  }

  size(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<number | undefined> {
    return this.#store.size(key, options)
  }

  async #find(key: string, options: StoreGetOptions): Promise<Uint8Array | undefined> {
    if (this.#gzipNames === 'found') return (await this.#store.get(`${key}.gz`, options)) ?? this.#whole(key, options)
    const bytes = await this.#whole(key, options)
    if (bytes !== undefined || this.#gzipNames === 'none' || this.#probes >= maximalProbes) return bytes
    this.#probes++
    const compressed = await this.#store.get(`${key}.gz`, options)
    if (compressed !== undefined) this.#gzipNames = 'found'
    return compressed
  }

  async #whole(key: string, options: StoreGetOptions): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.get(key, options)
    return bytes?.byteLength === 0 ? undefined : bytes
  }
}
