import { type Context, memoryStore, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { placeInside } from './cloudpath.js'

const memory = new Map<string, Store>()

/** The store of a URL `precomputed://…` or `mem://…`. */
export async function openCloudpathStore(url: URL, context: Context): Promise<Store> {
  if (url.protocol === 'mem:') return memoryOf(url)
  const place = placeInside(url)
  if (place === undefined) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `${url.href} is no cloudpath: expected precomputed://PROTOCOL://bucket/layer`)
  }
  return (await resolveLocation(place, context)).store
}

/** Layers in memory: the same for every opener of this process. They have no path, since nothing reopens them elsewhere. */
function memoryOf(url: URL): Store {
  const name = url.href.replace(/\/+$/, '')
  const store = memory.get(name) ?? memoryStore()
  memory.set(name, store)
  return store
}
