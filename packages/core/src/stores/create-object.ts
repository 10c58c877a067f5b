import { SourceError } from '../errors.js'
import type { ObjectWriter, Store, StoreGetOptions } from './store.js'

/** Options of {@link createObject}. */
export interface CreateObjectOptions {
  /** Bytes of the object. */
  readonly size: number
  /** Replace an object that is there; else ERR_ALREADY_EXISTS. Defaults to false. */
  readonly overwrite?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Begins a new object. On a file system the bytes go to a temporary file beside the target, sparse where nothing is written;
 * a store without such a way collects them in memory and stores them at `commit`.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_READ_ONLY (the store cannot be written), ERR_TOO_LARGE (it does not fit into memory).
 */
export async function createObject(store: Store, key: string, options: CreateObjectOptions): Promise<ObjectWriter> {
  options.signal?.throwIfAborted()
  const name = key === '' ? (store.path ?? 'the file') : JSON.stringify(key)
  if (store.set === undefined)
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'this store'} cannot be written; create a local file`, { path: store.path })
  if (options.overwrite !== true && (await store.size(key, { signal: options.signal })) !== undefined) {
    throw new SourceError('ERR_ALREADY_EXISTS', `${name} exists already; give \`overwrite: true\` to replace it`, { path: store.path })
  }
  if (store.create !== undefined) return store.create(key, { size: options.size, ifAbsent: options.overwrite !== true })
  return new MemoryWriter(store, key, options.size, options.overwrite !== true)
}

/** What is written so far, as a store of one object under the key `""`. */
export function writerStore(writer: ObjectWriter): Store {
  return {
    identity: `writer:${counter++}`,
    path: undefined,
    remote: false,
    async get(key: string, { range, scratch, signal }: StoreGetOptions = {}) {
      signal?.throwIfAborted()
      if (key !== '' || range === undefined || 'suffixLength' in range) return undefined
      const length = Math.max(0, Math.min(range.length, writer.size - range.offset))
      const target = scratch !== undefined && scratch.byteLength >= length ? scratch.subarray(0, length) : new Uint8Array(length)
      await writer.read(range.offset, target)
      return target
    },
    size: async (key: string) => (key === '' ? writer.size : undefined)
  }
}

let counter = 0

class MemoryWriter implements ObjectWriter {
  readonly size: number
  readonly #store: Store
  readonly #key: string
  readonly #ifAbsent: boolean
  #bytes: Uint8Array

  constructor(store: Store, key: string, size: number, ifAbsent: boolean) {
    this.size = size
    this.#store = store
    this.#key = key
    this.#ifAbsent = ifAbsent
    try {
      this.#bytes = new Uint8Array(size)
    } catch (cause) {
      throw new SourceError('ERR_TOO_LARGE', `cannot collect ${size} bytes in memory; create a local file and copy it`, { cause })
    }
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#bytes.set(bytes, offset)
  }

  async read(offset: number, target: Uint8Array): Promise<void> {
    target.set(this.#bytes.subarray(offset, offset + target.byteLength))
  }

  async commit(size: number = this.size): Promise<void> {
    await this.#store.set?.(this.#key, size === this.size ? this.#bytes : this.#bytes.slice(0, size), { ifAbsent: this.#ifAbsent })
    this.#bytes = new Uint8Array(0)
  }

  async abort(): Promise<void> {
    this.#bytes = new Uint8Array(0)
  }
}
