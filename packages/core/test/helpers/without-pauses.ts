import { onTestFinished, vi } from 'vitest'

/** The calls of a pause: in `pause`, and in `againIfReplaced`, which has its own. */
const calls = / at pause .*retry\.ts|retry\.ts.*\n.* at pause |change-object\.ts.*\n.* at new Promise .*\n.* at againIfReplaced /

/**
 * Lets the pauses between tries end at once; gives the list of the milliseconds that were asked for. Timers of others, such as
 * those of `fetch`, stay as they are.
 */
export function withoutPauses(): number[] {
  const pauses: number[] = []
  const wait = globalThis.setTimeout
  const spy = vi.spyOn(globalThis, 'setTimeout')
  const shortened = (work: (...values: unknown[]) => void, milliseconds?: number, ...values: unknown[]): NodeJS.Timeout => {
    const isPause = calls.test(new Error().stack ?? '')
    if (isPause) pauses.push(milliseconds ?? 0)
    return wait(work, isPause ? 0 : milliseconds, ...values)
  }
  // Node's `setTimeout` also has a member for promises, which nothing here uses.
  spy.mockImplementation(shortened as typeof setTimeout)
  onTestFinished(() => spy.mockRestore())
  return pauses
}
