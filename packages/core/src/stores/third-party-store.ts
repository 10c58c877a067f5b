import { checkSize } from './byte-range.js'
import type { Store, StoreGetOptions } from './store.js'

/** A store as zarrita has them: keys begin with `/`, ranges are a method of their own. */
export interface ThirdPartyStore {
  get(key: `/${string}`, options?: { signal?: AbortSignal | undefined }): Promise<Uint8Array | undefined>
  getRange?(
    key: `/${string}`,
    range: { offset: number; length: number } | { suffixLength: number },
    options?: { signal?: AbortSignal | undefined }
  ): Promise<Uint8Array | undefined>
  set?(key: `/${string}`, value: Uint8Array): Promise<void>
}

const identities = new WeakMap<object, string>()
let counter = 0

/** Whether a value is a store of that form and not one of ours. */
export function isThirdPartyStore(value: unknown): value is ThirdPartyStore {
  return (
    typeof value === 'object' &&
    value !== null &&
    'get' in value &&
    typeof value.get === 'function' &&
    !('identity' in value) &&
    !(value instanceof Map && 'shape' in value)
  )
}

/**
 * A store of another library as one of ours. Nothing reopens it, so sources on it have no spec. A store that cannot read
 * ranges is read whole, object by object.
 */
export function thirdPartyStore(store: ThirdPartyStore): Store {
  let identity = identities.get(store)
  if (identity === undefined) {
    identity = `third-party:${counter++}`
    identities.set(store, identity)
  }
  const whole = async (key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> => store.get(`/${key}`, { signal })
  const { set } = store
  return {
    identity,
    path: undefined,
    remote: true,
    async get(key: string, options: StoreGetOptions = {}) {
      options.signal?.throwIfAborted()
      const { range } = options
      if (range !== undefined && store.getRange !== undefined && options.objectSize === undefined) {
        return store.getRange(`/${key}`, range, { signal: options.signal })
      }
      const bytes = await whole(key, options.signal)
      if (bytes === undefined) return undefined
      checkSize(key, bytes.byteLength, options.objectSize)
      if (range === undefined) return bytes
      return 'suffixLength' in range ? bytes.slice(-range.suffixLength) : bytes.slice(range.offset, range.offset + range.length)
    },
    size: async (key, options) => (await whole(key, options?.signal))?.byteLength,
    ...(set !== undefined && { set: (key: string, bytes: Uint8Array) => set.call(store, `/${key}`, bytes) })
  }
}
