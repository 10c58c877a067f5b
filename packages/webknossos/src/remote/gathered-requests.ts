/** Fetches several items at once: their bytes in the order given, `undefined` for what is empty. */
export type FetchMany<T> = (items: readonly T[], signal: AbortSignal) => Promise<readonly (Uint8Array | undefined)[]>

/** Somebody who waits for an item. */
interface Waiter {
  readonly resolve: (bytes: Uint8Array | undefined) => void
  readonly reject: (reason: unknown) => void
}

interface Entry<T> {
  readonly item: T
  readonly waiters: Set<Waiter>
}

/**
 * Gathers what is asked for within one turn of the event loop into few requests. An item that is asked for again while its request is
 * under way is fetched once; each caller gets bytes of its own. A request is aborted when nobody waits for it any more.
 */
export class GatheredRequests<T> {
  readonly #limit: number
  readonly #fetch: FetchMany<T>
  #gathering: Batch<T> | undefined
  readonly #underWay = new Map<string, Batch<T>>()

  /** @param limit Items of one request. */
  constructor(limit: number, fetch: FetchMany<T>) {
    this.#limit = limit
    this.#fetch = fetch
  }

  async get(key: string, item: T, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted()
    const batch = this.#underWay.get(key) ?? this.#gather()
    const waiting = batch.wait(key, item, signal)
    if (batch === this.#gathering && batch.size >= this.#limit) void this.#send(batch)
    return waiting
  }

  #gather(): Batch<T> {
    if (this.#gathering !== undefined) return this.#gathering
    const batch = new Batch<T>()
    this.#gathering = batch
    setTimeout(() => void this.#send(batch), 0)
    return batch
  }

  async #send(batch: Batch<T>): Promise<void> {
    if (batch !== this.#gathering) return
    this.#gathering = undefined
    const keys = batch.start()
    if (keys.length === 0) return
    for (const key of keys) this.#underWay.set(key, batch)
    const forget = (): void => {
      for (const key of keys) if (this.#underWay.get(key) === batch) this.#underWay.delete(key)
    }
    batch.controller.signal.addEventListener('abort', forget)
    await batch.settle(this.#fetch, forget)
  }
}

/** The items of one request. */
class Batch<T> {
  readonly controller = new AbortController()
  readonly #entries = new Map<string, Entry<T>>()
  #started = false
  #isSettled = false

  get size(): number {
    return this.#entries.size
  }

  wait(key: string, item: T, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    if (this.#isSettled) throw new Error('nobody is told of a request that is answered')
    const entry = this.#entries.get(key) ?? { item, waiters: new Set() }
    this.#entries.set(key, entry)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        entry.waiters.delete(waiter)
        reject(signal?.reason)
        if (!this.#started && entry.waiters.size === 0) this.#entries.delete(key)
        else if (this.#started && Array.from(this.#entries.values()).every(({ waiters }) => waiters.size === 0)) this.controller.abort()
      }
      const settled = (): void => signal?.removeEventListener('abort', leave)
      const waiter: Waiter = {
        resolve: (bytes) => {
          settled()
          resolve(bytes)
        },
        reject: (reason) => {
          settled()
          reject(reason)
        }
      }
      entry.waiters.add(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Ends the gathering. */
  start(): readonly string[] {
    this.#started = true
    return [...this.#entries.keys()]
  }

  /** @param forget Called before anybody is told: who comes later must not wait for this. */
  async settle(fetch: FetchMany<T>, forget: () => void): Promise<void> {
    const entries = [...this.#entries.values()]
    const close = (): void => {
      this.#isSettled = true
      forget()
    }
    try {
      const fetched = await fetch(
        entries.map(({ item }) => item),
        this.controller.signal
      )
      close()
      for (const [index, { waiters }] of entries.entries()) {
        const bytes = fetched[index]
        let isFirst = true
        for (const { resolve } of waiters) {
          // They may change what they get.
          resolve(isFirst || bytes === undefined ? bytes : new Uint8Array(bytes))
          isFirst = false
        }
      }
    } catch (error) {
      close()
      for (const { waiters } of entries) for (const { reject } of waiters) reject(error)
    }
  }
}
