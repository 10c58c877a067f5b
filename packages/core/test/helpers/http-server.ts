import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TestServer {
  /** Without a slash at the end. */
  readonly url: string
  /** What came so far, as `GET /name bytes=0-9`. */
  readonly requests: string[]
  readonly received: IncomingMessage[]
}

/** Answers one request; `count` is its number, from 1 on. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A server on this machine that answers as told, until the test ends. */
export async function serve(answer: Answer): Promise<TestServer> {
  const requests: string[] = []
  const received: IncomingMessage[] = []
  const server = createServer((request, response) => {
    received.push(request)
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '))
    answer(request, response, received.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, received }
}

/** The reply of a server that does everything right. */
export function sendProperly(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const isRange = from !== '' || to !== ''
  const first = from === '' ? Math.max(0, bytes.byteLength - Number(to || bytes.byteLength)) : Number(from)
  const last = from === '' || to === '' ? bytes.byteLength - 1 : Math.min(Number(to), bytes.byteLength - 1)
  if (isRange && first > last) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end()
    return
  }
  const part = bytes.subarray(first, last + 1)
  response.writeHead(isRange ? 206 : 200, {
    'content-length': part.byteLength,
    ...(isRange && { 'content-range': `bytes ${first}-${last}/${bytes.byteLength}` })
  })
  response.end(request.method === 'HEAD' ? undefined : part)
}
