import { isSourceError, itemAt, slice, toNested } from '@bioimage/core'
import { openWebknossos } from '@bioimage/webknossos'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, annotationId, datasetId, type SeenRequest, startServer } from './support/server.js'

const server = await startServer()
afterAll(() => server.close())
beforeEach(() => {
  server.requests.length = 0
  server.behave = undefined
  server.bucketHeaders = 'both'
})

const url = `${server.url}/datasets/${datasetId}/view`
const context = { cache: false } as const
const open = (options = {}): ReturnType<typeof openWebknossos> => openWebknossos(url, { layerName: 'color', context, ...options })
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (isSourceError(error) ? `${error.code}: ${error.message}` : `not a SourceError: ${String(error)}`)
  )
const isVoxels = ({ path }: SeenRequest): boolean => path.includes('/layers/') || path.includes('/tracings/')
const voxelRequests = (): number => server.requests.filter(isVoxels).length
const first = (7 * 40 + 13 * 30 + 29 * 20) & 255
/** Answers the first `times` requests for voxels like this, then as usual. */
const firstTimes = (times: number, answer: (usual: Answer, request: SeenRequest) => Answer): void => {
  let count = 0
  server.behave = (request, usual) => (isVoxels(request) && count++ < times ? answer(usual(), request) : undefined)
}
// Without a pause before the next try.
const soon = { 'retry-after': '0' }
const bytesOf = (answer: Answer): Uint8Array => (answer.body instanceof Uint8Array ? answer.body : new Uint8Array())

/** Flaws that pass: the read is right in the end. */
const passing: readonly (readonly [string, (usual: Answer) => Answer])[] = [
  ['an empty reply', (usual) => ({ ...usual, body: '' })],
  ['a reply that is a byte short', (usual) => ({ ...usual, body: bytesOf(usual).subarray(1) })],
  ['429', () => ({ status: 429, headers: soon })],
  ['500', () => ({ status: 500, headers: soon, body: '{"messages":[{"error":"out of order"}]}' })],
  ['503 of a proxy', () => ({ status: 503, headers: { ...soon, 'content-type': 'text/html' }, body: '<html>' })]
]

describe.each(['buckets', 'cuboid'] as const)('by %s', (transport) => {
  test.each(passing)('%s once is made up for', async (_, answer) => {
    firstTimes(1, answer)
    expect(await (await open({ transport })).get([0, 0, 0])).toBe(first)
    expect(voxelRequests()).toBe(2)
  })
  test.each(passing)('%s again and again is an error', async (_, answer) => {
    firstTimes(99, (usual) => ({ ...answer(usual), headers: { ...usual.headers, ...answer(usual).headers, ...soon } }))
    expect(await codeOf((await open({ transport })).get([0, 0, 0]))).toMatch(/^ERR_IO: /)
    expect(voxelRequests()).toBe(4)
  })
  test.each([
    [401, 'ERR_ACCESS_DENIED'],
    [403, 'ERR_ACCESS_DENIED'],
    [404, 'ERR_NOT_FOUND'],
    [400, 'ERR_IO']
  ])('%s is %s, at once, with what the server says', async (status, code) => {
    firstTimes(99, () => ({ status, body: '{"messages":[{"error":"not for you"}]}' }))
    const message = await codeOf((await open({ transport })).get([0, 0, 0]))
    expect(message).toMatch(new RegExp(`^${code}: .*not for you`))
    expect(voxelRequests()).toBe(1)
  })
  test('a reply that is too long is an error', async () => {
    firstTimes(99, (usual) => ({ ...usual, body: Buffer.concat([bytesOf(usual), new Uint8Array(1)]) }))
    expect(await codeOf((await open({ transport })).get([0, 0, 0]))).toMatch(/^ERR_IO: .*more than/)
  })
  test('a closed connection is made up for', async () => {
    let count = 0
    server.behave = (request, _usual, response) => {
      if (!isVoxels(request) || count++ > 0) return undefined
      response.socket?.destroy()
      return 'handled'
    }
    expect(await (await open({ transport })).get([0, 0, 0])).toBe(first)
  })
  test('a connection that is closed in the middle of the reply is made up for', async () => {
    let count = 0
    server.behave = (request, usual, response) => {
      if (!isVoxels(request) || count++ > 0) return undefined
      const answer = usual()
      response.writeHead(200, { ...answer.headers, 'content-length': String(bytesOf(answer).byteLength) })
      response.write(bytesOf(answer).subarray(0, 100), () => response.destroy())
      return 'handled'
    }
    expect(await (await open({ transport })).get([0, 0, 0])).toBe(first)
  })
  test('a reply that does not come in time is given up and made up for', async () => {
    let count = 0
    server.behave = (request) => {
      if (isVoxels(request) && count++ === 0) return new Promise((resolve) => setTimeout(() => resolve(undefined), 3000).unref())
      return undefined
    }
    expect(await (await open({ transport, context: { cache: false, timeoutMs: 300 } })).get([0, 0, 0])).toBe(first)
  })
})

