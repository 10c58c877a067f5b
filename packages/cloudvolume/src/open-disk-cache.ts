import { type Location, SourceError } from '@bioimage/core'
import { formatDocument } from '@bioimage/core/backend'
import { cacheFolder, checkCachedInfo } from './cache-folder.js'
import { DiskCache } from './disk-cache.js'
import type { Layer } from './layer.js'
import type { Scale } from './scale.js'

/** Names the server in a cache: layers of two servers may have one path. CloudVolume has no such file. */
const originFile = 'origin'

/** What of the options concerns the cache on disk. */
export interface DiskCacheOptions {
  /** `true`, or the folder of all caches. */
  readonly root: true | string
  readonly maxBytes: number
}

/**
 * The cache of a layer, with the layer's `info` beside the chunks.
 *
 * @throws ERR_INVALID_ARGUMENT if what lies there is of another volume, ERR_ACCESS_DENIED, ERR_UNSUPPORTED
 */
export async function openDiskCache(
  { location, info }: Layer,
  scale: Scale,
  { root, maxBytes }: DiskCacheOptions,
  signal?: AbortSignal
): Promise<DiskCache> {
  const cache = new DiskCache(cacheFolder(root, location, scale), maxBytes)
  const origin = await originOf(location)
  const cachedOrigin = await cache.get(originFile, signal)
  if (cachedOrigin !== undefined && !isSame(cachedOrigin, origin)) {
    const cure = 'give another folder for `cache`, or remove that one'
    throw new SourceError('ERR_INVALID_ARGUMENT', `the cache in ${cache.folder} is of ${location.path} on another server; ${cure}`, {
      path: cache.folder
    })
  }
  const cachedInfo = await cache.get('info', signal)
  if (cachedInfo !== undefined) checkCachedInfo(cachedInfo, info.document, scale, cache.folder)
  const document = formatDocument(info.document)
  if (cachedInfo === undefined || !isSame(cachedInfo, document)) await cache.set('info', document)
  if (cachedOrigin === undefined) await cache.set(originFile, origin)
  return cache
}

/** Forgets what is kept of a scale that is made anew. */
export async function forgetScale(location: Location, scale: Scale, { root, maxBytes }: DiskCacheOptions): Promise<void> {
  const cache = new DiskCache(cacheFolder(root, location, scale), maxBytes)
  await cache.forget('info')
  await cache.forgetAll(scale.key)
}

/** A digest of what names the server and may hold a secret. The paths of HTTP name it by themselves. */
async function originOf({ store, path = '' }: Location): Promise<Uint8Array> {
  const name = /^https?:/i.test(path) ? path : store.identity
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)))
  return new TextEncoder().encode(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''))
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at])
}
