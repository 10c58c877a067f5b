import {
  type ArrayInfo,
  isSourceError,
  type NdArray,
  type OpenRequest,
  type Reader,
  type Region,
  SourceError,
  type Store,
  specOf
} from '@bioimage/core'
import { type AccessOptions, defineSource, siblingStore, sizeOf } from '@bioimage/core/backend'
import { attributesAsJson } from './attribute-values.js'
import { openChunkIndex } from './chunk-index/open-chunk-index.js'
import { findObject, type ListedDataset, listDatasets, openFile } from './container.js'
import { numericTypeOf } from './data-type.js'
import { type Dataset, type NumericDataset, parseDataset } from './dataset.js'
import type { Hdf5Source } from './driver.js'
import { nameOfFilter } from './filters.js'
import { indexedDataset } from './layout.js'
import { LiveDataset, openDataset } from './live-dataset.js'
import { readAttributes } from './messages/attributes.js'
import { nameOfDatatype } from './messages/datatype.js'
import { imageMetadata } from './metadata/image-metadata.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'
import { gateOf } from './writing/file-gate.js'
import type { SharedWriter } from './writing/shared-writer.js'

/** Whether an attribute can be written. */
export { canEncodeAttribute as attributes } from './writing/encode-attribute.js'

export const open: Reader<Hdf5Source>['open'] = async (request) => {
  const path = request.internalPath ?? ''
  if (request.params.reference === undefined) return openAt(request, path)
  const { openByReference } = await import('./reference/open-reference.js')
  return openByReference(request, path)
}

export const create: NonNullable<Reader<Hdf5Source>['create']> = async (request) => {
  const { createDataset } = await import('./writing/create.js')
  await createDataset(request)
  const { gzip: _, shuffle: __, ...params } = request.params
  return openAt({ ...request, params, mode: 'r+' }, request.internalPath ?? '')
}

async function openAt(request: OpenRequest, path: string): Promise<Hdf5Source> {
  const { location, mode, signal } = request
  const { store } = location
  const opened = await gateOf(store.identity).read(() => openDataset(request, path))
  const { file, dataset } = opened
  const options = { signal }
  const attrs = await attributesAsJson(file, await readAttributes(file, dataset.header, options), options)
  const { shape } = dataset.space
  const chunks = chunksOf(dataset)
  const companion = /\.h5$/i.test(location.path ?? '') && file.store.identity === store.identity ? () => companionText(request) : undefined
  const metadata = await imageMetadata({ file, path, shape, attrs, companion }, options)
  const live = new LiveDataset(request, path, opened)
  const writer = mode === 'r' ? undefined : await writerOf(store, file, dataset, path)
  return defineSource(
    {
      kind: 'hdf5',
      shape,
      dtype: dataset.numeric.dtype,
      chunks,
      attrs,
      metadata,
      writable: writer !== undefined,
      access: {
        read: (region, out, access) => live.read(region, out, access),
        ...(writer !== undefined && {
          write: (region: Region, value: NdArray, access: AccessOptions) => writer.write(path, region, value, chunks, access.signal)
        }),
        close: async () => {
          await live.close()
          await writer?.release()
        }
      },
      toSpec: specOf('hdf5', request, path)
    },
    { kind: 'hdf5' as const }
  )
}

