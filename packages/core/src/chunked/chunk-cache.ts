import { unlessAborted } from '../concurrency.js'
import { isAbort } from '../errors.js'

interface Entry {
  readonly bytes: Uint8Array
  readonly revision: string | undefined
}

interface Load {
  readonly bytes: Promise<Uint8Array | undefined>
  /** Signal of the caller who started it. */
  readonly signal: AbortSignal | undefined
  readonly revision: string | undefined
}

/**
 * Decoded chunks, least recently used first out, bounded by bytes. Chunks that are wanted twice at the same time are loaded
 * once. Cached bytes are shared: nobody may change them.
 */
export class ChunkCache {
  readonly maxBytes: number
  #bytes = 0
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Load>()

  /** @param maxBytes Bytes of decoded chunks to keep. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Bytes held now. */
  get byteLength(): number {
    return this.#bytes
  }

  /**
   * The chunk of that name, loaded if need be. `load` gives bytes that nobody else changes, or `undefined` for a chunk that
   * is not stored, which is not remembered. If the caller who started a load gives up, others who wait start their own.
   *
   * @param revision Of the stored object, where that is known: bytes of another revision are not used.
   */
  async fetch(
    key: string,
    signal: AbortSignal | undefined,
    load: () => Promise<Uint8Array | undefined>,
    revision?: string
  ): Promise<Uint8Array | undefined> {
    for (;;) {
      const entry = this.#entries.get(key)
      if (entry !== undefined && entry.revision !== revision) this.invalidate(key)
      else if (entry !== undefined) {
        this.#entries.delete(key)
        this.#entries.set(key, entry)
        return entry.bytes
      }
      const running = this.#loading.get(key)
      if (running === undefined || running.revision !== revision) return this.#load(key, signal, load, revision)
      try {
        return await unlessAborted(running.bytes, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (!isAbort(error, running.signal)) throw error
      }
    }
  }

  /** Forgets a chunk, also one that is being loaded now. */
  invalidate(key: string): void {
    this.#loading.delete(key)
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes.byteLength
  }

  /** Forgets every chunk whose name begins so. */
  invalidateAll(prefix: string): void {
    for (const key of [...this.#entries.keys(), ...this.#loading.keys()]) if (key.startsWith(prefix)) this.invalidate(key)
  }

  async #load(
    key: string,
    signal: AbortSignal | undefined,
    load: () => Promise<Uint8Array | undefined>,
    revision: string | undefined
  ): Promise<Uint8Array | undefined> {
    const loading: Load = { bytes: load(), signal, revision }
    this.#loading.set(key, loading)
    try {
      const bytes = await loading.bytes
      // A write in the meantime has taken the load off the list: what it read may be old.
      if (bytes !== undefined && this.#loading.get(key) === loading) this.#insert(key, { bytes, revision })
      return bytes
    } finally {
      if (this.#loading.get(key) === loading) this.#loading.delete(key)
    }
  }

  #insert(key: string, entry: Entry): void {
    if (entry.bytes.byteLength > this.maxBytes / 2) return
    this.invalidate(key)
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes.byteLength
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.maxBytes) return
      this.#entries.delete(oldest)
      this.#bytes -= entry.bytes.byteLength
    }
  }
}

let shared: ChunkCache | undefined

/** The cache of the process, of 128 MiB. */
export function sharedChunkCache(): ChunkCache {
  shared ??= new ChunkCache(128 << 20)
  return shared
}
