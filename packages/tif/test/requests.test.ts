import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource, fileSystemStore, openSource, type Store } from '@bioimage/core'
import { recordingStore } from '@bioimage/testing'
import '@bioimage/tif'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-tif-requests-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A store that says that each request is a round trip. */
const asRemote = (store: Store): Store => ({
  identity: store.identity,
  path: store.path,
  remote: true,
  get: (key, options) => store.get(key, options),
  size: (key, options) => store.size(key, options)
})

describe('few reads', () => {
  it.each(['imagej', 'shaped', 'ome'] as const)('give the first voxel of an uncompressed stack of 1 GiB (%s)', async (description) => {
    const path = join(folder, `${description}.tif`)
    const metadata = { axes: ['z', 'y', 'x'].map((name) => ({ name, type: 'space' as const })) }
    const made = await createSource(path, { shape: [2048, 512, 512], dtype: 'uint16', metadata, description })
    await made.set([2047, 511, 511], 7)
    await made.close()
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(store, { format: 'tif' })
    expect(source.chunks).toBeNull()
    expect(await source.get([2047, 511, 511])).toBe(7)
    expect(store.requests.length).toBeLessThanOrEqual(5)
    await source.close()
  })

  it('open an OME-TIFF of 1000 compressed pages at a remote place, and read its last page', async () => {
    const path = join(folder, 'pages.ome.tif')
    const metadata = { axes: ['t', 'y', 'x'].map((name) => ({ name, type: name === 't' ? ('time' as const) : ('space' as const) })) }
    const made = await createSource(path, { shape: [1000, 32, 32], dtype: 'uint16', metadata, compression: 'zlib' })
    await made.set([999, 31, 31], 7)
    await made.close()
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(asRemote(store), { format: 'tif' })
    expect(source.shape).toEqual([1000, 32, 32])
    expect(await source.get([999, 31, 31])).toBe(7)
    expect(store.requests.length).toBeLessThan(10)
    await source.close()
  })
})
