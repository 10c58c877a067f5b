import { decodeBytes } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { fileSystemStore, isAbort, type Store } from '@bioimage/core'
import { lockObject } from '@bioimage/core/backend'
import type { ContentEncoding } from './content-encodings.js'
import { findFile, type LayerObjects, putObject, type StoredFile } from './layer-files.js'

/** So many files are looked at when room is made; of more, every so many. */
const maximalLooks = 1 << 16
/** Room is made when this part of the limit was added. */
const partAdded = 1 / 16
/** What is used again within so many milliseconds counts as used at the same time. */
const useResolutionMs = 60_000
/** A compressed file of up to this many bytes may hold nothing: CloudVolume keeps that a chunk is missing. */
const maximalEmpty = 64
/** A temporary file of this age was left by a process that died. */
const leftAfterMs = 3_600_000
const ownFile = /(?:^|[/\\])__[^/\\]*\.(?:lock|tmp)[^/\\]*$/

/** An object as it is kept. */
export interface KeptObject {
  readonly bytes: Uint8Array
  /** The compression of the bytes, which the name of the file tells. */
  readonly encoding: ContentEncoding | undefined
}

/**
 * A folder of files that several processes fill and read: files appear at once and whole, one process fetches what several want,
 * and the least recently used ones make room. Times of files tell when they were used.
 */
export class DiskCache {
  readonly folder: string
  readonly #maxBytes: number
  readonly #store: Store
  /** Bytes added since room was made; the first one to be added looks what is there. */
  #added = Number.POSITIVE_INFINITY
  #makingRoom: Promise<void> | undefined

  /** @param maxBytes Bytes of files to keep; a process may exceed it by a sixteenth until it makes room. */
  constructor(folder: string, maxBytes: number) {
    this.folder = folder
    this.#maxBytes = maxBytes
    this.#store = fileSystemStore(folder)
  }

  /** The file that keeps an object; `undefined` for none. */
  async find(name: string, signal: AbortSignal | undefined): Promise<StoredFile | undefined> {
    const file = await findFile(this.#store, name, signal)
    return file === undefined || (await this.#isEmpty(file, signal)) ? undefined : file
  }

  /** The bytes of a file as they are; `undefined` if it made room meanwhile. */
  async read(file: StoredFile, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.get(file.key, { signal })
    if (bytes !== undefined) await this.#markUsed(file.key)
    return bytes
  }

  /**
   * Loads an object and keeps it, unless another process does so: then it is waited for. What cannot be kept, as on a full disk, is
   * read all the same.
   *
   * @param load Gives the object and how to keep it, if at all.
   * @returns What was loaded; `'found'` if another one had kept it meanwhile.
   */
  async fill<T>(
    name: string,
    signal: AbortSignal | undefined,
    load: () => Promise<{ readonly loaded: T; readonly keep: () => Promise<KeptObject | undefined> }>
  ): Promise<{ readonly loaded: T } | 'found'> {
    const lock = await this.#store.lock?.(name, { signal }).catch((error: unknown) => {
      if (isAbort(error, signal)) throw error
      return undefined
    })
    // Who has no lock could keep what was replaced meanwhile.
    if (lock === undefined) return load()
    try {
      if ((await this.find(name, signal)) !== undefined) return 'found'
      const { loaded, keep } = await load()
      const kept = await keep()
      if (kept !== undefined) await this.#keep(name, kept).catch(() => {})
      return { loaded }
    } finally {
      await lock.release()
    }
  }

