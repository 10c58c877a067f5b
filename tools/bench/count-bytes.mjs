// How many bytes a small read takes from its store.
import { importPackage } from '../conformance/packages.mjs'

/** Reads 16 voxels along the last axis from an array of raw chunks, and counts what the store was asked for. */
export const countSliceBytes = async (path, size) => {
  const core = { ...(await importPackage('@bioimage/core')), ...(await importPackage('@bioimage/core/backend')) }
  const { recordingStore } = await importPackage('@bioimage/testing')
  await importPackage('@bioimage/zarr')
  const store = recordingStore(core.fileSystemStore(path))
  const source = await core.openSource(store, { format: 'zarr', context: { cache: false } })
  store.clear()
  const at = Math.floor(size / 3)
  await source.get([at, at, { start: 0, stop: 16 }])
  const requests = store.requests.filter(({ method }) => method === 'get').length
  const bytes = store.bytesRead
  const itemBytes = core.itemSizeOf(source.dtype)
  const chunkBytes = core.sizeOf(source.chunks) * itemBytes
  await source.close()
  return { bytes, requests, wantedBytes: 16 * itemBytes, rowBytes: source.chunks.at(-1) * itemBytes, chunkBytes }
}
