import { decodeBytes } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { type CodecSpec, type ContentHeaders, isSourceError, SourceError, type Store, type StoreGetOptions } from '@bioimage/core'
import {
  againIfReplaced,
  changeObject,
  conflict,
  lockObject,
  maximalDocument,
  type ReadObject,
  readObject,
  replaceObject
} from '@bioimage/core/backend'
import { type Compression, type ContentEncoding, contentEncodings, uncompressed } from './content-encodings.js'

/** A stored object and what must be undone to read it. */
export interface StoredFile {
  readonly key: string
  readonly encoding: ContentEncoding | undefined
  /** Of the object, where its store tells it by a look-up. */
  readonly revision: string | undefined
}

/** Undoes what a server may have left of a `Content-Encoding`: platforms know gzip, few know zstd. */
export const leftEncoding: CodecSpec = { id: 'content_encoding' }

/**
 * Finds the file of an object in a store without headers, where the name ends in the compression: `info`, `info.gz` and so on. Of
 * several the newest counts, since CloudVolume leaves old ones behind.
 */
export async function findFile(store: Store, key: string, signal: AbortSignal | undefined): Promise<StoredFile | undefined> {
  // A writer stores one name before it removes another: who looked for the first too early finds neither, and the first when looking again.
  const found = (await presentFiles(store, key, signal)) ?? (await presentFiles(store, key, signal)) ?? []
  if (found.length < 2) return found[0]
  let newest: StoredFile | undefined
  let newestTime = Number.NEGATIVE_INFINITY
  for (const candidate of found) {
    const time = (await store.modified?.(candidate.key)) ?? 0
    if (time > newestTime) {
      newest = candidate
      newestTime = time
    }
  }
  return newest
}

/** The files of an object that are there; `undefined` for none. */
async function presentFiles(store: Store, key: string, signal: AbortSignal | undefined): Promise<readonly StoredFile[] | undefined> {
  const found: StoredFile[] = []
  for (const encoding of [undefined, ...contentEncodings]) {
    const name = `${key}${encoding?.suffix ?? ''}`
    const state = await stateOf(store, name, signal)
    if (state === undefined) continue
    // An empty file is no chunk, but an empty compressed one is damaged and must be seen.
    if (encoding !== undefined || (await store.size(name, { signal })) !== 0) found.push({ key: name, encoding, ...state })
  }
  return found.length === 0 ? undefined : found
}

/** A whole document such as `info`; `undefined` if there is none. */
export async function readDocument(store: Store, key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  return againIfReplaced(signal, async () => (await openDocument(store, key, signal)).bytes)
}

/**
 * Changes a document so that the changes of other writers stay.
 *
 * @param change Gets the document that is there, and may run again.
 */
export async function changeDocument<T>(
  store: Store,
  key: string,
  change: (bytes: Uint8Array | undefined) => { readonly bytes: Uint8Array; readonly result: T }
): Promise<T> {
  return changeObject(store, key, undefined, async () => {
    const { bytes: present, opened } = await openDocument(store, key, undefined)
    const { bytes, result } = change(present)
    await putObject(documentObjects(store), key, bytes, opened)
    return result
  })
}

/** Stores a document unless there is one. */
export async function addDocument(store: Store, key: string, bytes: Uint8Array): Promise<void> {
  await lockObject(store, key, undefined, async () => {
    const opened = await openDocument(store, key, undefined)
    if (opened.bytes !== undefined) return
    try {
      await putObject(documentObjects(store), key, bytes, opened.opened)
    } catch (error) {
      // Another writer was faster.
      if (!isSourceError(error, 'ERR_CONFLICT')) throw error
    }
  })
}

/** Removes a document, under whatever compression it lies. */
export async function removeDocument(store: Store, key: string): Promise<void> {
  await lockObject(store, key, undefined, () => putObject(documentObjects(store), key, undefined))
}

function documentObjects(store: Store): LayerObjects {
  return { store, compression: uncompressed, contentType: 'application/json', cacheControl: 'no-cache' }
}

/** A document as it was read: what is stored, and what that means. */
async function openDocument(
  store: Store,
  key: string,
  signal: AbortSignal | undefined
): Promise<{ readonly bytes: Uint8Array | undefined; readonly opened: OpenedObject }> {
  const opened = await openObject(store, key, { signal, maxBytes: maximalDocument })
  const stored = opened.read.bytes
  const codec = store.contentEncoding === true ? leftEncoding : opened.file?.encoding && { id: opened.file.encoding.codec }
  const encoded = stored !== undefined && codec !== undefined
  return { bytes: encoded ? await decodeBytes(codec, stored, { maxBytes: maximalDocument }) : stored, opened }
}

