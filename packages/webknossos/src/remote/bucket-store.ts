import { SourceError, type Store, type StoreGetOptions } from '@bioimage/core'
import { GatheredRequests } from './gathered-requests.js'

/** Voxels along an edge of a bucket. */
export const bucketEdge = 32

/** A bucket as the server is asked for it. */
export interface BucketAddress {
  /** Number of the bucket along x, y and z. */
  readonly at: readonly number[]
  /** Position along the axes beside x, y, z and channel. */
  readonly coordinates: readonly number[]
}

/** Fetches buckets, in the order asked for: their bytes, or `undefined` for one that is empty. */
export type FetchBuckets = (buckets: readonly BucketAddress[], signal: AbortSignal) => Promise<readonly (Uint8Array | undefined)[]>

/** What makes a store of buckets. */
export interface BucketStoreOptions {
  /** Equal for stores that show the same buckets. */
  readonly identity: string
  readonly path: string
  readonly bucketsPerRequest: number
  readonly fetch: FetchBuckets
}

/** Name of a bucket. */
export function bucketKey({ at, coordinates }: BucketAddress): string {
  return [...coordinates, ...at].join('.')
}

/**
 * The buckets of one magnification of a layer as objects, so that the chunked engine reads them. Those that are asked for at the same
 * time travel in one request.
 */
export class BucketStore implements Store {
  readonly identity: string
  readonly path: string
  readonly remote = true
  readonly getsPerRequest: number
  readonly #requests: GatheredRequests<BucketAddress>

  constructor({ identity, path, bucketsPerRequest, fetch }: BucketStoreOptions) {
    this.identity = identity
    this.path = path
    this.getsPerRequest = bucketsPerRequest
    this.#requests = new GatheredRequests(bucketsPerRequest, fetch)
  }

  async get(key: string, { signal, range }: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    const numbers = key.split('.').map(Number)
    if (range !== undefined || numbers.length < 3 || !numbers.every(Number.isSafeInteger))
      throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(key)} is no whole bucket`)
    return this.#requests.get(key, { at: numbers.slice(-3), coordinates: numbers.slice(0, -3) }, signal)
  }

  async size(): Promise<number | undefined> {
    return undefined
  }
}
