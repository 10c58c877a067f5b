import { decodeBytes } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { type CodecSpec, type ContentHeaders, SourceError, type Store } from '@bioimage/core'
import { conflict, type ReadObject, readObject, replaceObject } from '@bioimage/core/backend'
import { type Compression, type ContentEncoding, contentEncodings } from './content-encodings.js'

/** A stored object and what must be undone to read it. */
export interface StoredFile {
  readonly key: string
  readonly encoding: ContentEncoding | undefined
}

/** `info` and `provenance` are small; more is no such document. */
const maximalDocument = 64 << 20

/** Undoes what a server may have left of a `Content-Encoding`: platforms know gzip, few know zstd. */
export const leftEncoding: CodecSpec = { id: 'content_encoding' }

/**
 * Finds the file of an object in a store without headers, where the name ends in the compression: `info`, `info.gz` and so on. Of
 * several the newest counts, since CloudVolume leaves old ones behind.
 */
export async function findFile(store: Store, key: string, signal: AbortSignal | undefined): Promise<StoredFile | undefined> {
  const candidates: readonly StoredFile[] = [
    { key, encoding: undefined },
    ...contentEncodings.map((encoding) => ({ key: `${key}${encoding.suffix}`, encoding }))
  ]
  const found: StoredFile[] = []
  for (const candidate of candidates) {
    if (!(await isThere(store, candidate.key, signal))) continue
    // An empty file is no chunk, but an empty compressed one is damaged and must be seen.
    if (candidate.encoding !== undefined || (await store.size(candidate.key, { signal })) !== 0) found.push(candidate)
  }
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

/** A whole document such as `info`; `undefined` if there is none. */
export async function readDocument(store: Store, key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  if (store.contentEncoding === true) {
    const bytes = await store.get(key, { signal })
    return bytes === undefined ? undefined : decodeBytes(leftEncoding, bytes, { maxBytes: maximalDocument })
  }
  const file = await findFile(store, key, signal)
  if (file === undefined) return undefined
  const bytes = await store.get(file.key, { signal })
  if (bytes === undefined || file.encoding === undefined) return bytes
  return decodeBytes({ id: file.encoding.codec }, bytes, { maxBytes: maximalDocument })
}

/** The same store, which stores objects with these headers. */
export function withContent(store: Store, content: ContentHeaders): Store {
  const { set } = store
  if (set === undefined || store.contentEncoding !== true) return store
  return new Proxy(store, {
    get(target, name) {
      if (name === 'set') return (key: string, bytes: Uint8Array, options = {}) => set.call(target, key, bytes, { ...options, content })
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
export async function openObject(store: Store, key: string, signal: AbortSignal | undefined): Promise<OpenedObject> {
  if (store.contentEncoding === true)
    return { file: { key, encoding: undefined }, read: await readObject(store, key, { signal, chunk: true }) }
  const file = await findFile(store, key, signal)
  if (file === undefined) return { file, read: { bytes: undefined, revision: undefined } }
  return { file, read: await readObject(store, file.key, { signal, chunk: true }) }
}

/**
 * Stores an object whose bytes are compressed already, or with `undefined` removes it. Files that it had under other compressions are
 * removed.
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
  if (set === undefined || remove === undefined)
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`, { path: store.path })
  const target = storedKey(store, key, compression)
  if (opened === undefined) {
    if (bytes !== undefined) await set.call(store, target, bytes)
    else if (store.contentEncoding === true) await remove.call(store, key)
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
  for (const name of namesOf(key)) if (name !== except && (await isThere(store, name, undefined))) await store.delete?.(name)
}

function namesOf(key: string): readonly string[] {
  return [key, ...contentEncodings.map(({ suffix }) => `${key}${suffix}`)]
}

/** By the cheapest look-up that the store has. */
async function isThere(store: Store, key: string, signal: AbortSignal | undefined): Promise<boolean> {
  return (store.revision === undefined ? await store.size(key, { signal }) : await store.revision(key)) !== undefined
}