  /** Keeps a small document in place of one that is there. */
  async set(name: string, bytes: Uint8Array): Promise<void> {
    await lockObject(this.#store, name, undefined, () => this.#keep(name, { bytes, encoding: undefined }))
  }

  /** A document that is kept here. */
  async get(name: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    const file = await this.find(name, signal)
    const bytes = file && (await this.#store.get(file.key, { signal }))
    if (bytes === undefined || file?.encoding === undefined) return bytes
    return decodeBytes({ id: file.encoding.codec }, bytes, { maxBytes: 64 << 20 })
  }

  /** Forgets an object that was replaced at its source, also one that is being loaded now. */
  async forget(name: string): Promise<void> {
    await lockObject(this.#store, name, undefined, () => putObject(this.#objects(undefined), name, undefined))
  }

  /** Forgets all objects of a folder. */
  async forgetAll(folder: string): Promise<void> {
    const { promises, paths } = platform()
    await promises.rm(paths.join(this.folder, folder), { recursive: true, force: true })
  }

  /** Resolves when no room is being made any more. */
  async settled(): Promise<void> {
    await this.#makingRoom
  }

  async #keep(name: string, { bytes, encoding }: KeptObject): Promise<void> {
    if (bytes.byteLength > this.#maxBytes) return
    await putObject(this.#objects(encoding), name, bytes)
    this.#added += bytes.byteLength
    if (!this.#needsRoom() || this.#makingRoom !== undefined) return
    const make = async (): Promise<void> => {
      while (this.#needsRoom()) {
        this.#added = 0
        await this.#makeRoom()
      }
    }
    this.#makingRoom = make()
      .catch(() => {})
      .finally(() => {
        this.#makingRoom = undefined
      })
  }

  #needsRoom(): boolean {
    return this.#added > this.#maxBytes * partAdded
  }

  #objects(encoding: ContentEncoding | undefined): LayerObjects {
    return { store: this.#store, compression: { encoding, codecs: [] }, contentType: '', cacheControl: '' }
  }

  async #isEmpty(file: StoredFile, signal: AbortSignal | undefined): Promise<boolean> {
    if (file.encoding === undefined) return false
    const size = await this.#store.size(file.key, { signal })
    if (size === undefined) return true
    if (size > maximalEmpty) return false
    const bytes = await this.#store.get(file.key, { signal })
    if (bytes === undefined) return true
    try {
      return (await decodeBytes({ id: file.encoding.codec }, bytes, { maxBytes: 1 << 20 })).byteLength === 0
    } catch {
      // Not empty, and damaged or long: whoever reads it sees that.
      return false
    }
  }

  async #markUsed(key: string): Promise<void> {
    const { promises, paths } = platform()
    const now = Date.now()
    if (now - ((await this.#store.modified?.(key)) ?? now) < useResolutionMs) return
    // That it was used is worth no error.
    await promises.utimes(paths.join(this.folder, key), now / 1000, now / 1000).catch(() => {})
  }

  /** Removes the least recently used files until the limit holds. Looks at so many files and keeps so many in memory at most. */
  async #makeRoom(): Promise<void> {
    const { promises } = platform()
    let count = 0
    for await (const _ of this.#files()) count++
    const stride = Math.ceil(count / maximalLooks)
    const seen: { readonly path: string; readonly size: number; readonly time: number }[] = []
    let number = Math.floor(Math.random() * stride)
    let bytes = 0
    for await (const path of this.#files()) {
      if (number++ % stride !== 0) continue
      const status = await promises.stat(path).catch(() => undefined)
      if (status === undefined) continue
      if (ownFile.test(path)) {
        if (path.endsWith('.tmp') && Date.now() - status.mtimeMs > leftAfterMs) await promises.rm(path, { force: true })
        continue
      }
      seen.push({ path, size: status.size, time: status.mtimeMs })
      bytes += status.size
    }
    let excess = bytes * stride - this.#maxBytes * (1 - partAdded)
    if (bytes * stride <= this.#maxBytes) return
    seen.sort((a, b) => a.time - b.time)
    for (const { path, size } of seen) {
      if (excess <= 0) return
      await promises.rm(path, { force: true })
      excess -= size
    }
    // Of so many files that they were not all looked at, too few were: go on.
    this.#added = Number.POSITIVE_INFINITY
  }

  /** Paths of all files but those of the layer itself. */
  async *#files(): AsyncGenerator<string> {
    const { promises, paths } = platform()
    for await (const entry of await promises.opendir(this.folder, { recursive: true })) {
      if (entry.isFile() && entry.parentPath !== this.folder) yield paths.join(entry.parentPath, entry.name)
    }
  }
}

function platform() {
  return { promises: process.getBuiltinModule('node:fs').promises, paths: process.getBuiltinModule('node:path') }
}
