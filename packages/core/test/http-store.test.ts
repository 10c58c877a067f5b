import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fetchEncoded } from '../src/chunked/inline-executor.js'
import { type Context, httpStore, openSource, type Store, type StoreGetOptions } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { type Answer, sendProperly, serve } from './helpers/http-server.js'
import { withoutPauses } from './helpers/without-pauses.js'

const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
const middle = { range: { offset: 2, length: 3 } }
const end = { range: { suffixLength: 3 } }

/** Every reply is this one: `[status, headers, body]`; a body in a list comes without its length. */
function reply(status: number, headers: Readonly<Record<string, string>> = {}, body: Uint8Array | readonly Uint8Array[] = []): Answer {
  return (request, response) => {
    if (body instanceof Uint8Array) response.setHeader('content-length', body.byteLength)
    response.writeHead(status, headers)
    if (request.method !== 'HEAD') for (const part of body instanceof Uint8Array ? [body] : body) response.write(part)
    response.end()
  }
}

async function storeOf(
  answer: Answer,
  context: Context = {}
): Promise<{ store: Store; url: string; requests: string[]; received: Awaited<ReturnType<typeof serve>>['received'] }> {
  const { url, requests, received } = await serve(answer)
  return { store: httpStore(`${url}/data`, context), url, requests, received }
}

const proper: Answer = (request, response) => sendProperly(request, response, digits)

describe('an object that is longer than its reader has a use for', () => {
  const swollen = gzipSync(new Uint8Array(64 << 20))
  const cases: readonly (readonly [string, Answer])[] = [
    ['announced', reply(200, {}, new Uint8Array(2001))],
    ['not announced', reply(200, {}, [new Uint8Array(1001), new Uint8Array(1000)])],
    ['compressed', reply(200, { 'content-encoding': 'gzip' }, swollen)],
    ['sent as a part', reply(206, { 'content-range': 'bytes 0-2000/2001' }, new Uint8Array(2001))]
  ]
  test.each(cases)('%s, is an error', async (_, answer) => {
    const { store, requests } = await storeOf(answer)
    expect(await codeOf(() => store.get('x', { maxBytes: 2000 }))).toBe('ERR_TOO_LARGE')
    expect(requests).toHaveLength(1)
  })
  test('is that for a chunk, too', async () => {
    const store = httpStore((await serve(reply(200, { 'content-encoding': 'gzip' }, swollen))).url)
    const task = { store, coding: { codecs: [], byteLength: 100, itemSize: 1 }, signal: undefined }
    await expect(fetchEncoded(task, { location: { key: 'chunk' } })).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
  })
  test('and what is just as long is read', async () => {
    const { store } = await storeOf(reply(200, { 'content-encoding': 'gzip' }, gzipSync(new Uint8Array(2000))))
    expect((await store.get('x', { maxBytes: 2000 }))?.byteLength).toBe(2000)
  })
})

