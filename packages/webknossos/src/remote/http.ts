import { type Context, isAbort, isJsonObject, type JsonObject, SourceError } from '@bioimage/core'
import { parseDocument, retry } from '@bioimage/core/backend'
import { causeWithoutSecrets, type HideSecrets, hidingSecrets } from './secrets.js'

/** Where requests of one server go, and with what. */
export interface Connection {
  readonly context: Context
  /** Of the server that was opened; sent as `X-Auth-Token`. In a URL, which ends up in logs, only where nothing else is taken. */
  readonly token: string | undefined
}

/** Servers compute replies of a hundred buckets: twice what other requests have. */
const defaultTimeoutMs = 60_000

/** One request. */
export interface RequestOptions {
  /** Sent by POST as JSON; without it the request is a GET. */
  readonly body?: unknown
  /** A longer reply is an error. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

/** A whole reply. */
export interface Reply {
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** For texts of the reply that are shown. */
  readonly hide: HideSecrets
}

/** A JSON document of a server is at most this long. */
const maximalDocument = 256 << 20
const maximalMessage = 16 << 10

/** A failure that may pass: `retry` tries again what throws one. */
export class PassingError extends SourceError {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, path: string, cause?: unknown, retryAfterMs?: number) {
    super('ERR_IO', message, { kind: 'webknossos', path, cause })
    this.retryAfterMs = retryAfterMs
  }
}

/** What a server says of a failure. */
export interface Said {
  /** The messages; the first one is of the failure itself. None for a reply that is not in the form of WEBKNOSSOS, as from a proxy. */
  readonly errors: readonly string[]
  /** What led to it, where the server tells. */
  readonly chain: string
  /** Milliseconds that the server asks to wait. */
  readonly pauseMs: number | undefined
}

/** That the server has no such thing. */
export class AbsentError extends SourceError {
  readonly said: Said

  constructor(message: string, path: string, said: Said) {
    super('ERR_NOT_FOUND', message, { kind: 'webknossos', path })
    this.said = said
  }
}

/**
 * Sends one request and reads the reply whole.
 *
 * @throws PassingError for 429, 5xx, lost connections and timeouts; ERR_ACCESS_DENIED, ERR_NOT_FOUND and ERR_IO for other replies, with
 *   what the server says.
 */
export async function send(connection: Connection, url: URL, options: RequestOptions): Promise<Reply> {
  const { token, context } = connection
  const { body, signal, maxBytes } = options
  signal?.throwIfAborted()
  const watch = new Watch(context.timeoutMs ?? defaultTimeoutMs)
  const { headers, isSecret, hide } = requestHeaders(connection, url, body !== undefined)
  try {
    const response = await (context.fetch ?? globalThis.fetch)(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      // A redirect may lead to a host that they are not for.
      redirect: isSecret ? 'manual' : 'follow',
      signal: signal === undefined ? watch.signal : AbortSignal.any([signal, watch.signal]),
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    if (response.ok) return { headers: response.headers, bytes: await readBody(response, maxBytes, url, watch), hide }
    throw await failureOf(response, url, token, watch, hide)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SourceError) throw error
    if (watch.signal.aborted) throw new PassingError(`${shown(url)}: nothing came for ${watch.milliseconds} ms`, shown(url))
    if (isAbort(error, signal)) throw error
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new PassingError(`${shown(url)}: ${hide(reason)}`, shown(url), causeWithoutSecrets(error, hide))
  } finally {
    watch.stop()
  }
}

