import type { Context } from '../context.js'
import { isAbort, SourceError } from '../errors.js'
import { hasCredentials } from '../url-credentials.js'

/** A reply whose head has come, and what reading its body goes by. */
export interface HttpReply {
  readonly response: Response
  /** The URL that was asked for, before any redirect. */
  readonly url: URL
  /** Milliseconds to wait for further bytes. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Whether credentials were sent: by the context, or in the URL. */
  readonly authorized: boolean
}

/** What is sent, beside what the context adds. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** A failure that may pass: the request is tried again. */
export class TransientError extends SourceError {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, path: string, cause?: unknown, retryAfterMs?: number) {
    super('ERR_IO', message, { path, cause })
    this.retryAfterMs = retryAfterMs
  }
}

const defaultTimeoutMs = 30_000
/** Timers of JavaScript count in 32 bits. */
const longestTimeoutMs = 2 ** 31 - 1
const mostRedirects = 20

/** @throws ERR_INVALID_ARGUMENT for what is no time. */
export function checkTimeout(timeoutMs: number = defaultTimeoutMs): number {
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`timeoutMs\` is a number of milliseconds above 0, found ${String(timeoutMs)}`)
  return Math.min(timeoutMs, longestTimeoutMs)
}

/**
 * Sends a request and gives the reply once its head has come. Headers and query of the context go to the origin of the URL
 * only: a redirect to another origin is followed without them.
 *
 * @throws TransientError for a lost connection, and for silence of `timeoutMs`.
 */
export async function sendRequest(url: URL, request: HttpRequest, context: Context): Promise<HttpReply> {
  const { signal } = request
  const timeoutMs = checkTimeout(context.timeoutMs)
  const secret = context.headers?.(url) ?? {}
  const send = (target: URL, headers: Readonly<Record<string, string>>, redirect: RequestRedirect): Promise<Response> =>
    answerOf(url, context, timeoutMs, signal, {
      target,
      init: { method: request.method ?? 'GET', headers: validHeaders({ ...headers, ...request.headers }, url), redirect }
    })
  let target = withQuery(url, context)
  const authorized = Object.keys(secret).length > 0 || target !== url || hasCredentials(url)
  const reply = (response: Response): HttpReply => ({ response, url, timeoutMs, signal, authorized })
  // Without secrets the platform may follow.
  if (Object.keys(secret).length === 0) return reply(await send(target, {}, 'follow'))
  let headers = secret
  for (let count = 0; count <= mostRedirects; count++) {
    const response = await send(target, headers, 'manual')
    if (response.type === 'opaqueredirect') return reply(await followInBrowser(url, secret, (init) => send(target, secret, init)))
    const next = redirectOf(response, target)
    if (next === undefined) return reply(response)
    await response.body?.cancel().catch(() => {})
    if (next.protocol !== 'http:' && next.protocol !== 'https:')
      throw new SourceError('ERR_IO', `${shown(url)}: the server redirects to a URL of ${next.protocol}`, { path: shown(url) })
    if (next.origin !== target.origin) headers = {}
    target = next
  }
  throw new SourceError('ERR_IO', `${shown(url)}: the server redirects more than ${mostRedirects} times`, { path: shown(url) })
}

/**
 * Pages do not get to see where a redirect leads. Browsers take `authorization` off a request that they redirect to another
 * origin (Fetch standard, "HTTP-redirect fetch"), but no other header.
 */
async function followInBrowser(
  url: URL,
  secret: Readonly<Record<string, string>>,
  send: (redirect: RequestRedirect) => Promise<Response>
): Promise<Response> {
  const other = Object.keys(secret).find((name) => name.toLowerCase() !== 'authorization')
  if (other === undefined) return send('follow')
  throw new SourceError(
    'ERR_IO',
    `${shown(url)}: the server redirects, and a browser would send the header ${JSON.stringify(other)} along to wherever that leads; give the URL that it redirects to, or authorize by the header "authorization"`,
    { path: shown(url) }
  )
}

function redirectOf(response: Response, target: URL): URL | undefined {
  const location = response.headers.get('location')
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined
  return URL.canParse(location, target) ? new URL(location, target) : undefined
}

/** The URL with the parameters of the context. */
function withQuery(url: URL, context: Context): URL {
  const added = Object.entries(context.query?.(url) ?? {})
  if (added.length === 0) return url
  const target = new URL(url)
  for (const [name, value] of added) target.searchParams.set(name, value)
  return target
}

async function answerOf(
  url: URL,
  context: Context,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  { target, init }: { readonly target: URL; readonly init: RequestInit }
): Promise<Response> {
  const fetch = context.fetch ?? globalThis.fetch
  // Of its own: an abort of the caller's signal has to reach the body too, but no listener may stay on it.
  const stop = new AbortController()
  try {
    return await unlessStopped(fetch(target, { ...init, signal: stop.signal }), { timeoutMs, signal }, (reason) => {
      const error = reason ?? silence(url, `no answer for ${timeoutMs / 1000} s`)
      stop.abort(error)
      return error
    })
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    // Of a transport that signs requests, say.
    if (isAbort(error) || error instanceof SourceError) throw error
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new TransientError(`${shown(url)}: ${reason}`, shown(url), error)
  }
}

/**
 * The work's result. After the time, or when the signal is aborted, what `stop` gives for the reason of the abort, if it was
 * one.
 */
export function unlessStopped<T>(
  work: Promise<T>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  stop: (reason: unknown) => unknown
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(stop(signal?.reason))
    const timer = setTimeout(() => reject(stop(undefined)), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    work.then(resolve, reject).finally(settle)
    if (signal?.aborted === true) abort()
  })
}

/** The error of a server that says nothing. */
export function silence(url: URL, what: string): TransientError {
  return new TransientError(`${shown(url)}: ${what}; the option \`timeoutMs\` of the context waits longer`, shown(url))
}

/** Checked here, since the message of the platform would hold the value, which may be a secret. */
function validHeaders(headers: Readonly<Record<string, string>>, url: URL): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new SourceError('ERR_INVALID_ARGUMENT', `${shown(url)}: the context gives a header that is not valid in HTTP`, {
      path: shown(url)
    })
  }
}

/** The URL for messages: without its query, which may hold a signature or a token. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}
