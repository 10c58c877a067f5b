import { canEncode } from '@bioimage/codecs'
import { type CreateRequest, isSourceError, type JsonObject, SourceError, type Store } from '@bioimage/core'
import {
  ancestorsOf,
  changeObject,
  checkDigits,
  defaultChunks,
  deleteFolder,
  formatDocument,
  itemSizeOf,
  maximalDocument,
  parseDocument,
  readObject,
  removalOfLeftChunks,
  replaceObject
} from '@bioimage/core/backend'
import { chooseCompression } from './compression.js'
import { checkVersion, type DataSet, formatDataSet, isDataSet, parseDataSet } from './data-set.js'
import { documentKey } from './documents.js'
import { attributesOf } from './multiscale.js'

/** Version that new containers say: what readers of every age take. */
const version = '2.0.0'

/**
 * Writes the documents of a new data set, those of the container and its groups first, its own last: a reader sees no data set
 * or a whole one. Members that a document already has stay, byte by byte.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export async function createDataSet(request: CreateRequest, path: string): Promise<DataSet> {
  const { store } = request.location
  const document = formatDataSet(newDataSet(request))
  const dataSet = checkDocument(path === '' ? { n5: version, ...document } : document, path)
  const groups = ancestorsOf(path).reverse()
  for (const group of groups) await checkGroup(store, group, request.signal)
  await makeRoom(request, store, path)
  for (const group of groups) await addMembers(store, group, group === '' ? { n5: version } : {}, 'keep')
  await addMembers(store, path, path === '' ? { n5: version, ...document } : document, 'refuse')
  return dataSet
}

function newDataSet(request: CreateRequest): DataSet {
  const { shape, dtype, chunks, shards, fillValue, metadata, attrs, params } = request
  if (shape.length === 0) throw new SourceError('ERR_UNSUPPORTED', 'N5 has no data sets without axes')
  if (shards !== undefined) throw new SourceError('ERR_UNSUPPORTED', 'N5 has no shards; leave out `shards`')
  if (fillValue !== undefined && Number(fillValue) !== 0)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `N5 has no fill value: what is never written is 0; write ${String(fillValue)} where you need it`
    )
  const blockSize = chunks ?? defaultChunks(shape)
  const largest = Math.max(...blockSize)
  if (largest >= 2 ** 32)
    throw new SourceError('ERR_UNSUPPORTED', `blocks of N5 have at most 2^32 - 1 elements along an axis, not ${largest}`)
  const compression = chooseCompression(params.compression, itemSizeOf(dtype))
  const { codec } = compression
  if (codec !== undefined && !canEncode(codec.id))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `${String(compression.document.type)} can be read, but not written; choose gzip, zstd or blosc`
    )
  checkDigits(attrs)
  return { shape, blockSize, dtype, compression, attributes: { ...attributesOf(metadata), ...attrs } }
}

/** The document is read back before it is written: what we cannot read we do not write. */
function checkDocument(document: JsonObject, path: string): DataSet {
  try {
    const read = parseDocument(formatDocument(document), documentKey(path))
    if (path === '') checkVersion(read)
    return parseDataSet(read)
  } catch (error) {
    if (isSourceError(error, 'ERR_CORRUPT_DATA'))
      throw new SourceError('ERR_INVALID_ARGUMENT', `no such N5 data set can be made: ${error.message}`, { cause: error })
    throw error
  }
}

async function checkGroup(store: Store, path: string, signal: AbortSignal | undefined): Promise<void> {
  const document = await documentAt(store, path, signal)
  if (path === '') checkVersion(document)
  if (document === undefined || !isDataSet(document)) return
  throw new SourceError('ERR_INVALID_ARGUMENT', `${path === '' ? 'the root' : path} is a data set: it cannot hold other data sets`, {
    path: store.path
  })
}

/** Objects and folders of blocks. */
function isBlockName(name: string): boolean {
  return /^\d+$/.test(name)
}

async function makeRoom(request: CreateRequest, store: Store, path: string): Promise<void> {
  const { signal } = request
  const document = await documentAt(store, path, signal)
  const where = `${store.path ?? 'the store'}${path === '' ? '' : `, ${path}`}`
  if (document === undefined || !isDataSet(document)) {
    for await (const entry of store.list?.(path, { signal }) ?? []) {
      if (entry.folder && !isBlockName(entry.name))
        throw new SourceError('ERR_ALREADY_EXISTS', `${where} is a group; choose another \`internalPath\``, { path: store.path })
    }
    const remove = await removalOfLeftChunks(store, path, isBlockName, request)
    await remove?.()
    return
  }
  if (!request.overwrite)
    throw new SourceError('ERR_ALREADY_EXISTS', `${where} exists; pass \`overwrite: true\` to replace it`, { path: store.path })
  const { list, delete: remove } = store
  if (list === undefined || remove === undefined)
    throw new SourceError('ERR_UNSUPPORTED', `${where} cannot be replaced: its store cannot list and delete`, { path: store.path })
  // The document first: without it the blocks are nothing.
  await remove.call(store, documentKey(path))
  await deleteFolder(store, path)
}

async function documentAt(store: Store, path: string, signal: AbortSignal | undefined): Promise<JsonObject | undefined> {
  const bytes = await store.get(documentKey(path), { signal, maxBytes: maximalDocument })
  return bytes === undefined ? undefined : parseDocument(bytes, documentKey(path))
}

/**
 * Adds members to a document, which is made if there is none. The text that is there stays as it is: numbers beyond 2^53 would
 * not survive being parsed.
 *
 * @param present What to do with members that are there already.
 * @throws ERR_ALREADY_EXISTS
 */
async function addMembers(store: Store, path: string, members: JsonObject, present: 'keep' | 'refuse'): Promise<void> {
  const key = documentKey(path)
  await changeObject(store, key, undefined, async () => {
    const read = await readObject(store, key)
    if (read.bytes === undefined) {
      await replaceObject(store, key, read, formatDocument(members))
      return
    }
    const document = parseDocument(read.bytes, key)
    const added = Object.entries(members).filter(([name]) => !Object.hasOwn(document, name))
    const clash = Object.keys(members).find((name) => Object.hasOwn(document, name) && name !== 'n5')
    if (present === 'refuse' && clash !== undefined) {
      throw new SourceError('ERR_ALREADY_EXISTS', `${key} has a member ${JSON.stringify(clash)} already; leave out that attribute`, {
        path: store.path
      })
    }
    if (added.length === 0) return
    await replaceObject(store, key, read, insertMembers(read.bytes, Object.fromEntries(added), Object.keys(document).length > 0))
  })
}

/** Puts members behind the opening brace of a document. */
function insertMembers(bytes: Uint8Array, members: JsonObject, hasOthers: boolean): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  const brace = text.indexOf('{')
  const added = new TextDecoder().decode(formatDocument(members)).trim().slice(1, -1).trimEnd()
  return new TextEncoder().encode(`${text.slice(0, brace + 1)}${added}${hasOthers ? ',' : '\n'}${text.slice(brace + 1)}`)
}
