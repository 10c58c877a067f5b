import { SourceError, type Store } from '@bioimage/core'
import { forwardStore, type StoreRequest } from './forward-store.js'

/** Options of {@link failingStore}. */
export interface FailingStoreOptions {
  /** Which requests fail. Defaults to all. */
  readonly when?: ((request: StoreRequest) => boolean) | undefined
  /** What they fail with. Defaults to a `SourceError` with the code ERR_IO. */
  readonly error?: (() => Error) | undefined
}

/** A store whose requests fail, as those of a server that is gone. */
export function failingStore(store: Store, options: FailingStoreOptions = {}): Store {
  const { when = () => true, error = () => new SourceError('ERR_IO', 'the failing store fails, as it should') } = options
  return forwardStore(store, {
    before(request) {
      if (when(request)) throw error()
    }
  })
}

/** Options of {@link truncatingStore}. */
export interface TruncatingStoreOptions {
  /** Whether to cut now. Defaults to always. */
  readonly when?: ((request: StoreRequest) => boolean) | undefined
  /** Bytes to leave out at the end of every reply. Defaults to 1. */
  readonly missingBytes?: number | undefined
}

/** A store whose replies end early, as those of a file that was not written to its end. */
export function truncatingStore(store: Store, options: TruncatingStoreOptions = {}): Store {
  const { when = () => true, missingBytes = 1 } = options
  return forwardStore(store, {
    afterGet: (request, bytes) =>
      bytes === undefined || !when(request) ? bytes : bytes.subarray(0, Math.max(0, bytes.byteLength - missingBytes))
  })
}
