import type { Context } from '../context.js'
import { isAbort, SourceError } from '../errors.js'
import { retry } from '../retry.js'
import { checkSize, resolveRange } from './byte-range.js'
import type { ByteRange, Store, StoreGetOptions } from './store.js'

/** An object may be this large when it is fetched whole and the server does not announce its size. */
const maximalUnannounced = 1 << 30

/**
 * A folder or file behind an HTTP(S) URL, read by range requests. The query of the URL is kept for every key.
 *
 * Replies are checked: status, length, range, and content encoding (a compressed part of an object is of no use). Replies
 * of 429 and 5xx and lost connections are tried again with growing pauses.
 *
 * @throws ERR_INVALID_ARGUMENT for a URL with a user name or password: credentials belong into the context.
 */
export function httpStore(url: string | URL, context: Context = {}): Store {
  const root = new URL(url)
  if (root.username !== '' || root.password !== '') {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `the URL of ${root.host} holds a user name or password; pass an authorization header through the context`
    )
  }
  return new HttpStore(root, context)
}

class HttpStore implements Store {
  readonly identity: string
  readonly path: string
  readonly remote = true
  readonly #root: URL
  readonly #context: Context

  constructor(root: URL, context: Context) {
    this.#root = root
    this.#context = context
    this.path = root.href
    this.identity = root.href
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    const url = this.#urlOf(key)
    const { range } = options
    if (range !== undefined && 'length' in range && range.length === 0) return new Uint8Array(0)
    return retry(options.signal, async () => {
      const response = await this.#fetch(url, { headers: range === undefined ? {} : { range: rangeHeader(range) } }, options.signal)
      if (response.status === 416 && range !== undefined) {
        await discard(response)
        return new Uint8Array(0)
      }
      if (isAbsent(response, options.chunk)) {
        await discard(response)
        return undefined
      }
      await checkStatus(response, url)
      return response.status === 206 && range !== undefined ? readPart(response, range, url, options) : readWhole(response, url, options)
    })
  }

  async size(key: string, options: { signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    const url = this.#urlOf(key)
    return retry(options.signal, async () => {
      const head = await this.#fetch(url, { method: 'HEAD' }, options.signal)
      if (isAbsent(head)) return undefined
      const length = Number(head.headers.get('content-length') ?? Number.NaN)
      if (head.ok && Number.isSafeInteger(length) && !isEncoded(head)) return length
      // Servers that know no HEAD, or that compress on the way, tell the size in the reply to a range request.
      const part = await this.#fetch(url, { headers: { range: 'bytes=0-0' } }, options.signal)
      await discard(part)
      if (isAbsent(part)) return undefined
      if (part.status === 416) return 0
      await checkStatus(part, url)
      const total = part.status === 206 ? contentRange(part, url)?.total : Number(part.headers.get('content-length') ?? Number.NaN)
      if (total === undefined || !Number.isSafeInteger(total))
        throw new SourceError('ERR_IO', `${shown(url)}: the server does not tell the size`, { path: shown(url) })
      return total
    })
  }

  #urlOf(key: string): URL {
    if (key === '') return this.#root
    const segments = key.split('/')
    if (segments.includes('..'))
      throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(key)} is not a key: it would leave the folder`)
    const url = new URL(this.#root)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${segments.map(encodeURIComponent).join('/')}`
    return url
  }

  async #fetch(url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const send = this.#context.fetch ?? globalThis.fetch
    const headers = { ...this.#context.headers?.(url), ...init.headers }
    try {
      return await send(url, { ...init, headers, ...(signal !== undefined && { signal }) })
    } catch (error) {
      if (isAbort(error, signal)) throw signal?.aborted === true ? signal.reason : error
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw new TransientError(`${shown(url)}: ${reason}`, shown(url), error)
    }
  }
}

/** A failure that may pass: the request is tried again. */
class TransientError extends SourceError {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, path: string, cause?: unknown, retryAfterMs?: number) {
    super('ERR_IO', message, { path, cause })
    this.retryAfterMs = retryAfterMs
  }
}

function rangeHeader(range: ByteRange): string {
  return 'suffixLength' in range ? `bytes=-${range.suffixLength}` : `bytes=${range.offset}-${range.offset + range.length - 1}`
}

function isAbsent(response: Response, chunk?: boolean): boolean {
  return response.status === 404 || response.status === 410 || (chunk === true && response.status === 403)
}

function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding')
  return encoding !== null && encoding !== '' && encoding !== 'identity'
}

async function checkStatus(response: Response, url: URL): Promise<void> {
  if (response.ok) return
  await discard(response)
  const message = `${shown(url)}: the server answers ${response.status} ${response.statusText}`.trimEnd()
  if (response.status === 401 || response.status === 403) {
    throw new SourceError('ERR_ACCESS_DENIED', `${message}; pass credentials through the context`, { path: shown(url) })
  }
  if (response.status === 429 || response.status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    throw new TransientError(message, shown(url), undefined, Number.isFinite(seconds) ? seconds * 1000 : undefined)
  }
  throw new SourceError('ERR_IO', message, { path: shown(url) })
}