describe('a server that does everything right', () => {
  test('gives whole objects, ranges and ends, cut where the object ends', async () => {
    const { store, requests } = await storeOf(proper)
    const read = async (options?: StoreGetOptions): Promise<number[]> => [...((await store.get('x', options)) ?? [])]
    expect(await read()).toEqual([...digits])
    expect(await read(middle)).toEqual([2, 3, 4])
    expect(await read({ range: { offset: 8, length: 5 } })).toEqual([8, 9])
    expect(await read({ range: { offset: 10, length: 5 } })).toEqual([])
    expect(await read(end)).toEqual([7, 8, 9])
    expect(await read({ range: { suffixLength: 99 } })).toEqual([...digits])
    expect(requests.slice(0, 2)).toEqual(['GET /data/x', 'GET /data/x bytes=2-4'])
  })
  test('is not asked for nothing', async () => {
    const { store, requests } = await storeOf(proper)
    expect((await store.get('x', { range: { offset: 3, length: 0 } }))?.byteLength).toBe(0)
    expect((await store.get('x', { range: { suffixLength: 0 } }))?.byteLength).toBe(0)
    expect(requests).toEqual([])
  })
  test('tells the size in one request', async () => {
    const { store, requests } = await storeOf(proper)
    expect(await store.size('x')).toBe(10)
    expect(requests).toEqual(['HEAD /data/x'])
  })
  test('fills the memory it is given, if that is large enough', async () => {
    const { store } = await storeOf(proper)
    const scratch = new Uint8Array(5)
    const part = await store.get('x', { ...middle, scratch })
    expect(part?.buffer).toBe(scratch.buffer)
    expect([...scratch]).toEqual([2, 3, 4, 0, 0])
    expect((await store.get('x', { scratch }))?.buffer).not.toBe(scratch.buffer)
  })
  test('gets names with any character as they are, and the query of the URL with each', async () => {
    const { url, requests } = await serve(proper)
    await httpStore(`${url}/a%20folder/?version=3&part=a%2Fb`).get('50% of #1?/ü +&.bin')
    await httpStore(`${url}/plain.mrc?version=3`).get('')
    expect(requests).toEqual(['GET /a%20folder/50%25%20of%20%231%3F/%C3%BC%20%2B%26.bin?version=3&part=a%2Fb', 'GET /plain.mrc?version=3'])
  })
  test('is never asked for what lies outside the folder', async () => {
    const { store, requests } = await storeOf(proper)
    for (const key of ['..', '../x', 'a/../../x']) expect(await codeOf(store.get(key))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(store.size('../x'))).toBe('ERR_INVALID_ARGUMENT')
    expect(requests).toEqual([])
  })
  test('gets the headers of the context, chosen by URL, with every request', async () => {
    const headers = (url: URL): Record<string, string> => ({ authorization: `Bearer for ${url.pathname}` })
    const { store, received } = await storeOf(proper, { headers })
    await store.get('x', middle)
    await store.size('y')
    expect(received.map((request) => request.headers.authorization)).toEqual(['Bearer for /data/x', 'Bearer for /data/y'])
  })
})

describe('a server that ignores ranges', () => {
  test.each([
    ['with its length', digits],
    ['without its length', [digits.subarray(0, 4), digits.subarray(4)]]
  ] as const)('and sends the whole object %s: the range is taken from that', async (_, body) => {
    const { store } = await storeOf(reply(200, {}, body))
    const read = async (options: StoreGetOptions): Promise<number[]> => [...((await store.get('x', options)) ?? [])]
    expect(await read(middle)).toEqual([2, 3, 4])
    expect(await read(end)).toEqual([7, 8, 9])
    expect(await read({ range: { offset: 8, length: 9 } })).toEqual([8, 9])
    expect(await read({ range: { offset: 11, length: 9 } })).toEqual([])
  })
  test('is stopped behind the range', async () => {
    let stopped: () => void = () => {}
    const stop = new Promise<void>((resolve) => {
      stopped = resolve
    })
    const { store } = await storeOf((_, response) => {
      response.on('close', stopped)
      const more = (): void => {
        while (!response.destroyed && response.write(new Uint8Array(1 << 16).fill(7))) {}
      }
      response.on('drain', more)
      more()
    })
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([7, 7, 7])
    await stop
  })
})

const partOf = (range: string): Record<string, string> => ({ 'content-range': range })
const part = digits.subarray(2, 5)

describe('a reply that is not what was asked for is refused', () => {
  test.each<[string, Answer, StoreGetOptions]>([
    ['a part of the object, where the whole was asked for', reply(206, partOf('bytes 0-2/10'), part), {}],
    ['a part of an object of unknown size, where the whole was asked for', reply(206, partOf('bytes 0-2/*'), part), {}],
    ['a part of the object, where the whole was asked for, without saying which', reply(206, {}, part), {}],
    ['another beginning', reply(206, partOf('bytes 3-5/10'), part), middle],
    ['an early end', reply(206, partOf('bytes 2-3/10'), part.subarray(1)), middle],
    ['an early end, of an object of unknown size that goes on', reply(206, partOf('bytes 2-9/10'), digits.subarray(2)), middle],
    ['another part than the end', reply(206, partOf('bytes 6-8/10'), part), end],
    ['a range that cannot be read', reply(206, partOf('2-4'), part), middle],
    ['a range that runs backwards', reply(206, partOf('bytes 4-2/10'), part), middle],
    ['more bytes than its range has', reply(206, partOf('bytes 2-4/10'), [digits]), middle],
    ['more bytes than asked for, without saying which', reply(206, {}, digits), middle],
    ['a part that is compressed', reply(206, { ...partOf('bytes 2-4/10'), 'content-encoding': 'gzip' }, gzipSync(part)), middle]
  ])('%s', async (_, answer, options) => {
    const { store, requests } = await storeOf(answer)
    expect(await codeOf(store.get('x', options))).toBe('ERR_IO')
    expect(requests).toHaveLength(1)
  })
  test('an object of another size than it must have', async () => {
    for (const answer of [proper, reply(200, {}, digits), reply(200, {}, [digits])]) {
      const { store } = await storeOf(answer)
      expect(await codeOf(store.get('x', { objectSize: 11 }))).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(store.get('x', { ...end, objectSize: 9 }))).toBe('ERR_CORRUPT_DATA')
      expect((await store.get('x', { ...end, objectSize: 10 }))?.byteLength).toBe(3)
    }
    // Such as an error page that comes with the status of success.
    const page = await storeOf(reply(200, { 'content-type': 'text/html' }, new TextEncoder().encode('<html>Please log in</html>')))
    expect(await codeOf(page.store.get('c/0/0', { chunk: true, objectSize: 64 }))).toBe('ERR_CORRUPT_DATA')
  })
})

