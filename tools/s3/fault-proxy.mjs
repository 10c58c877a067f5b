// A proxy in front of a server that misbehaves as servers do: it throttles, cuts replies off, loses replies.
import { createServer, request as send } from 'node:http'

/**
 * @param {string} target Origin to hand requests on to.
 * @param {(request: { method: string, path: string, number: number }) => 'throttle' | 'cut' | 'lose' | undefined} faultOf What to do to a
 *   request: answer 503 instead of asking; send half of the reply and hang up; hand the request on, and hang up instead of replying.
 */
export const startFaultProxy = async (target, faultOf) => {
  const { hostname, port } = new URL(target)
  let number = 0
  const server = createServer((request, reply) => {
    const fault = faultOf({ method: request.method, path: request.url, number: number++ })
    if (fault === 'throttle') {
      request.resume()
      reply.writeHead(503, { 'retry-after': '0' }).end('<Error><Code>SlowDown</Code></Error>')
      return
    }
    const onward = send({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => {
        const body = Buffer.concat(parts)
        if (fault === 'lose') {
          reply.destroy()
          return
        }
        reply.writeHead(answer.statusCode, answer.headers)
        if (fault === 'cut') reply.write(body.subarray(0, body.length >> 1), () => reply.destroy())
        else reply.end(body)
      })
    })
    onward.on('error', () => reply.destroy())
    request.pipe(onward)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
  }
}
