import { type Context, memoryStore, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { placeOfCloudpath } from './cloudpath.js'

const memory = new Map<string, Store>()

/** The store of a URL `precomputed://…` or `mem://…`. */
export async function openCloudpathStore(url: URL, context: Context): Promise<Store> {
  if (url.protocol === 'mem:') return memoryOf(url)
  // The parser of URLs takes the inner scheme for a host: `precomputed://gs://a/b` has the host `gs` and the path `//a/b`.
  const inner = url.pathname.startsWith('//') ? `${url.hostname}:${url.pathname}${url.search}` : ''
  if (inner === '') {
    throw new SourceError('ERR_INVALID_ARGUMENT', `${url.href} is no cloudpath: expected precomputed://PROTOCOL://bucket/layer`)
  }
  return (await resolveLocation(placeOfCloudpath(inner), context)).store
}

/** Layers in memory: the same for every opener of this process. They have no path, since nothing reopens them elsewhere. */
function memoryOf(url: URL): Store {
  const name = url.href.replace(/\/+$/, '')
  const store = memory.get(name) ?? memoryStore()
  memory.set(name, store)
  return store
}
