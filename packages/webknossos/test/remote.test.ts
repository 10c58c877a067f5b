import { type Context, fromSpec, isSourceError, itemAt, listArrays, openSource, slice, toNested } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { listLayers, listMags, openWebknossos } from '@bioimage/webknossos'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { annotationId, datasetId, largestSegmentId, startServer } from './support/server.js'

const server = await startServer()
afterAll(() => server.close())
beforeEach(() => {
  server.requests.length = 0
  server.behave = undefined
  server.bucketHeaders = 'both'
})

const url = `${server.url}/datasets/${datasetId}/view`
const host = new URL(server.url).host
const fresh = (context: Context = {}): Context => ({ cache: false, ...context })
const failureOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (isSourceError(error) ? `${error.code}: ${error.message}` : `not a SourceError: ${String(error)}`)
  )
const color = (x: number, y: number, z: number): number => (7 * x + 13 * y + 29 * z) & 255

describe('a URL from the browser', () => {
  test.each([
    `/datasets/${datasetId}`,
    `/datasets/${datasetId}/view`,
    `/datasets/made-up-${datasetId}`,
    `/datasets/an%20old-name-${datasetId}/view?x=1#1,2,3,0,1.5`,
    '/datasets/org/made-up',
    '/datasets/org/made-up/view',
    '/links/abc'
  ])('opens: %s', async (path) => {
    const source = await openWebknossos(`${server.url}${path}`, { layerName: 'color' })
    expect(source.toSpec().path).toBe(url)
    expect(source.shape).toEqual([150, 160, 170])
  })
  test('takes two requests and the voxels, of an annotation three', async () => {
    const source = await openSource(url, { layerName: 'table' })
    await source.get()
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/buildinfo',
      `GET /api/v12/datasets/${datasetId}`,
      `POST /data/v12/datasets/${datasetId}/layers/table/data`
    ])
    server.requests.length = 0
    await openSource(`${server.url}/annotations/${annotationId}#x`, { layerName: 'Volume' })
    expect(server.requests).toHaveLength(3)
  })
  test('of nothing is refused', async () => {
    expect(await failureOf(openWebknossos(`${server.url}/datasets/${'f'.repeat(24)}`))).toMatch(/^ERR_NOT_FOUND: .*there is no/)
    expect(await failureOf(openWebknossos(`${server.url}/datasets/org/none`))).toMatch(/^ERR_NOT_FOUND: .*has no dataset "none"/)
    // The search gives "made-up" too.
    expect(await failureOf(openWebknossos(`${server.url}/datasets/org/made`))).toMatch(/^ERR_NOT_FOUND: .*has no dataset "made"/)
    expect(await failureOf(openWebknossos(`${server.url}/datasets/org/twin`))).toMatch(/^ERR_INVALID_ARGUMENT: .*2222.*, 3333/)
    expect(await failureOf(openWebknossos(`${server.url}/datasets/no-organization`))).toMatch(/^ERR_INVALID_ARGUMENT: .*organizationId/)
    expect(await failureOf(openWebknossos(`${server.url}/links/loop`))).toMatch(/^ERR_IO: .*short link/)
    expect(await failureOf(openWebknossos(`${server.url}/annotations/a/b/c`))).toMatch(/^ERR_INVALID_ARGUMENT: /)
  })
  test('is not needed for a name of a server', async () => {
    const source = await openWebknossos('made-up', { organizationId: 'org', webknossosUrl: server.url, layerName: 'color' })
    expect(source.toSpec().path).toBe(url)
    expect((await openWebknossos(datasetId, { webknossosUrl: `${server.url}/`, layerName: 'color' })).toSpec().path).toBe(url)
  })
})

