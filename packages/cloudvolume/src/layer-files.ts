import { decodeBytes } from '@bioimage/codecs'
import { type CodecSpec, SourceError, type Store } from '@bioimage/core'
import { type Compression, type ContentEncoding, contentEncodings } from './content-encodings.js'

/** A stored object and what must be undone to read it. */
export interface StoredFile {
  readonly key: string
  readonly encoding: ContentEncoding | undefined
}

/** How to store an object. */
export interface PutOptions {
  readonly compression: Compression
  readonly contentType: string
  readonly cacheControl: string
  readonly ifAbsent?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `info` and `provenance` are small; more is no such document. */
const maximalDocument = 64 << 20

/** Undoes what a server may have left of a `Content-Encoding`: platforms know gzip, few know zstd. */
export const leftEncoding: CodecSpec = { id: 'content_encoding' }

/**
 * Finds the file of an object in a store without headers, where the name ends in the compression: `info`, `info.gz` and so on. Of
 * several the newest counts, since CloudVolume leaves old ones behind.
 */
export async function findFile(store: Store, key: string): Promise<StoredFile | undefined> {
  const candidates: readonly StoredFile[] = [
    { key, encoding: undefined },
    ...contentEncodings.map((encoding) => ({ key: `${key}${encoding.suffix}`, encoding }))
  ]
  const sizes = await Promise.all(candidates.map((candidate) => store.size(candidate.key)))
  // An empty file is no chunk, but an empty compressed one is damaged and must be seen.
  const found = candidates.filter((candidate, index) => (sizes[index] ?? 0) > 0 || (candidate.encoding !== undefined && sizes[index] === 0))
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
  const file = await findFile(store, key)
  if (file === undefined) return undefined
  const bytes = await store.get(file.key, { signal })
  if (bytes === undefined || file.encoding === undefined) return bytes
  return decodeBytes({ id: file.encoding.codec }, bytes, { maxBytes: maximalDocument })
}

/** The key under which an object with that compression lies. */
export function storedKey(store: Store, key: string, { encoding }: Compression): string {
  return store.contentEncoding === true || encoding === undefined ? key : `${key}${encoding.suffix}`
}

/** Stores an object whose bytes are compressed already, and removes the files that it had under other compressions. */
export async function putObject(store: Store, key: string, bytes: Uint8Array, options: PutOptions): Promise<void> {
  if (store.set === undefined)
    throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`, { path: store.path })
  const { compression, contentType, cacheControl, ifAbsent, signal } = options
  const target = storedKey(store, key, compression)
  const encoding = compression.encoding?.name
  await store.set(target, bytes, {
    signal,
    ...(ifAbsent !== undefined && { ifAbsent }),
    content: { type: contentType, cacheControl, ...(encoding !== undefined && { encoding }) }
  })
  if (store.contentEncoding !== true) await removeFiles(store, key, target)
}

/** Removes an object under all its compressions. */
export async function deleteObject(store: Store, key: string): Promise<void> {
  if (store.delete === undefined) throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot delete`, { path: store.path })
  await store.delete(key)
  if (store.contentEncoding !== true) await removeFiles(store, key, key)
}

async function removeFiles(store: Store, key: string, except: string): Promise<void> {
  for (const { suffix } of [{ suffix: '' }, ...contentEncodings]) {
    const name = `${key}${suffix}`
    if (name !== except && (await store.size(name)) !== undefined) await store.delete?.(name)
  }
}
