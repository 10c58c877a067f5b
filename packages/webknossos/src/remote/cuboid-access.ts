import type { Region } from '@bioimage/core'
import { bytesOf, chunkParts, copyStrided, forEachConcurrently, type RegionAccess, retry } from '@bioimage/core/backend'
import { type Connection, PassingError, type Reply, send, shown } from './http.js'
import type { LayerArray } from './layer-array.js'

/** Boxes are cut at multiples of this many voxels: the longest side that every server takes. */
const boxEdge = 512
/** A box is cut further where it has more bytes. */
const maximalBytes = 32 << 20
const concurrentRequests = 6

/** How boxes of a layer are fetched. */
export interface CuboidRoute {
  readonly connection: Connection
  /** Of the layer, ends with `/`. */
  readonly url: URL
  readonly mapping: string | undefined
  readonly concurrency: number | undefined
}

interface Box {
  readonly position: readonly number[]
  readonly size: readonly number[]
  readonly coordinates: readonly number[]
}

/**
 * Reads boxes as they are, one request for each that is cut at multiples of 512 voxels. The server gives zeros for a part of a box that
 * it fails to read, without a sign: buckets do not have that flaw.
 */
export function cuboidAccess(array: LayerArray, route: CuboidRoute): RegionAccess {
  const { layer, itemSize, shape } = array
  const extras = layer.additionalAxes.length
  const spatial = shape.length - 3
  const cuts = shape.map((length, axis) => (axis < extras ? 1 : axis < spatial ? length : boxEdge))
  return {
    async read(region, out, { signal }) {
      const slabs = slabsOf(region, cuts, layer.channels * itemSize)
      await forEachConcurrently(slabs, route.concurrency ?? concurrentRequests, signal, async ({ start, shape: count, regionStart }) => {
        const extent = count.map((length, axis) => (length - 1) * (region.step[axis] ?? 1) + 1)
        const size = extent.slice(spatial).reverse()
        const bytes = await fetchBox(
          array,
          route,
          {
            position: start.slice(spatial).reverse(),
            size,
            coordinates: start.slice(0, extras).map((at, axis) => at + (layer.additionalAxes[axis]?.bounds[0] ?? 0))
          },
          signal
        )
        copyStrided({
          shape: count,
          itemSize,
          source: bytes,
          // A box comes with all its channels.
          sourceOffset: start.slice(extras, spatial).reduce((sum, channel) => sum + channel * itemSize, 0),
          sourceStrides: array.strides(size).map((stride, axis) => stride * (region.step[axis] ?? 1)),
          destination: bytesOf(out.data),
          destinationOffset: regionStart.reduce((sum, at, axis) => sum + at * (out.stride[axis] ?? 0), out.offset ?? 0) * itemSize,
          destinationStrides: out.stride.map((stride) => stride * itemSize)
        })
      })
    }
  }
}

/** A part of a region that one request fetches: its first element in the array and in the region, and how many along each axis. */
interface Slab {
  readonly start: readonly number[]
  readonly shape: readonly number[]
  readonly regionStart: readonly number[]
}

function* slabsOf(region: Region, cuts: readonly number[], voxelBytes: number): Generator<Slab> {
  const depth = cuts.length - 3
  const step = region.step[depth] ?? 1
  for (const part of chunkParts(region, cuts)) {
    const start = part.start.map((at, axis) => at + (part.position[axis] ?? 0) * (cuts[axis] ?? 1))
    const planeBytes = part.shape
      .slice(-2)
      .reduce((bytes, count, axis) => bytes * ((count - 1) * (region.step[depth + 1 + axis] ?? 1) + 1), voxelBytes)
    const planes = Math.max(1, Math.floor(maximalBytes / planeBytes / step))
    const count = part.shape[depth] ?? 1
    for (let first = 0; first < count; first += planes) {
      yield {
        start: start.with(depth, (start[depth] ?? 0) + first * step),
        shape: part.shape.with(depth, Math.min(planes, count - first)),
        regionStart: part.regionStart.with(depth, (part.regionStart[depth] ?? 0) + first)
      }
    }
  }
}

async function fetchBox(array: LayerArray, route: CuboidRoute, box: Box, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { connection } = route
  const { layer, mag, itemSize } = array
  const expected = box.size.reduce((product, length) => product * length, layer.channels * itemSize)
  const { url, body } = boxRequest(array, route, box)
  return retry(signal, async () => {
    const reply = await send(connection, url, { maxBytes: expected, signal, ...(body !== undefined && { body }) })
    if (reply.bytes.byteLength === expected && !saysFailed(reply)) return reply.bytes
    const where = `the box at ${box.position.map((at, axis) => at * (mag[axis] ?? 1)).join(', ')}`
    const found =
      reply.bytes.byteLength === expected
        ? 'the server failed to read a part'
        : `${expected} bytes expected, ${reply.bytes.byteLength} came`
    throw new PassingError(`${shown(url)}: ${where}: ${found}`, shown(url))
  })
}

function saysFailed({ headers }: Reply): boolean {
  return /\d/.test(headers.get('failure-bucket-indices') ?? '')
}

/** A GET, or where a box has a position along further axes, a POST. */
function boxRequest(array: LayerArray, { url, mapping }: CuboidRoute, box: Box): { readonly url: URL; readonly body: unknown } {
  const { layer, mag } = array
  const position = box.position.map((at, axis) => at * (mag[axis] ?? 1))
  if (layer.additionalAxes.length > 0) {
    const additionalCoordinates = layer.additionalAxes.map(({ name }, axis) => ({ name, value: box.coordinates[axis] ?? 0 }))
    return {
      url: new URL('readData', url),
      body: { position, cubeSize: box.size, mag, additionalCoordinates, ...(mapping !== undefined && { applyAgglomerate: mapping }) }
    }
  }
  const address = new URL('data', url)
  const [x = 0, y = 0, z = 0] = position
  const [width = 0, height = 0, depth = 0] = box.size
  const query = { mag: mag.join('-'), x, y, z, width, height, depth, ...(mapping !== undefined && { mappingName: mapping }) }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value))
  return { url: address, body: undefined }
}