describe('a layer', () => {
  test('has the meaning of the Python package: offset and size in Mag(1), the shape of the magnification', async () => {
    const source = await openWebknossos(url, { layerName: 'color', mag: '2-2-1', offset: [44, 36, 21], size: [10, 8, 3] })
    expect(source.shape).toEqual([3, 4, 5])
    expect([source.offset, source.extent, source.mag]).toEqual([
      [44, 36, 21],
      [10, 8, 3],
      [2, 2, 1]
    ])
    expect(source.toSpec()).toEqual({
      kind: 'webknossos',
      path: url,
      params: { layerName: 'color', mag: '2-2-1', offset: [44, 36, 21], size: [10, 8, 3] }
    })
    expect(await source.get([2, 1, 4])).toBe((3 * (22 + 4) + 5 * (18 + 1) + 11 * (21 + 2) + 1) & 255)
  })
  test('is widened to whole voxels of the magnification, and no further', async () => {
    const source = await openWebknossos(url, { layerName: 'segmentation', mag: [32, 32, 32] })
    expect(source.shape).toEqual([2, 2, 2])
    expect(await source.get([1, 1, 1])).toBe(2n ** 60n + 10101n)
  })
  test('that is not there is an error that lists the choices', async () => {
    expect(await failureOf(openWebknossos(url, { layerName: 'colour' }))).toMatch(
      /^ERR_NOT_FOUND: .*"colour" is not available; choose one of "table", "color"/
    )
    expect(await failureOf(openWebknossos(url, { layerName: 'color', mag: 4 }))).toMatch(/^ERR_NOT_FOUND: .*choose one of 1, 2-2-1/)
    expect(await failureOf(openWebknossos(url))).toMatch(/^ERR_ARRAY_NOT_CHOSEN: .*"table", "color"/)
    expect(await failureOf(openSource(url, { internalPath: 'color/8-8-8' }))).toMatch(/^ERR_NOT_FOUND: /)
    expect(await failureOf(openSource(url, { internalPath: 'color/1', mag: '2-2-1' }))).toMatch(/^ERR_INVALID_ARGUMENT: /)
  })
  test('takes no region between voxels', async () => {
    expect(await failureOf(openWebknossos(url, { layerName: 'color', mag: '2-2-1', offset: [41, 30, 20] }))).toMatch(
      /^ERR_INVALID_ARGUMENT: `offset` is 41 along x/
    )
    expect(await failureOf(openWebknossos(url, { layerName: 'color', mag: '2-2-1', size: [2, 3, 1] }))).toMatch(
      /^ERR_INVALID_ARGUMENT: `size` is 3 along y/
    )
    expect(await failureOf(openWebknossos(url, { layerName: 'color', mag: 3 }))).toMatch(/^ERR_INVALID_ARGUMENT: `mag`/)
  })
  test.each(['buckets', 'cuboid'] as const)('reads as zero outside of its box, by %s', async (transport) => {
    const source = await openWebknossos(url, { layerName: 'color', offset: [38, 29, 19], size: [4, 3, 2], transport })
    const values = toNested(await source.get())
    const expected = [19, 20].map((z) =>
      [29, 30, 31].map((y) => [38, 39, 40, 41].map((x) => (z < 20 || y < 30 || x < 40 ? 0 : color(x, y, z))))
    )
    expect(values).toEqual(expected)
  })
  test.each(['buckets', 'cuboid'] as const)('gives steps and many boxes at once, by %s', async (transport) => {
    const source = await openWebknossos(url, { layerName: 'color', transport })
    const boxes = Array.from({ length: 8 }, (_, at) => [slice(at, 120 + at, 7), slice(at, 90, 5), slice(3 * at, null, 11)])
    const results = await Promise.all(boxes.map((box) => source.get(box)))
    for (const [at, result] of results.entries()) {
      const [depth = 0, height = 0, width = 0] = result.shape
      for (const [k, j, i] of [
        [0, 0, 0],
        [depth - 1, height - 1, width - 1],
        [3, 7, 5]
      ] as const)
        expect(itemAt(result, k, j, i)).toBe(color(40 + 3 * at + 11 * i, 30 + at + 5 * j, 20 + at + 7 * k))
    }
  })
  test('of several channels has them before z, or one of them', async () => {
    const all = await openWebknossos(url, { layerName: 'rgb', offset: [30, 10, 5], size: [4, 3, 2] })
    expect([all.shape, all.dtype, all.chunks]).toEqual([[3, 2, 3, 4], 'uint8', [3, 32, 32, 32]])
    const values = await all.get()
    expect([0, 1, 2].map((channel) => itemAt(values, channel, 1, 2, 3))).toEqual([33, 112, 206])
    expect(all.metadata.axes?.map(({ name }) => name)).toEqual(['c', 'z', 'y', 'x'])
    for (const transport of ['buckets', 'cuboid'] as const) {
      const green = await openWebknossos(url, { layerName: 'rgb', offset: [30, 10, 5], size: [4, 3, 2], channel: 1, transport })
      expect(green.shape).toEqual([2, 3, 4])
      expect(toNested(await green.get([slice(0, 1)]))).toEqual([[110, 111, 112].map((value) => [value, value, value, value])])
      expect((await fromSpec(green.toSpec())).shape).toEqual([2, 3, 4])
    }
    expect(await failureOf(openWebknossos(url, { layerName: 'rgb', channel: 3 }))).toMatch(/^ERR_INVALID_ARGUMENT: .*3 channels/)
  })
  test.each(['buckets', 'cuboid'] as const)('of further axes has them first, or one position, by %s', async (transport) => {
    const all = await openWebknossos(url, { layerName: 'time', transport })
    expect(all.shape).toEqual([3, 20, 20, 20])
    const values = await all.get([slice(null), 4, 5, slice(6, 8)])
    expect(toNested(values)).toEqual([2, 3, 4].map((t) => [1000 * t + 6, 1000 * t + 7]))
    const one = await openWebknossos(url, { layerName: 'time', additionalCoordinates: { t: 3 }, transport })
    expect(one.shape).toEqual([20, 20, 20])
    expect(await one.get([4, 5, 6])).toBe(3006)
    expect(await (await fromSpec(one.toSpec())).get([4, 5, 6])).toBe(3006)
    expect(await failureOf(openWebknossos(url, { layerName: 'time', additionalCoordinates: { t: 5 } }))).toMatch(
      /^ERR_INVALID_ARGUMENT: .*t from 2 to 4/
    )
  })
  test('has ids beyond 2^53', async () => {
    const source = await openWebknossos(url, { layerName: 'segmentation', mag: 1 })
    expect(source.largestSegmentId).toBe(largestSegmentId)
    expect(await source.get([3, 2, 1])).toBe(2n ** 60n + 30201n)
  })
  test('is mapped where the server maps it, and refused where it would not', async () => {
    const source = await openWebknossos(url, { layerName: 'segmentation', mag: 1, mapping: 'agglomerate_view_5' })
    expect(await source.get([3, 2, 1])).toBe(5n)
    expect(await (await fromSpec(source.toSpec())).get([0, 0, 0])).toBe(5n)
    const coarse = openWebknossos(url, { layerName: 'segmentation', mag: 32, mapping: 'agglomerate_view_5' })
    expect(await failureOf(coarse)).toMatch(/^ERR_UNSUPPORTED: .*16/)
    expect(await failureOf(openWebknossos(url, { layerName: 'segmentation', mag: 1, mapping: 'x' }))).toMatch(
      /^ERR_NOT_FOUND: .*agglomerate_view_5/
    )
    expect(await failureOf(openWebknossos(url, { layerName: 'color', mapping: 'x' }))).toMatch(/^ERR_INVALID_ARGUMENT: /)
  })
  test('is read-only', async () => {
    const source = await openWebknossos(url, { layerName: 'color' })
    expect(await failureOf(source.set('...', 1))).toMatch(/^ERR_READ_ONLY: /)
  })
  test('opens from a spec of the Python package', async () => {
    const params = { dataset_name_or_url: url, organization_id: null, layer_name: 'color', mag: 1, offset: [40, 30, 20], size: [2, 2, 2] }
    const spec: unknown = { kind: 'webknossos', path: null, internal_path: null, params, wrapped: null }
    const source = await fromSpec(spec)
    expect(await source.get([1, 1, 1])).toBe(color(41, 31, 21))
  })
})

