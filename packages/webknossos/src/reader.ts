import {
  type ArrayInfo,
  isSourceError,
  type JsonObject,
  type ListRequest,
  type OpenRequest,
  type Reader,
  type Segment,
  SourceError
} from '@bioimage/core'
import { attempt, unreadableArray } from '@bioimage/core/backend'
import { addressKind } from './address-kind.js'
import type { Layer } from './dataset/layer.js'
import { type Choice, chooseLayer } from './dataset/layer-choice.js'
import { describeSource } from './dataset/layer-source.js'
import { shortName } from './dataset/mag.js'
import { type DatasetProperties, propertiesKey, readProperties } from './dataset/properties.js'
import type { WebknossosSource } from './driver.js'
import { localSource } from './local/local-source.js'
import { type Address, addressOfName, parseAddress, publicServer, urlOfAddress } from './remote/address.js'
import { remoteSource } from './remote/remote-source.js'
import { readSegmentNames } from './remote/segment-names.js'
import { openRemote } from './remote/server.js'

export const open: Reader<WebknossosSource>['open'] = async (request) => {
  const dataset = await openDataset(request)
  return dataset.open({ internalPath: request.internalPath, params: request.params })
}

export const list: NonNullable<Reader<WebknossosSource>['list']> = async (request): Promise<readonly ArrayInfo[]> => {
  const dataset = await openDataset(request)
  const [wanted] = (request.internalPath ?? '').split('/')
  const infos: ArrayInfo[] = []
  const segments = await dataset.segments()
  for (const name of dataset.properties.layerNames) {
    if (wanted !== '' && wanted !== name) continue
    const { value: layer, problem } = await attempt(name, async () => dataset.properties.layer(name))
    if (layer === undefined) infos.push(unreadableArray(name, problem?.message ?? 'unreadable'))
    if (layer?.mags.length === 0) infos.push(unreadableArray(name, `layer ${JSON.stringify(name)} has no magnification`))
    for (const { mag } of layer?.mags ?? []) {
      const internalPath = `${name}/${shortName(mag)}`
      if (request.internalPath?.includes('/') === true && request.internalPath !== internalPath) continue
      infos.push(withSegments(await describe(dataset, internalPath), segments.get(name)))
    }
  }
  return infos.sort((a, b) => (a.internalPath < b.internalPath ? -1 : 1))
}

function withSegments(info: ArrayInfo, segments: readonly Segment[] | undefined): ArrayInfo {
  if (segments === undefined || segments.length === 0) return info
  return { ...info, metadata: { ...info.metadata, segmentation: { ...info.metadata.segmentation, segments } } }
}

async function describe(dataset: Dataset, internalPath: string): Promise<ArrayInfo> {
  try {
    const source = await dataset.open({ internalPath, params: {} })
    await source.close()
    return { internalPath, codecs: [], ...describeSource(source) }
  } catch (error) {
    // A magnification whose folder is missing, or whose backend is not imported, hides no others.
    const isOfArray =
      error instanceof SourceError && ['ERR_CORRUPT_DATA', 'ERR_NOT_FOUND', 'ERR_UNKNOWN_KIND', 'ERR_UNSUPPORTED'].includes(error.code)
    if (!isOfArray) throw error
    return unreadableArray(internalPath, error.message)
  }
}

/** A dataset, wherever it lies. */
interface Dataset {
  readonly properties: DatasetProperties
  /** The named segments by layer, which takes a request where there are any. None where the server does not give them. */
  segments(): Promise<ReadonlyMap<string, readonly Segment[]>>
  open(choice: { readonly internalPath: string | undefined; readonly params: JsonObject }): Promise<WebknossosSource>
}

async function openDataset(request: OpenRequest | ListRequest): Promise<Dataset> {
  const { location, params, context, signal } = request
  const { store } = location
  const address = addressOf(request)
  if (address === undefined) {
    const properties = await readProperties(store, '', signal)
    if (properties !== undefined) return localDataset(request, properties)
  }
  const asked = address ?? addressOfFolderName(request)
  if (asked === undefined)
    throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the store'} is no dataset: it has no ${propertiesKey}`, {
      path: location.path
    })
  const { datastoreUrl } = params
  const dataset = await openRemote(asked, {
    context,
    signal,
    datastoreUrl: typeof datastoreUrl === 'string' ? datastoreUrl : undefined
  })
  const where = dataset.name ?? urlOfAddress(dataset.address)
  return {
    properties: dataset.properties,
    async segments() {
      const { nml, volumes } = dataset
      if (nml === undefined || volumes.size === 0) return new Map()
      try {
        return await readSegmentNames(nml.connection, nml.url, signal)
      } catch (error) {
        // Who may see an annotation may not always download it.
        if (isSourceError(error, 'ERR_ACCESS_DENIED') || isSourceError(error, 'ERR_NOT_FOUND')) return new Map()
        throw error
      }
    },
    async open(choice) {
      return remoteSource(dataset, chooseLayer(dataset.properties, { ...choice, where }), { ...params, ...choice.params }, context)
    }
  }
}

function localDataset({ location, params, context, signal }: OpenRequest | ListRequest, properties: DatasetProperties): Dataset {
  const { store, path } = location
  for (const name of ['mapping', 'version', 'transport', 'datastoreUrl'])
    if (params[name] !== undefined)
      throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` is of remote datasets; ${path ?? 'this'} is a folder`)
  return {
    properties,
    segments: async () => new Map(),
    open(choice) {
      const request = { ...choice, where: path ?? 'the dataset' }
      const choose = (stored?: Layer): Choice => chooseLayer(properties, request, stored)
      return localSource({ store, folder: '', context, signal }, properties, choose, {})
    }
  }
}

/** The address that a URL names, with a token in its query; `undefined` for a folder, also one behind a URL. */
function addressOf({ location }: Pick<OpenRequest, 'location'>): Address | undefined {
  const url = location.url
  return url === undefined || !/^https?:$/.test(url.protocol) || addressKind(url) === undefined ? undefined : parseAddress(url)
}

/** A dataset of the public server by its name or id, as specs of the Python package have it, where no folder of that name is. */
function addressOfFolderName({ location, params }: Pick<OpenRequest, 'location' | 'params'>): Address | undefined {
  const name = location.path?.split(/[/\\]/).findLast((part) => part !== '')
  const { organizationId } = params
  const isId = name !== undefined && /^[0-9a-f]{24}$/.test(name)
  if (name === undefined || /^https?:/.test(location.path ?? '') || (typeof organizationId !== 'string' && !isId)) return undefined
  return addressOfName(name, typeof organizationId === 'string' ? organizationId : undefined, publicServer)
}
