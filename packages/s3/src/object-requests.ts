import { isAbort, SourceError } from '@bioimage/core'
import { retry } from '@bioimage/core/backend'
import type { ObjectClient, ObjectRequest } from './object-client.js'
import { readText } from './read-text.js'

/** A reply that was read to its end. */
export interface ObjectReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Whether an earlier attempt may have reached the server, too, and its reply was lost. */
  readonly repeated: boolean
}

/** Writes wait for a server that restarts: about half a minute in all. */
const tries = 8
/** A page of a listing is the longest reply; its thousand names have up to a thousand bytes, each of which may take three. */
const maximalReply = 16 << 20
/** Slower than this is silence. */
const bytesPerMs = 256

/** A failure that may pass: the request is sent again. */
class TransientError extends SourceError {
  readonly retryAfterMs: number | undefined

  constructor(message: string, path: string, cause?: unknown, retryAfterMs?: number) {
    super('ERR_IO', message, { path, cause })
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * Sends a request until it gets a reply that is final: a reply of 429 or 5xx, one that says that another operation is in the way, a
 * lost connection and a silent server are tried again with growing pauses.
 *
 * @param expected Statuses that the caller handles, beside success; any other is an error.
 */
export async function sendRequest(
  client: ObjectClient,
  url: URL,
  request: ObjectRequest,
  expected: readonly number[] = []
): Promise<ObjectReply> {
  let repeated = false
  return retry(
    request.signal,
    async () => {
      const reply = await attempt(client, url, request, repeated, () => {
        repeated = true
      })
      const isFinal = (reply.status >= 200 && reply.status < 300) || expected.includes(reply.status)
      if (isFinal && !isInTheWay(reply)) return reply
      throw failure(url, request.method, reply)
    },
    tries
  )
}

async function attempt(
  client: ObjectClient,
  url: URL,
  { method, headers, body, signal }: ObjectRequest,
  repeated: boolean,
  onLost: () => void
): Promise<ObjectReply> {
  const timeout = new AbortController()
  const wait = (milliseconds: number): ReturnType<typeof setTimeout> => setTimeout(() => timeout.abort(), milliseconds)
  let timer = wait(client.timeoutMs + Math.ceil((body?.byteLength ?? 0) / bytesPerMs))
  try {
    const response = await client.fetch(url, {
      method,
      ...(headers !== undefined && { headers }),
      // A copy only where the memory is shared, which `fetch` refuses.
      ...(body !== undefined && {
        body: body.buffer instanceof ArrayBuffer ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : new Uint8Array(body)
      }),
      signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal])
    })
    const text = await readText(response, maximalReply, () => {
      clearTimeout(timer)
      timer = wait(client.timeoutMs)
    })
    if (text === undefined)
      throw new SourceError('ERR_IO', `${shown(url)}: the server answers with more than ${maximalReply} bytes`, { path: shown(url) })
    return { status: response.status, headers: response.headers, text, repeated }
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    if (error instanceof SourceError || (isAbort(error) && !timeout.signal.aborted)) throw error
    onLost()
    const reason = timeout.signal.aborted
      ? 'no reply in time'
      : error instanceof Error && error.cause instanceof Error
        ? error.cause.message
        : String(error)
    throw new TransientError(`${shown(url)}: ${reason}`, shown(url), error)
  } finally {
    clearTimeout(timer)
  }
}

/** Another operation on the object was under way: the request was not looked at. */
function isInTheWay({ status, text }: ObjectReply): boolean {
  return status === 409 && /<Code>(OperationAborted|ConditionalRequestConflict)<\/Code>/.test(text)
}

function failure(url: URL, method: string, reply: ObjectReply): SourceError {
  const { status, text, headers } = reply
  const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1]
  const message = `${shown(url)}: the server answers ${status}${code === undefined ? '' : ` ${code}`} to ${method}`
  const path = shown(url)
  if (status === 401 || status === 403) {
    return new SourceError(
      'ERR_ACCESS_DENIED',
      `${message}; credentials come from the context, the environment or a profile, for a server that the path names from the context alone`,
      { path }
    )
  }
  if (status === 404 && code === 'NoSuchBucket') return new SourceError('ERR_NOT_FOUND', `${message}: there is no such bucket`, { path })
  if (status === 429 || status >= 500 || isInTheWay(reply)) return new TransientError(message, path, undefined, retryAfterMs(headers))
  return new SourceError('ERR_IO', message, { path })
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}

/** For messages: without the query, which may hold a signature. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}
