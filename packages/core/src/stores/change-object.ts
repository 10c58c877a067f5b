import { unlessAborted, withLock } from '../concurrency.js'
import { conflict, isSourceError, SourceError } from '../errors.js'
import { joinKey, type Store, type StoreGetOptions } from './store.js'

/** An object as it was read. */
export interface ReadObject {
  /** `undefined` if there was none. */
  readonly bytes: Uint8Array | undefined
  /** `undefined` where the store does not tell. */
  readonly revision: string | undefined
}

/** Of many writers to one object one wins each time: so many may be ahead. */
const attempts = 32
const firstPauseMs = 4
const longestPauseMs = 1000

/**
 * Runs `work`, which reads an object by {@link readObject}, and stores it changed by {@link replaceObject}: alone in this thread,
 * under the lock of the store where it has one, and again if another writer was faster, so that no change is lost.
 *
 * @throws ERR_CONFLICT if others were faster every time.
 */
export async function changeObject<T>(store: Store, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return lockObject(store, key, signal, () => againIfReplaced(signal, work))
}

/** Runs `work` alone in this thread, and under the lock of the store where it has one. */
export async function lockObject<T>(store: Store, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return withLock(objectName(store, key), async () => {
    signal?.throwIfAborted()
    const lock = await store.lock?.(key, { signal })
    try {
      return await work()
    } finally {
      await lock?.release()
    }
  })
}

/** Runs `work` again, after a pause of varied length, while it fails with ERR_CONFLICT. */
export async function againIfReplaced<T>(signal: AbortSignal | undefined, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      if (!isSourceError(error, 'ERR_CONFLICT')) throw error
      if (attempt + 1 === attempts) {
        throw new SourceError('ERR_CONFLICT', `${error.message} (this happened ${attempts} times in a row: too many writers)`, {
          cause: error
        })
      }
      const pauseMs = Math.min(firstPauseMs * 1.5 ** attempt, longestPauseMs) * Math.random()
      await unlessAborted(new Promise((resolve) => setTimeout(resolve, pauseMs)), signal)
    }
  }
}

/** Reads an object, or a part of it, with its revision. */
export async function readObject(store: Store, key: string, options: StoreGetOptions = {}): Promise<ReadObject> {
  let revision: string | undefined
  const bytes = await store.get(key, {
    ...options,
    onRevision(told) {
      revision = told
    }
  })
  return { bytes, revision }
}

/**
 * Stores an object, or with `undefined` removes it, if it still is what was read.
 *
 * @throws ERR_CONFLICT if another writer was faster, ERR_READ_ONLY, ERR_UNSUPPORTED if the store has no lock and has not told the
 *   revision of what was read, so that the change of another writer would be undone.
 */
export async function replaceObject(store: Store, key: string, read: ReadObject, bytes: Uint8Array | undefined): Promise<void> {
  const condition = read.revision === undefined ? {} : { ifRevision: read.revision }
  if (bytes === undefined && read.bytes === undefined) return
  if (read.bytes !== undefined && read.revision === undefined && store.lock === undefined) {
    const reason = `${JSON.stringify(key)} cannot be changed safely: its store has no lock and does not tell its revision`
    throw new SourceError('ERR_UNSUPPORTED', `${reason}; let the server expose the header ETag (CORS, ExposeHeader), or write it whole`, {
      path: store.path
    })
  }
  if (bytes === undefined && store.delete !== undefined) {
    await store.delete(key, condition)
    return
  }
  if (bytes === undefined || store.set === undefined)
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`)
  try {
    await store.set(key, bytes, read.bytes === undefined ? { ifAbsent: true } : condition)
  } catch (error) {
    if (read.bytes === undefined && isSourceError(error, 'ERR_ALREADY_EXISTS')) throw conflict(JSON.stringify(key))
    throw error
  }
}

/** What locks and caches call an object: see `realName` of {@link Store}. */
export function objectName(store: Store, key: string): string {
  return store.realName?.(key) ?? joinKey(store.identity, key)
}