/** BigDataViewer's XML beside the file; `undefined` if there is none that can be read. */
async function companionText({ location, context, signal }: OpenRequest): Promise<string | undefined> {
  const name = location.path?.split(/[?#]/)[0]?.split(/[/\\]/).at(-1)
  if (name === undefined) return undefined
  try {
    const xml = await siblingStore(decodeURIComponent(name).replace(/\.h5$/i, '.xml'), {
      location,
      context,
      anywhere: false
    })
    const bytes = await xml.get('', { signal })
    return bytes === undefined || bytes.byteLength > maximalCompanion ? undefined : new TextDecoder().decode(bytes)
  } catch (error) {
    signal?.throwIfAborted()
    if (isSourceError(error)) return undefined
    throw error
  }
}

/** Bytes of an XML file that is read along. */
const maximalCompanion = 16 << 20

/**
 * The writer of the file.
 *
 * @throws ERR_READ_ONLY for places and datasets that cannot be written.
 */
async function writerOf(store: Store, file: Hdf5File, dataset: NumericDataset, path: string): Promise<SharedWriter> {
  const refuse = (reason: string): SourceError =>
    new SourceError('ERR_READ_ONLY', `${JSON.stringify(path)} cannot be written: ${reason}`, { kind: 'hdf5', path: store.path })
  if (store.remote || store.path === undefined || store.set === undefined) throw refuse('HDF5 files are written on local disks only')
  if (file.store.identity !== store.identity) throw refuse('it lies in another file, to which a link leads; open that')
  if (dataset.layout.class === 'virtual' || dataset.space.kind === 'null') throw refuse('it has no elements of its own')
  if (dataset.externalFiles !== undefined) throw refuse('its elements lie in other files')
  if (dataset.numeric.bits !== undefined || dataset.numeric.floatFields !== undefined)
    throw refuse('its numbers do not use the bits of their bytes in the usual way')
  if (dataset.numeric.byteOrder === 'big' && dataset.type.class !== 'integer' && dataset.type.class !== 'float')
    throw refuse('h5wasm does not convert the byte order of such elements')
  const foreign = dataset.filters.find(({ id }) => id > 3)
  if (foreign !== undefined) throw refuse(`h5wasm does not encode the filter ${nameOfFilter(foreign)}`)
  const { SharedWriter } = await import('./writing/shared-writer.js')
  return SharedWriter.acquire(store.path, store.identity)
}

export const wrap: NonNullable<Reader<Hdf5Source>['wrap']> = async (handle, context) => {
  const { isLiveHandle, locateLiveHandle } = await import('./live-h5wasm.js')
  if (!isLiveHandle(handle)) throw new SourceError('ERR_INVALID_ARGUMENT', 'expected a dataset of h5wasm', { kind: 'hdf5' })
  const { location, internalPath } = await locateLiveHandle(handle, context)
  return openAt({ location, internalPath, mode: 'r', params: {}, context, signal: undefined }, internalPath)
}

export const list: NonNullable<Reader<Hdf5Source>['list']> = async (request) => {
  const path = request.internalPath ?? ''
  if (request.params.reference !== undefined) {
    const { listReference } = await import('./reference/open-reference.js')
    return listReference(request, path)
  }
  const file = await openFile(request)
  const options = { signal: request.signal }
  const root = await findObject(file, path, request)
  if (root === undefined) {
    throw new SourceError('ERR_NOT_FOUND', `${request.location.path ?? 'the file'} has no ${JSON.stringify(path)}`, {
      kind: 'hdf5',
      path: request.location.path
    })
  }
  const arrays: ArrayInfo[] = []
  for await (const found of listDatasets(root.file, root, path, options))
    arrays.push(await describe(root.file, found, request.measure, options))
  return arrays.sort((a, b) => (a.internalPath < b.internalPath ? -1 : a.internalPath > b.internalPath ? 1 : 0))
}

async function describe(
  file: Hdf5File,
  { path, header, problem }: ListedDataset,
  measure: boolean,
  options: ReadOptions
): Promise<ArrayInfo> {
  const unreadable = (error: unknown): ArrayInfo => ({
    internalPath: path,
    shape: [],
    dtype: 'unknown',
    chunks: null,
    shards: null,
    codecs: [],
    metadata: {},
    problem: error instanceof Error ? error.message : String(error)
  })
  if (header === undefined) return unreadable(problem)
  try {
    const dataset = await parseDataset(file, header, options)
    const numeric = numericTypeOf(dataset.type)
    return {
      internalPath: path,
      shape: dataset.space.shape,
      dtype: numeric?.dtype ?? nameOfDatatype(dataset.type),
      chunks: chunksOf(dataset),
      shards: null,
      codecs: dataset.filters.map(nameOfFilter),
      metadata: {},
      ...(measure && { storedBytes: await storedBytesOf(file, dataset, options) }),
      ...(numeric === undefined && { problem: `elements of type ${nameOfDatatype(dataset.type)} are not read` })
    }
  } catch (error) {
    if (isSourceError(error)) return unreadable(error)
    throw error
  }
}

/** Bytes of the elements as stored; `undefined` for those of other datasets and files. */
async function storedBytesOf(file: Hdf5File, dataset: Dataset, options: ReadOptions): Promise<number | undefined> {
  const { layout, space, type } = dataset
  if (layout.class === 'virtual' || dataset.externalFiles !== undefined) return undefined
  if (layout.class === 'chunked') return (await openChunkIndex(indexedDataset(file, dataset, layout)).list(options)).storedBytes
  const bytes = sizeOf(space.shape) * type.size
  return layout.class === 'contiguous' && layout.address === undefined ? 0 : bytes
}

function chunksOf(dataset: Pick<NumericDataset, 'layout'>): readonly number[] | null {
  return dataset.layout.class === 'chunked' ? dataset.layout.chunks : null
}
