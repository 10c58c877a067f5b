import type { Context } from '../context.js'
import { SourceError } from '../errors.js'
import { retry } from '../retry.js'
import { withoutCredentials } from '../url-credentials.js'
import { announcedLength, checkStatus, contentRange, discard, failure, isAbsent, rangeHeader, readReply, revisionOf } from './http-reply.js'
import { checkTimeout, sendRequest, shown, TransientError } from './http-request.js'
import type { Store, StoreGetOptions } from './store.js'

/** Options of {@link httpStore}. */
export interface HttpStoreOptions {
  /** How often a request is sent in all before a failure that may pass is an error. Defaults to 4. */
  readonly tries?: number | undefined
}

/**
 * A folder or file behind an HTTP(S) URL, read by range requests. The query of the URL is kept for every key; its `path` has
 * no parameters that are taken for credentials.
 *
 * Replies are checked: status, length, range, and content encoding (a compressed part of an object is of no use). Replies
 * of 429 and 5xx, lost connections and silent servers are tried again with growing pauses.
 *
 * @throws ERR_INVALID_ARGUMENT for a URL with a user name or password: credentials belong into the context.
 */
export function httpStore(url: string | URL, context: Context = {}, options: HttpStoreOptions = {}): Store {
  checkTimeout(context.timeoutMs)
  const root = new URL(url)
  if (root.username !== '' || root.password !== '') {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `the URL of ${root.host} holds a user name or password; pass an authorization header through the context`
    )
  }
  return new HttpStore(root, context, options.tries)
}

class HttpStore implements Store {
  readonly identity: string
  readonly path: string
  readonly remote = true
  readonly contentEncoding = true
  readonly #root: URL
  readonly #context: Context
  readonly #tries: number | undefined

  constructor(root: URL, context: Context, tries: number | undefined) {
    this.#tries = tries
    this.#root = root
    this.#context = context
    this.path = withoutCredentials(root).href
    this.identity = root.href
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    const url = this.#urlOf(key)
    const { range } = options
    options.signal?.throwIfAborted()
    if (range !== undefined && ('length' in range ? range.length : range.suffixLength) === 0) return new Uint8Array(0)
    return retry(
      options.signal,
      async () => {
        const headers = range === undefined ? {} : { range: rangeHeader(range) }
        const reply = await sendRequest(url, { headers, signal: options.signal }, this.#context)
        if (reply.response.status === 416 && range !== undefined) {
          await discard(reply)
          if (options.onRevision !== undefined && 'offset' in range) await this.#checkEnd(url, range.offset, options)
          return new Uint8Array(0)
        }
        if (isAbsent(reply, options.chunk)) {
          await discard(reply)
          return undefined
        }
        await checkStatus(reply)
        try {
          const bytes = await readReply(reply, options)
          const revision = revisionOf(reply)
          if (revision !== undefined) options.onRevision?.(revision)
          return bytes
        } catch (error) {
          await discard(reply)
          throw error
        }
      },
      this.#tries
    )
  }

  async size(key: string, options: { signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    const url = this.#urlOf(key)
    return retry(
      options.signal,
      async () => {
        const { signal } = options
        const head = await sendRequest(url, { method: 'HEAD', signal }, this.#context)
        if (isAbsent(head)) return undefined
        const length = announcedLength(head)
        if (head.response.ok && length !== undefined) return length
        // Servers that know no HEAD, or that compress on the way, tell the size in the reply to a range request.
        const part = await sendRequest(url, { headers: { range: 'bytes=0-0' }, signal }, this.#context)
        if (isAbsent(part) || part.response.status === 416) {
          await discard(part)
          return part.response.status === 416 ? 0 : undefined
        }
        await checkStatus(part)
        try {
          const total =
            part.response.status === 206
              ? contentRange(part)?.total
              : (announcedLength(part) ?? (await readReply(part, options)).byteLength)
          if (total === undefined) throw failure(url, 'the server does not tell the size')
          return total
        } finally {
          await discard(part)
        }
      },
      this.#tries
    )
  }

  /**
   * Tells the revision of an object that ends before `offset`: that a range lies behind the end is said without it, and the object may
   * just have been replaced by a shorter one.
   *
   * @throws TransientError if the object is longer by now.
   */
  async #checkEnd(url: URL, offset: number, { signal, onRevision }: StoreGetOptions): Promise<void> {
    const first = await sendRequest(url, { headers: { range: 'bytes=0-0' }, signal }, this.#context)
    await discard(first)
    if (first.response.status === 416) return
    if (!first.response.ok) throw new TransientError(`${shown(url)} was removed while it was read`, shown(url))
    const total = first.response.status === 206 ? contentRange(first)?.total : undefined
    const revision = revisionOf(first)
    if (total === undefined || revision === undefined) return
    if (total > offset) throw new TransientError(`${shown(url)} was replaced while it was read`, shown(url))
    onRevision?.(revision)
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
}
