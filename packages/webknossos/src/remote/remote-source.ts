import { codecRuntime } from '@bioimage/codecs'
import { type Context, type JsonObject, SourceError, type SpecBase } from '@bioimage/core'
import { chunkedAccess, itemSizeOf, type RegionAccess } from '@bioimage/core/backend'
import type { Choice } from '../dataset/layer-choice.js'
import { layerSource } from '../dataset/layer-source.js'
import { shortName } from '../dataset/mag.js'
import type { WebknossosSource } from '../driver.js'
import { urlOfAddress } from './address.js'
import { bucketRequests } from './bucket-requests.js'
import { BucketStore, bucketEdge, bucketKey, type FetchBuckets } from './bucket-store.js'
import { type ChunkRoute, chunkRequests, withFallback } from './chunk-requests.js'
import { cuboidAccess } from './cuboid-access.js'
import { LayerArray } from './layer-array.js'
import type { RemoteDataset } from './server.js'

/** Buckets of one request, and bytes of its reply. */
const mostBuckets = 128
const mostBytes = 16 << 20
/** Servers ignore mappings at coarser magnifications, without a sign. */
const coarsestMapped = 16

/** A source of a layer of a dataset or annotation. @throws ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED */
export function remoteSource(dataset: RemoteDataset, choice: Choice, params: JsonObject, context: Context): WebknossosSource {
  const { layer, mag, box } = choice
  const mapping = typeof params.mapping === 'string' ? params.mapping : undefined
  checkMapping(choice, mapping)
  const array = new LayerArray(layer, mag.mag, box)
  const isCuboid = params.transport === 'cuboid'
  const access = isCuboid ? throughBoxes(dataset, array, mapping, context) : throughBuckets(dataset, array, mapping, params, context)
  const {
    organizationId: _organization,
    layerName: _layer,
    mag: _mag,
    channel: _channel,
    additionalCoordinates: _coordinates,
    ...others
  } = params
  return layerSource({
    choice,
    voxelSize: dataset.properties.voxelSize,
    dtype: layer.dtype,
    access,
    chunks: isCuboid ? null : array.cube(bucketEdge),
    shards: null,
    toSpec: (): SpecBase => ({ kind: 'webknossos', path: urlOfAddress(dataset.address) }),
    params: others
  })
}

function checkMapping({ layer, mag }: Choice, mapping: string | undefined): void {
  if (mapping === undefined) return
  const name = `layer ${JSON.stringify(layer.name)}`
  if (layer.category !== 'segmentation') throw new SourceError('ERR_INVALID_ARGUMENT', `${name} is no segmentation: it has no mappings`)
  if (layer.agglomerates.length > 0 && !layer.agglomerates.includes(mapping))
    throw new SourceError('ERR_NOT_FOUND', `${name} has no mapping ${JSON.stringify(mapping)}; it has ${layer.agglomerates.join(', ')}`)
  if (Math.max(...mag.mag) > coarsestMapped)
    throw new SourceError('ERR_UNSUPPORTED', `servers apply mappings up to magnification ${coarsestMapped}, not at ${shortName(mag.mag)}`)
}

function throughBuckets(
  dataset: RemoteDataset,
  array: LayerArray,
  mapping: string | undefined,
  params: JsonObject,
  context: Context
): RegionAccess {
  const { layer, mag, itemSize } = array
  const bucketBytes = bucketEdge ** 3 * layer.channels * itemSize
  const { url, fetch } = fetcherOf(dataset, array, {
    bucketBytes,
    mapping,
    version: typeof params.version === 'number' ? params.version : undefined
  })
  const identity = `${url}\n${shortName(mag)}\n${mapping ?? ''}\n${String(params.version ?? '')}`
  const path = urlOfAddress(dataset.address)
  const bucketsPerRequest = Math.max(1, Math.min(mostBuckets, Math.floor(mostBytes / bucketBytes)))
  const store = new BucketStore({ identity, path, bucketsPerRequest, fetch })
  const extras = layer.additionalAxes.length
  return chunkedAccess(
    {
      // Whole buckets, so that a read that wants a part of one at the edge has it cached, with the others.
      shape: array.shape.map((length, axis) => (axis < array.shape.length - 3 ? length : Math.ceil(length / bucketEdge) * bucketEdge)),
      dtype: layer.dtype,
      chunks: array.cube(bucketEdge),
      axisOrder: array.axisOrder,
      // Changes nothing, but a bucket cannot be read in rows, as what is stored without a codec is.
      codecs: [{ id: 'bytes', endian: 'little' }],
      fill: new Uint8Array(itemSizeOf(layer.dtype)),
      storage: {
        store,
        locate: (position) => ({ key: keyOf(position) }),
        unitOf: (position) => keyOf(position)
      },
      identity
    },
    codecRuntime,
    context
  )

  function keyOf(position: readonly number[]): string {
    const coordinates = position.slice(0, extras).map((at, axis) => at + (layer.additionalAxes[axis]?.bounds[0] ?? 0))
    return bucketKey({ at: position.slice(-3).reverse(), coordinates })
  }
}

interface Fetching {
  readonly bucketBytes: number
  readonly mapping: string | undefined
  readonly version: number | undefined
}

/** How the buckets of a layer are fetched: those of volume layers of an annotation from the tracing store. */
function fetcherOf(dataset: RemoteDataset, array: LayerArray, fetching: Fetching): { readonly url: URL; readonly fetch: FetchBuckets } {
  const { connection, dataStore, datasetId, address, volumes } = dataset
  const { layer, mag } = array
  const { bucketBytes, mapping, version } = fetching
  const volume = volumes.get(layer.name)
  if (version !== undefined && volume === undefined)
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `layer ${JSON.stringify(layer.name)} is no volume layer of an annotation: it has no versions`
    )
  const name = encodeURIComponent(layer.name)
  const common = { connection, mag, bucketBytes, additionalAxes: layer.additionalAxes, mapping, version }
  const chunks: ChunkRoute = {
    connection,
    bucketBytes,
    url: new URL(`annotations/zarr/${address.id}/${name}/${shortName(mag)}/`, dataStore)
  }
  if (volume !== undefined) {
    const url = new URL(`volume/${encodeURIComponent(volume.id)}/data?annotationId=${address.id}`, volume.tracingStore)
    const changed = bucketRequests({ ...common, url })
    return { url, fetch: withFallback(changed, chunks, version === undefined && mapping === undefined) }
  }
  if (datasetId === undefined) return { url: chunks.url, fetch: chunkRequests(chunks) }
  const url = new URL(`datasets/${datasetId}/layers/${name}/data`, dataStore)
  return { url, fetch: bucketRequests({ ...common, url }) }
}

function throughBoxes(dataset: RemoteDataset, array: LayerArray, mapping: string | undefined, context: Context): RegionAccess {
  const { connection, dataStore, datasetId, volumes } = dataset
  const { name } = array.layer
  if (datasetId === undefined || volumes.has(name))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `layer ${JSON.stringify(name)} of an annotation is read in buckets only; leave out \`transport\``
    )
  const url = new URL(`datasets/${datasetId}/layers/${encodeURIComponent(name)}/`, dataStore)
  return cuboidAccess(array, { connection, url, mapping, concurrency: context.concurrency })
}