describe('replies that are fine though unusual', () => {
  test('a part without its range, as browsers hide it from other origins', async () => {
    const { store } = await storeOf(reply(206, {}, part))
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect([...((await store.get('x', { range: { offset: 2, length: 5 } })) ?? [])]).toEqual([2, 3, 4])
  })
  test('a part that is the whole, where that was asked for', async () => {
    const { store } = await storeOf(reply(206, partOf('bytes 0-9/10'), digits))
    expect([...((await store.get('x')) ?? [])]).toEqual([...digits])
    expect(await codeOf(store.get('x', { objectSize: 11 }))).toBe('ERR_CORRUPT_DATA')
  })
  test('a range of an object of unknown size', async () => {
    const { store } = await storeOf(reply(206, partOf('bytes 2-4/*'), part))
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
  })
  test('a whole object that is compressed on the way', async () => {
    const { store } = await storeOf(reply(200, { 'content-encoding': 'gzip' }, gzipSync(digits)))
    expect([...((await store.get('x')) ?? [])]).toEqual([...digits])
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect((await store.get('x', { objectSize: 10 }))?.byteLength).toBe(10)
  })
  test('a whole object of unknown length', async () => {
    const { store } = await storeOf(reply(200, {}, [digits.subarray(0, 7), digits.subarray(7)]))
    expect([...((await store.get('x')) ?? [])]).toEqual([...digits])
  })
})

describe('status', () => {
  test.each([404, 410])('%i is an absent object', async (status) => {
    const { store, requests } = await storeOf(reply(status, {}, digits))
    expect(await store.get('x')).toBeUndefined()
    expect(await store.get('x', middle)).toBeUndefined()
    expect(await store.size('x')).toBeUndefined()
    expect(requests).toHaveLength(3)
  })
  test.each([401, 403])('%i is a lack of rights', async (status) => {
    const { store, requests } = await storeOf(reply(status))
    expect(await codeOf(store.get('x'))).toBe('ERR_ACCESS_DENIED')
    expect(await codeOf(store.size('x'))).toBe('ERR_ACCESS_DENIED')
    expect(requests).toEqual(['GET /data/x', 'HEAD /data/x', 'GET /data/x bytes=0-0'])
  })
  test('403 is an absent chunk too, 401 is not', async () => {
    const forbidden = await storeOf(reply(403))
    expect(await forbidden.store.get('c/0/0', { chunk: true })).toBeUndefined()
    const unauthorized = await storeOf(reply(401))
    expect(await codeOf(unauthorized.store.get('c/0/0', { chunk: true }))).toBe('ERR_ACCESS_DENIED')
  })
  test.each([
    ['a header', { headers: () => ({ authorization: 'Bearer old' }) }, ''],
    ['a parameter', { query: () => ({ token: 'old' }) }, ''],
    ['the URL', {}, '?sig=old']
  ])('403 to credentials in %s, which may have expired, is no absent chunk', async (_, context, query) => {
    const { url } = await serve(reply(403))
    await expect(httpStore(`${url}/data${query}`, context).get('c/0/0', { chunk: true })).rejects.toMatchObject({
      code: 'ERR_ACCESS_DENIED',
      message: expect.not.stringContaining('old')
    })
  })
  test('is asked as often as the option says', async () => {
    withoutPauses()
    const { url, requests } = await serve(reply(503))
    expect(await codeOf(httpStore(`${url}/data`, {}, { tries: 6 }).get('x'))).toBe('ERR_IO')
    expect(requests).toHaveLength(6)
  })
  test.each([400, 418, 451])('%i is an error that does not pass', async (status) => {
    const { store, requests } = await storeOf(reply(status))
    expect(await codeOf(store.get('x'))).toBe('ERR_IO')
    expect(requests).toHaveLength(1)
  })
  test('the revision of an object that ends before a range is told, and one that was replaced meanwhile is read again', async () => {
    let size = 4
    const sized: Answer = (request, response, count) => {
      response.setHeader('etag', `"${size}"`)
      sendProperly(request, response, digits.subarray(0, size))
      // After the first reply it is as long as the range asks for.
      if (count === 1) size = 8
    }
    withoutPauses()
    const { store } = await storeOf(sized)
    const told: string[] = []
    const get = (offset: number) => store.get('x', { range: { offset, length: 2 }, onRevision: (revision) => told.push(revision) })
    expect((await get(6))?.byteLength).toBe(2)
    expect((await get(8))?.byteLength).toBe(0)
    expect(told).toEqual(['"8"', '"8"'])
  })
  test('416 of a range is an empty end, of a whole object an error', async () => {
    const { store } = await storeOf(reply(416))
    expect((await store.get('x', middle))?.byteLength).toBe(0)
    expect(await codeOf(store.get('x'))).toBe('ERR_IO')
  })
})

