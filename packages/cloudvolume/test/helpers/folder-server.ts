import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes a request away from the server by answering it. */
export type Answer = (url: URL, response: ServerResponse) => boolean

/** A web server of a folder, which knows ranges and tells no revisions. Gives its address, and what was asked for. */
export async function serveFolder(folder: string, answer: Answer = () => false): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '', 'http://server')
    requests.push(url.pathname)
    if (answer(url, response)) return
    const bytes = contentOf(join(folder, decodeURIComponent(url.pathname)))
    if (bytes === undefined) response.writeHead(404).end()
    else {
      const [, first = '0', last = `${bytes.byteLength - 1}`] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const part = bytes.subarray(Number(first), Number(last) + 1)
      const end = Number(first) + part.byteLength - 1
      const headers = { 'content-length': part.byteLength, 'content-range': `bytes ${first}-${end}/${bytes.byteLength}` }
      response.writeHead(request.headers.range === undefined ? 200 : 206, headers).end(request.method === 'HEAD' ? undefined : part)
    }
  }
  const server = createServer(respond)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests }
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
