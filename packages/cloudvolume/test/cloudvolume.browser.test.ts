import { describe, expect, inject, test } from 'vitest'
import { openCloudvolume } from '../src/index.js'

const server = inject('rangeServerUrl').replace(/\/$/, '')
const numbers = Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536)

describe('over HTTP, from another origin', () => {
  // The files of `gzip` end in .gz, and the server says nothing of a compression.
  test.each(['raw', 'gzip', 'sharded', 'scattered'])('%s', async (name) => {
    const source = await openCloudvolume(`precomputed://${server}/${name}`)
    expect(source.writable).toBe(false)
    expect((await source.get()).data).toEqual(Uint16Array.from(numbers))
    expect(await source.get([5, 6, 7])).toBe(numbers[335])
  })
  test('labels', async () => {
    const source = await openCloudvolume(`${server}/labels`)
    expect(await source.get([5, 6, 7])).toBe(BigInt(numbers[335] ?? 0) + 2n ** 33n)
  })
})