/** The same store, which stores objects with these headers. */
export function withContent(store: Store, content: ContentHeaders): Store {
  const { set } = store
  if (set === undefined || store.contentEncoding !== true) return store
  return withMethods(store, { set: (key, bytes, options = {}) => set.call(store, key, bytes, { ...options, content }) })
}

/** The same store, of which only objects are read that were found before: one that is gone was replaced under another name. */
export function foundObjects(store: Store): Store {
  return withMethods(store, {
    async get(key, options) {
      const bytes = await store.get(key, options)
      if (bytes === undefined) throw conflict(key)
      return bytes
    }
  })
}

/** The same store with some methods in place of its own. */
export function withMethods(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    }
  })
}

/** How objects of a layer are stored. */
export interface LayerObjects {
  readonly store: Store
  readonly compression: Compression
  readonly contentType: string
  readonly cacheControl: string
}

/** An object as it was read, to be replaced. */
export interface OpenedObject {
  readonly file: StoredFile | undefined
  readonly read: ReadObject
}

/** Reads an object, under whatever compression it lies. */
export async function openObject(store: Store, key: string, options: StoreGetOptions): Promise<OpenedObject> {
  if (store.contentEncoding === true)
    return { file: { key, encoding: undefined, revision: undefined }, read: await readObject(store, key, options) }
  const file = await findFile(store, key, options.signal)
  if (file === undefined) return { file, read: { bytes: undefined, revision: undefined } }
  const read = await readObject(store, file.key, options)
  if (read.bytes === undefined) throw conflict(file.key)
  return { file, read }
}

/**
 * Stores an object whose bytes are compressed already, or with `undefined` removes it. Files that it had under other compressions are
 * removed: whoever writes an object holds the lock of `key`, by whatever compression, or two writers would remove each other's files.
 *
 * @param opened As it was read, where it must not have changed meanwhile.
 * @throws ERR_CONFLICT, ERR_READ_ONLY
 */
export async function putObject(objects: LayerObjects, key: string, bytes: Uint8Array | undefined, opened?: OpenedObject): Promise<void> {
  const { compression, contentType, cacheControl } = objects
  const encoding = compression.encoding?.name
  const content = { type: contentType, cacheControl, ...(encoding !== undefined && { encoding }) }
  const store = withContent(objects.store, content)
  const { set, delete: remove } = store
  if (set === undefined || (bytes === undefined && remove === undefined))
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`, { path: store.path })
  const target = storedKey(store, key, compression)
  if (opened === undefined) {
    if (bytes !== undefined) await set.call(store, target, bytes)
    else if (store.contentEncoding === true) await remove?.call(store, key)
  } else if (opened.file === undefined || opened.file.key === target) await replaceObject(store, target, opened.read, bytes)
  else {
    // Another file will be written: look at the one that was read.
    if (store.revision !== undefined && (await store.revision(opened.file.key)) !== opened.read.revision) throw conflict(key)
    if (bytes !== undefined) await set.call(store, target, bytes)
  }
  if (store.contentEncoding !== true) await removeFiles(store, key, bytes === undefined ? undefined : target)
}

/** The key under which an object with that compression lies. */
function storedKey(store: Store, key: string, { encoding }: Compression): string {
  return store.contentEncoding === true || encoding === undefined ? key : `${key}${encoding.suffix}`
}

async function removeFiles(store: Store, key: string, except: string | undefined): Promise<void> {
  for (const name of namesOf(key)) if (name !== except && (await stateOf(store, name, undefined)) !== undefined) await store.delete?.(name)
}

function namesOf(key: string): readonly string[] {
  return [key, ...contentEncodings.map(({ suffix }) => `${key}${suffix}`)]
}

/** Whether an object is there, by the cheapest look-up that the store has; `undefined` if not. */
async function stateOf(
  store: Store,
  key: string,
  signal: AbortSignal | undefined
): Promise<{ readonly revision: string | undefined } | undefined> {
  if (store.revision === undefined) return (await store.size(key, { signal })) === undefined ? undefined : { revision: undefined }
  const revision = await store.revision(key)
  return revision === undefined ? undefined : { revision }
}