/** Ends a request of which nothing came for a while. */
class Watch {
  readonly milliseconds: number
  readonly #controller = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
    this.restart()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#controller.abort(), this.milliseconds)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** A JSON object; tried again after failures that may pass. @throws as {@link send}, ERR_IO for anything but JSON */
export async function getJson(connection: Connection, url: URL, signal: AbortSignal | undefined): Promise<JsonObject> {
  const { value } = await getDocument(connection, url, signal, (bytes, name) => parseDocument(bytes, name, 'largestSegmentId'))
  return value
}

/** A JSON list of objects. */
export async function getJsonList(connection: Connection, url: URL, signal: AbortSignal | undefined): Promise<readonly JsonObject[]> {
  // Wrapped, since documents are objects.
  const { value } = await getDocument(connection, url, signal, (bytes, name) => {
    const text = new TextDecoder().decode(bytes)
    return parseDocument(new TextEncoder().encode(`{"list":${text}}`), name, 'largestSegmentId')
  })
  return Array.isArray(value.list) ? value.list.filter(isJsonObject) : []
}

async function getDocument(
  connection: Connection,
  url: URL,
  signal: AbortSignal | undefined,
  parse: (bytes: Uint8Array, name: string) => JsonObject
): Promise<{ readonly value: JsonObject }> {
  return retry(signal, async () => {
    const { headers, bytes, hide } = await send(connection, url, { maxBytes: maximalDocument, signal })
    try {
      return { value: parse(bytes, shown(url)) }
    } catch (error) {
      const type = hide(headers.get('content-type') ?? 'no type')
      throw new SourceError(
        'ERR_IO',
        `${shown(url)}: JSON expected, found ${bytes.byteLength} bytes of ${type}; is this a WEBKNOSSOS server?`,
        {
          path: shown(url),
          cause: causeWithoutSecrets(error, hide)
        }
      )
    }
  })
}

function requestHeaders(
  { context, token }: Connection,
  url: URL,
  isPost: boolean
): { readonly headers: Headers; readonly isSecret: boolean; readonly hide: HideSecrets } {
  const own = context.headers?.(url) ?? {}
  const given = { ...own, ...(token !== undefined && { 'X-Auth-Token': token }) }
  try {
    const headers = new Headers({ ...given, ...(isPost && { 'Content-Type': 'application/json' }) })
    return { headers, isSecret: Object.keys(given).length > 0, hide: hidingSecrets(token, Object.values(own)) }
  } catch {
    // The message of the platform would hold the value.
    throw new SourceError('ERR_INVALID_ARGUMENT', `${shown(url)}: the context gives a token or header that is not valid in HTTP`)
  }
}

async function readBody(response: Response, maxBytes: number, url: URL, watch: Watch): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let total = 0
  const reader = response.body?.getReader()
  if (reader !== undefined) {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        watch.restart()
        parts.push(value)
        total += value.byteLength
        if (total > maxBytes) throw new SourceError('ERR_IO', `${shown(url)}: more than the ${maxBytes} bytes asked for came`)
      }
    } finally {
      await reader.cancel().catch(() => {})
    }
  }
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  const bytes = new Uint8Array(total)
  let filled = 0
  for (const part of parts) {
    bytes.set(part, filled)
    filled += part.byteLength
  }
  return bytes
}

/** What a reply of no success means. */
async function failureOf(response: Response, url: URL, token: string | undefined, watch: Watch, hide: HideSecrets): Promise<SourceError> {
  const { status } = response
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await response.body?.cancel().catch(() => {})
    return new SourceError(
      'ERR_IO',
      `${shown(url)}: the server redirects, which is not followed with a token or headers; open the address that it leads to`
    )
  }
  const said = await messagesOf(response, watch)
  const errors = hide(said.errors.join('; ')).slice(0, 1000)
  const message = `${shown(url)}: the server answers ${status}${errors === '' ? '' : `, ${errors}`}`
  if (status === 401 || status === 403) {
    const cure = token === undefined ? `pass a token by \`context.credentials\` under "webknossos:${url.host}"` : 'the token has no access'
    return new SourceError('ERR_ACCESS_DENIED', `${message}; ${cure}`, { path: shown(url) })
  }
  if (status === 404) return new AbsentError(message, shown(url), said)
  if (status === 429 || status >= 500) return new PassingError(message, shown(url), undefined, said.pauseMs)
  return new SourceError('ERR_IO', message, { path: shown(url) })
}

/** What the server says of a failure: `{"messages": [{"error": "…"}, {"chain": "…"}]}`. */
async function messagesOf(response: Response, watch: Watch): Promise<Said> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const pauseMs = Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined
  try {
    const text = new TextDecoder().decode(await readBody(response, maximalMessage, new URL('http://reply'), watch))
    return { ...parseMessages(text), pauseMs }
  } catch {
    return { errors: [], chain: '', pauseMs }
  }
}

/** The messages in the text of a reply; none in what has not the form of WEBKNOSSOS. */
export function parseMessages(text: string): Pick<Said, 'errors' | 'chain'> {
  let reply: unknown
  try {
    reply = JSON.parse(text)
  } catch {
    return { errors: [], chain: '' }
  }
  const messages: readonly unknown[] = isJsonObject(reply) && Array.isArray(reply.messages) ? reply.messages : []
  const texts = (member: 'error' | 'chain'): readonly string[] =>
    messages.map((message) => (isJsonObject(message) ? message[member] : undefined)).filter((text) => typeof text === 'string')
  return { errors: texts('error'), chain: texts('chain').join('; ') }
}

/** The URL for messages: without its query. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}
