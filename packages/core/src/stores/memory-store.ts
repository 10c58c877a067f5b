import { conflict, SourceError } from '../errors.js'
import { checkSize, resolveRange } from './byte-range.js'
import type { Store, StoreDeleteOptions, StoreEntry, StoreGetOptions, StoreSetOptions } from './store.js'

let counter = 0

/** Objects in memory, for tests and for results that are handed on at once. Bytes are copied in and out. */
export function memoryStore(objects: Iterable<readonly [key: string, bytes: Uint8Array]> = []): Store {
  return new MemoryStore(objects)
}

class MemoryStore implements Store {
  readonly identity: string = `memory:${counter++}`
  readonly path = undefined
  readonly remote = false
  readonly #objects = new Map<string, Uint8Array>()
  readonly #revisions = new Map<string, number>()
  #writes = 0

  constructor(objects: Iterable<readonly [string, Uint8Array]>) {
    for (const [key, bytes] of objects) this.#put(key, bytes)
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    const bytes = this.#objects.get(key)
    if (bytes === undefined) return undefined
    checkSize(key, bytes.byteLength, options.objectSize)
    const { offset, length } = resolveRange(options.range, bytes.byteLength)
    options.onRevision?.(String(this.#revisions.get(key)))
    return bytes.slice(offset, offset + length)
  }

  async size(key: string): Promise<number | undefined> {
    return this.#objects.get(key)?.byteLength
  }

  revision(key: string): string | undefined {
    return this.#objects.has(key) ? String(this.#revisions.get(key)) : undefined
  }

  async *list(folder: string): AsyncIterable<StoreEntry> {
    const prefix = folder === '' ? '' : `${folder}/`
    const seen = new Set<string>()
    for (const [key, bytes] of this.#objects) {
      if (!key.startsWith(prefix)) continue
      const [name = '', ...rest] = key.slice(prefix.length).split('/')
      if (name === '' || seen.has(name)) continue
      seen.add(name)
      yield rest.length > 0 ? { name, folder: true } : { name, folder: false, size: bytes.byteLength }
    }
  }

  async set(key: string, bytes: Uint8Array, options: StoreSetOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (options.ifAbsent === true && this.#objects.has(key))
      throw new SourceError('ERR_ALREADY_EXISTS', `${JSON.stringify(key)} exists already`)
    this.#check(key, options.ifRevision)
    this.#put(key, bytes)
  }

  async delete(key: string, options: StoreDeleteOptions = {}): Promise<void> {
    this.#check(key, options.ifRevision)
    this.#objects.delete(key)
    this.#revisions.delete(key)
  }

  #check(key: string, ifRevision: string | undefined): void {
    if (ifRevision !== undefined && this.revision(key) !== ifRevision) throw conflict(JSON.stringify(key))
  }

  #put(key: string, bytes: Uint8Array): void {
    // Not `slice`, which for a Buffer of Node copies nothing.
    this.#objects.set(key, new Uint8Array(bytes))
    // Counted over all keys, so that an object that is deleted and stored again does not get its old number.
    this.#revisions.set(key, this.#writes++)
  }
}