describe('buckets', () => {
  const failing = (indices: string, headers: Answer['headers'] = {}): void =>
    firstTimes(99, (usual, request) => {
      const count = Array.isArray(request.body) ? request.body.length : 0
      const failed = indices === 'all' ? Array.from({ length: count }, (_, index) => index).join() : indices
      const left = bytesOf(usual).subarray(32768 * (failed === '' ? 0 : failed.split(',').length))
      return {
        headers: { ...usual.headers, 'Empty-Bucket-Indices': '[]', 'Failure-Bucket-Indices': `[${failed}]`, ...headers },
        body: left
      }
    })

  test('that failed are asked for again, alone', async () => {
    let count = 0
    server.behave = (request, usual) => {
      if (!isVoxels(request) || count++ > 0) return undefined
      const answer = usual()
      return {
        headers: { ...answer.headers, 'Failure-Bucket-Indices': '[1]', 'MISSING-BUCKETS': '[1]' },
        body: Buffer.concat([bytesOf(answer).subarray(0, 32768), bytesOf(answer).subarray(65536)])
      }
    }
    const values = await (await open()).get([0, 0, slice(null)])
    expect([0, 23, 24, 55, 56, 169].map((x) => itemAt(values, x))).toEqual([0, 23, 24, 55, 56, 169].map((x) => (first + 7 * x) & 255))
    const bodies = server.requests.filter(isVoxels).map(({ body }) => (Array.isArray(body) ? body.length : 0))
    expect(bodies).toEqual([6, 1])
    const [, again] = server.requests.filter(isVoxels)
    expect(again?.body).toMatchObject([{ position: [64, 0, 0] }])
  })
  test('that fail for good are an error, by the new headers, and never zeros', async () => {
    failing('all')
    expect(await codeOf((await open()).get([0, 0, 0]))).toMatch(/^ERR_IO: .*failed to read the bucket at 32, 0, 0/)
    expect(voxelRequests()).toBe(4)
  })
  test('that fail are an error where the old header names them too', async () => {
    failing('all', { 'MISSING-BUCKETS': '[0]' })
    expect(await codeOf((await open()).get([0, 0, 0]))).toMatch(/^ERR_IO: /)
  })
  test.each(['new', 'old', 'both'] as const)('that are empty are zeros, by %s headers', async (headers) => {
    server.bucketHeaders = headers
    const source = await open({ offset: [0, 0, 0], size: [64, 32, 64] })
    expect(toNested(await source.get([slice(20, 22), 30, slice(38, 42)]))).toEqual(
      [0, 29].map((dz) => [0, 0, (first + dz) & 255, (first + dz + 7) & 255])
    )
    expect(await source.get([0, 0, 0])).toBe(0)
  })
  test.each(['[0', '[x]', '0;1', '[-1]', '[7]', '[1.5]'])('missing by the unreadable list %s are an error', async (list) => {
    firstTimes(99, (usual) => ({ ...usual, headers: { 'MISSING-BUCKETS': list } }))
    expect(await codeOf((await open()).get([0, 0, 0]))).toMatch(/^ERR_IO: .*unreadable/)
  })
  test('without any list are all there, or an error', async () => {
    firstTimes(99, (usual) => ({ body: bytesOf(usual) }))
    const source = await open()
    expect(await source.get([0, 0, 0])).toBe(first)
    const outside = await open({ offset: [0, 0, 0], size: [32, 32, 32] })
    expect(await codeOf(outside.get([0, 0, 0]))).toMatch(/^ERR_IO: .*32768 bytes expected for 1 of 1 buckets, 0 came/)
  })
})

