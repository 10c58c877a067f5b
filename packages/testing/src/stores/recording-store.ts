import type { ByteRange, Store } from '@bioimage/core'
import { forwardStore, type StoreRequest } from './forward-store.js'

/** One request that a {@link RecordingStore} has seen. */
export interface RecordedRequest {
  readonly method: StoreRequest['method']
  readonly key: string
  /** The part asked for, of a `get`; `undefined` for the whole object. */
  readonly range: ByteRange | undefined
  /** The signal object itself, to see whether it is the caller's own. */
  readonly signal: AbortSignal | undefined
}

/** A store that remembers what was asked of it. */
export interface RecordingStore extends Store {
  /** Requests in the order in which they came, since the last `clear`. */
  readonly requests: readonly RecordedRequest[]
  /** Bytes that `get` gave, since the last `clear`. */
  readonly bytesRead: number
  /** Bytes that `set` stored, since the last `clear`. */
  readonly bytesWritten: number
  /** Forgets everything. */
  clear(): void
}

/** Counts the requests and bytes of a store, and keeps the signals that came with them. */
export function recordingStore(store: Store): RecordingStore {
  const requests: RecordedRequest[] = []
  let bytesRead = 0
  let bytesWritten = 0
  const forwarded = forwardStore(store, {
    before({ method, key, signal, options, bytes }) {
      requests.push({ method, key, range: options?.range, signal })
      bytesWritten += bytes?.byteLength ?? 0
    },
    afterGet(_, bytes) {
      bytesRead += bytes?.byteLength ?? 0
      return bytes
    }
  })
  return {
    ...forwarded,
    requests,
    get bytesRead() {
      return bytesRead
    },
    get bytesWritten() {
      return bytesWritten
    },
    clear() {
      requests.length = 0
      bytesRead = 0
      bytesWritten = 0
    }
  }
}
