import { describe, expect, test } from 'vitest'
import { forEachConcurrently, withLock } from '../src/backend.js'
import { unlessAborted } from '../src/concurrency.js'
import { codeOf } from './helpers/code-of.js'
import { settle } from './helpers/recording-store.js'

function deferred(): { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void } {
  let resolve = (): void => {}
  let reject = (_: unknown): void => {}
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve: () => resolve(), reject: (error) => reject(error) }
}

describe('forEachConcurrently', () => {
  test('runs everything, with at most so much under way', async () => {
    let now = 0
    let most = 0
    const done: number[] = []
    await forEachConcurrently([1, 2, 3, 4, 5, 6, 7], 3, undefined, async (item) => {
      most = Math.max(most, ++now)
      await settle()
      now--
      done.push(item)
    })
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(most).toBe(3)
  })

  test('starts nothing after the first failure, and waits for what was started', async () => {
    const started: number[] = []
    const slow = deferred()
    let settled = false
    const all = forEachConcurrently([0, 1, 2, 3, 4], 2, undefined, async (item) => {
      started.push(item)
      if (item === 0) await slow.promise
      else throw new Error(`failure of ${item}`)
    })
    const result = all.then(
      () => 'done',
      (error: Error) => error.message
    )
    result.then(
      () => {
        settled = true
      },
      () => {}
    )
    await settle()
    expect(settled).toBe(false)
    slow.resolve()
    expect(await result).toBe('failure of 1')
    expect(started).toEqual([0, 1])
  })

  test('throws the first of several failures and loses none as an unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      const gates = [deferred(), deferred(), deferred()]
      const all = forEachConcurrently(gates, 3, undefined, (gate) => gate.promise)
      gates[1]?.reject(new Error('first'))
      await settle()
      gates[0]?.reject(new Error('second'))
      gates[2]?.reject(new Error('third'))
      await expect(all).rejects.toThrow('first')
      await settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })

  test('an abort stops before the next item, with the signal’s reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const started: number[] = []
    const all = forEachConcurrently([1, 2, 3], 1, controller.signal, async (item) => {
      started.push(item)
      controller.abort(reason)
    })
    await expect(all).rejects.toBe(reason)
    expect(started).toEqual([1])
  })

  test('takes items lazily and reports a failure of the list itself', async () => {
    let made = 0
    function* items(): Generator<number> {
      for (;;) {
        if (made === 5) throw new Error('the list broke')
        yield made++
      }
    }
    await expect(forEachConcurrently(items(), 2, undefined, async () => {})).rejects.toThrow('the list broke')
    expect(made).toBe(5)
  })

  test('waits for no promise where the work is done at once', async () => {
    const seen: number[] = []
    const all = forEachConcurrently([1, 2, 3], 2, undefined, (item) => {
      seen.push(item)
    })
    expect(seen).toEqual([1, 2, 3])
    await all
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s lanes, with which nothing would be done in silence',
    async (limit) => {
      expect(await codeOf(forEachConcurrently([1], limit, undefined, () => {}))).toBe('ERR_INVALID_ARGUMENT')
    }
  )
})

describe('withLock', () => {
  test('lets one in at a time, in order of asking, whatever fails', async () => {
    const log: string[] = []
    const enter = (name: string, fails = false): Promise<string> =>
      withLock('a lock', async () => {
        log.push(`${name} in`)
        await settle()
        log.push(`${name} out`)
        if (fails) throw new Error(name)
        return name
      })
    const results = await Promise.allSettled([enter('first'), enter('second', true), enter('third')])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(log).toEqual(['first in', 'first out', 'second in', 'second out', 'third in', 'third out'])
  })

  test('holds other names apart', async () => {
    const gate = deferred()
    const held = withLock('held', () => gate.promise)
    expect(await withLock('free', async () => 'in')).toBe('in')
    gate.resolve()
    await held
  })

  test('leaves nothing behind', async () => {
    const locks: unknown = Reflect.get(globalThis, Symbol.for('@bioimage/core:locks@1'))
    await Promise.all(Array.from({ length: 50 }, (_, at) => withLock(`temporary ${at % 5}`, async () => settle())))
    expect(locks instanceof Map && [...locks.keys()].filter((name) => String(name).startsWith('temporary'))).toEqual([])
  })
})

describe('unlessAborted', () => {
  test('gives the result, or the reason of the abort without waiting for the work', async () => {
    const gate = deferred()
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = unlessAborted(gate.promise, controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(unlessAborted(gate.promise, controller.signal)).rejects.toBe(reason)
    gate.resolve()
    expect(await unlessAborted(Promise.resolve(5), new AbortController().signal)).toBe(5)
    await expect(unlessAborted(Promise.reject(new Error('broken')), new AbortController().signal)).rejects.toThrow('broken')
  })
})
