import type { Store, StoreDeleteOptions, StoreEntry, StoreGetOptions, StoreSetOptions } from '@bioimage/core'

/** One call of a method of a store. */
export interface StoreRequest {
  readonly method: 'get' | 'size' | 'list' | 'set' | 'delete'
  readonly key: string
  /** The signal object itself, to see whether it is the caller's own. */
  readonly signal: AbortSignal | undefined
  /** Options of a `get`. */
  readonly options?: StoreGetOptions | undefined
  /** Bytes that a `set` stores. */
  readonly bytes?: Uint8Array | undefined
}

/** What a wrapper does around every request. */
export interface Interception {
  /** Runs before the request; what it throws fails the request. */
  readonly before?: ((request: StoreRequest) => Promise<void> | void) | undefined
  /** May change what a `get` gives. */
  readonly afterGet?: ((request: StoreRequest, bytes: Uint8Array | undefined) => Uint8Array | undefined) | undefined
}

/**
 * A store that hands every request on to another, with something done before and after. It has the same optional methods, the
 * same path and, unless another is given, the same identity.
 */
export function forwardStore(store: Store, interception: Interception, identity: string = store.identity): Store {
  const before = async (request: StoreRequest): Promise<void> => interception.before?.(request)
  const { list, set, delete: remove, close, lock, realName, revision } = store
  return {
    identity,
    path: store.path,
    remote: store.remote,
    contentEncoding: store.contentEncoding,
    async get(key: string, options: StoreGetOptions = {}) {
      const request: StoreRequest = { method: 'get', key, signal: options.signal, options }
      await before(request)
      const bytes = await store.get(key, options)
      return interception.afterGet === undefined ? bytes : interception.afterGet(request, bytes)
    },
    async size(key: string, options: { readonly signal?: AbortSignal | undefined } = {}) {
      await before({ method: 'size', key, signal: options.signal })
      return store.size(key, options)
    },
    ...(list !== undefined && {
      async *list(folder: string, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<StoreEntry> {
        await before({ method: 'list', key: folder, signal: options.signal })
        yield* list.call(store, folder, options)
      }
    }),
    ...(set !== undefined && {
      async set(key: string, bytes: Uint8Array, options: StoreSetOptions = {}) {
        await before({ method: 'set', key, signal: options.signal, bytes })
        await set.call(store, key, bytes, options)
      }
    }),
    ...(remove !== undefined && {
      async delete(key: string, options: StoreDeleteOptions = {}) {
        await before({ method: 'delete', key, signal: options.signal })
        await remove.call(store, key, options)
      }
    }),
    // Not forwarded as requests: they cost no round trip.
    ...(revision !== undefined && { revision: (key: string) => revision.call(store, key) }),
    ...(lock !== undefined && {
      lock: (key: string, options?: { readonly signal?: AbortSignal | undefined }) => lock.call(store, key, options)
    }),
    // Another identity is one in caches and locks too.
    ...(realName !== undefined && identity === store.identity && { realName: (key: string) => realName.call(store, key) }),
    ...(close !== undefined && { close: () => close.call(store) })
  }
}