describe('lists', () => {
  test('name layers, magnifications, boxes and voxel sizes', async () => {
    const arrays = await listArrays(url)
    const names = ['color/1', 'color/2-2-1', 'large/1', 'rgb/1', 'segmentation/1', 'segmentation/32', 'table/1', 'time/1']
    expect(arrays.map(({ internalPath }) => internalPath)).toEqual(names)
    const [, coarse] = arrays
    expect(coarse).toMatchObject({ shape: [150, 80, 85], dtype: 'uint8', chunks: [32, 32, 32], shards: null })
    expect(coarse?.metadata.axes).toEqual([
      { name: 'z', type: 'space', unit: 'nanometer', scale: 6, translation: 120 },
      { name: 'y', type: 'space', unit: 'nanometer', scale: 10, translation: 150 },
      { name: 'x', type: 'space', unit: 'nanometer', scale: 8, translation: 160 }
    ])
    expect(coarse?.metadata.levels).toEqual([
      { internalPath: 'color/1', scale: [6, 5, 4] },
      { internalPath: 'color/2-2-1', scale: [6, 10, 8] }
    ])
    expect(await listLayers(url)).toEqual(['color', 'large', 'rgb', 'segmentation', 'table', 'time'])
    expect(await listMags(url, 'color')).toEqual(['1', '2-2-1'])
    expect(await failureOf(listMags(url, 'colour'))).toMatch(/^ERR_NOT_FOUND: .*"color"/)
  })
  test('hold the layers of an annotation beside those of its dataset, with the names of segments', async () => {
    const arrays = await listArrays(`${server.url}/annotations/${annotationId}`)
    expect(arrays.map(({ internalPath }) => internalPath)).toContain('color/2-2-1')
    expect(arrays.find(({ internalPath }) => internalPath === 'Volume/1')?.metadata.segmentation).toEqual({
      largestSegmentId: String(largestSegmentId),
      segments: [
        { id: '7', name: 'axon & soma <1>' },
        { id: '18446744073709551615', name: '\u03b1\u03b2' }
      ]
    })
  })
})

