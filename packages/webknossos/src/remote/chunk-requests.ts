import { SourceError } from '@bioimage/core'
import { forEachConcurrently, retry } from '@bioimage/core/backend'
import type { BucketAddress, FetchBuckets } from './bucket-store.js'
import { AbsentError, type Connection, PassingError, parseMessages, type Said, send, shown } from './http.js'

/** Requests in flight for one list of buckets. */
const concurrentRequests = 16

/** What the route says of a bucket that nobody filled. It answers 404 to much else: an annotation that it does not find, an outage. */
const emptyMessages = {
  noFallback: 'No data at coordinates, no fallback layer defined',
  fallback: 'No data at coordinations in fallback layer'
}
/** The server says `noFallback` of every failure to find the layer below; what led to it tells whether there is none. */
const isWithoutFallback = /defined on volume (annotations|layers) with fallback segmentation/

/** How buckets of a layer of an annotation are fetched one by one. */
export interface ChunkRoute {
  readonly connection: Connection
  /** Of the magnification, ends with `/`. */
  readonly url: URL
  readonly bucketBytes: number
}

/**
 * Fetches buckets one by one by the route for readers of Zarr. The server merges what the annotation changed with the layer below it
 * and with its mapping. A bucket is empty where the server says that there is no data, and in no other case.
 *
 * @throws ERR_IO, ERR_ACCESS_DENIED, ERR_NOT_FOUND (the answer of something else than WEBKNOSSOS)
 */
export function chunkRequests(route: ChunkRoute): FetchBuckets {
  return async (buckets, signal) => {
    const found: (Uint8Array | undefined)[] = buckets.map(() => undefined)
    await forEachConcurrently(buckets.entries(), concurrentRequests, signal, async ([index, bucket]) => {
      const { bytes } = await fetchChunk(route, bucket, signal)
      found[index] = bytes
    })
    return found
  }
}

/**
 * Fetches buckets of a volume layer by POST, as `changed` does, and those that it holds nothing of one by one from `route`, for the
 * layer below. Where the server says that there is none, nothing more is asked for.
 *
 * @param merges Whether what `route` gives is what is asked for; if not (an older version, a mapping), more than nothing is refused.
 * @throws ERR_UNSUPPORTED
 */
export function withFallback(changed: FetchBuckets, route: ChunkRoute, merges: boolean): FetchBuckets {
  let hasFallback = true
  return async (buckets, signal) => {
    const found = [...(await changed(buckets, signal))]
    const empty = buckets.map((bucket, index) => ({ bucket, index })).filter(({ index }) => found[index] === undefined)
    await forEachConcurrently(empty, concurrentRequests, signal, async ({ bucket, index }) => {
      if (!hasFallback) return
      const { bytes, said } = await fetchChunk(route, bucket, signal)
      if (said === emptyMessages.noFallback) hasFallback = false
      if (bytes !== undefined && !merges) {
        const found = 'a part of the annotation that comes from the layer below, or was changed later, is read'
        throw new SourceError('ERR_UNSUPPORTED', `${found} without \`version\` and \`mapping\` only`)
      }
      found[index] = bytes
    })
    return found
  }
}

/** The bytes of a bucket, or what the server says of an empty one. */
async function fetchChunk(
  { connection, url, bucketBytes }: ChunkRoute,
  { at, coordinates }: BucketAddress,
  signal: AbortSignal
): Promise<{ readonly bytes: Uint8Array | undefined; readonly said: string }> {
  const chunk = new URL(['0', ...coordinates, ...at].join('.'), url)
  return retry(signal, async () => {
    try {
      const { bytes } = await send(connection, chunk, { maxBytes: bucketBytes, signal })
      if (bytes.byteLength === bucketBytes) return { bytes, said: '' }
      throw new PassingError(`${shown(chunk)}: ${bucketBytes} bytes expected, ${bytes.byteLength} came`, shown(chunk))
    } catch (error) {
      if (!(error instanceof AbsentError)) throw error
      const said = emptyMessage(error.said)
      if (said !== undefined) return { bytes: undefined, said }
      // The server itself, which may have failed to ask another one; not a proxy before it.
      throw error.said.errors.length > 0 ? new PassingError(error.message, shown(chunk), undefined, error.said.pauseMs) : error
    }
  })
}

/** A data store hands on what a tracing store answered so. */
const relayed = /^Failed RPC \d+: GET \S+ Response: 404 '(\{.*\})'$/s

/** What the server says of an empty bucket; `undefined` if it says anything else. */
function emptyMessage({ errors: [first], chain }: Pick<Said, 'errors' | 'chain'>): string | undefined {
  const [, answer] = relayed.exec(first ?? '') ?? []
  if (answer !== undefined) return emptyMessage(parseMessages(answer))
  const { noFallback, fallback } = emptyMessages
  if (first === noFallback) return chain === '' || isWithoutFallback.test(chain) ? first : undefined
  return first === fallback ? first : undefined
}
