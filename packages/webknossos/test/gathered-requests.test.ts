import { describe, expect, test } from 'vitest'
import { GatheredRequests } from '../src/remote/gathered-requests.js'

/** A list whose elements are computed when they are taken. */
function lazily(...elements: readonly (() => Uint8Array)[]): readonly Uint8Array[] {
  return new Proxy(
    elements.map(() => new Uint8Array()),
    { get: (list, name) => (typeof name === 'string' && /^\d+$/.test(name) ? elements[Number(name)]?.() : Reflect.get(list, name)) }
  )
}

describe('an item that is asked for', () => {
  test('at the same time is fetched once, and every caller has bytes of its own', async () => {
    const fetched: string[][] = []
    const requests = new GatheredRequests<string>(8, async (items) => {
      fetched.push([...items])
      return items.map((item) => Uint8Array.of(item.length))
    })
    const [one, two, other] = await Promise.all(['a', 'a', 'bb'].map((item) => requests.get(item, item, undefined)))
    expect([one, two, other]).toEqual([Uint8Array.of(1), Uint8Array.of(1), Uint8Array.of(2)])
    expect(one).not.toBe(two)
    expect(fetched).toEqual([['a', 'bb']])
  })
  test('while an answer is handed out is fetched anew', async () => {
    let again: Promise<Uint8Array | undefined> | undefined
    let count = 0
    const requests = new GatheredRequests<string>(8, async (items) => {
      if (count++ > 0) return items.map(() => Uint8Array.of(count))
      return lazily(
        () => Uint8Array.of(1),
        () => {
          again = requests.get('a', 'a', undefined)
          return Uint8Array.of(1)
        }
      )
    })
    expect(await Promise.all(['a', 'b'].map((item) => requests.get(item, item, undefined)))).toEqual([Uint8Array.of(1), Uint8Array.of(1)])
    expect(await again).toEqual(Uint8Array.of(2))
  })
  test('again after it failed is fetched anew', async () => {
    let count = 0
    const requests = new GatheredRequests<string>(8, async (items) => {
      if (count++ === 0) throw new Error('once')
      return items.map(() => Uint8Array.of(count))
    })
    const again = requests.get('a', 'a', undefined).catch(() => requests.get('a', 'a', undefined))
    expect(await again).toEqual(Uint8Array.of(2))
  })
})
