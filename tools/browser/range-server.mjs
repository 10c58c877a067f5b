// Serves the fixtures of a package over HTTP on this machine, with ranges and CORS as object stores have them. As a global setup
// of vitest it provides its address to the tests: `inject('rangeServerUrl')`.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve, sep } from 'node:path'

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, etag'
}

/** The first and last byte of a `Range` header; `undefined` for none, `null` for one that cannot be satisfied. */
const parseRange = (header, size) => {
  const match = header?.match(/^bytes=(\d*)-(\d*)$/)
  if (match === undefined || match === null || (match[1] === '' && match[2] === '')) return undefined
  const isSuffix = match[1] === ''
  const first = isSuffix ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const last = isSuffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return first > last ? null : { first, last }
}

const answer = async (folder, request, response) => {
  const send = (status, headers = {}) => response.writeHead(status, { ...cors, ...headers })
  if (request.method === 'OPTIONS') return send(204).end()
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405).end()

  const path = resolve(join(folder, decodeURIComponent(new URL(request.url, 'http://localhost').pathname)))
  const inside = path.startsWith(resolve(folder) + sep)
  const file = inside ? await stat(path).catch(() => undefined) : undefined
  if (!file?.isFile()) return send(404).end()

  const range = parseRange(request.headers.range, file.size)
  if (range === null) return send(416, { 'content-range': `bytes */${file.size}` }).end()
  const { first, last } = range ?? { first: 0, last: file.size - 1 }
  send(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': last - first + 1,
    etag: `"${file.mtimeMs}-${file.size}"`,
    ...(range !== undefined && { 'content-range': `bytes ${first}-${last}/${file.size}` })
  })
  if (request.method === 'HEAD' || file.size === 0) return response.end()
  createReadStream(path, { start: first, end: last })
    .on('error', () => response.destroy())
    .pipe(response)
}

/** Starts a server of the files in `folder`; resolves to its `url` (with a slash at the end) and `close()`. */
export const startRangeServer = async (folder) => {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.destroy())
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const close = () =>
    new Promise((closed) => {
      server.close(closed)
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${server.address().port}/`, close }
}

/** The global setup: the folder is the config's `rangeServerFolder`, relative to the package. */
export const setup = async (project) => {
  const server = await startRangeServer(join(project.config.root, project.config.provide.rangeServerFolder ?? 'test/fixtures'))
  project.provide('rangeServerUrl', server.url)
  return server.close
}
