import type { Context } from '../context.js'
import { isAbort, isSourceError, SourceError } from '../errors.js'
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
  readonly contentEncoding = true
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
    options.signal?.throwIfAborted()
    if (range !== undefined && ('length' in range ? range.length : range.suffixLength) === 0) return new Uint8Array(0)
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
      try {
        const bytes = response.status === 206 ? await readPart(response, range, url, options) : await readWhole(response, url, options)
        const revision = revisionOf(response)
        if (revision !== undefined) options.onRevision?.(revision)
        return bytes
      } catch (error) {
        // What is left of the body would hold the connection.
        await discard(response)
        throw error
      }
    })
  }

  async size(key: string, options: { signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    const url = this.#urlOf(key)
    return retry(options.signal, async () => {
      const head = await this.#fetch(url, { method: 'HEAD' }, options.signal)
      if (isAbsent(head)) return undefined
      const length = announcedLength(head)
      if (head.ok && length !== undefined) return length
      // Servers that know no HEAD, or that compress on the way, tell the size in the reply to a range request.
      const part = await this.#fetch(url, { headers: { range: 'bytes=0-0' } }, options.signal)
      if (isAbsent(part) || part.status === 416) {
        await discard(part)
        return part.status === 416 ? 0 : undefined
      }
      await checkStatus(part, url)
      try {
        const total =
          part.status === 206 ? contentRange(part, url)?.total : (announcedLength(part) ?? (await readWhole(part, url, options)).byteLength)
        if (total === undefined) throw failure(url, 'the server does not tell the size')
        return total
      } finally {
        await discard(part)
      }
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
    const headers = validHeaders({ ...this.#context.headers?.(url), ...init.headers }, url)
    try {
      return await send(url, { ...init, headers, ...(signal !== undefined && { signal }) })
    } catch (error) {
      if (isAbort(error, signal)) throw signal?.aborted === true ? signal.reason : error
      // Of a transport that signs requests, say.
      if (isSourceError(error)) throw error
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw new TransientError(`${shown(url)}: ${reason}`, shown(url), error)
    }
  }
}

/** Checked here, since the message of the platform would hold the value, which may be a secret. */
function validHeaders(headers: HeadersInit, url: URL): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new SourceError('ERR_INVALID_ARGUMENT', `${shown(url)}: the context gives a header that is not valid in HTTP`, {
      path: shown(url)
    })
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

/**
 * What a reply tells of the object's state. Parts and the whole may come in different encodings, which servers note at the end of the
 * tag. (RFC 9110, "ETag"; a page of another origin sees only the time, unless the server allows more.)
 */
function revisionOf({ headers }: Response): string | undefined {
  const tag = headers
    .get('etag')
    ?.replace(/^W\//, '')
    .replace(/(--?|;|\+)(gzip|br|zstd|deflate)"$/, '"')
  return tag ?? headers.get('last-modified') ?? undefined
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

/** Bytes of the whole object, where a reply tells them and they are not those of a compressed one. */
function announcedLength(response: Response): number | undefined {
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) && !isEncoded(response) ? length : undefined
}

async function checkStatus(response: Response, url: URL): Promise<void> {
  if (response.ok) return
  await discard(response)
  const message = `${shown(url)}: the server answers ${response.status} ${response.statusText}`.trimEnd()
  if (response.status === 401 || response.status === 403) {
    throw new SourceError('ERR_ACCESS_DENIED', `${message}; pass credentials through the context`, { path: shown(url) })
  }
  if (response.status === 429 || response.status >= 500) {
    throw new TransientError(message, shown(url), undefined, retryAfterMs(response))
  }
  throw new SourceError('ERR_IO', message, { path: shown(url) })
}

/** The pause that a server asks for: seconds, or a date. */
function retryAfterMs(response: Response): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null || header.trim() === '') return undefined
  const milliseconds = Number.isFinite(Number(header)) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined
}

/** A reply of status 206. */
async function readPart(response: Response, range: ByteRange | undefined, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  if (range === undefined) return readWholePart(response, url, options)
  if (isEncoded(response)) {
    throw failure(url, `the server compressed a part of the object (${response.headers.get('content-encoding')})`)
  }
  const announced = contentRange(response, url)
  if (announced?.total !== undefined) checkSize(shown(url), announced.total, options.objectSize)
  const limit = 'suffixLength' in range ? range.suffixLength : range.length
  if (announced !== undefined) {
    const { first, last, total } = announced
    if ('suffixLength' in range ? total !== undefined && first !== Math.max(0, total - limit) : first !== range.offset)
      throw failure(url, `${rangeHeader(range)} were asked for, the server sends them from ${first} on`)
    const end = 'suffixLength' in range ? total : total === undefined ? undefined : Math.min(total, range.offset + limit)
    if (end !== undefined && last + 1 < end)
      throw failure(url, `${rangeHeader(range)} were asked for, the server sends them to ${last} only`)
    if (last - first + 1 > limit) throw failure(url, `${limit} bytes were asked for, the server sends ${last - first + 1}`)
    return readExactly(response, last - first + 1, url, options)
  }
  const bytes = await readUntil(response, 0, limit + 1, url, options.signal)
  if (bytes.byteLength > limit) throw failure(url, `${limit} bytes were asked for, more came`)
  return bytes
}

/** A part, where the whole was asked for: fine if it is the whole, which is how the cache of a browser answers from parts it has. */
async function readWholePart(response: Response, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  const announced = contentRange(response, url)
  if (isEncoded(response) || announced === undefined || announced.first !== 0 || announced.last + 1 !== announced.total) {
    const found = response.headers.get('content-range') ?? 'a part of it'
    throw failure(url, `the whole object was asked for, the server sends ${found}`)
  }
  checkSize(shown(url), announced.total, options.objectSize)
  return readExactly(response, announced.total, url, options)
}

/** A reply with the whole object, of which the range, if any, is taken here. */
async function readWhole(response: Response, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  const announced = announcedLength(response)
  if (announced !== undefined) checkSize(shown(url), announced, options.objectSize)
  const { range } = options
  if (range !== undefined && !('suffixLength' in range)) {
    return readUntil(response, range.offset, range.length, url, options.signal)
  }
  if (announced !== undefined && range === undefined) return readExactly(response, announced, url, options)
  const bytes = await readUntil(response, 0, maximalUnannounced + 1, url, options.signal)
  if (bytes.byteLength > maximalUnannounced)
    throw new SourceError('ERR_TOO_LARGE', `${shown(url)}: more than ${maximalUnannounced} bytes came unannounced`, { path: shown(url) })
  checkSize(shown(url), bytes.byteLength, options.objectSize)
  if (range === undefined) return bytes
  const { offset, length: wanted } = resolveRange(range, bytes.byteLength)
  return bytes.subarray(offset, offset + wanted)
}

/** A body of known length, read straight into the memory given or into new one. */
async function readExactly(response: Response, length: number, url: URL, options: StoreGetOptions): Promise<Uint8Array> {
  const { scratch } = options
  const target = scratch !== undefined && scratch.byteLength >= length ? scratch.subarray(0, length) : allocate(length, url)
  let filled = 0
  for await (const part of bodyOf(response, url, options.signal)) {
    if (filled + part.byteLength > length) throw failure(url, `${length} bytes were announced, more came`)
    target.set(part, filled)
    filled += part.byteLength
  }
  if (filled !== length) throw new TransientError(`${shown(url)}: ${length} bytes were announced, ${filled} came`, shown(url))
  return target
}

/** Up to `length` bytes of a body, from `offset` on; what comes before is not kept, the rest is not fetched. */
async function readUntil(
  response: Response,
  offset: number,
  length: number,
  url: URL,
  signal: AbortSignal | undefined
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let passed = 0
  let total = 0
  for await (const part of bodyOf(response, url, signal)) {
    const kept = part.subarray(Math.max(0, offset - passed)).subarray(0, length - total)
    passed += part.byteLength
    if (kept.byteLength > 0) parts.push(kept)
    total += kept.byteLength
    if (total === length) break
  }
  const bytes = allocate(total, url)
  let filled = 0
  for (const part of parts) {
    bytes.set(part, filled)
    filled += part.byteLength
  }
  return bytes
}

/** The parts of a body as they come. Leaving the loop ends the transfer. */
async function* bodyOf(response: Response, url: URL, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } catch (error) {
    throw lostConnection(error, url, signal)
  } finally {
    await reader.cancel().catch(() => {})
    reader.releaseLock()
  }
}

function allocate(length: number, url: URL): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new SourceError('ERR_TOO_LARGE', `${shown(url)}: cannot allocate ${length} bytes at once`, { path: shown(url), cause })
  }
}

function failure(url: URL, reason: string): SourceError {
  return new SourceError('ERR_IO', `${shown(url)}: ${reason}`, { path: shown(url) })
}

function lostConnection(error: unknown, url: URL, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return new TransientError(`${shown(url)}: the connection was lost in the middle of the object`, shown(url), error)
}

async function discard(response: Response): Promise<void> {
  if (response.body?.locked === false) await response.body.cancel().catch(() => {})
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
