import { SourceError } from '../errors.js'
import { checkSize, resolveRange } from './byte-range.js'
import type { Store, StoreGetOptions, StoreSetOptions } from './store.js'

/** A store as zarrita has them: keys begin with `/`, ranges are a method of their own. */
export interface ThirdPartyStore {
  get(key: `/${string}`, options?: { signal?: AbortSignal | undefined }): Promise<Uint8Array | undefined> | Uint8Array | undefined
  getRange?(
    key: `/${string}`,
    range: { offset: number; length: number } | { suffixLength: number },
    options?: { signal?: AbortSignal | undefined }
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined
  set?(key: `/${string}`, value: Uint8Array): unknown
  delete?(key: `/${string}`): unknown
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
    // Arrays of other libraries have a `get` too.
    !('shape' in value)
  )
}

/**
 * A store of another library as one of ours: always a container, never a single file. Nothing reopens it, so sources on it
 * have no spec. A store that cannot read ranges is read whole, object by object.
 */
export function thirdPartyStore(store: ThirdPartyStore): Store {
  let identity = identities.get(store)
  if (identity === undefined) {
    identity = `third-party:${counter++}`
    identities.set(store, identity)
  }
  const whole = async (key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> => {
    return key === '' ? undefined : copyOf(await store.get(`/${key}`, { signal }), key)
  }
  return {
    identity,
    path: undefined,
    remote: true,
    async get(key: string, options: StoreGetOptions = {}) {
      options.signal?.throwIfAborted()
      const { range } = options
      if (key !== '' && range !== undefined && store.getRange !== undefined && options.objectSize === undefined) {
        const bytes = copyOf(await store.getRange(`/${key}`, range, { signal: options.signal }), key)
        const limit = 'suffixLength' in range ? range.suffixLength : range.length
        if (bytes !== undefined && bytes.byteLength > limit) {
          throw new SourceError('ERR_IO', `${key}: ${limit} bytes were asked for, the store gives ${bytes.byteLength}; it ignores ranges`)
        }
        return bytes
      }
      const bytes = await whole(key, options.signal)
      if (bytes === undefined) return undefined
      checkSize(key, bytes.byteLength, options.objectSize)
      const { offset, length } = resolveRange(range, bytes.byteLength)
      return bytes.subarray(offset, offset + length)
    },
    // Such a store knows no revisions. What changes its objects takes turns in this process, which is as far as most of them reach.
    lock: async () => ({ release: async () => {} }),
    size: async (key, options) => (await whole(key, options?.signal))?.byteLength,
    ...(store.set !== undefined && {
      async set(key: string, bytes: Uint8Array, options: StoreSetOptions = {}) {
        options.signal?.throwIfAborted()
        if (options.ifAbsent === true && (await whole(key, options.signal)) !== undefined)
          throw new SourceError('ERR_ALREADY_EXISTS', `${JSON.stringify(key)} exists already`)
        await store.set?.(`/${key}`, new Uint8Array(bytes))
      }
    }),
    ...(store.delete !== undefined && {
      async delete(key: string) {
        await store.delete?.(`/${key}`)
      }
    })
  }
}

/** What a store gave, checked, since nothing else checks it; a copy, since it may be the memory in which the store keeps the object. */
function copyOf(reply: unknown, key: string): Uint8Array | undefined {
  if (reply === undefined) return undefined
  if (reply instanceof Uint8Array) return new Uint8Array(reply)
  throw new SourceError('ERR_CORRUPT_DATA', `${key}: the store gives ${typeof reply}, expected bytes`)
}
