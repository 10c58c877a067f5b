import { codecRuntime } from '@bioimage/codecs'
import { type CreateRequest, type Json, type JsonObject, joinKey, SourceError, type Store } from '@bioimage/core'
import {
  ancestorsOf,
  checkDigits,
  defaultChunks,
  deleteFolder,
  formatDocument,
  itemSizeOf,
  removalOfLeftChunks
} from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { codecDocumentsV2, codecDocumentsV3 } from './codec-documents.js'
import { type Consolidated, keepConsolidated } from './consolidate.js'
import { formatTypeV2 } from './data-type.js'
import { formatFillValue, parseFillValue } from './fill-value.js'
import { parseArrayV2 } from './metadata-v2.js'
import { parseNodeV3 } from './metadata-v3.js'
import { attributesOf } from './ngff.js'
import { parseNodeDocument, readNode } from './node-files.js'

/** Objects and folders of chunks, with either separator and of either version. */
const chunkNames = /^(c|(c\.)?\d+(\.\d+)*)$/

/**
 * Writes the documents of a new array, the groups above it first, the array's own document last: a reader sees no array or
 * a whole one. Consolidated metadata of the groups above follow.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export async function createArray(request: CreateRequest, path: string): Promise<ArrayMetadata> {
  const { store } = request.location
  const zarrFormat = await formatOf(request, store)
  checkDigits(request.attrs)
  const attributes: JsonObject = { ...attributesOf(request.metadata), ...request.attrs }
  const document = zarrFormat === 3 ? arrayDocumentV3(request, attributes) : arrayDocumentV2(request)
  const key = joinKey(path, zarrFormat === 3 ? 'zarr.json' : '.zarray')
  const bytes = formatDocument(document)
  const array = await checkDocument(bytes, key, zarrFormat, attributes, request)
  const { consolidated = false } = request.params
  if (consolidated === true && path === '')
    throw new SourceError('ERR_INVALID_ARGUMENT', '`consolidated` is of groups: name the array in the container by `internalPath`')
  const makeRoom = await checkRoom(request, store, path)
  const groups = ancestorsOf(path)
  const missing = await missingGroups(store, groups, request.signal)
  const wanted: readonly Consolidated[] = consolidated === true ? [{ group: '', zarrFormat }] : []
  await keepConsolidated(store, { groups, wanted, signal: request.signal }, async () => {
    await makeRoom?.()
    for (const group of missing) await createGroup(store, group, zarrFormat)
    if (zarrFormat === 2 && Object.keys(attributes).length > 0)
      await put(store, joinKey(path, '.zattrs'), formatDocument(attributes), false)
    await put(store, key, bytes, !request.overwrite)
  })
  return array
}

/** The version asked for, else that of the container, else 3. */
async function formatOf(request: CreateRequest, store: Store): Promise<2 | 3> {
  const { zarrVersion } = request.params
  if (zarrVersion !== undefined && zarrVersion !== 2 && zarrVersion !== 3)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`zarrVersion\` is 2 or 3, found ${JSON.stringify(zarrVersion)}`)
  const root = await readNode(store, '', { signal: request.signal })
  const present = root === undefined || root.type === 'array' ? undefined : root.zarrFormat
  if (zarrVersion !== undefined && present !== undefined && zarrVersion !== present) {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `${store.path ?? 'the container'} is Zarr v${present}: it cannot hold an array of v${zarrVersion}`
    )
  }
  return zarrVersion ?? present ?? 3
}

/** The document is read back before it is written: what we cannot read we do not write. */
async function checkDocument(
  bytes: Uint8Array,
  key: string,
  zarrFormat: 2 | 3,
  attributes: JsonObject,
  request: CreateRequest
): Promise<ArrayMetadata> {
  const document = parseNodeDocument(bytes, key)
  let array: ArrayMetadata
  try {
    if (zarrFormat === 2) array = parseArrayV2(document, attributes)
    else {
      const node = parseNodeV3(document)
      if (node.type !== 'array') throw new SourceError('ERR_INVALID_ARGUMENT', 'not an array')
      array = node.array
    }
  } catch (error) {
    if (error instanceof SourceError && error.code === 'ERR_CORRUPT_DATA')
      throw new SourceError('ERR_INVALID_ARGUMENT', `no such Zarr array can be made: ${error.message}`, { cause: error })
    throw error
  }
  // Loads the codecs, so that an unknown one or one that cannot encode is refused before anything is written.
  const coder = await codecRuntime.coder({
    codecs: array.codecs,
    byteLength: itemSizeOf(request.dtype),
    itemSize: itemSizeOf(request.dtype)
  })
  await coder.encode(new Uint8Array(itemSizeOf(request.dtype)))
  return array
}

/** What removes an array, or its chunks, that are to be replaced. @throws ERR_ALREADY_EXISTS, ERR_UNSUPPORTED where there must not be. */
async function checkRoom(request: CreateRequest, store: Store, path: string): Promise<(() => Promise<void>) | undefined> {
  const present = await readNode(store, path, { signal: request.signal })
  const where = `${store.path ?? 'the store'}${path === '' ? '' : `, ${path}`}`
  if (present === undefined) return removalOfLeftChunks(store, path, (name) => chunkNames.test(name), request)
  if (present.type === 'group')
    throw new SourceError('ERR_ALREADY_EXISTS', `${where} is a group; choose another \`internalPath\``, { path: store.path })
  if (!request.overwrite)
    throw new SourceError('ERR_ALREADY_EXISTS', `${where} exists; pass \`overwrite: true\` to replace it`, { path: store.path })
  if (store.list === undefined || store.delete === undefined)
    throw new SourceError('ERR_UNSUPPORTED', `${where} cannot be replaced: its store cannot list and delete`, { path: store.path })
  return () => removeArray(store, path)
}

