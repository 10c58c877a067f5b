import { fileURLToPath } from 'node:url'
import { listArrays, openSource, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { tif } from '@bioimage/tif'
import { describe, expect, it } from 'vitest'
import expected from './fixtures/expected.json' with { type: 'json' }

const pathOf = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')

describe('every fixture is what tifffile reads', () => {
  it.each(Object.entries(expected))('%s', async (name, { kind, axes, shape, dtype, levels, series, sha256: hash }) => {
    const path = pathOf(name)
    const source = await openSource(path, { format: tif.kind })
    expect({ kind: source.seriesKind, axes: source.axes, shape: source.shape, dtype: source.dtype }).toEqual({ kind, axes, shape, dtype })
    expect(await sha256(new Uint8Array(bytesOf((await source.get()).data)))).toBe(hash)
    const arrays = await listArrays(path)
    expect(arrays.filter(({ internalPath }) => /^0(\/|$)/.test(internalPath)).map((array) => array.shape)).toEqual(levels)
    expect(arrays.filter(({ internalPath }) => /^\d+$/.test(internalPath)).length).toBe(series)
    await source.close()
  })
})

it('a file of several stacks opens each, and the levels behind the first', async () => {
  const shapes = async (name: string, paths: readonly string[]) =>
    Promise.all(paths.map(async (internalPath) => (await openSource(pathOf(name), { internalPath })).shape))
  expect(await shapes('two-stacks.tif', ['0', '1', '2'])).toEqual([
    [3, 7, 8],
    [2, 5, 6],
    [4, 7, 8]
  ])
  expect((await (await openSource(pathOf('two-stacks.tif'), { internalPath: '2' })).get([3, 6, slice(6, 8)])).data).toEqual(
    Uint16Array.of(222 * 7919 + 11, 223 * 7919 + 11)
  )
  expect(await shapes('levels-behind.tif', ['0/1', '0/2'])).toEqual([
    [3, 32, 24],
    [3, 16, 12]
  ])
})
