import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fileSystemStore, fromSpec, openSource, slice } from '@bioimage/core'
import { ChunkCache } from '@bioimage/core/backend'
import { copyOf, recordingStore } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'
import '@bioimage/nifti'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-nifti-gzip-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A header of version 1 by its bytes, then noise: 3 MB that gzip makes little smaller. */
const shape = [60, 160, 160]
const header = new DataView(new ArrayBuffer(352))
header.setInt32(0, 348, true)
for (const [at, value] of [3, ...shape.toReversed(), 1, 1, 1, 1].entries()) header.setInt16(40 + 2 * at, value, true)
header.setInt16(70, 4, true)
header.setFloat32(108, 352, true)
header.setUint32(344, 0x00312b6e, true)
let state = 1
const voxels = Int16Array.from({ length: 60 * 160 * 160 }, (_, at) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return (at >> 6) + ((state >> 16) & 1023)
})
const plain = Buffer.concat([new Uint8Array(header.buffer), new Uint8Array(voxels.buffer)])
const plainPath = join(folder, 'volume.nii')
const path = join(folder, 'volume.nii.gz')
writeFileSync(plainPath, plain)
writeFileSync(path, gzipSync(plain, { level: 1 }))

const region = [slice(50, 52), slice(10, 20), slice(30, 90, 3)] as const

describe('a .nii.gz', () => {
  it('gives what the .nii gives, in any order', async () => {
    const [source, reference] = [await openSource(path), await openSource(plainPath)]
    for (const index of [region, [3, slice(0, 160, 40), slice(0, 5)], [59], [0, 0, 0]] as const) {
      expect(await source.get(index)).toEqual(await reference.get(index))
    }
  })
  it('is opened without being decompressed', async () => {
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(store, { format: 'nifti' })
    expect(source.shape).toEqual(shape)
    expect(store.bytesRead).toBeLessThan(100_000)
  })
  it('is read at a place with the bytes around it, once the index is there', async () => {
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(store, { format: 'nifti' })
    await source.gzipIndex()
    store.clear()
    const [reference] = await Promise.all([(await openSource(plainPath)).get(region), source.get(region)])
    expect(await source.get(region)).toEqual(reference)
    expect(store.bytesRead).toBeLessThan(1_500_000)
  })
  it('is opened with an index beside it, which its spec names', async () => {
    const indexPath = join(folder, 'volume.nii.gz.index')
    const first = await openSource(path, { format: 'nifti' })
    writeFileSync(indexPath, await first.gzipIndex())
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(store, { format: 'nifti', gzipIndex: indexPath })
    expect(await source.get(region)).toEqual(await first.get(region))
    expect(store.bytesRead).toBeLessThan(1_500_000)
    const again = await fromSpec((await openSource(path, { gzipIndex: indexPath })).toSpec())
    expect(again.toSpec()).toMatchObject({ params: { gzipIndex: indexPath } })
    expect(await again.get(region)).toEqual(await first.get(region))
    await expect(openSource(path, { gzipIndex: join(folder, 'nothing') })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(openSource(path, { gzipIndex: plainPath })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
  it('leaves its index in the cache of the context', async () => {
    const context = { cache: new ChunkCache(64 << 20) }
    const first = await openSource(path, { format: 'nifti', context })
    await first.gzipIndex()
    const expected = copyOf(await first.get(region))
    await first.close()
    const store = recordingStore(fileSystemStore(path))
    const source = await openSource(store, { format: 'nifti', context })
    expect(copyOf(await source.get(region))).toEqual(expected)
    expect(store.bytesRead).toBeLessThan(1_500_000)
  })
  it('has no index where it is not compressed', async () => {
    expect(await (await openSource(plainPath, { format: 'nifti' })).gzipIndex()).toEqual(new Uint8Array(0))
  })
})