/** Fails so often as told, then does everything right. */
const failing =
  (times: number, fail: Answer): Answer =>
  (request, response, count) =>
    count <= times ? fail(request, response, count) : sendProperly(request, response, digits)

const cutConnection: Answer = (_, response) => {
  response.writeHead(206, { 'content-length': 3, 'content-range': 'bytes 2-4/10' })
  response.write(part.subarray(0, 1), () => response.destroy())
}
const cutBody: Answer = reply(206, partOf('bytes 2-4/10'), [part.subarray(0, 2)])
const noReply: Answer = (_, response) => response.destroy()

describe('a failure that may pass is tried again', () => {
  test.each<[string, Answer]>([
    ['429', reply(429)],
    ['500', reply(500)],
    ['502', reply(502)],
    ['503', reply(503)],
    ['504', reply(504, { 'content-type': 'text/html' }, [new TextEncoder().encode('<html>Gateway timeout</html>')])],
    ['a connection that ends in the middle of the body', cutConnection],
    ['a body that ends early', cutBody],
    ['a connection that ends without a reply', noReply]
  ])('%s', async (_, fail) => {
    const pauses = withoutPauses()
    const { store, requests } = await storeOf(failing(3, fail))
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect(requests).toHaveLength(4)
    expect(pauses).toHaveLength(3)
    const hopeless = await storeOf(fail)
    expect(await codeOf(hopeless.store.get('x', middle))).toBe('ERR_IO')
    expect(hopeless.requests).toHaveLength(4)
  })
  test.each([
    ['seconds', '7', 7000, 7000],
    ['a date', new Date(Date.now() + 6000).toUTCString(), 0, 6000],
    ['a date that is past', new Date(0).toUTCString(), 0, 0],
    ['an hour, of which ten seconds are waited', '3600', 10_000, 10_000],
    ['nonsense', 'soon', 100, 300],
    ['nothing', '', 100, 300]
  ])('after the time that the server asks for: %s', async (_, retryAfter, least, most) => {
    const pauses = withoutPauses()
    const { store } = await storeOf(failing(1, reply(429, { 'retry-after': retryAfter })))
    expect((await store.get('x'))?.byteLength).toBe(10)
    expect(pauses).toHaveLength(1)
    expect(pauses[0]).toBeGreaterThanOrEqual(least)
    expect(pauses[0]).toBeLessThanOrEqual(most)
  })
  test('also for a size', async () => {
    withoutPauses()
    const { store } = await storeOf(failing(2, reply(503)))
    expect(await store.size('x')).toBe(10)
  })
  test('and a server that is not there fails in the end', async () => {
    withoutPauses()
    const { url } = await serve(proper)
    const closed = url.replace(/:\d+$/, ':1')
    expect(await codeOf(httpStore(closed).get('x'))).toBe('ERR_IO')
  })
})

