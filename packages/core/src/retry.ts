import { SourceError } from './errors.js'

const usualTries = 4
const firstPauseMs = 200
const longestPauseMs = 10_000

/**
 * Runs `work` again after a failure that may pass (a {@link SourceError} with a member `retryAfterMs`), with growing,
 * randomly varied pauses. An abort ends the waiting at once.
 */
export async function retry<T>(signal: AbortSignal | undefined, work: () => Promise<T>, tries: number = usualTries): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (attempt === tries || !(error instanceof SourceError) || !('retryAfterMs' in error)) throw error
      const asked = typeof error.retryAfterMs === 'number' ? error.retryAfterMs : firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random())
      await pause(Math.min(asked, longestPauseMs), signal)
    }
  }
}

/** Waits; an abort ends the waiting at once. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
