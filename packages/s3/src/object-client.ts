import { type Context, SourceError } from '@bioimage/core'
import { AwsV4Signer } from 'aws4fetch'
import type { ObjectAddress } from './address.js'
import { readText } from './read-text.js'
import { type Authorization, type ServerSettings, Settings } from './settings.js'

/** A body and headers of a request to object storage. */
export interface ObjectRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

const google = 'https://storage.googleapis.com'

/** Sends signed requests to the server of a bucket, and learns the bucket's region from its replies. */
export class ObjectClient {
  readonly #address: ObjectAddress
  readonly #context: Context
  readonly #settings: Settings
  readonly #server: ServerSettings
  /** Derived keys by day, region and secret. */
  readonly #derivedKeys = new Map<string, ArrayBuffer>()
  #learnedRegion: string | undefined

  private constructor(address: ObjectAddress, context: Context, settings: Settings, server: ServerSettings) {
    this.#address = address
    this.#context = context
    this.#settings = settings
    this.#server = server
  }

  static async open(address: ObjectAddress, context: Context): Promise<ObjectClient> {
    const settings = new Settings(address, context)
    const server = await settings.server()
    checkEndpoint(server.endpoint)
    // Half a pair of keys is told now, not at the first chunk.
    await settings.authorization()
    return new ObjectClient(address, context, settings, server)
  }

  /** Server and bucket: what makes keys of this client name the same objects as those of another one. */
  get identity(): string {
    return this.bucketUrl().href
  }

  /** Milliseconds of silence to wait for. */
  get timeoutMs(): number {
    return this.#context.timeoutMs ?? 30_000
  }

  /** The URL of the bucket. */
  bucketUrl(): URL {
    const { bucket, protocol } = this.#address
    const { endpoint, addressing } = this.#server
    const given = endpoint ?? (protocol === 'gs' ? google : undefined)
    // A bucket with dots fits no certificate as a part of a host name.
    const virtual = addressing === undefined ? given === undefined && !bucket.includes('.') : addressing === 'virtual'
    const url = new URL(given ?? `https://${awsHost(this.#server.region)}`)
    const path = url.pathname.replace(/\/$/, '')
    if (virtual) url.host = `${bucket}.${url.host}`
    url.pathname = virtual ? `${path}/` : `${path}/${bucket}`
    return url
  }

  /** The URL of an object. */
  urlOf(key: string): URL {
    const url = this.bucketUrl()
    if (key !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`
    return url
  }

  /** `fetch` with authorization, for stores that read by HTTP. */
  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input))
    const response = await this.#sendWhereItIs(url, init)
    return response.status === 403 ? checkRefusal(response, url) : response
  }

  async #sendWhereItIs(url: URL, init: RequestInit): Promise<Response> {
    const response = await this.#send(url, init)
    const region = response.headers.get('x-amz-bucket-region')
    const elsewhere = response.status === 301 || response.status === 307 || response.status === 400 || response.status === 403
    if (!elsewhere || region === null || this.#server.endpoint !== undefined || region === this.#region()) return response
    await response.body?.cancel().catch(() => {})
    this.#learnedRegion = region
    return this.#send(url, init)
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const send = this.#context.fetch ?? globalThis.fetch
    const target = this.#inRegion(url)
    const headers = new Headers(init.headers)
    const { requesterPays, userProject } = this.#server
    if (requesterPays) headers.set('x-amz-request-payer', 'requester')
    if (userProject !== undefined) headers.set('x-goog-user-project', userProject)
    const authorization = await this.#settings.authorization()
    await this.#authorize(target, init.method ?? 'GET', headers, authorization)
    // Elsewhere the signature is worth nothing, and a session token is nobody's business.
    const redirect = authorization.type === 'anonymous' ? {} : { redirect: 'manual' as const }
    // Who may write must see what is stored: browsers keep objects for as long as `Cache-Control` allows, also those just replaced.
    const fresh = authorization.type === 'anonymous' ? {} : { cache: 'no-cache' as const }
    const response = await send(target, { ...fresh, ...init, headers, ...redirect })
    if (response.type === 'opaqueredirect' || (response.headers.has('location') && response.status >= 300 && response.status < 400)) {
      const path = `${target.origin}${target.pathname}`
      throw new SourceError(
        'ERR_IO',
        `${path}: the server redirects a signed request, which is not followed; name its region or endpoint`,
        { path }
      )
    }
    return response
  }

  async #authorize(url: URL, method: string, headers: Headers, authorization: Authorization): Promise<void> {
    if (authorization.type === 'anonymous') return
    if (authorization.type === 'bearer') {
      checkSecrecy(url)
      setSecret(headers, 'authorization', `Bearer ${authorization.token}`, url)
      return
    }
    const { accessKeyId, secretAccessKey, sessionToken } = authorization.keys
    const signer = new AwsV4Signer({
      url: url.href,
      method,
      headers,
      service: 's3',
      region: this.#region() ?? (this.#address.protocol === 'gs' ? 'auto' : 'us-east-1'),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      cache: this.#derivedKeys
    })
    const signed = await signer.sign()
    for (const [name, value] of new Headers(signed.headers)) setSecret(headers, name, value, url)
  }

  #region(): string | undefined {
    return this.#learnedRegion ?? this.#server.region
  }

  /** The same object at the host of the region that was learned meanwhile. */
  #inRegion(url: URL): URL {
    if (this.#learnedRegion === undefined) return url
    const target = new URL(url)
    target.host = url.host.replace(awsHost(this.#server.region), awsHost(this.#learnedRegion))
    return target
  }
}

function awsHost(region: string | undefined): string {
  if (region === undefined) return 's3.amazonaws.com'
  return `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

function checkEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) return
  const valid = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol) && new URL(endpoint).username === ''
  if (!valid) throw new SourceError('ERR_INVALID_ARGUMENT', 'the endpoint of object storage is a URL such as https://storage.example.org')
}

/** A bearer token is all that another one needs. */
function checkSecrecy({ protocol, hostname, host }: URL): void {
  if (protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return
  throw new SourceError('ERR_INVALID_ARGUMENT', `a bearer token would be sent to ${host} in the clear; name its endpoint by https:`)
}

/** Checked here, since the message of the platform would hold the value. */
function setSecret(headers: Headers, name: string, value: string, url: URL): void {
  try {
    headers.set(name, value)
  } catch {
    throw new SourceError('ERR_INVALID_ARGUMENT', `the credentials for ${url.host} hold a character that is not valid in HTTP`)
  }
}

/** The message of an error is short. */
const maximalRefusal = 64 << 10

/**
 * A reply of 403 may be taken for a missing chunk only where it says no more than that the object may not be seen: a bucket without
 * the right to list answers so. An archived object, refused credentials or a refused key are errors, whoever asks.
 */
async function checkRefusal(response: Response, url: URL): Promise<Response> {
  const text = await readText(response, maximalRefusal).catch(() => undefined)
  const code = text === undefined ? undefined : /<Code>([A-Za-z.]+)<\/Code>/.exec(text)?.[1]
  const { status, statusText, headers } = response
  if (text === '' || code === 'AccessDenied') return new Response(text, { status, statusText, headers })
  const path = `${url.origin}${url.pathname}`
  throw new SourceError('ERR_ACCESS_DENIED', `${path}: the server refuses (${code ?? 'without a code of S3'})`, { path })
}