async function readPart(response: Response, range: ByteRange, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  if (isEncoded(response)) {
    await discard(response)
    throw new SourceError(
      'ERR_IO',
      `${shown(url)}: the server compressed a part of the object (${response.headers.get('content-encoding')})`,
      { path: shown(url) }
    )
  }
  const announced = contentRange(response, url)
  if (announced?.total !== undefined) checkSize(shown(url), announced.total, options.objectSize)
  const wanted = 'suffixLength' in range ? (announced?.total === undefined ? undefined : resolveRange(range, announced.total)) : range
  if (announced !== undefined && wanted !== undefined && announced.first !== wanted.offset) {
    await discard(response)
    throw new SourceError(
      'ERR_IO',
      `${shown(url)}: bytes from ${wanted.offset} on were asked for, the server sends them from ${announced.first} on`,
      { path: shown(url) }
    )
  }
  const bytes = new Uint8Array(await body(response, url, options.signal))
  const expected = announced === undefined ? undefined : announced.last - announced.first + 1
  if (expected !== undefined && bytes.byteLength !== expected) {
    throw new TransientError(`${shown(url)}: ${expected} bytes were announced, ${bytes.byteLength} came`, shown(url))
  }
  const limit = 'suffixLength' in range ? range.suffixLength : range.length
  if (bytes.byteLength > limit)
    throw new SourceError('ERR_IO', `${shown(url)}: ${limit} bytes were asked for, ${bytes.byteLength} came`, { path: shown(url) })
  return bytes
}

/** A reply with the whole object, of which the range, if any, is taken here. */
async function readWhole(response: Response, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  const announced = Number(response.headers.get('content-length') ?? Number.NaN)
  const { range } = options
  if (range !== undefined && !('suffixLength' in range)) {
    const bytes = await readUntil(response, range.offset + range.length, url, options.signal)
    if (Number.isSafeInteger(announced) && !isEncoded(response)) checkSize(shown(url), announced, options.objectSize)
    return bytes.subarray(Math.min(range.offset, bytes.byteLength), range.offset + range.length)
  }
  let bytes: Uint8Array
  if (Number.isSafeInteger(announced) && !isEncoded(response)) {
    bytes = new Uint8Array(await body(response, url, options.signal))
    if (bytes.byteLength !== announced)
      throw new TransientError(`${shown(url)}: ${announced} bytes were announced, ${bytes.byteLength} came`, shown(url))
  } else {
    bytes = await readUntil(response, maximalUnannounced + 1, url, options.signal)
    if (bytes.byteLength > maximalUnannounced)
      throw new SourceError('ERR_TOO_LARGE', `${shown(url)}: more than ${maximalUnannounced} bytes came unannounced`, { path: shown(url) })
  }
  checkSize(shown(url), bytes.byteLength, options.objectSize)
  if (range === undefined) return bytes
  const { offset, length } = resolveRange(range, bytes.byteLength)
  return bytes.subarray(offset, offset + length)
}

/** The first `length` bytes of a body; the rest is not fetched. */
async function readUntil(response: Response, length: number, url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array(0)
  const parts: Uint8Array[] = []
  let total = 0
  try {
    while (total < length) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      total += value.byteLength
    }
  } catch (error) {
    throw lostConnection(error, url, signal)
  } finally {
    await reader.cancel().catch(() => {})
  }
  const bytes = new Uint8Array(Math.min(total, length))
  let filled = 0
  for (const part of parts) {
    bytes.set(part.subarray(0, bytes.byteLength - filled), filled)
    filled += part.byteLength
  }
  return bytes
}

async function body(response: Response, url: URL, signal: AbortSignal | undefined): Promise<ArrayBuffer> {
  try {
    return await response.arrayBuffer()
  } catch (error) {
    throw lostConnection(error, url, signal)
  }
}

function lostConnection(error: unknown, url: URL, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return new TransientError(`${shown(url)}: the connection was lost in the middle of the object`, shown(url), error)
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {})
}

/** The range that a reply of status 206 holds; `undefined` where a browser hides the header from pages of other origins. */
function contentRange(response: Response, url: URL): { first: number; last: number; total: number | undefined } | undefined {
  const header = response.headers.get('content-range')
  if (header === null) return undefined
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header) ?? []
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    throw new SourceError('ERR_IO', `${shown(url)}: the server sends the unreadable Content-Range ${JSON.stringify(header)}`, {
      path: shown(url)
    })
  }
  return { first: Number(first), last: Number(last), total: total === '*' ? undefined : Number(total) }
}

/** The URL for messages: without its query, which may hold a signature or a token. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}