test.each([403, 404])('an annotation whose download is answered with %s is listed without the names of segments', async (status) => {
  server.behave = ({ path }) => (path.includes('/download') ? { status, body: '{"messages":[{"error":"not allowed"}]}' } : undefined)
  const annotation = `${server.url}/annotations/${annotationId}`
  expect(await listLayers(annotation)).toContain('Volume')
  const [volume] = await listArrays(annotation, { internalPath: 'Volume/1' })
  expect(volume?.metadata.segmentation).toEqual({ largestSegmentId: String(largestSegmentId) })
})

test('names of segments are read in time that grows with their document', async () => {
  // A search for the end of each comment takes longer than a test may.
  const segments = '<segment id="1" name="b"/><!-- <volume name="c"> --><segment id="2" name="d"/>'
  const nml = `<volume name="Volume">${segments}${'<!-- '.repeat(300_000)}`
  server.behave = ({ path }) => (path.includes('/download') ? { body: nml } : undefined)
  const [volume] = await listArrays(`${server.url}/annotations/${annotationId}`, { internalPath: 'Volume/1' })
  expect(volume?.metadata.segmentation?.segments).toEqual([
    { id: '1', name: 'b' },
    { id: '2', name: 'd' }
  ])
})

describe('an annotation', () => {
  const annotation = `${server.url}/annotations/Explorational/${annotationId}`
  test.each(['new', 'old', 'both'] as const)('shows what was changed, and the layer below it (%s headers)', async (headers) => {
    server.bucketHeaders = headers
    const source = await openWebknossos(annotation, { layerName: 'Volume' })
    expect(toNested(await source.get([5, 6, slice(30, 34)], {}))).toEqual([7, 7, 9, 9])
    expect(source.toSpec().path).toBe(`${server.url}/annotations/${annotationId}`)
    const reopened = await fromSpec(source.toSpec(), fresh())
    expect(await reopened.get([0, 0, 63])).toBe(9)
  })
  test('asks no further where the server says that there is no layer below', async () => {
    const source = await openWebknossos(annotation, { layerName: 'Volume', offset: [0, 0, 0], size: [256, 256, 256], context: fresh() })
    const values = await source.get()
    expect(itemAt(values, 5, 5, 200)).toBe(0)
    // Of 508 empty buckets those that were under way when it was said.
    expect(server.requests.filter(({ path }) => path.includes('/annotations/zarr/')).length).toBeLessThan(100)
  })
  test('has layers of its dataset, by requests for many buckets', async () => {
    const source = await openWebknossos(annotation, { layerName: 'color' })
    expect(await source.get([0, 0, 0])).toBe(color(40, 30, 20))
    expect(server.requests.at(-1)?.path).toBe(`/data/v12/datasets/${datasetId}/layers/color/data`)
  })
  test('of an older version refuses what may be newer', async () => {
    const source = await openWebknossos(annotation, { layerName: 'Volume', version: 3, context: fresh() })
    expect(await source.get([0, 0, 0])).toBe(7)
    expect(server.requests.at(-1)?.body).toMatchObject([{ version: 3 }])
    expect(await failureOf(source.get([0, 0, 40]))).toMatch(/^ERR_UNSUPPORTED: .*`version`/)
    expect(await failureOf(openWebknossos(annotation, { layerName: 'color', version: 3 }))).toMatch(/^ERR_INVALID_ARGUMENT: /)
  })
})

