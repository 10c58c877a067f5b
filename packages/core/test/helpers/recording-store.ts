import { memoryStore, type Store, type StoreGetOptions } from '../../src/index.js'

/** One request that reached a store. */
export interface StoreRequest {
  readonly key: string
  readonly offset: number | undefined
  /** Bytes that were asked for; `undefined` for a whole object. */
  readonly length: number | undefined
  readonly options: StoreGetOptions
}

export interface RecordingOptions {
  readonly remote?: boolean
  /** Runs before each reply, with the number of the request. */
  readonly before?: (request: StoreRequest, count: number) => Promise<void> | void
}

export interface RecordingStore {
  readonly store: Store
  readonly requests: StoreRequest[]
  readonly objects: Store
  /** Most requests that were under way at once. */
  mostAtOnce(): number
  /** Requests under way now. */
  underWay(): number
}

/** A store in memory that notes every `get`. */
export function recordingStore(content: Iterable<readonly [string, Uint8Array]>, options: RecordingOptions = {}): RecordingStore {
  const objects = memoryStore(content)
  const requests: StoreRequest[] = []
  let now = 0
  let most = 0
  const store: Store = {
    identity: objects.identity,
    path: '/recorded',
    remote: options.remote ?? false,
    async get(key, getOptions = {}) {
      const range = getOptions.range !== undefined && 'offset' in getOptions.range ? getOptions.range : undefined
      const request = { key, offset: range?.offset, length: range?.length, options: getOptions }
      requests.push(request)
      now++
      most = Math.max(most, now)
      try {
        await options.before?.(request, requests.length)
        return await objects.get(key, getOptions)
      } finally {
        now--
      }
    },
    size: (key) => objects.size(key),
    set: async (key, bytes, setOptions) => objects.set?.(key, bytes, setOptions),
    delete: async (key) => objects.delete?.(key)
  }
  return { store, requests, objects, mostAtOnce: () => most, underWay: () => now }
}

/** Lets everything that waits for promises alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
}
