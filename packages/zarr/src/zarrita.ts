import { type Context, type Location, resolveLocation, SourceError, type Target } from '@bioimage/core'
import { isThirdPartyStore } from '@bioimage/core/backend'

/** Where an array or group of zarrita lies. */
export interface ZarritaNode {
  readonly kind: 'array' | 'group'
  readonly location: Location
  /** Path in the store, without slashes at either end. */
  readonly path: string
}

/**
 * Finds the data behind a live array or group of zarrita: its own folder or URL where the store has one, so that the source
 * has a spec, else the store object itself. Voxels are then read by this package, not by zarrita.
 *
 * @throws ERR_INVALID_ARGUMENT for any other value.
 */
export async function locateZarrita(handle: unknown, context: Context): Promise<ZarritaNode> {
  if (typeof handle !== 'object' || handle === null || !('store' in handle) || !('path' in handle) || !('kind' in handle)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', 'expected an array or group of zarrita')
  }
  const { store, path, kind } = handle
  if (typeof path !== 'string' || typeof store !== 'object' || store === null || (kind !== 'array' && kind !== 'group')) {
    throw new SourceError('ERR_INVALID_ARGUMENT', 'expected an array or group of zarrita')
  }
  const location = await resolveLocation(targetOf(store), context)
  return { kind, location, path: path.replace(/^\/+|\/+$/g, '') }
}

/** `FileSystemStore` of zarrita has a `root`, `FetchStore` a `url`; a Map is a store too. */
function targetOf(store: object): Target {
  if ('root' in store && typeof store.root === 'string') return store.root
  if ('url' in store && (typeof store.url === 'string' || store.url instanceof URL)) return store.url
  // The object itself: arrays on one store share its locks.
  if (isThirdPartyStore(store)) return store
  throw new SourceError('ERR_INVALID_ARGUMENT', 'the store of the zarrita array has no `get`')
}
