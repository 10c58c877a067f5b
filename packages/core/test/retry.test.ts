import { describe, expect, test } from 'vitest'
import { SourceError } from '../src/index.js'
import { retry } from '../src/retry.js'
import { withoutPauses } from './helpers/without-pauses.js'

class Passing extends SourceError {
  constructor(readonly retryAfterMs: number | undefined) {
    super('ERR_IO', 'it may pass')
  }
}

/** Work that fails with these errors, one after another, and then succeeds. */
function failing(...errors: readonly unknown[]): { work: () => Promise<string>; calls: () => number } {
  let calls = 0
  const work = async (): Promise<string> => {
    if (calls++ < errors.length) throw errors[calls - 1]
    return 'done'
  }
  return { work, calls: () => calls }
}

describe('retry', () => {
  test('gives what the first success gives', async () => {
    const pauses = withoutPauses()
    expect(await retry(undefined, failing().work)).toBe('done')
    expect(await retry(undefined, failing(new Passing(0), new Passing(0), new Passing(0)).work)).toBe('done')
    expect(pauses).toEqual([0, 0, 0])
  })
  test('gives up after four tries, with the last error', async () => {
    withoutPauses()
    const last = new Passing(0)
    const { work, calls } = failing(new Passing(0), new Passing(0), new Passing(0), last)
    await expect(retry(undefined, work)).rejects.toBe(last)
    expect(calls()).toBe(4)
  })
  test('waits longer each time, by varied times', async () => {
    const pauses = withoutPauses()
    for (let run = 0; run < 20; run++) await retry(undefined, failing(...[1, 2, 3].map(() => new Passing(undefined))).work)
    for (const [at, pause] of pauses.entries()) {
      const middle = 200 * 2 ** (at % 3)
      expect(pause).toBeGreaterThanOrEqual(middle / 2)
      expect(pause).toBeLessThanOrEqual(middle * 1.5)
    }
    expect(new Set(pauses).size).toBeGreaterThan(50)
  })
  test('waits as long as asked, up to ten seconds', async () => {
    const pauses = withoutPauses()
    await retry(undefined, failing(new Passing(1234), new Passing(1e9)).work)
    expect(pauses).toEqual([1234, 10_000])
  })
  test.each([
    ['an error of this library that will not pass', new SourceError('ERR_NOT_FOUND', 'gone')],
    ['a stranger that looks like one that passes', Object.assign(new Error('foreign'), { retryAfterMs: 0 })],
    ['no error at all', 'text']
  ])('does not try again after %s', async (_, error) => {
    const { work, calls } = failing(error)
    await expect(retry(undefined, work)).rejects.toBe(error)
    expect(calls()).toBe(1)
  })
  test('does not begin, nor go on, once aborted', async () => {
    const reason = new Error('no longer wanted')
    const before = failing()
    await expect(retry(AbortSignal.abort(reason), before.work)).rejects.toBe(reason)
    expect(before.calls()).toBe(0)

    const controller = new AbortController()
    const between = failing(new Passing(3_600_000))
    const running = retry(controller.signal, between.work)
    setImmediate(() => controller.abort(reason))
    await expect(running).rejects.toBe(reason)
    expect(between.calls()).toBe(1)

    const during = new AbortController()
    const work = async (): Promise<never> => {
      during.abort(reason)
      throw new Passing(3_600_000)
    }
    await expect(retry(during.signal, work)).rejects.toBe(reason)
  })
})