/** Not to be stopped half-way: chunks without their document would turn up in the next array. */
async function removeArray(store: Store, path: string): Promise<void> {
  // The documents first: without them the chunks are nothing.
  for (const name of ['zarr.json', '.zarray', '.zattrs']) await store.delete?.(joinKey(path, name))
  await deleteFolder(store, path)
}

/** Those of the groups, the outermost first, that are not there yet. @throws ERR_INVALID_ARGUMENT for an array among them. */
async function missingGroups(store: Store, groups: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const missing: string[] = []
  for (const path of groups.toReversed()) {
    const present = await readNode(store, path, { signal })
    if (present?.type === 'array')
      throw new SourceError('ERR_INVALID_ARGUMENT', `${path === '' ? 'the root' : path} is an array: it cannot hold other arrays`, {
        path: store.path
      })
    if (present === undefined) missing.push(path)
  }
  return missing
}

async function createGroup(store: Store, path: string, zarrFormat: 2 | 3): Promise<void> {
  const key = joinKey(path, zarrFormat === 3 ? 'zarr.json' : '.zgroup')
  const document = zarrFormat === 3 ? { zarr_format: 3, node_type: 'group', attributes: {} } : { zarr_format: 2 }
  try {
    await put(store, key, formatDocument(document), true)
  } catch (error) {
    // Another writer made the same group at the same time.
    if (!(error instanceof SourceError) || error.code !== 'ERR_ALREADY_EXISTS') throw error
  }
}

async function put(store: Store, key: string, bytes: Uint8Array, ifAbsent: boolean): Promise<void> {
  if (store.set === undefined) throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`)
  await store.set(key, bytes, { ifAbsent })
}

function arrayDocumentV3(request: CreateRequest, attributes: JsonObject): Record<string, unknown> {
  const { shape, dtype, shards } = request
  const chunks = request.chunks ?? defaultChunks(shape, shards)
  const { order = 'C', shardIndexLocation = 'end', dimensionSeparator = '/' } = request.params
  const itemSize = itemSizeOf(dtype)
  const codecs = codecDocumentsV3(request.params.codecs, itemSize)
  if (shards?.some((length, axis) => length % (chunks[axis] ?? 1) !== 0)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `shards [${shards.join(', ')}] are not whole multiples of chunks [${chunks.join(', ')}]`)
  }
  const transpose =
    order === 'F' && shape.length > 1 ? [{ name: 'transpose', configuration: { order: shape.map((_, axis) => axis).reverse() } }] : []
  const inner = [...transpose, ...codecs]
  const index = [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }]
  const sharded = [
    {
      name: 'sharding_indexed',
      configuration: { chunk_shape: chunks, codecs: inner, index_codecs: index, index_location: shardIndexLocation }
    }
  ]
  const names = request.metadata.axes?.map((axis) => axis.name)
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shards ?? chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: dimensionSeparator } },
    fill_value: fillValueOf(request, 3),
    codecs: shards === undefined ? inner : sharded,
    attributes,
    ...(names !== undefined && names.length === shape.length && { dimension_names: names })
  }
}

function arrayDocumentV2(request: CreateRequest): Record<string, unknown> {
  const { shape, dtype, shards } = request
  if (shards !== undefined) throw new SourceError('ERR_UNSUPPORTED', 'Zarr v2 has no shards; leave out `zarrVersion` for v3')
  const { order = 'C', dimensionSeparator = '.' } = request.params
  const { filters, compressor } = codecDocumentsV2(request.params.codecs, itemSizeOf(dtype))
  return {
    zarr_format: 2,
    shape,
    chunks: request.chunks ?? defaultChunks(shape),
    dtype: formatTypeV2(dtype),
    compressor,
    fill_value: fillValueOf(request, 2),
    order,
    filters,
    dimension_separator: dimensionSeparator
  }
}

function fillValueOf(request: CreateRequest, zarrFormat: 2 | 3): unknown {
  const { fillValue, dtype } = request
  const given =
    fillValue === undefined
      ? defaultFill(dtype)
      : typeof fillValue === 'bigint'
        ? String(fillValue)
        : typeof fillValue === 'number' && !Number.isFinite(fillValue)
          ? String(fillValue)
          : fillValue
  const value: Json = dtype.startsWith('complex') && !Array.isArray(given) ? [given, 0] : given
  const document = parsedFill(value, request, zarrFormat)
  // Rounding a number is what floats do; infinity is another value.
  const parts = Array.isArray(document) ? document : [document]
  const wasFinite = typeof fillValue === 'number' ? Number.isFinite(fillValue) : /^-?\d+$/.test(String(fillValue))
  if (wasFinite && parts.some((part) => typeof part === 'string')) {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `\`fillValue\` ${String(fillValue).slice(0, 80)} is too large for ${dtype}: it would be ${parts[0]}`
    )
  }
  return document
}

function parsedFill(value: Json, { fillValue, dtype }: CreateRequest, zarrFormat: 2 | 3): unknown {
  try {
    return formatFillValue(parseFillValue(value, dtype, zarrFormat), dtype)
  } catch (cause) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`fillValue\` ${String(fillValue)} is not a value of ${dtype}`, { cause })
  }
}

function defaultFill(dtype: CreateRequest['dtype']): Json {
  return dtype === 'bool' ? false : 0
}
