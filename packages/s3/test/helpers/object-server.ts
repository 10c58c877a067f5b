import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { signatureOf } from './sigv4.js'

export const keys = { accessKeyId: 'TESTKEY', secretAccessKey: 'testSecret' }

type Headers = Readonly<Record<string, string>>

/** Takes a request away from the server by answering it. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => boolean | undefined

export interface ObjectServer {
  readonly endpoint: string
  readonly objects: Map<string, { readonly bytes: Buffer; readonly headers: Headers }>
  readonly requests: IncomingMessage[]
  /** Whether conditions are heeded. */
  conditions: boolean
  answer: Answer
  /** Whether a request is carried out and its reply lost. */
  loses: (request: IncomingMessage) => boolean
}

/** A small server of one bucket that checks signatures; anonymous requests may read. Objects have the path of their URL as name. */
export async function serveObjects(answer: Answer = () => false): Promise<ObjectServer> {
  const objects: ObjectServer['objects'] = new Map()
  const uploads = new Map<string, { readonly headers: Headers; readonly parts: Map<number, Buffer> }>()
  const requests: IncomingMessage[] = []
  const respond = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const url = new URL(request.url ?? '', state.endpoint)
    const { method = '' } = request
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const { authorization } = headers
    if (authorization !== undefined && !authorization.endsWith(signatureOf({ method, url, headers }, keys.secretAccessKey)))
      refuse(response, 403, 'SignatureDoesNotMatch')
    else if (authorization === undefined && method !== 'GET' && method !== 'HEAD') refuse(response, 403, 'AccessDenied')
    else carryOut(method, url, headers, body, response)
  }
  const carryOut = (method: string, url: URL, headers: Headers, body: Buffer, response: ServerResponse): void => {
    const key = decodeURIComponent(url.pathname)
    const uploadId = url.searchParams.get('uploadId')
    const present = objects.get(key)
    const kept = { 'x-amz-meta-bioimage-write': headers['x-amz-meta-bioimage-write'] ?? '' }
    if (method === 'POST' && url.searchParams.has('uploads')) {
      uploads.set(String(uploads.size), { headers: kept, parts: new Map() })
      response.end(`<InitiateMultipartUploadResult><UploadId>${uploads.size - 1}</UploadId></InitiateMultipartUploadResult>`)
    } else if (uploadId !== null) {
      const upload = uploads.get(uploadId)
      if (upload === undefined) refuse(response, 404, 'NoSuchUpload')
      else if (method === 'PUT') {
        upload.parts.set(Number(url.searchParams.get('partNumber')), body)
        response.setHeader('etag', tagOf(body)).end()
      } else {
        uploads.delete(uploadId)
        if (method === 'POST') objects.set(key, { bytes: Buffer.concat([...upload.parts.values()]), headers: upload.headers })
        response.end(method === 'POST' ? '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' : '')
      }
    } else if (method === 'PUT') {
      const expected = headers['if-match']
      const isOther = expected !== undefined && (present === undefined || tagOf(present.bytes) !== expected)
      const isThere = headers['if-none-match'] === '*' && present !== undefined
      if (state.conditions && isOther && present === undefined) refuse(response, 404, 'NoSuchKey')
      else if (state.conditions && (isOther || isThere)) refuse(response, 412, 'PreconditionFailed')
      else {
        objects.set(key, { bytes: body, headers: kept })
        response.setHeader('etag', tagOf(body)).end()
      }
    } else if (method === 'DELETE') {
      objects.delete(key)
      response.writeHead(204).end()
    } else if (present === undefined) refuse(response, 404, 'NoSuchKey')
    else {
      response.writeHead(200, { 'content-length': present.bytes.byteLength, etag: tagOf(present.bytes), ...present.headers })
      response.end(method === 'HEAD' ? undefined : present.bytes)
    }
  }
  const server = createServer(async (request, response) => {
    requests.push(request)
    const count = requests.length
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const isTaken = state.answer(request, response, count)
    if (state.loses(request))
      response.end = () => {
        request.socket.destroy()
        return response
      }
    if (isTaken !== true) respond(request, response, Buffer.concat(parts))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  const { port } = server.address() as AddressInfo
  const state: ObjectServer = { endpoint: `http://127.0.0.1:${port}`, objects, requests, conditions: true, answer, loses: () => false }
  return state
}

/** Answers with an error of S3. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`)
}

function tagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}
