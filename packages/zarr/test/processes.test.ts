import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, openSource } from '@bioimage/core'
import { testProcesses } from '@bioimage/testing/processes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '@bioimage/zarr'

const codecs = [{ id: 'gzip', level: 1 }]
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-processes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

testProcesses(
  { describe, it },
  {
    name: 'zarr',
    module: new URL('../dist/index.js', import.meta.url).href,
    shards: true,
    create: ({ path, ...array }) => createSource(`${path}.zarr`, { ...array, dtype: 'uint8', codecs })
  }
)

describe('concurrent calls', () => {
  it.each([
    ['chunks', undefined],
    ['shards', [4, 8, 8]]
  ] as const)('twenty of them that write different parts of %s lose nothing, whichever source they use', async (name, shards) => {
    const path = join(folder, `twenty-${name}.zarr`)
    const source = await createSource(path, { shape: [20, 16, 16], dtype: 'uint8', chunks: [2, 8, 8], shards, codecs })
    const other = await openSource(path, { mode: 'r+' })
    // Planes share chunks by two, and shards by four.
    await Promise.all(Array.from({ length: 20 }, (_, plane) => (plane % 3 === 0 ? other : source).set([plane], plane + 1)))
    const { data } = await (await openSource(path)).get()
    expect(data).toEqual(new Uint8Array(20 * 256).map((_, at) => Math.floor(at / 256) + 1))
  })
})
