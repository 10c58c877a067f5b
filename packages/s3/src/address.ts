import { SourceError } from '@bioimage/core'

/** A place in object storage. */
export interface ObjectAddress {
  readonly protocol: 's3' | 'gs'
  readonly bucket: string
  /** Keys below it, without slashes at either end; `""` for the whole bucket. */
  readonly prefix: string
  /** Server that the URL itself names, such as `https://storage.example.org`. */
  readonly endpoint: string | undefined
}

/**
 * Parses `s3://bucket/path`, `gs://bucket/path` and `s3://https://server/bucket/path`.
 *
 * @throws ERR_INVALID_ARGUMENT for a URL without bucket, or with a user name, password or query.
 */
export function parseAddress(url: URL): ObjectAddress {
  const protocol = url.protocol === 'gs:' ? 'gs' : 's3'
  // The parser takes the inner scheme for the host, and what follows for a path.
  const named = (url.hostname === 'https' || url.hostname === 'http') && url.pathname.startsWith('//')
  const [server = ''] = url.pathname.slice(2).split('/')
  if (named && server.includes('@'))
    throw invalid(
      `the server ${server.slice(server.lastIndexOf('@') + 1)} has a user name or password in front; pass credentials through the context`
    )
  if (url.username !== '' || url.password !== '')
    throw invalid(`${url.host} has a user name or password in front; pass credentials through the context`)
  if (url.search !== '' || url.hash !== '')
    throw invalid(`${shown(url)} is followed by a query; a "?" or "#" in a key is written %3F or %23`)
  const parts = url.pathname.split('/').filter((part) => part !== '')
  const endpoint = named ? `${url.hostname}://${parts.shift() ?? ''}` : undefined
  const bucket = named ? (parts.shift() ?? '') : url.hostname
  if (bucket === '' || !/^[a-z0-9][a-z0-9._-]*$/i.test(bucket))
    throw invalid(`${shown(url)} names no bucket; expected ${protocol}://bucket/path`)
  return { protocol, bucket, prefix: parts.map(decode).join('/'), endpoint }
}

/** The URL that opens the place again. It holds no credential. */
export function formatAddress({ protocol, bucket, prefix, endpoint }: ObjectAddress): string {
  const path = [bucket, ...prefix.split('/').filter((part) => part !== '')]
  return `${protocol}://${endpoint === undefined ? '' : `${endpoint}/`}${path.map(encodeSpecial).join('/')}`
}

/** What would end the path of a URL. */
function encodeSpecial(part: string): string {
  return part.replace(/[%?#\\ ]/g, encodeURIComponent)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A lone "%" stands for itself.
    return part
  }
}

function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

function invalid(message: string): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', message)
}
