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
import { formatAddress, type ObjectAddress, parseAddress } from './address.js'
import { type ListingPage, parseListing } from './listing.js'
import { multipartBytes, putInParts } from './multipart.js'
import { ObjectClient } from './object-client.js'
import { type ObjectReply, sendRequest, shown } from './object-requests.js'

/** Opens the store of a URL `s3://…` or `gs://…`. @throws ERR_INVALID_ARGUMENT */
export async function openObjectStore(url: URL, context: Context): Promise<Store> {
  const address = parseAddress(url)
  return new ObjectStore(address, await ObjectClient.open(address, context), context)
}

/** Reads wait for a server that restarts as long as writes do. */
const readTries = 8

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
    this.#objects = httpStore(client.urlOf(address.prefix), { ...context, fetch: client.fetch }, { tries: readTries })
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    // The URL of a bucket gives a list of its objects.
    if (this.#keyOf(key) === '') return undefined
    return this.#objects.get(key, options)
  }

  async size(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    if (this.#keyOf(key) === '') return undefined
    return this.#objects.size(key, options)
  }

  async *list(folder: string, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<StoreEntry> {
    const path = this.#keyOf(folder)
    const prefix = path === '' ? '' : `${path}/`
    const seen = new Set<string>()
    for (let next: ListingPage['next'] | 'first' = 'first'; next !== undefined; ) {
      const url = this.#client.bucketUrl()
      const query = { 'list-type': '2', delimiter: '/', 'encoding-type': 'url', prefix, ...(next !== 'first' && { [next[0]]: next[1] }) }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const { text } = await sendRequest(this.#client, url, { method: 'GET', signal: options.signal })
      const page = this.#parsePage(text, prefix)
      yield* page.entries
      next = page.next
      if (next === undefined) return
      if (seen.has(next[1])) throw new SourceError('ERR_IO', `${this.path}: the listing goes in a circle`, { path: this.path })
      seen.add(next[1])
    }
  }

  #parsePage(text: string, prefix: string): ListingPage {
    try {
      return parseListing(text, prefix)
    } catch (error) {
      throw error instanceof SourceError
        ? new SourceError(error.code, `${this.path}: ${error.message}`, { path: this.path, cause: error })
        : error
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
    const inParts = !conditional && bytes.byteLength > multipartBytes
    const writeId = conditional || inParts ? crypto.randomUUID() : undefined
    if (writeId !== undefined) headers[this.#metaHeader(writeIdName)] = writeId
    if (inParts && writeId !== undefined)
      return putInParts({ client: this.#client, url, bytes, headers, signal, isStored: () => this.#isOurs(url, writeId, signal) })
    if (conditional) await this.#checkConditions(url, ifRevision, signal)
    const put = async (condition: Record<string, string>): Promise<ObjectReply> =>
      sendRequest(
        this.#client,
        url,
        { method: 'PUT', body: bytes, headers: { ...headers, ...condition }, signal },
        conditional ? [404, 409, 412] : [404]
      )
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
    if (ifRevision !== undefined) checkTag(url, ifRevision)
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

  /**
   * Servers exist that take no notice of conditions, and would let writers undo each other's changes: tried once for each bucket, by an
   * object that is not there and must not be made.
   *
   * @throws ERR_UNSUPPORTED
   */
  async #checkConditions(url: URL, ifRevision: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (ifRevision !== undefined) checkTag(url, ifRevision)
    if (this.#address.protocol === 'gs') return
    const { identity } = this.#client
    let heeds = heedsConditions.get(identity)
    if (heeds === undefined) {
      heeds = this.#tryCondition(url)
      heedsConditions.set(identity, heeds)
      heeds.catch(() => heedsConditions.delete(identity))
    }
    const answer = await heeds
    signal?.throwIfAborted()
    if (answer) return
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `${shown(url)}: the server ignores the condition If-Match, so that several writers could undo each other's changes; only whole chunks and shards of what exists can be written there`,
      { path: this.path }
    )
  }

  async #tryCondition(url: URL): Promise<boolean> {
    const target = new URL(`__bioimage-${crypto.randomUUID()}.tmp`, url)
    // What is waited for is shared by all writers, none of which may abort it.
    const request = { method: 'PUT', body: new Uint8Array(0), headers: { 'if-match': '"00000000000000000000000000000000"' } }
    // Who may not list a bucket is told "forbidden" of what is not there, as an answer to the condition; who may not write is told so
    // again by the write itself.
    const reply = await sendRequest(this.#client, target, request, [403, 404, 412])
    if (reply.status >= 300) return !reply.text.includes('NoSuchBucket') || this.#noBucket(url)
    await sendRequest(this.#client, target, { method: 'DELETE' }, [404])
    return false
  }

  #noBucket(url: URL): never {
    throw new SourceError('ERR_NOT_FOUND', `${shown(url)}: there is no bucket ${this.#address.bucket}`, { path: this.path })
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
    if (status === 404 && text.includes('NoSuchBucket')) this.#noBucket(url)
    if (replaces) return conflict(url)
    if (status === 404) return new SourceError('ERR_NOT_FOUND', `${shown(url)}: the server answers 404 to a write`, { path: this.path })
    return new SourceError('ERR_ALREADY_EXISTS', `${shown(url)} exists already`, { path: shown(url) })
  }
}

/** Whether the server of a bucket compares before it writes, by server and bucket. */
const heedsConditions = new Map<string, Promise<boolean>>()

/** A page of another origin may be told a date in place of the tag: two writers in one second have the same. */
function checkTag(url: URL, revision: string): void {
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} /.test(revision)) return
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `${shown(url)}: the server hides the header ETag, by which changes of several writers are told apart (CORS, ExposeHeader)`,
    { path: shown(url) }
  )
}

function conflict(url: URL): SourceError {
  return new SourceError('ERR_CONFLICT', `${shown(url)} was replaced by another writer meanwhile`, { path: shown(url) })
}
