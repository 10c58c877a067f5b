import { SourceError } from '../errors.js'
import { checkSize, resolveRange } from './byte-range.js'
import { type HttpReply, shown, silence, TransientError, unlessStopped } from './http-request.js'
import type { ByteRange, StoreGetOptions } from './store.js'

/** An object may be this large when it is fetched whole and the server does not announce its size. */
const maximalUnannounced = 1 << 30

/** The value of the header `range`. */
export function rangeHeader(range: ByteRange): string {
  return 'suffixLength' in range ? `bytes=-${range.suffixLength}` : `bytes=${range.offset}-${range.offset + range.length - 1}`
}

/**
 * Whether the reply says that there is no such object. "Forbidden" says it of a chunk in a bucket without a right to list, but not
 * where credentials were sent: those may have expired.
 */
export function isAbsent({ response, authorized }: HttpReply, chunk?: boolean): boolean {
  return response.status === 404 || response.status === 410 || (chunk === true && response.status === 403 && !authorized)
}

function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding')
  return encoding !== null && encoding !== '' && encoding !== 'identity'
}

/** Bytes of the whole object, where a reply tells them and they are not those of a compressed one. */
export function announcedLength({ response }: HttpReply): number | undefined {
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) && !isEncoded(response) ? length : undefined
}

/**
 * What a reply tells of the object's state. Parts and the whole may come in different encodings, which servers note at the end of the
 * tag. (RFC 9110, "ETag"; a page of another origin sees only the time, unless the server allows more.)
 */
