import { type CreateRequest, type JsonObject, SourceError } from '@bioimage/core'
import { itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { attributesOfMetadata } from '../metadata/own-attributes.js'
import { bytesOfScalar } from '../scalar-bytes.js'
import { Hdf5File } from '../structure/hdf5-file.js'
import { unsupported } from '../structure/structure-reader.js'
import { encodeAttribute } from './encode-attribute.js'
import { encodeDatatype } from './encode-datatype.js'
import { encodeDatasetHeader, type NewDataset } from './encode-header.js'
import { dropStaleLock } from './file-lock.js'
import { checkCanInsert, destinationOf, insertDataset } from './insert-dataset.js'
import { invalidArgument } from './invalid.js'
import { encodeNewFile } from './new-file.js'
import { SharedWriter } from './shared-writer.js'

/** Chunks have about so many elements. */
const chunkElements = 64 ** 3
/** HDF5 stores the length of a chunk in 4 bytes. */
const maximalChunkBytes = 2 ** 32 - 1

/** Makes a dataset: in a new file, which appears at once, or in one that exists. */
export async function createDataset(request: CreateRequest): Promise<void> {
  const { location, internalPath = '', overwrite } = request
  const path = internalPath.split('/').filter((part) => part !== '')
  if (path.length === 0) throw invalidArgument('name the dataset by `internalPath`: an HDF5 file holds its arrays under names')
  if (request.params.reference !== undefined) throw invalidArgument('`reference` is for reading: a new dataset has none yet')
  const dataset = newDataset(request)
  const { store } = location
  if (store.path === undefined || store.remote)
    throw new SourceError('ERR_READ_ONLY', 'HDF5 files are written on local disks only', { kind: 'hdf5', path: store.path })
  if ((await store.size('')) === undefined) {
    await dropStaleLock(store.path)
    await store.set?.('', encodeNewFile(path, dataset), { ifAbsent: true, signal: request.signal })
    return
  }
  const file = await Hdf5File.open(store, { signal: request.signal })
  if (file === undefined) throw new SourceError('ERR_NOT_FOUND', `${store.path} has vanished`, { kind: 'hdf5', path: store.path })
  const writer = await SharedWriter.acquire(store.path, store.identity)
  try {
    await writer.change(async (library) => {
      const present = await Hdf5File.open(store)
      if (present === undefined) throw new SourceError('ERR_NOT_FOUND', `${store.path} has vanished`, { kind: 'hdf5', path: store.path })
      await checkCanInsert(present)
      const destination = await destinationOf(present, path)
      if (destination.present === 'other' || (destination.present === 'dataset' && !overwrite)) {
        const cure =
          destination.present === 'dataset'
            ? '; give `overwrite: true` to replace it (its space is not given back)'
            : ', and it is no dataset'
        throw new SourceError('ERR_ALREADY_EXISTS', `${store.path} has ${JSON.stringify(internalPath)} already${cure}`, {
          kind: 'hdf5',
          path: store.path
        })
      }
      await insertDataset(store, path, encodeDatasetHeader(dataset), destination, library)
    })
  } finally {
    await writer.release()
  }
}

function newDataset(request: CreateRequest): NewDataset {
  const { shape, dtype, shards, params } = request
  if (shards !== undefined) throw unsupported('HDF5 has no shards: leave out `shards`')
  if (shape.length > 32) throw unsupported(`HDF5 arrays have up to 32 axes, not ${shape.length}`)
  const itemSize = itemSizeOf(dtype)
  const chunks =
    shape.length === 0 || shape.includes(0)
      ? null
      : (request.chunks ?? defaultChunks(shape)).map((length, axis) => Math.min(length, shape[axis] ?? length))
  if (chunks !== null && sizeOf(chunks) * itemSize > maximalChunkBytes)
    throw unsupported(`chunks of HDF5 take less than 4 GiB, found [${chunks.join(', ')}] elements of ${itemSize} bytes`)
  const { gzip = 4, shuffle = itemSize > 1 } = params
  if (typeof gzip === 'number' && (gzip < 0 || gzip > 9))
    throw invalidArgument(`\`gzip\` is a level from 1 to 9, or 0 for no compression, found ${gzip}`)
  const attributes: JsonObject = { ...request.attrs, ...attributesOfMetadata(request.metadata) }
  return {
    shape,
    datatype: encodeDatatype(dtype),
    itemSize,
    chunks,
    fill: fillBytes(request),
    shuffle: shuffle === true && itemSize > 1,
    gzip: gzip === 0 || typeof gzip !== 'number' ? undefined : gzip,
    attributes: Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [encodeAttribute(name, value)]))
  }
}

/** A box of about 64^3 elements, as cubic as the shape allows. */
function defaultChunks(shape: readonly number[]): number[] {
  const chunks = shape.map(() => 1)
  let left = chunkElements
  const order = shape.map((_, axis) => axis).sort((a, b) => (shape[a] ?? 0) - (shape[b] ?? 0))
  for (const [taken, axis] of order.entries()) {
    // Short axes whole; the others share what is left.
    const share = Math.max(1, Math.floor(left ** (1 / (order.length - taken)) + 1e-9))
    chunks[axis] = Math.min(shape[axis] ?? 1, share)
    left = Math.max(1, left / (chunks[axis] ?? 1))
  }
  return chunks
}

function fillBytes({ dtype, fillValue = dtype === 'bool' ? false : 0 }: CreateRequest): Uint8Array {
  const bytes = bytesOfScalar(dtype, fillValue)
  if (bytes === undefined) {
    throw invalidArgument(
      `\`fillValue\` ${String(fillValue)} cannot be stored as ${dtype}: it is a number, true, false, "NaN", "Infinity" or "-Infinity"`
    )
  }
  return bytes
}
