import {
  type Context,
  httpStore,
  joinKey,
  SourceError,
  type Store,
  type StoreDeleteOptions,
  type StoreEntry,
  type StoreGetOptions,
  type StoreSetOptions
} from '@bioimage/core'
import { retry } from '@bioimage/core/backend'
import { formatAddress, type ObjectAddress, parseAddress } from './address.js'
import { parseListing } from './listing.js'
import { multipartBytes, putInParts } from './multipart.js'
import { ObjectClient } from './object-client.js'
import { type ObjectReply, sendRequest, shown } from './object-requests.js'

/** Opens the store of a URL `s3://…` or `gs://…`. @throws ERR_INVALID_ARGUMENT */
export async function openObjectStore(url: URL, context: Context): Promise<Store> {
  const address = parseAddress(url)
  return new ObjectStore(address, await ObjectClient.open(address, context), context)
}

/** Reads wait for a server that restarts as long as writes do. Each try is several of the HTTP store, close together. */
const readTries = 7

/** Tells our own write from another's when its reply was lost. */
const writeIdName = 'bioimage-write'

/** Objects below a prefix of a bucket. */
class ObjectStore implements Store {
  readonly identity: string
  readonly path: string
  readonly remote = true
  readonly contentEncoding = true
  readonly #address: ObjectAddress
  readonly #client: ObjectClient
  /** Reads by HTTP, with checked lengths and ranges. */
  readonly #objects: Store
  /** Ceph compares entity tags without their quotes. */
  #bareTags = false

