import { type Context, isJsonObject, isSourceError, type JsonObject, SourceError } from '@bioimage/core'
import { shareable } from '@bioimage/core/backend'
import { DatasetProperties } from '../dataset/properties.js'
import { type Address, parseAddress, tokenFor } from './address.js'
import { type Connection, getJson, getJsonList } from './http.js'

/** Versions of the API that are spoken here. */
const oldestVersion = 10
const newestVersion = 14
/** Short links may lead to short links, but not for ever. */
const maximalLinks = 5

/** A dataset or annotation as its server describes it. */
export interface RemoteDataset {
  /** To the data store and the tracing store. */
  readonly connection: Connection
  /** The server, and the dataset or annotation by id. */
  readonly address: Address & { readonly kind: 'dataset' | 'annotation' }
  readonly name: string | undefined
  readonly properties: DatasetProperties
  /** Address of the data store with the version, such as `https://data.example.org/data/v12/`. */
  readonly dataStore: URL
  /** Undefined where the annotation alone is known, as with a data store given by the caller. */
  readonly datasetId: string | undefined
  /** Of an annotation: its description with the names of segments, which the server itself gives. */
  readonly nml: { readonly connection: Connection; readonly url: URL } | undefined
  /** Of an annotation: its volume layers by name. */
  readonly volumes: ReadonlyMap<string, VolumeTracing>
}

/** A volume layer of an annotation. */
export interface VolumeTracing {
  readonly id: string
  readonly tracingStore: URL
}

/** How to open a dataset. */
export interface OpenRemoteOptions {
  readonly context: Context
  readonly signal: AbortSignal | undefined
  /** Address of the data store, for browsers of servers that allow no requests to the dataset's own route. */
  readonly datastoreUrl: string | undefined
}

/**
 * Asks a server for the description of a dataset (two requests) or annotation (three).
 *
 * @throws ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_IO, ERR_UNSUPPORTED (an API version that is not spoken here),
 *   ERR_INVALID_ARGUMENT (a name that several datasets have)
 */
export async function openRemote(asked: Address, options: OpenRemoteOptions): Promise<RemoteDataset> {
  let address = asked
  for (let links = 0; ; links++) {
    const connection: Connection = { context: options.context, token: tokenFor(address, options.context) }
    const server = new Server(address, connection, options.signal)
    const version = await server.version()
    if (address.kind === 'shortLink') {
      if (links === maximalLinks) throw new SourceError('ERR_IO', `${address.origin}: the short link leads to ever more short links`)
      address = await server.followLink(version, address.key)
      continue
    }
    if (address.kind === 'annotation') return server.annotation(version, address.id, options.datastoreUrl)
    const id = address.kind === 'dataset' ? address.id : await server.datasetId(version, address.organization, address.name)
    return server.dataset(version, id, options.datastoreUrl)
  }
}

class Server {
  readonly #origin: string
  /** Follows the routes of datasets, which take the token of a shared link in the query alone. */
  readonly #sharing: string
  readonly #connection: Connection
  readonly #signal: AbortSignal | undefined

  constructor({ origin, sharingToken }: Address, connection: Connection, signal: AbortSignal | undefined) {
    this.#origin = origin
    this.#sharing = sharingToken === undefined || sharingToken === '' ? '' : `?sharingToken=${encodeURIComponent(sharingToken)}`
    this.#connection = connection
    this.#signal = signal
  }

