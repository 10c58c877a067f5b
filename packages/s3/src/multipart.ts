import { SourceError } from '@bioimage/core'
import { textOf } from './listing.js'
import type { ObjectClient } from './object-client.js'
import { sendRequest, shown } from './object-requests.js'

/** Objects above this are sent in parts, so that a lost connection costs one part. */
export const multipartBytes: number = 256 << 20

/** An object to store in parts. */
export interface LargeObject {
  readonly client: ObjectClient
  readonly url: URL
  readonly bytes: Uint8Array
  /** Of the object. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
  /** Bytes of a part. Defaults to 64 MiB; Amazon takes no part below 5 MiB but the last, and no more than 10 000. */
  readonly partBytes?: number | undefined
  /** Whether the object that is there now is this one. */
  isStored(): Promise<boolean>
}

/** Stores a large object in parts. It appears when all are there; after a failure nothing of it is left. */
export async function putInParts({ client, url, bytes, headers, signal, partBytes = 64 << 20, isStored }: LargeObject): Promise<void> {
  const begin = await sendRequest(client, withQuery(url, { uploads: '' }), { method: 'POST', headers, signal })
  const uploadId = textOf(begin.text, 'UploadId')
  if (uploadId === undefined)
    throw new SourceError('ERR_IO', `${shown(url)}: the server begins an upload without naming it`, { path: shown(url) })
  try {
    const parts: string[] = []
    for (let offset = 0; offset < bytes.byteLength; offset += partBytes) {
      const partNumber = parts.length + 1
      const body = bytes.subarray(offset, offset + partBytes)
      const part = await sendRequest(client, withQuery(url, { partNumber: String(partNumber), uploadId }), { method: 'PUT', body, signal })
      const tag = part.headers.get('etag')
      if (tag === null) {
        const message = `${shown(url)}: the server hides the header ETag, which uploads in parts need (CORS, ExposeHeader)`
        throw new SourceError('ERR_IO', message, { path: shown(url) })
      }
      parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`)
    }
    const body = new TextEncoder().encode(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
    const request = { method: 'POST', body, headers: { 'content-type': 'application/xml' }, signal }
    const end = await sendRequest(client, withQuery(url, { uploadId }), request, [404])
    // The status is sent before the parts are joined: success is what the text says. An upload that is gone may have been joined by a
    // request whose reply was lost.
    if (end.status === 404 || !end.text.includes('<CompleteMultipartUploadResult')) {
      if (await isStored()) return
      const reason = textOf(end.text, 'Code') ?? `${end.status} and no result`
      throw new SourceError('ERR_IO', `${shown(url)}: joining the parts failed (${reason})`, { path: shown(url) })
    }
  } catch (error) {
    await sendRequest(client, withQuery(url, { uploadId }), { method: 'DELETE' }, [404]).catch(() => {})
    throw error
  }
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  return target
}