  constructor(address: ObjectAddress, client: ObjectClient, context: Context) {
    this.#address = address
    this.#client = client
    this.path = formatAddress(address)
    this.identity = `${client.identity}\n${address.prefix}`
    this.#objects = httpStore(client.urlOf(address.prefix), { ...context, fetch: client.fetch })
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    // The URL of a bucket gives a list of its objects.
    if (this.#keyOf(key) === '') return undefined
    return retry(options.signal, () => this.#objects.get(key, options), readTries)
  }

  async size(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    if (this.#keyOf(key) === '') return undefined
    return retry(options.signal, () => this.#objects.size(key, options), readTries)
  }

  async *list(folder: string, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<StoreEntry> {
    const path = this.#keyOf(folder)
    const prefix = path === '' ? '' : `${path}/`
    for (let token: string | undefined = ''; token !== undefined; ) {
      const url = this.#client.bucketUrl()
      const query = {
        'list-type': '2',
        delimiter: '/',
        'encoding-type': 'url',
        prefix,
        ...(token !== '' && { 'continuation-token': token })
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const { text } = await sendRequest(this.#client, url, { method: 'GET', signal: options.signal })
      const page = parseListing(text, prefix)
      yield* page.entries
      token = page.next
    }
  }

  async set(key: string, bytes: Uint8Array, options: StoreSetOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    const { ifAbsent = false, ifRevision, content = {}, signal } = options
    const url = this.#objectUrl(key)
    const headers: Record<string, string> = {
      'content-type': content.type ?? 'application/octet-stream',
      ...(content.encoding !== undefined && { 'content-encoding': content.encoding }),
      ...(content.cacheControl !== undefined && { 'cache-control': content.cacheControl })
    }
    const conditional = ifAbsent || ifRevision !== undefined
    if (!conditional && bytes.byteLength > multipartBytes) return putInParts(this.#client, url, bytes, headers, signal)
    const writeId = conditional ? crypto.randomUUID() : undefined
    if (writeId !== undefined) headers[this.#metaHeader(writeIdName)] = writeId
    const put = async (condition: Record<string, string>): Promise<ObjectReply> =>
      sendRequest(this.#client, url, { method: 'PUT', body: bytes, headers: { ...headers, ...condition }, signal }, [404, 409, 412])
    const reply = await put(await this.#condition(url, ifAbsent, ifRevision, signal))
    if (reply.status < 300) return
    if (writeId !== undefined && reply.repeated && (await this.#isOurs(url, writeId, signal))) return
    if (ifRevision !== undefined && reply.status === 412 && !this.#bareTags && (await this.#revisionOf(url, signal)) === ifRevision) {
      this.#bareTags = true
      const again = await put(await this.#condition(url, ifAbsent, ifRevision, signal))
      if (again.status < 300 || (writeId !== undefined && again.repeated && (await this.#isOurs(url, writeId, signal)))) return
    }
    throw this.#refused(url, reply, ifRevision !== undefined)
  }

  async delete(key: string, options: StoreDeleteOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    const { ifRevision, signal } = options
    const url = this.#objectUrl(key)
    // Not all servers compare when they delete: looking first leaves a moment in which another writer may be lost to them.
    if (ifRevision !== undefined && (await this.#revisionOf(url, signal)) !== ifRevision) throw conflict(url)
    const headers = await this.#condition(url, false, ifRevision, signal)
    const reply = await sendRequest(this.#client, url, { method: 'DELETE', headers, signal }, [404, 412])
    if (reply.status === 412) throw conflict(url)
  }

  #keyOf(key: string): string {
    if (key.split('/').includes('..'))
      throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(key)} is not a key: it would leave the folder`)
    return joinKey(this.#address.prefix, key)
  }

  #objectUrl(key: string): URL {
    const path = this.#keyOf(key)
    if (path === '') throw new SourceError('ERR_INVALID_ARGUMENT', `${this.path} is a bucket, which cannot be written like an object`)
    return this.#client.urlOf(path)
  }

  #metaHeader(name: string): string {
    return `${this.#address.protocol === 'gs' ? 'x-goog' : 'x-amz'}-meta-${name}`
  }

  /** Headers by which the server compares before it writes. */
  async #condition(
    url: URL,
    ifAbsent: boolean,
    ifRevision: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Record<string, string>> {
    if (this.#address.protocol === 'gs') {
      if (ifAbsent) return { 'x-goog-if-generation-match': '0' }
      if (ifRevision === undefined) return {}
      // Google compares generations, of which readers are not told together with the bytes.
      const head = await sendRequest(this.#client, url, { method: 'HEAD', signal }, [404])
      const generation = head.headers.get('x-goog-generation')
      if (head.headers.get('etag') !== ifRevision || generation === null) throw conflict(url)
      return { 'x-goog-if-generation-match': generation }
    }
    if (ifAbsent) return { 'if-none-match': '*' }
    if (ifRevision === undefined) return {}
    return { 'if-match': this.#bareTags ? ifRevision.replaceAll('"', '') : ifRevision }
  }

  async #revisionOf(url: URL, signal: AbortSignal | undefined): Promise<string | undefined> {
    const head = await sendRequest(this.#client, url, { method: 'HEAD', signal }, [404])
    return head.status === 404 ? undefined : (head.headers.get('etag') ?? undefined)
  }

  async #isOurs(url: URL, writeId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const head = await sendRequest(this.#client, url, { method: 'HEAD', signal }, [404])
    return head.headers.get(this.#metaHeader(writeIdName)) === writeId
  }

  #refused(url: URL, { status, text }: ObjectReply, replaces: boolean): SourceError {
    if (status === 404 && text.includes('NoSuchBucket'))
      return new SourceError('ERR_NOT_FOUND', `${shown(url)}: there is no bucket ${this.#address.bucket}`, { path: this.path })
    if (replaces) return conflict(url)
    if (status === 404) return new SourceError('ERR_NOT_FOUND', `${shown(url)}: the server answers 404 to a write`, { path: this.path })
    return new SourceError('ERR_ALREADY_EXISTS', `${shown(url)} exists already`, { path: shown(url) })
  }
}

function conflict(url: URL): SourceError {
  return new SourceError('ERR_CONFLICT', `${shown(url)} was replaced by another writer meanwhile`, { path: shown(url) })
}
