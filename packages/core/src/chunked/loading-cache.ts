import { unlessAborted } from '../concurrency.js'
import { isAbort } from '../errors.js'

interface Entry<T> {
  readonly value: T
  readonly revision: string | undefined
}

interface Load<T> {
  readonly value: Promise<T | undefined>
  /** Signal of the caller who started it. */
  readonly signal: AbortSignal | undefined
  readonly revision: string | undefined
}

/**
 * Values, least recently used first out, bounded by their bytes. What is wanted twice at the same time is loaded once. Values are
 * shared: nobody may change them.
 */
export class LoadingCache<T> {
  readonly maxBytes: number
  readonly #byteLengthOf: (value: T) => number
  #bytes = 0
  readonly #entries = new Map<string, Entry<T>>()
  readonly #loading = new Map<string, Load<T>>()

  /** @param maxBytes Bytes of values to keep. */
  constructor(maxBytes: number, byteLengthOf: (value: T) => number) {
    this.maxBytes = maxBytes
    this.#byteLengthOf = byteLengthOf
  }

  /** Bytes held now. */
  get byteLength(): number {
    return this.#bytes
  }

  /**
   * The value of that name, loaded if need be. `load` gives what nobody else changes, or `undefined` for what is not stored, which
   * is not remembered. If the caller who started a load gives up, others who wait start their own.
   *
   * @param revision Of the stored object, where that is known: values of another revision are not used.
   */
  async fetch(key: string, signal: AbortSignal | undefined, load: () => Promise<T | undefined>, revision?: string): Promise<T | undefined> {
    for (;;) {
      const entry = this.#entries.get(key)
      if (entry !== undefined && entry.revision !== revision) this.invalidate(key)
      else if (entry !== undefined) {
        this.#entries.delete(key)
        this.#entries.set(key, entry)
        return entry.value
      }
      const running = this.#loading.get(key)
      if (running === undefined || running.revision !== revision) return this.#load(key, signal, load, revision)
      try {
        return await unlessAborted(running.value, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (!isAbort(error, running.signal)) throw error
      }
    }
  }

  /** Forgets a value, also one that is being loaded now. */
  invalidate(key: string): void {
    this.#loading.delete(key)
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= this.#byteLengthOf(entry.value)
  }

  /** Forgets every value whose name begins so. */
  invalidateAll(prefix: string): void {
    for (const key of [...this.#entries.keys(), ...this.#loading.keys()]) if (key.startsWith(prefix)) this.invalidate(key)
  }

  async #load(
    key: string,
    signal: AbortSignal | undefined,
    load: () => Promise<T | undefined>,
    revision: string | undefined
  ): Promise<T | undefined> {
    const loading: Load<T> = { value: load(), signal, revision }
    this.#loading.set(key, loading)
    try {
      const value = await loading.value
      // A write in the meantime has taken the load off the list: what it read may be old.
      if (value !== undefined && this.#loading.get(key) === loading) this.#insert(key, { value, revision })
      return value
    } finally {
      if (this.#loading.get(key) === loading) this.#loading.delete(key)
    }
  }

  #insert(key: string, entry: Entry<T>): void {
    const byteLength = this.#byteLengthOf(entry.value)
    // One that fills the cache alone is worth it: a scan in blocks wants it again at once.
    if (byteLength > this.maxBytes) return
    this.invalidate(key)
    this.#entries.set(key, entry)
    this.#bytes += byteLength
    for (const [oldest, { value }] of this.#entries) {
      if (this.#bytes <= this.maxBytes) return
      this.#entries.delete(oldest)
      this.#bytes -= this.#byteLengthOf(value)
    }
  }
}
