import { type JsonObject, SourceError } from '@bioimage/core'
import { retry } from '@bioimage/core/backend'
import type { AdditionalAxis } from '../dataset/layer.js'
import type { Mag } from '../dataset/mag.js'
import { type BucketAddress, bucketEdge, type FetchBuckets } from './bucket-store.js'
import { type Connection, PassingError, type Reply, send, shown } from './http.js'
import type { HideSecrets } from './secrets.js'

/** How buckets of a layer are asked for by POST. */
export interface BucketRoute {
  readonly connection: Connection
  readonly url: URL
  readonly mag: Mag
  /** Bytes of a bucket. */
  readonly bucketBytes: number
  readonly additionalAxes: readonly AdditionalAxis[]
  /** Name of the agglomerate mapping to apply. */
  readonly mapping: string | undefined
  /** Version of an annotation. */
  readonly version: number | undefined
}

/**
 * Fetches buckets by one POST. Those that the server reports as failed are asked for again, then they are an error: they are never
 * taken for empty.
 *
 * @throws ERR_IO, ERR_ACCESS_DENIED, ERR_NOT_FOUND
 */
export function bucketRequests(route: BucketRoute): FetchBuckets {
  return async (buckets, signal) => {
    const found: (Uint8Array | undefined)[] = buckets.map(() => undefined)
    let missing = buckets.map((bucket, index) => ({ bucket, index }))
    await retry(signal, async () => {
      const asked = missing
      const { bytes, failed } = await post(
        route,
        asked.map(({ bucket }) => bucket),
        signal
      )
      for (const [place, { index }] of asked.entries()) found[index] = bytes[place]
      missing = asked.filter((_, place) => failed.has(place))
      const [first, ...others] = missing
      if (first === undefined) return
      const more = others.length === 0 ? '' : ` and ${others.length} more`
      const name = `the bucket at ${first.bucket.at.map((at, axis) => at * bucketEdge * (route.mag[axis] ?? 1)).join(', ')}${more}`
      throw new PassingError(`${shown(route.url)}: the server failed to read ${name}`, shown(route.url))
    })
    return found
  }
}

async function post(
  route: BucketRoute,
  buckets: readonly BucketAddress[],
  signal: AbortSignal
): Promise<{ readonly bytes: readonly (Uint8Array | undefined)[]; readonly failed: ReadonlySet<number> }> {
  const { connection, url, bucketBytes } = route
  const body = buckets.map((bucket) => bucketDocument(route, bucket))
  const reply = await send(connection, url, { body, maxBytes: buckets.length * bucketBytes, signal })
  const { empty, failed } = parseMissing(reply, buckets.length, url)
  const present = buckets.length - new Set([...empty, ...failed]).size
  const expected = present * bucketBytes
  if (reply.bytes.byteLength !== expected) {
    const found = `${expected} bytes expected for ${present} of ${buckets.length} buckets, ${reply.bytes.byteLength} came`
    throw new PassingError(`${shown(url)}: ${found}`, shown(url))
  }
  let start = 0
  const bytes = buckets.map((_, place) => {
    if (empty.has(place) || failed.has(place)) return undefined
    start += bucketBytes
    return reply.bytes.subarray(start - bucketBytes, start)
  })
  return { bytes, failed }
}

function bucketDocument({ mag, additionalAxes, mapping, version }: BucketRoute, { at, coordinates }: BucketAddress): JsonObject {
  return {
    position: at.map((number, axis) => number * bucketEdge * (mag[axis] ?? 1)),
    mag,
    cubeSize: bucketEdge,
    fourBit: false,
    ...(mapping !== undefined && { applyAgglomerate: mapping }),
    ...(coordinates.length > 0 && {
      additionalCoordinates: coordinates.map((value, axis) => ({ name: additionalAxes[axis]?.name ?? '', value }))
    }),
    ...(version !== undefined && { version })
  }
}

/**
 * Which buckets a reply leaves out. Newer servers tell empty ones from failed ones; `MISSING-BUCKETS` of older ones names both, which
 * nothing tells apart: it counts as empty.
 */
function parseMissing(
  { headers, hide }: Reply,
  count: number,
  url: URL
): { readonly empty: ReadonlySet<number>; readonly failed: ReadonlySet<number> } {
  const failed = parseIndices(headers.get('failure-bucket-indices'), count, url, hide)
  const empty = parseIndices(headers.get('empty-bucket-indices'), count, url, hide)
  const missing = parseIndices(headers.get('missing-buckets'), count, url, hide)
  return { empty: empty ?? new Set([...(missing ?? [])].filter((place) => failed?.has(place) !== true)), failed: failed ?? new Set() }
}

/** A list such as `[0, 3]`; `undefined` without the header. */
function parseIndices(header: string | null, count: number, url: URL, hide: HideSecrets): ReadonlySet<number> | undefined {
  if (header === null) return undefined
  const text = header.trim().replace(/^\[(.*)\]$/, '$1')
  const indices = text.trim() === '' ? [] : text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN))
  if (indices.every((index) => index < count)) return new Set(indices)
  throw new SourceError(
    'ERR_IO',
    `${shown(url)}: the server sends the unreadable list of missing buckets ${JSON.stringify(hide(header).slice(0, 80))}`
  )
}
