import { type Context, resolveLocation, type Store } from '@bioimage/core'
import '../../src/index.js'
import { keys, type ObjectServer } from './object-server.js'

/** The store of a bucket of that server, whose requests are signed unless the credentials are others. */
export async function storeOf({ endpoint }: ObjectServer, context: Context = {}, path = 's3://bucket/folder'): Promise<Store> {
  const credentials = {
    's3.endpoint': endpoint,
    's3.region': 'us-east-1',
    's3.accessKeyId': keys.accessKeyId,
    's3.secretAccessKey': keys.secretAccessKey
  }
  return (await resolveLocation(path, { credentials, ...context })).store
}

/** The revision of an object, as a reader is told it. */
export async function revisionOf(store: Store, key: string): Promise<string | undefined> {
  let revision: string | undefined
  await store.get(key, {
    onRevision(told) {
      revision = told
    }
  })
  return revision
}
