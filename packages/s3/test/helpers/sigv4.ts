import { createHash, createHmac } from 'node:crypto'

/** A request as a server got it. */
export interface SignedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The signature that a request must have, by the names of signed headers that it gives. (AWS, "Authenticating Requests: Using the
 * Authorization Header", Signature Version 4.)
 */
export function signatureOf({ method, url, headers }: SignedRequest, secretAccessKey: string): string {
  const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+),\s*SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? []
  const query = Array.from(url.searchParams, ([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part)))
  const signed = names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
  const request = [method, path.join('/'), query.join('&'), signed.join(''), names, headers['x-amz-content-sha256']].join('\n')
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, createHash('sha256').update(request).digest('hex')].join('\n')
  let key: string | Buffer = `AWS4${secretAccessKey}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