export function revisionOf({ response: { headers } }: HttpReply): string | undefined {
  const tag = headers
    .get('etag')
    ?.replace(/^W\//, '')
    .replace(/(--?|;|\+)(gzip|br|zstd|deflate)"$/, '"')
  return tag ?? headers.get('last-modified') ?? undefined
}

/** @throws ERR_ACCESS_DENIED, ERR_IO unless the reply is a success. */
export async function checkStatus(reply: HttpReply): Promise<void> {
  const { response, url } = reply
  if (response.ok) return
  await discard(reply)
  const message = `${shown(url)}: the server answers ${response.status} ${response.statusText}`.trimEnd()
  if (response.status === 401 || response.status === 403) {
    throw new SourceError(
      'ERR_ACCESS_DENIED',
      `${message}; ${reply.authorized ? 'the credentials that were sent do not suffice' : 'pass credentials through the context'}`,
      { path: shown(url) }
    )
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

/** The body of a success: the bytes that were asked for, checked. */
export function readReply(reply: HttpReply, options: StoreGetOptions): Promise<Uint8Array> {
  return reply.response.status === 206 ? readPart(reply, options) : readWhole(reply, options)
}

/** A reply of status 206. */
async function readPart(reply: HttpReply, options: StoreGetOptions): Promise<Uint8Array> {
  const { response, url } = reply
  const { range } = options
  if (range === undefined) return readWholePart(reply, options)
  if (isEncoded(response)) {
    throw failure(url, `the server compressed a part of the object (${response.headers.get('content-encoding')})`)
  }
  const announced = contentRange(reply)
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
    return readExactly(reply, last - first + 1, options)
  }
  const bytes = await readUntil(reply, 0, limit + 1)
  if (bytes.byteLength > limit) throw failure(url, `${limit} bytes were asked for, more came`)
  return bytes
}

/** A part, where the whole was asked for: fine if it is the whole, which is how the cache of a browser answers from parts it has. */
async function readWholePart(reply: HttpReply, options: StoreGetOptions): Promise<Uint8Array> {
  const { response, url } = reply
  const announced = contentRange(reply)
  if (isEncoded(response) || announced === undefined || announced.first !== 0 || announced.last + 1 !== announced.total) {
    const found = response.headers.get('content-range') ?? 'a part of it'
    throw failure(url, `the whole object was asked for, the server sends ${found}`)
  }
  checkSize(shown(url), announced.total, options.objectSize)
  if (announced.total > (options.maxBytes ?? announced.total)) throw tooLarge(url, `${announced.total} bytes`, options.maxBytes)
  return readExactly(reply, announced.total, options)
}

/** A reply with the whole object, of which the range, if any, is taken here. */
async function readWhole(reply: HttpReply, options: StoreGetOptions): Promise<Uint8Array> {
  const { url } = reply
  const announced = announcedLength(reply)
  if (announced !== undefined) checkSize(shown(url), announced, options.objectSize)
  const { range, maxBytes } = options
  if (range !== undefined && !('suffixLength' in range)) {
    return readUntil(reply, range.offset, range.length)
  }
  if (announced !== undefined && range === undefined) {
    if (announced > (maxBytes ?? announced)) throw tooLarge(url, `${announced} bytes`, maxBytes)
    return readExactly(reply, announced, options)
  }
  const limit = range === undefined ? (maxBytes ?? maximalUnannounced) : maximalUnannounced
  const bytes = await readUntil(reply, 0, limit + 1)
  if (bytes.byteLength > limit) throw tooLarge(url, 'more unannounced', limit)
  checkSize(shown(url), bytes.byteLength, options.objectSize)
  if (range === undefined) return bytes
  const { offset, length: wanted } = resolveRange(range, bytes.byteLength)
  return bytes.subarray(offset, offset + wanted)
}

function tooLarge(url: URL, found: string, limit: number | undefined): SourceError {
  return new SourceError('ERR_TOO_LARGE', `${shown(url)}: at most ${limit} bytes were expected, the server sends ${found}`, {
    path: shown(url)
  })
}

/** A body of known length, read straight into the memory given or into new one. */
async function readExactly(reply: HttpReply, length: number, options: StoreGetOptions): Promise<Uint8Array> {
  const { url } = reply
  const { scratch } = options
  const target = scratch !== undefined && scratch.byteLength >= length ? scratch.subarray(0, length) : allocate(length, url)
  let filled = 0
  for await (const part of bodyOf(reply)) {
    if (filled + part.byteLength > length) throw failure(url, `${length} bytes were announced, more came`)
    target.set(part, filled)
    filled += part.byteLength
  }
  if (filled !== length) throw new TransientError(`${shown(url)}: ${length} bytes were announced, ${filled} came`, shown(url))
  return target
}

/** Up to `length` bytes of a body, from `offset` on; what comes before is not kept, the rest is not fetched. */
async function readUntil(reply: HttpReply, offset: number, length: number): Promise<Uint8Array> {
  const { url } = reply
  const parts: Uint8Array[] = []
  let passed = 0
  let total = 0
  for await (const part of bodyOf(reply)) {
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
async function* bodyOf(reply: HttpReply): AsyncGenerator<Uint8Array> {
  const { response, url, timeoutMs, signal } = reply
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const stop = (reason: unknown): unknown => reason ?? silence(url, `no further bytes for ${timeoutMs / 1000} s`)
      const { done, value } = await unlessStopped(reader.read(), { timeoutMs, signal }, stop)
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

/** A reply that is not what was asked for. */
export function failure(url: URL, reason: string): SourceError {
  return new SourceError('ERR_IO', `${shown(url)}: ${reason}`, { path: shown(url) })
}

function lostConnection(error: unknown, url: URL, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof TransientError) return error
  return new TransientError(`${shown(url)}: the connection was lost in the middle of the object`, shown(url), error)
}

/** Gives up what is left of the body: it would hold the connection. */
export async function discard({ response }: HttpReply): Promise<void> {
  if (response.body?.locked === false) await response.body.cancel().catch(() => {})
}

/** The range that a reply of status 206 holds; `undefined` where a browser hides the header from pages of other origins. */
export function contentRange({ response, url }: HttpReply): { first: number; last: number; total: number | undefined } | undefined {
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