describe('a data store that the caller names', () => {
  test('is asked alone, for datasets and annotations', async () => {
    server.behave = ({ path }) => (path.startsWith('/api/v12') ? { status: 403 } : undefined)
    const source = await openWebknossos(url, { layerName: 'color', datastoreUrl: server.url })
    expect(await source.get([0, 0, 0])).toBe(color(40, 30, 20))
    const annotation = await openWebknossos(`${server.url}/annotations/${annotationId}`, { layerName: 'Volume', datastoreUrl: server.url })
    expect(toNested(await annotation.get([5, 6, slice(30, 34)]))).toEqual([7, 7, 9, 9])
    expect(await (await fromSpec(source.toSpec())).get([0, 0, 0])).toBe(color(40, 30, 20))
  })
})

describe('requests', () => {
  const posts = (): number => server.requests.filter(({ method }) => method === 'POST').length
  test.each([
    ['whole buckets', 0, 4],
    ['boxes that cut buckets', 17, 8]
  ])('of 256^3 voxels are few: %s', async (_, at, most) => {
    const source = await openWebknossos(url, { layerName: 'large', context: fresh() })
    const values = await source.get([slice(at, at + 256), slice(at, at + 256), slice(at, at + 256)])
    expect(posts()).toBeLessThanOrEqual(most)
    for (const [z, y, x] of [
      [0, 0, 0],
      [255, 255, 255],
      [17, 99, 201]
    ] as const)
      expect(itemAt(values, z, y, x)).toBe((at + x + 3 * (at + y) + 5 * (at + z)) & 255)
  })
  test('ask once for a bucket that several reads want at the same time', async () => {
    const source = await openWebknossos(url, { layerName: 'large', context: fresh() })
    const reads = await Promise.all([0, 1, 2, 3].map((at) => source.get([at, at, slice(0, 4)])))
    expect(reads.map(toNested)).toEqual([0, 1, 2, 3].map((at) => [0, 1, 2, 3].map((x) => x + 8 * at)))
    expect(server.requests.flatMap(({ body }) => (Array.isArray(body) ? body : []))).toHaveLength(1)
  })
  test('give each caller bytes of its own', async () => {
    const source = await openWebknossos(url, { layerName: 'large', context: fresh() })
    const box = [slice(0, 32), slice(0, 32), slice(0, 32)] as const
    const [one, other] = await Promise.all([source.get(box), source.get(box)])
    bytesOf(one.data).fill(0)
    expect(itemAt(other, 1, 1, 1)).toBe(9)
  })
  test('end when every reader gives up, and not before', async () => {
    const source = await openWebknossos(url, { layerName: 'large', context: fresh() })
    let lost = 0
    server.behave = (_request, _usual, response) =>
      new Promise((resolve) => {
        response.on('close', () => lost++)
        setTimeout(() => resolve(undefined), 200)
      })
    const [one, other] = [new AbortController(), new AbortController()]
    const first = source.get([0, 0, 0], { signal: one.signal })
    const second = source.get([0, 0, 1], { signal: other.signal })
    setTimeout(() => one.abort(new Error('enough')), 20)
    await expect(first).rejects.toThrow('enough')
    expect(await second).toBe(1)
    const third = source.get([0, 0, 0], { signal: other.signal })
    setTimeout(() => other.abort(new Error('enough')), 20)
    await expect(third).rejects.toThrow('enough')
    await expect.poll(() => lost).toBe(2)
  })
})

