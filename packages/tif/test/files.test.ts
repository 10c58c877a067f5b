import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listArrays, openSource } from '@bioimage/core'
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