describe('the layer below an annotation', () => {
  const annotation = `${server.url}/annotations/${annotationId}`
  test.each([
    ['a 404 of a proxy', { status: 404, body: '<html>' }, 'ERR_NOT_FOUND'],
    ['500', { status: 500, headers: soon, body: '{}' }, 'ERR_IO'],
    ['an empty reply', { body: '' }, 'ERR_IO'],
    ['403', { status: 403 }, 'ERR_ACCESS_DENIED']
  ])('that answers with %s is no empty bucket', async (_, answer, code) => {
    const source = await openWebknossos(annotation, { layerName: 'Volume', context })
    server.behave = ({ path }) => (path.includes('/0.') ? answer : undefined)
    expect(await source.get([0, 0, 0])).toBe(7)
    expect(await codeOf(source.get([0, 0, 40]))).toMatch(new RegExp(`^${code}: `))
  })
})

describe('a bucket of an annotation', () => {
  const annotation = `${server.url}/annotations/${annotationId}`
  const says = (...errors: readonly string[]): Answer => ({
    status: 404,
    headers: soon,
    body: JSON.stringify({ messages: [...errors.map((error) => ({ error })), { chain: errors.join(' <~ ') }] })
  })
  const noFallback = 'No data at coordinates, no fallback layer defined'
  const failures: readonly (readonly [string, Answer])[] = [
    ['an annotation that is not found', says('Annotation could not be found (token expired?)')],
    ['a layer below that is not found', says('Could not find data store layer of fallback dataset')],
    ['a failure behind the usual message', says('Could not look up the dataset', noFallback)],
    [
      'a failure to look for the layer below',
      {
        status: 404,
        headers: soon,
        body: JSON.stringify({ messages: [{ error: noFallback }, { chain: `${noFallback} <~ Could not look up the dataset` }] })
      }
    ],
    ['a message that is only like the usual one', says(`${noFallback}?`)]
  ]
  // Through the tracing store with the layer below, and through the data store alone.
  describe.each([{}, { datastoreUrl: server.url }])('opened with %j', (options) => {
    test.each(failures)('is no zeros for %s', async (_, answer) => {
      const source = await openWebknossos(annotation, { layerName: 'Volume', context, ...options })
      server.behave = ({ path }) => (path.includes('/0.') ? answer : undefined)
      expect(await codeOf(source.get([0, 0, 40]))).toMatch(/^ERR_IO: .*404/)
    })
    test.each(failures)('is made up for after %s once', async (_, answer) => {
      const source = await openWebknossos(annotation, { layerName: 'Volume', context, ...options })
      let count = 0
      server.behave = ({ path }) => (path.includes('/0.') && count++ === 0 ? answer : undefined)
      expect(await source.get([0, 0, 40])).toBe(9)
    })
    test.each([
      [404, true],
      [500, false]
    ])('that the data store hands on from a tracing store that answered %s is zeros: %s', async (status, isEmpty) => {
      const source = await openWebknossos(annotation, { layerName: 'Volume', context, ...options })
      const chain =
        '[Server Time 2025-11-26T14:16:02.446Z] This feature is only defined on volume annotations with fallback segmentation layer.'
      const answer = JSON.stringify({ messages: [{ error: noFallback }, { chain }] })
      const error = `Failed RPC 0: GET http://localhost/tracings/volume/zarr/1/0.0.0.0. Response: ${status} '${answer}'`
      server.behave = ({ path }) =>
        path.includes('/0.') ? { status: 404, headers: soon, body: JSON.stringify({ messages: [{ error }] }) } : undefined
      if (isEmpty) expect(await source.get([0, 0, 40])).toBe(0)
      else expect(await codeOf(source.get([0, 0, 40]))).toMatch(/^ERR_IO: .*404/)
    })
    test.each([noFallback, 'No data at coordinations in fallback layer'])('is zeros where the server says: %s', async (message) => {
      const source = await openWebknossos(annotation, { layerName: 'Volume', context, ...options })
      server.behave = ({ path }) =>
        path.includes('/0.') ? { status: 404, body: JSON.stringify({ messages: [{ error: message }] }) } : undefined
      expect(await source.get([0, 0, 40])).toBe(0)
    })
  })
})

