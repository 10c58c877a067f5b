import { joinKey, SourceError, type Store } from '@bioimage/core'

/** A slice as a store of its own, with its object at the root: one that is gone is an error, not zeros. */
export function sliceStore(store: Store, key: string): Store {
  const { path, remote, contentEncoding, getsPerRequest, list, revision, realName } = store
  const inside = (inner: string): string => joinKey(key, inner)
  return {
    identity: `${store.identity}\n${key}`,
    path: path === undefined ? undefined : `${path.replace(/[/\\]$/, '')}/${key}`,
    remote,
    contentEncoding,
    getsPerRequest,
    async get(inner, options) {
      const bytes = await store.get(inside(inner), options)
      if (bytes === undefined && inner === '') throw sliceNotFound(store, key)
      return bytes
    },
    size: (inner, options) => store.size(inside(inner), options),
    ...(list !== undefined && { list: (folder: string, options) => list.call(store, inside(folder), options) }),
    ...(revision !== undefined && { revision: (inner: string) => revision.call(store, inside(inner)) }),
    ...(realName !== undefined && { realName: (inner: string) => realName.call(store, inside(inner)) })
  }
}

function sliceNotFound(store: Store, key: string): SourceError {
  return new SourceError('ERR_NOT_FOUND', `the slice ${JSON.stringify(key)} does not exist`, { path: store.path })
}