describe('a server that says nothing', () => {
  const silent: Answer = () => {}
  const silentInside: Answer = (_, response) => {
    response.writeHead(206, { 'content-length': 3, 'content-range': 'bytes 2-4/10' })
    response.write(part.subarray(0, 1))
  }
  test.each([
    ['from the start', silent, 'no answer for 0.05 s'],
    ['in the middle of the body', silentInside, 'no further bytes for 0.05 s']
  ] as const)('%s is given up, asked again, and is an error in the end', async (_, answer, message) => {
    withoutPauses()
    const context = { timeoutMs: 50 }
    const once = await storeOf(failing(1, answer), context)
    expect([...((await once.store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect(once.requests).toHaveLength(2)
    const never = await storeOf(answer, context)
    await expect(never.store.get('x', middle)).rejects.toMatchObject({ code: 'ERR_IO', message: expect.stringContaining(message) })
    expect(never.requests).toHaveLength(4)
  })
  test('is not held by a connection that was given up', async () => {
    withoutPauses()
    let closed = 0
    const { store } = await storeOf(
      (request, response, count) => {
        request.socket.on('close', () => closed++)
        if (count < 4) silentInside(request, response, count)
        else sendProperly(request, response, digits)
      },
      { timeoutMs: 50 }
    )
    await store.get('x', middle)
    await expect.poll(() => closed).toBeGreaterThanOrEqual(3)
  })
  test('for long, but goes on, is waited for', async () => {
    const { store, requests } = await storeOf(
      (_, response) => {
        response.writeHead(200, { 'content-length': 10 })
        let sent = 0
        const timer = setInterval(() => {
          response.write(digits.subarray(sent, ++sent))
          if (sent === 10) clearInterval(timer)
        }, 60)
      },
      { timeoutMs: 400 }
    )
    expect([...((await store.get('x')) ?? [])]).toEqual([...digits])
    expect(requests).toHaveLength(1)
  })
  test.each([0, -1, Number.NaN])('is not waited for %d ms', async (timeoutMs) => {
    expect(() => httpStore('http://127.0.0.1/x', { timeoutMs })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  })
})

describe('redirects', () => {
  test('are followed with the range', async () => {
    const { store, requests } = await storeOf((request, response) => {
      if (request.url === '/data/x') response.writeHead(302, { location: '/elsewhere' }).end()
      else sendProperly(request, response, digits)
    })
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect(requests).toEqual(['GET /data/x bytes=2-4', 'GET /elsewhere bytes=2-4'])
    expect(await store.size('x')).toBe(10)
  })
  test('to another server do not carry the authorization there', async () => {
    const other = await serve(proper)
    const { store, received } = await storeOf((_, response) => response.writeHead(307, { location: `${other.url}/x` }).end(), {
      headers: () => ({ authorization: 'Bearer secret' })
    })
    expect((await store.get('x'))?.byteLength).toBe(10)
    expect(received[0]?.headers.authorization).toBe('Bearer secret')
    expect(other.received[0]?.headers.authorization).toBeUndefined()
  })
  test('to another server carry no header and no parameter of the context there', async () => {
    const other = await serve(proper)
    const { store, received, requests } = await storeOf(
      (request, response) => {
        if (request.url?.startsWith('/data/x') === true) response.writeHead(302, { location: '/further' }).end()
        else response.writeHead(307, { location: `${other.url}/x` }).end()
      },
      { headers: () => ({ 'x-api-key': 'secret', cookie: 'secret' }), query: () => ({ token: 'secret' }) }
    )
    expect([...((await store.get('x', middle)) ?? [])]).toEqual([2, 3, 4])
    expect(await store.size('x')).toBe(10)
    // On the server itself every request has them.
    expect(received.map(({ headers }) => headers['x-api-key'])).toEqual(['secret', 'secret', 'secret', 'secret'])
    expect(requests.slice(0, 2)).toEqual(['GET /data/x?token=secret bytes=2-4', 'GET /further bytes=2-4'])
    expect(other.requests).toEqual(['GET /x bytes=2-4', 'HEAD /x'])
    expect(JSON.stringify(other.received.map(({ headers }) => headers))).not.toContain('secret')
  })
  test('back from another server carry none either', async () => {
    let home = ''
    const other = await serve((_, response) => response.writeHead(302, { location: `${home}/open` }).end())
    const { store, url, received } = await storeOf(
      (request, response) =>
        request.url === '/open' ? sendProperly(request, response, digits) : response.writeHead(302, { location: other.url }).end(),
      { headers: () => ({ 'x-api-key': 'secret' }) }
    )
    home = url
    expect((await store.get('x'))?.byteLength).toBe(10)
    expect(received.map(({ headers }) => headers['x-api-key'])).toEqual(['secret', undefined])
  })
  test.each([
    ['without headers', {}],
    ['with headers', { headers: () => ({ 'x-api-key': 'secret' }) }]
  ])('in a circle end, %s', async (_, context) => {
    withoutPauses()
    const { store } = await storeOf((_, response) => response.writeHead(302, { location: '/data/x' }).end(), context)
    expect(await codeOf(store.get('x'))).toBe('ERR_IO')
  })
  test('to another protocol are refused', async () => {
    const { store, requests } = await storeOf((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(), {
      headers: () => ({ 'x-api-key': 'secret' })
    })
    expect(await codeOf(store.get('x'))).toBe('ERR_IO')
    expect(requests).toHaveLength(1)
  })
  test('that a browser hides are followed there only with what it takes off by itself', async () => {
    const redirects: (RequestRedirect | undefined)[] = []
    // What `fetch` of a browser gives for a redirect in the mode "manual".
    const browser = async (_: unknown, init?: RequestInit): Promise<Response> => {
      redirects.push(init?.redirect)
      if (init?.redirect !== 'manual') return new Response(digits)
      const hidden = new Response()
      Object.defineProperty(hidden, 'type', { value: 'opaqueredirect' })
      return hidden
    }
    const { store } = await storeOf(proper, { fetch: browser, headers: () => ({ Authorization: 'Bearer secret' }) })
    expect((await store.get('x'))?.byteLength).toBe(10)
    expect(redirects).toEqual(['manual', 'follow'])
    const custom = await storeOf(proper, { fetch: browser, headers: () => ({ 'x-api-key': 'secret' }) })
    await expect(custom.store.get('x')).rejects.toMatchObject({ code: 'ERR_IO', message: expect.stringContaining('"x-api-key"') })
    expect(redirects).toEqual(['manual', 'follow', 'manual'])
  })
})

describe('size', () => {
  const withoutHead =
    (status: number, answer: Answer): Answer =>
    (request, response, count) =>
      request.method === 'HEAD' ? response.writeHead(status).end() : answer(request, response, count)
  test.each([400, 403, 405, 501])('of a server that answers %i to HEAD is asked by a range', async (status) => {
    const { store, requests } = await storeOf(withoutHead(status, proper))
    expect(await store.size('x')).toBe(10)
    expect(requests).toEqual(['HEAD /data/x', 'GET /data/x bytes=0-0'])
  })
  test('that HEAD does not tell, or tells of the compressed object, is asked by a range', async () => {
    for (const headers of [{}, { 'content-length': '4', 'content-encoding': 'gzip' }]) {
      const { store } = await storeOf((request, response) =>
        request.method === 'HEAD' ? response.writeHead(200, headers).end() : sendProperly(request, response, digits)
      )
      expect(await store.size('x')).toBe(10)
    }
  })
  test('of an empty object is 0', async () => {
    const { store } = await storeOf(withoutHead(405, (request, response) => sendProperly(request, response, new Uint8Array(0))))
    expect(await store.size('x')).toBe(0)
  })
  test('of a server without HEAD and ranges is that of the object', async () => {
    for (const body of [digits, [digits]]) {
      const { store } = await storeOf(withoutHead(405, reply(200, {}, body)))
      expect(await store.size('x')).toBe(10)
    }
  })
  test('of an object that the server announces is told without reading it', async () => {
    const { store } = await storeOf(
      withoutHead(405, (_, response) => {
        response.writeHead(200, { 'content-length': 2 ** 40 })
        response.write(digits)
      })
    )
    expect(await store.size('x')).toBe(2 ** 40)
  })
  test('that the server does not know is an error', async () => {
    const { store } = await storeOf(withoutHead(405, reply(206, partOf('bytes 0-0/*'), digits.subarray(0, 1))))
    expect(await codeOf(store.size('x'))).toBe('ERR_IO')
  })
})

describe('abort', () => {
  test('before: the server sees nothing', async () => {
    const { store, requests } = await storeOf(proper)
    const reason = new Error('no longer wanted')
    await expect(store.get('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(store.size('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(requests).toEqual([])
  })
  test.each(['before the head', 'in the middle of the body'])('%s closes the connection', async (when) => {
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    let closed: () => void = () => {}
    const connection = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { store } = await storeOf((request, response) => {
      request.socket.on('close', closed)
      if (when === 'before the head') {
        controller.abort(reason)
      } else {
        response.writeHead(206, { 'content-length': 3, 'content-range': 'bytes 2-4/10' })
        response.write(part.subarray(0, 1), () => setImmediate(() => controller.abort(reason)))
      }
    })
    await expect(store.get('x', { ...middle, signal: controller.signal })).rejects.toBe(reason)
    await connection
  })
  test('in the pause before another try ends that', async () => {
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    const { store, requests } = await storeOf((_, response) => {
      response.on('close', () => setImmediate(() => controller.abort(reason)))
      response.writeHead(429, { 'retry-after': '3600' }).end()
    })
    await expect(store.get('x', { signal: controller.signal })).rejects.toBe(reason)
    expect(requests).toHaveLength(1)
  })
})

describe('parameters of the context', () => {
  test('are added to the query of every request, and stand in no path', async () => {
    const { url, requests } = await serve(proper)
    const context = { query: ({ pathname }: URL) => ({ token: `for ${pathname}`, version: '4' }) }
    const store = httpStore(`${url}/data?version=3&plain=a%2Fb&token=old`, context)
    await store.get('x', middle)
    expect(requests).toEqual(['GET /data/x?version=4&plain=a%2Fb&token=for+%2Fdata%2Fx bytes=2-4'])
    expect(store.path).toBe(`${url}/data?version=3&plain=a%2Fb`)
  })
})

describe('secrets', () => {
  const secret = 'hunter2'
  const shown = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => expect.unreachable('it did not fail'),
      (error: unknown) => error
    )
    return `${inspect(error, { depth: 12, showHidden: true })} ${JSON.stringify(error)}`
  }
  test.each<[string, Answer]>([
    ['400', reply(400)],
    ['403', reply(403)],
    ['503', reply(503)],
    ['a wrong range', reply(206, partOf('bytes 3-5/10'), part)],
    ['a wrong range that quotes the URL', reply(206, partOf(`bytes for ?token=${'*'.repeat(7)}`), part)],
    ['a lost connection', noReply],
    ['a cut body', cutConnection],
    ['a redirect to nowhere', reply(302, { location: `ftp://user:${secret}@127.0.0.1/x?token=${secret}` })]
  ])('of query and headers stand in no error: %s', async (_, answer) => {
    withoutPauses()
    const { url } = await serve(answer)
    const context = { headers: () => ({ authorization: `Bearer ${secret}`, 'x-key': secret }) }
    const store = httpStore(`${url}/data?token=${secret}`, context)
    const text = await shown(store.get('x', middle))
    expect(text).toContain('/data/x')
    expect(text).not.toContain(secret)
  })
  test.each([
    `http://user:${secret}@127.0.0.1/x`,
    `http://${secret}@127.0.0.1/x`,
    `http://127.0.0.1:99999/x?token=${secret}`,
    `http://user:${secret}@127.0.0.1:99999/x`,
    `http://user:pass word ${secret}@127.0.0.1:99999/x`,
    `s3://key:${secret}@bucket/x?token=${secret}`
  ])('of URLs that are refused stand in no error: %s', async (url) => {
    const text = await shown(openSource(url))
    expect(text).toMatch(/ERR_(INVALID_ARGUMENT|UNSUPPORTED)/)
    expect(text).not.toContain(secret)
  })
  test('of headers that cannot be sent stand in no error', async () => {
    const { store, requests } = await storeOf(proper, { headers: () => ({ authorization: `Bearer ${secret}\nx: y` }) })
    const text = await shown(store.get('x'))
    expect(text).toContain('ERR_INVALID_ARGUMENT')
    expect(text).not.toContain(secret)
    expect(requests).toEqual([])
  })
})