describe('the description of a dataset', () => {
  const asked = (answer: Answer, path: RegExp): Promise<string> => {
    server.behave = (request) => (path.test(request.path) ? answer : undefined)
    return codeOf(open())
  }
  const html = { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Welcome</title>' }
  test('that is HTML is an error that says so', async () => {
    expect(await asked(html, /buildinfo/)).toMatch(/^ERR_IO: .*JSON expected, found 37 bytes of text\/html/)
    expect(await asked(html, /v12/)).toMatch(/^ERR_IO: .*JSON expected/)
  })
  test('that is something else is an error', async () => {
    expect(await asked({ body: '{}' }, /buildinfo/)).toMatch(/^ERR_IO: .*httpApiVersioning/)
    expect(await asked({ body: '[1]' }, /v12/)).toMatch(/^ERR_IO: /)
    expect(await asked({ body: '{"dataSource":{"dataLayers":7},"dataStore":{}}' }, /v12/)).toMatch(/^ERR_CORRUPT_DATA: .*dataLayers/)
    expect(await asked({ body: '{"dataSource":{"dataLayers":[]}}' }, /v12/)).toMatch(/^ERR_IO: .*dataStore/)
    expect(await asked({ body: '' }, /v12/)).toMatch(/^ERR_IO: /)
  })
  test('of a server of another age is refused', async () => {
    const version = (oldest: number, newest: number): Answer => ({
      body: JSON.stringify({ httpApiVersioning: { currentApiVersion: newest, oldestSupportedApiVersion: oldest } })
    })
    expect(await asked(version(3, 9), /buildinfo/)).toMatch(/^ERR_UNSUPPORTED: .*versions 3 to 9, 10 to 14/)
    expect(await asked(version(15, 20), /buildinfo/)).toMatch(/^ERR_UNSUPPORTED: .*versions 15 to 20/)
    await asked(version(10, 13), /buildinfo/)
    expect(server.requests.at(-1)?.path).toBe(`/api/v13/datasets/${datasetId}`)
    await asked(version(10, 99), /buildinfo/)
    expect(server.requests.at(-1)?.path).toBe(`/api/v14/datasets/${datasetId}`)
  })
  test.each([
    [401, 'ERR_ACCESS_DENIED'],
    [403, 'ERR_ACCESS_DENIED'],
    [404, 'ERR_NOT_FOUND'],
    [500, 'ERR_IO']
  ])('that is answered with %s is %s', async (status, code) => {
    expect(await asked({ status, headers: soon, body: '{"messages":[{"error":"no such thing"}]}' }, /v12/)).toMatch(
      new RegExp(`^${code}: .*no such thing`)
    )
  })
  test('from a server that is not there is an error', async () => {
    const gone = await startServer()
    await gone.close()
    expect(await codeOf(openWebknossos(`${gone.url}/datasets/${datasetId}`, { layerName: 'color' }))).toMatch(/^ERR_IO: /)
  })
})
