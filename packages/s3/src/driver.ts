import type { StoreDriver } from '@bioimage/core'

/**
 * Stores for `s3://bucket/path`, `gs://bucket/path` and `s3://https://server/bucket/path`.
 *
 * Settings come from `context.credentials` by the names `s3.accessKeyId`, `s3.secretAccessKey`, `s3.sessionToken`, `s3.region`,
 * `s3.endpoint`, `s3.addressing` (`path` or `virtual`), `s3.anonymous`, `s3.requesterPays`; the same with `gs`, where
 * `gs.accessToken` is a bearer token and the keys are HMAC keys, and `gs.userProject`. `s3.BUCKET.region` is for one bucket alone.
 * Then, in Node, from the environment and the profile files of AWS.
 *
 * A server that the path names gets credentials only by names with its origin in them, `s3.https://server.accessKeyId`, or if it is the
 * `s3.endpoint` of the context.
 */
export const objectStorage: StoreDriver = {
  id: '@bioimage/s3',
  schemes: ['s3:', 'gs:'],
  open: async (url, context) => (await import('./object-store.js')).openObjectStore(url, context)
}