describe('a token', () => {
  const tokens = (): unknown[] => server.requests.map(({ headers }) => headers['x-auth-token'])
  const secret = 'secret-5b1f'
  test('of the host goes to its stores, and nowhere into spec or error', async () => {
    const context = { credentials: { [`webknossos:${host}`]: secret } }
    const source = await openWebknossos(url, { layerName: 'table', context })
    await source.get([0, 0, 0])
    expect(tokens()).toEqual([secret, secret, secret])
    expect(JSON.stringify(source.toSpec())).not.toContain(secret)
    server.behave = () => ({ status: 403 })
    expect(await failureOf(openWebknossos(url, { context }))).toMatch(/^ERR_ACCESS_DENIED: (?!.*secret)/)
    expect(server.requests.every(({ path }) => !path.includes(secret))).toBe(true)
  })
  test('and headers that the server repeats are in no error', async () => {
    const context = fresh({
      credentials: { [`webknossos:${host}`]: secret },
      headers: () => ({ Authorization: 'Bearer header-77aa', 'X-Key': 'k"ey-4711' })
    })
    const everything = (error: unknown): string =>
      error instanceof Error ? `${error.message}\n${error.stack}\n${everything(error.cause)}` : String(error)
    const shownOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'it did not fail', everything)
    const texts: string[] = []
    const echo = `Token ${secret} of Bearer header-77aa, header-77aa and k"ey-4711 is invalid`
    const headers = { 'retry-after': '0', 'content-type': `text/${secret}` }
    for (const status of [400, 401, 404, 500]) {
      server.behave = () => ({ status, headers, body: JSON.stringify({ messages: [{ error: echo }] }) })
      texts.push(await shownOf(openWebknossos(url, { layerName: 'table', context })))
    }
    server.behave = () => ({ headers, body: echo })
    texts.push(await shownOf(openWebknossos(url, { layerName: 'table', context })))
    server.behave = undefined
    const source = await openWebknossos(url, { layerName: 'table', context })
    server.behave = () => ({ headers: { 'missing-buckets': `[${secret}]` } })
    texts.push(await shownOf(source.get([0, 0, 0])))
    const failing = { ...context, fetch: () => Promise.reject(new TypeError(`no request with ${secret}`)) }
    texts.push(await shownOf(openWebknossos(url, { layerName: 'table', context: failing })))
    expect(texts.filter((text) => !text.includes('ERR_') && !text.includes('SourceError'))).toEqual([])
    for (const text of texts) for (const sent of [secret, 'header-77aa', 'ey-4711']) expect(text).not.toContain(sent)
  })
  test('in the address of a data store is refused, or left out where the server names it', async () => {
    const { port } = new URL(server.url)
    for (const datastoreUrl of [`${server.url}/?token=${secret}`, `http://user:${secret}@127.0.0.1:${port}`]) {
      const failure = await failureOf(openWebknossos(url, { layerName: 'table', datastoreUrl }))
      expect(failure).toMatch(/^ERR_INVALID_ARGUMENT: .*`datastoreUrl`/)
      expect(failure).not.toContain(secret)
    }
    server.behave = ({ path }, usual) => {
      const { body } = usual()
      if (!path.startsWith('/api/v12')) return undefined
      return { body: String(body).replaceAll(`"url":"http://`, `"url":"http://user:${secret}@`) }
    }
    const source = await openWebknossos(url, { layerName: 'table', context: fresh() })
    expect(await source.get([0, 0, 0])).toBeDefined()
  })
  test('of another host, or of none, is not sent', async () => {
    await openWebknossos(url, { layerName: 'table', context: { credentials: { webknossos: secret, 'webknossos:example.org': secret } } })
    expect(tokens()).toEqual([undefined, undefined])
  })
  test('of a shared link is used for it and not kept in the spec', async () => {
    const source = await openWebknossos(`${url}?token=${secret}`, { layerName: 'table' })
    expect(tokens()).toEqual([secret, secret])
    expect(JSON.stringify(source.toSpec())).not.toContain(secret)
    expect(server.requests.filter(({ path }) => path.includes(secret)).map(({ path }) => path)).toEqual([
      `/api/v12/datasets/${datasetId}?sharingToken=${secret}`
    ])
  })
  test('of a shared link opens what the server shows by it alone', async () => {
    const shared = `sharingToken=${encodeURIComponent('a+b/c=')}`
    // As servers are: the routes of datasets know it in the query, those of voxels in the header too.
    server.behave = ({ path }) =>
      path.startsWith('/api/v12/datasets/') && !path.endsWith(`?${shared}`) ? { status: 404, body: '{"messages":[]}' } : undefined
    const query = new URLSearchParams({ token: 'a+b/c=' })
    for (const path of [`datasets/${datasetId}/view`, 'datasets/org/made-up']) {
      const source = await openWebknossos(`${server.url}/${path}?${query}`, { layerName: 'table', context: fresh() })
      expect(await source.get([0, 0, 0])).toBe(0)
    }
    const failure = await failureOf(openWebknossos(`${url}?token=other`, { layerName: 'table' }))
    expect(failure).toMatch(/^ERR_NOT_FOUND: (?!.*other)/)
  })
  test('does not follow a redirect, nor go to a data store that a spec names', async () => {
    const other = await startServer()
    try {
      const context = fresh({ credentials: { [`webknossos:${host}`]: secret } })
      server.behave = ({ path }) =>
        path.startsWith('/api/v12') ? { status: 302, headers: { location: `${other.url}${path}` } } : undefined
      expect(await failureOf(openWebknossos(url, { layerName: 'table', context }))).toMatch(/^ERR_IO: .*redirects/)
      const source = await openWebknossos(url, { layerName: 'table', context, datastoreUrl: other.url })
      await source.get([0, 0, 0])
      expect(other.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined, undefined])
    } finally {
      await other.close()
    }
  })
})