  /** The newest version of the API that both sides speak. */
  async version(): Promise<number> {
    const { httpApiVersioning } = await this.#get('/api/buildinfo')
    const { currentApiVersion: newest, oldestSupportedApiVersion: oldest } = object(httpApiVersioning, 'httpApiVersioning', this.#origin)
    if (typeof newest !== 'number' || typeof oldest !== 'number')
      throw new SourceError('ERR_UNSUPPORTED', `${this.#origin} tells no API version; ${oldestVersion} to ${newestVersion} are spoken here`)
    const version = Math.min(newest, newestVersion)
    if (version >= oldestVersion && version >= oldest) return version
    const spoken = `${oldestVersion} to ${newestVersion} are spoken here`
    throw new SourceError('ERR_UNSUPPORTED', `${this.#origin} speaks the API versions ${oldest} to ${newest}, ${spoken}`)
  }

  async followLink(version: number, key: string): Promise<Address> {
    const { longLink } = await this.#get(`/api/v${version}/shortLinks/byKey/${encodeURIComponent(key)}`)
    if (typeof longLink !== 'string') throw new SourceError('ERR_IO', `${this.#origin} gives no address for the short link ${key}`)
    return parseAddress(new URL(longLink, this.#origin))
  }

  /** The id of a dataset by its name. Several datasets may have one name. */
  async datasetId(version: number, organization: string | undefined, name: string): Promise<string> {
    const owner = organization ?? (await this.#organization(version, name))
    const [org, dataset] = [owner, name].map(encodeURIComponent)
    try {
      const { id } = await this.#get(`/api/v${version}/datasets/disambiguate/${org}/${dataset}/toId${this.#sharing}`)
      if (typeof id === 'string') return id
    } catch (error) {
      if (!isSourceError(error, 'ERR_NOT_FOUND')) throw error
    }
    const query = `isActive=true&organizationId=${org}&searchQuery=${dataset}`
    // The search also gives names that are only like it.
    const found = (await getJsonList(this.#connection, this.#url(`/api/v${version}/datasets?${query}`), this.#signal)).filter(
      (dataset) => dataset.name === name
    )
    const ids = found.map(({ id }) => id).filter((id) => typeof id === 'string')
    const [only, ...others] = ids
    const where = `organization ${JSON.stringify(owner)} of ${this.#origin}`
    if (only === undefined) throw new SourceError('ERR_NOT_FOUND', `${where} has no dataset ${JSON.stringify(name)}`)
    if (others.length === 0) return only
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `${where} has ${ids.length} datasets ${JSON.stringify(name)}; open one by its id: ${ids.join(', ')}`
    )
  }

  async dataset(version: number, id: string, datastoreUrl: string | undefined): Promise<RemoteDataset> {
    const common = {
      connection: this.#connection,
      address: this.#address('dataset', id),
      datasetId: id,
      nml: undefined,
      volumes: new Map()
    }
    if (datastoreUrl !== undefined) {
      const dataStore = this.#givenStore(datastoreUrl, version)
      const connection = this.#connectionTo(dataStore)
      const document = await getJson(connection, new URL(`zarr/${id}/datasource-properties.json`, dataStore), this.#signal)
      return { ...common, connection, name: undefined, properties: new DatasetProperties(document), dataStore }
    }
    const dataset = await this.#get(`/api/v${version}/datasets/${id}${this.#sharing}`)
    const { dataSource, name } = dataset
    const { dataLayers, status } = object(dataSource, 'dataSource', this.#origin)
    if (dataLayers === undefined)
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `the dataset ${id} cannot be used: ${typeof status === 'string' ? status : 'it has no layers'}`
      )
    return {
      ...common,
      name: typeof name === 'string' ? name : undefined,
      properties: new DatasetProperties(object(dataSource, 'dataSource', this.#origin)),
      dataStore: this.#storeUrl(object(dataset.dataStore, 'dataStore', this.#origin).url, `data/v${version}/`)
    }
  }

  async annotation(version: number, id: string, datastoreUrl: string | undefined): Promise<RemoteDataset> {
    const address = this.#address('annotation', id)
    const propertiesAt = async (connection: Connection, dataStore: URL): Promise<DatasetProperties> => {
      const url = new URL(`annotations/zarr/${id}/datasource-properties.json`, dataStore)
      return new DatasetProperties(await getJson(connection, url, this.#signal))
    }
    if (datastoreUrl !== undefined) {
      const dataStore = this.#givenStore(datastoreUrl, version)
      const connection = this.#connectionTo(dataStore)
      const properties = await propertiesAt(connection, dataStore)
      return { connection, address, name: undefined, properties, dataStore, datasetId: undefined, nml: undefined, volumes: new Map() }
    }
    const info = await this.#get(`/api/v${version}/annotations/${id}/info?timestamp=${Date.now()}`)
    const { datasetId, name, annotationLayers } = info
    const dataStore = this.#storeUrl(object(info.dataStore, 'dataStore', this.#origin).url, `data/v${version}/`)
    const tracingStore = this.#storeUrl(object(info.tracingStore, 'tracingStore', this.#origin).url, 'tracings/')
    const volumes = new Map<string, VolumeTracing>()
    for (const layer of Array.isArray(annotationLayers) ? annotationLayers : []) {
      const { typ, name, tracingId } = object(layer, 'annotationLayers', this.#origin)
      if (typ === 'Volume' && typeof name === 'string' && typeof tracingId === 'string') volumes.set(name, { id: tracingId, tracingStore })
    }
    return {
      connection: this.#connection,
      address,
      name: typeof name === 'string' ? name : undefined,
      properties: await propertiesAt(this.#connection, dataStore),
      dataStore,
      datasetId: typeof datasetId === 'string' ? datasetId : undefined,
      nml: {
        connection: this.#connection,
        url: this.#url(`/api/v${version}/annotations/${id}/download?skipVolumeData=true&volumeDataZipFormat=zarr3`)
      },
      volumes
    }
  }

  /** Of the user whom the token belongs to. */
  async #organization(version: number, name: string): Promise<string> {
    try {
      const { organization } = await this.#get(`/api/v${version}/user`)
      if (typeof organization === 'string') return organization
    } catch (error) {
      if (!isSourceError(error, 'ERR_ACCESS_DENIED')) throw error
    }
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `${JSON.stringify(name)} is a name without an organization, and no token tells one; pass \`organizationId\`, or a URL with the id`
    )
  }

  #address<K extends 'dataset' | 'annotation'>(kind: K, id: string): RemoteDataset['address'] {
    return { kind, id, origin: this.#origin, sharingToken: undefined }
  }

  /** To a data store that the caller names, who may have it from a spec of others: the server's token is not for it. */
  #connectionTo(dataStore: URL): Connection {
    if (dataStore.origin === this.#origin) return this.#connection
    const { context } = this.#connection
    return { ...this.#connection, token: tokenFor({ ...this.#address('dataset', ''), origin: dataStore.origin }, context) }
  }

  /** A store that the caller names, which the spec names too. */
  #givenStore(text: string, version: number): URL {
    if (shareable(text) !== text)
      throw new SourceError(
        'ERR_INVALID_ARGUMENT',
        '`datastoreUrl` holds a user, password or token; leave it out and pass a token by `context.credentials` under "webknossos:HOST"'
      )
    return this.#storeUrl(text, `data/v${version}/`)
  }

  /** A store that the server names, which the token is then sent to: never to one without encryption where the server has it. */
  #storeUrl(text: unknown, path: string): URL {
    if (typeof text !== 'string' || !URL.canParse(text)) throw new SourceError('ERR_IO', `${this.#origin} names no store for the data`)
    const url = new URL(path, withSlash(shareable(text)))
    const isPlain = url.protocol !== 'https:' && this.#origin.startsWith('https:')
    if (isPlain && this.#connection.token !== undefined)
      throw new SourceError(
        'ERR_ACCESS_DENIED',
        `${this.#origin} keeps its data at ${url.origin}, without encryption; no token is sent there`
      )
    return url
  }

  #get(path: string): Promise<JsonObject> {
    return getJson(this.#connection, this.#url(path), this.#signal)
  }

  #url(path: string): URL {
    return new URL(path, this.#origin)
  }
}

function withSlash(address: string): string {
  return address.endsWith('/') ? address : `${address}/`
}

function object(value: unknown, name: string, origin: string): JsonObject {
  if (isJsonObject(value)) return value
  throw new SourceError('ERR_IO', `${origin} answers without \`${name}\`; is this a WEBKNOSSOS server?`)
}
