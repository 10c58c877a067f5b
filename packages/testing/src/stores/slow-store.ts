import type { Store } from '@bioimage/core'
import { forwardStore } from './forward-store.js'

/** Delays every request, as a distant server does. An abort ends the delay. */
export function slowStore(store: Store, delayMs: number): Store {
  return forwardStore(store, {
    before: ({ signal }) =>
      untilAborted(signal, (resolve) => {
        const timer = setTimeout(resolve, delayMs)
        return () => clearTimeout(timer)
      })
  })
}

/** A store whose requests can be held back, to look at a source in the middle of its work without waiting for a clock. */
export interface GatedStore extends Store {
  /** From now on requests wait, each until `open` or its own abort. */
  shut(): void
  /** Lets all requests go on. */
  open(): void
  /** Resolves as soon as a request is held back. */
  waiting(): Promise<void>
}

/** Wraps a store by a gate, open at first. */
export function gatedStore(store: Store): GatedStore {
  let isShut = false
  const held = new Set<() => void>()
  const watchers = new Set<() => void>()
  const forwarded = forwardStore(store, {
    before({ signal }) {
      if (!isShut) return
      return untilAborted(signal, (resolve) => {
        held.add(resolve)
        for (const watcher of watchers) watcher()
        watchers.clear()
        return () => held.delete(resolve)
      })
    }
  })
  return {
    ...forwarded,
    shut() {
      isShut = true
    },
    open() {
      isShut = false
      for (const release of held) release()
      held.clear()
    },
    waiting: () => (held.size > 0 ? Promise.resolve() : new Promise((resolve) => watchers.add(resolve)))
  }
}

/** Waits for `start` to resolve; an abort rejects with the signal's reason and calls what `start` gave, to give up. */
function untilAborted(signal: AbortSignal | undefined, start: (resolve: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const abort = (): void => {
      giveUp()
      reject(signal?.reason)
    }
    const giveUp = start(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
