import { SourceError } from './errors.js'

/** More work at once helps no disk or network, and each lane costs memory. Of small objects a request may bring a hundred. */
const maximalLanes = 1024

/**
 * Runs `work` on every item with at most `limit` under way. After the first failure or an abort nothing new is started; the
 * returned promise settles only when all that was started has ended, so that no work goes on behind the caller's back.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, lane: number) => Promise<void> | void
): Promise<void> {
  if (!Number.isInteger(limit) || limit < 1)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`concurrency\` is an integer of at least 1, found ${String(limit)}`)
  const iterator = items[Symbol.iterator]()
  let failed = false
  let failure: unknown
  const lane = async (number: number): Promise<void> => {
    try {
      while (!failed) {
        const next = iterator.next()
        if (next.done === true) return
        signal?.throwIfAborted()
        const pending = work(next.value, number)
        if (pending !== undefined) await pending
      }
    } catch (error) {
      if (!failed) failure = error
      failed = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, maximalLanes) }, (_, number) => lane(number)))
  if (failed) throw failure
}

/** The items in lists of up to `length`. */
export function* batchesOf<T>(items: Iterable<T>, length: number): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length === length) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** Waits for work that others share: an abort ends the waiting, not the work. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const locksKey: symbol = Symbol.for('@bioimage/core:locks@1')
const holder: { [locksKey]?: Map<string, Promise<void>> } = globalThis

/**
 * Runs `work` when no other work holds the lock of that name in this process (more exactly: this JavaScript realm), also by
 * another copy of this package. Locks are granted in order of asking.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  holder[locksKey] ??= new Map()
  const locks = holder[locksKey]
  const before = locks.get(name) ?? Promise.resolve()
  let release: () => void = () => {}
  const mine = new Promise<void>((resolve) => {
    release = resolve
  })
  const last = before.then(() => mine)
  locks.set(name, last)
  await before
  try {
    return await work()
  } finally {
    release()
    if (locks.get(name) === last) locks.delete(name)
  }
}
