import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { type ArrayInfo, type OpenRequest, type Reader, SourceError, specOf } from '@bioimage/core'
import { chunkedAccess, defineSource, type RegionAccess, stridedAccess } from '@bioimage/core/backend'
import type { ReadOptions } from './container/block-reader.js'
import type { TifSource } from './driver.js'
import { chunkedLayoutOf, segmentChunks } from './layout/chunked-layout.js'
import { stridedLayoutOf } from './layout/strided-layout.js'
import { attributesOf, metadataOf, pathOf } from './metadata/describe-series.js'
import { type OpenFile, openFile, placeOf, seriesAt } from './open-series.js'
import { compressionName } from './page/compression.js'
import { checkReadable } from './page/page.js'
import type { Series } from './series/series.js'

export { attributes, create } from './create.js'

/** Opens a series of a file for reading. */
export const open: Reader<TifSource>['open'] = async (request) => {
  const { location, mode, signal, params, internalPath } = request
  if (mode !== 'r')
    throw new SourceError('ERR_READ_ONLY', 'TIFF files are read, or written anew: leave out `mode`, or make a new file with createSource')
  const place = placeOf(internalPath, params, location.path)
  const options = { signal }
  const file = await openFile(request, options)
  const { top, series } = seriesAt(file, place, location.path)
  checkReadable(series.first)
  const identity = `${location.store.identity}\n${pathOf(place.series, place.level)}\n${series.kind}`
  const { access, chunks } = await accessOf(series, file, identity, request, options)
  const texts = file.texts(top)
  return defineSource(
    {
      kind: 'tif',
      shape: series.shape,
      dtype: series.dtype,
      chunks,
      attrs: await attributesOf(series, texts, options),
      metadata: await metadataOf(series, { index: place.level, top, number: place.series }, texts, options),
      access: { read: access.read, close: async () => Promise.all([access.close?.(), file.files.close()]).then(() => undefined) },
      readOnlyReason: 'TIFF files are written anew by createSource',
      toSpec: specOf('tif', request, internalPath)
    },
    { kind: 'tif' as const, axes: series.axes, seriesKind: series.kind, discard: async (): Promise<void> => {} }
  )
}

async function accessOf(
  series: Series,
  file: OpenFile,
  identity: string,
  { context }: OpenRequest,
  options: ReadOptions
): Promise<{ readonly access: RegionAccess; readonly chunks: readonly number[] | null }> {
  const strided = await stridedLayoutOf(series, options)
  if (strided !== undefined) return { access: stridedAccess(file.files.store, strided, context.concurrency), chunks: null }
  const layout = await chunkedLayoutOf(series, file.files, identity, options)
  return { access: chunkedAccess(layout, codecRuntime, context), chunks: layout.chunks }
}

/** All series of a file and their levels. */
export const list: NonNullable<Reader<TifSource>['list']> = async (request) => {
  const options = { signal: request.signal }
  const file = await openFile(request, options)
  const found: ArrayInfo[] = []
  for (const [number, top] of file.series.entries()) {
    for (const [index, series] of [top, ...top.levels].entries()) {
      const { compression } = series.first
      const layout = await stridedLayoutOf(series, options)
      found.push({
        internalPath: pathOf(number, index),
        shape: series.shape,
        dtype: series.dtype,
        chunks: layout === undefined ? segmentChunks(series) : null,
        shards: null,
        codecs: compression === 1 ? [] : [compressionName(compression)],
        metadata: await metadataOf(series, { index, top, number }, file.texts(top), options)
      })
    }
  }
  await file.files.close()
  return found
}
