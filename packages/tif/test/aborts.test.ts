import { createSource, memoryStore, openSource, type Store } from '@bioimage/core'
import '@bioimage/tif'
import { describe, expect, it } from 'vitest'

/** Holds each reading of so many bytes, from when it is told to until it is released; an abort ends the waiting. */
function gated(store: Store, least: number) {
  let gate: Promise<void> | undefined
  let release = (): void => {}
  let waiting = 0
  const gatedStore: Store = {
    identity: store.identity,
    path: store.path,
    remote: store.remote,
    size: (key, options) => store.size(key, options),
    get: async (key, options) => {
      const range = options?.range
      if (gate !== undefined && range !== undefined && 'length' in range && (range.length ?? 0) >= least) {
        waiting++
        await Promise.race([
          gate,
          new Promise((_, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)))
        ])
      }
      return store.get(key, options)
    }
  }
  return {
    store: gatedStore,
    close: (): void => {
      gate = new Promise((resolve) => {
        release = resolve
      })
    },
    open: (): void => {
      gate = undefined
      release()
    },
    waiting: () => waiting
  }
}

async function untilWaiting(gate: { waiting(): number }, count: number): Promise<void> {
  while (gate.waiting() < count) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe('a reader who gives up', () => {
  it('does not fail another who waits for the same table of segments', async () => {
    const rows = 1 << 16
    const memory = memoryStore()
    const made = await createSource(memory, { format: 'tif', shape: [3, rows, 1], dtype: 'uint8', compression: 'lzw', chunks: [1, 1, 1] })
    await made.set([2, rows - 1, 0], 9)
    await made.close()
    const gate = gated(memory, 4 * rows)
    const source = await openSource(gate.store, { format: 'tif' })
    gate.close()
    const first = new AbortController()
    // Another strip of the same page.
    const given = source.get([2, 0, 0], { signal: first.signal })
    await untilWaiting(gate, 1)
    const kept = source.get([2, rows - 1, 0], { signal: new AbortController().signal })
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
    first.abort()
    await expect(given).rejects.toMatchObject({ name: 'AbortError' })
    gate.open()
    expect(await kept).toBe(9)
  })
})
