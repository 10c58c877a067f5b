import { describe, expect, it } from 'vitest'
import { divideMemory } from '../src/memory.js'

const mebibyte = 2 ** 20

describe('divideMemory', () => {
  it('keeps blocks, cache and chunks being decoded within the memory', () => {
    for (let chunkBytes = 0; chunkBytes <= 85 * mebibyte; chunkBytes += mebibyte / 2) {
      for (const wanted of [1, 2]) {
        const { blockBytes, largestBlockBytes, lanes, context } = divideMemory(256 * mebibyte, chunkBytes, {}, wanted)
        const cacheBytes = context.cache ? context.cache.maxBytes : 0
        const decoding = 2 * chunkBytes * lanes * (context.concurrency ?? 0)
        // Each block beside its encoded form.
        expect(2 * blockBytes * lanes + cacheBytes + decoding).toBeLessThanOrEqual(256 * mebibyte)
        expect(2 * largestBlockBytes + cacheBytes + decoding / lanes).toBeLessThanOrEqual(256 * mebibyte)
        expect(2 * largestBlockBytes).toBeGreaterThanOrEqual(chunkBytes)
        expect(lanes).toBeLessThanOrEqual(wanted)
        if (cacheBytes > 0) expect(cacheBytes).toBeGreaterThanOrEqual(2 * chunkBytes)
      }
    }
  })

  it('works on several blocks and chunks where there is room', () => {
    expect(divideMemory(256 * mebibyte, 0, {})).toMatchObject({ blockBytes: 32 * mebibyte, lanes: 2, context: { concurrency: 4 } })
    expect(divideMemory(256 * mebibyte, 4 * mebibyte, {})).toMatchObject({ lanes: 2, context: { concurrency: 4 } })
    expect(divideMemory(256 * mebibyte, 8 * mebibyte, {})).toMatchObject({ lanes: 2, context: { concurrency: 2 } })
    expect(divideMemory(256 * mebibyte, 64 * mebibyte, {})).toMatchObject({ lanes: 1, context: { concurrency: 1 } })
  })

  it('refuses a chunk that does not fit, and tells the memory that suffices', () => {
    const chunkBytes = 2 ** 31
    expect(() => divideMemory(256 * mebibyte, chunkBytes, {})).toThrow(/takes 2\.0 GiB .* --memory 6144MiB/)
    expect(divideMemory(6144 * mebibyte, chunkBytes, {}).lanes).toBe(1)
  })
})
