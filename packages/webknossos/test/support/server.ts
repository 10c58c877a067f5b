import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as tests see it. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** What a server answers. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** Answers a request in another way; `undefined` for the usual answer. `usual` computes that. */
export type Behaviour = (
  request: SeenRequest,
  usual: () => Answer,
  response: ServerResponse
) => Answer | 'handled' | undefined | Promise<Answer | 'handled' | undefined>

export interface TestServer {
  readonly url: string
  readonly requests: SeenRequest[]
  behave: Behaviour | undefined
  /** Milliseconds before every answer. */
  latencyMs: number
  /** The lists of missing buckets that it sends. */
  bucketHeaders: 'new' | 'old' | 'both'
  close(): Promise<void>
}

export const datasetId = '0123456789abcdef01234567'
export const twinId = 'aaaaaaaaaaaaaaaaaaaaaaaa'
export const annotationId = 'fedcba9876543210fedcba98'
const tracingId = 'tracing-1'

type Vector = readonly [x: number, y: number, z: number]

interface TestLayer {
  readonly document: Readonly<Record<string, unknown>>
  readonly mags: readonly Vector[]
  readonly topLeft: Vector
  readonly size: Vector
  readonly bytesPerVoxel: number
  readonly annotation?: boolean
  /** Writes the voxel at x, y, z of a magnification. */
  write(view: DataView, at: number, x: number, y: number, z: number, mag: Vector, coordinates: Readonly<Record<string, number>>): void
}

const box = (topLeft: Vector, [width, height, depth]: Vector): unknown => ({ topLeft, width, height, depth })

/** The layers of the dataset and of its annotation. */
const layers: Readonly<Record<string, TestLayer>> = {
  // 6 x 7 x 8 voxels over eight buckets, with the values of the other tests.
  table: layer('uint16', [30, 29, 28], [8, 7, 6], [[1, 1, 1]], (view, at, x, y, z) => {
    view.setUint16(at, ((((z - 28) * 7 + y - 29) * 8 + x - 30) * 7919) % 65536, true)
  }),
  color: layer(
    'uint8',
    [40, 30, 20],
    [170, 160, 150],
    [
      [1, 1, 1],
      [2, 2, 1]
    ],
    (view, at, x, y, z, [mx]) => view.setUint8(at, mx === 1 ? (7 * x + 13 * y + 29 * z) & 255 : (3 * x + 5 * y + 11 * z + 1) & 255)
  ),
  large: layer('uint8', [0, 0, 0], [512, 512, 512], [[1, 1, 1]], (view, at, x, y, z) => view.setUint8(at, (x + 3 * y + 5 * z) & 255)),
  segmentation: {
    ...layer(
      'uint64',
      [0, 0, 0],
      [64, 64, 64],
      [
        [1, 1, 1],
        [32, 32, 32]
      ],
      (view, at, x, y, z) => view.setBigUint64(at, 2n ** 60n + BigInt(x + 100 * y + 10000 * z), true)
    )
  },
  rgb: layer('uint24', [0, 0, 0], [40, 20, 10], [[1, 1, 1]], (view, at, x, y, z) => {
    for (const [channel, value] of [x, y, z].entries()) view.setUint8(at + channel, value + 100 * channel)
  }),
  time: layer('uint16', [0, 0, 0], [20, 20, 20], [[1, 1, 1]], (view, at, x, _y, _z, _mag, { t = -1 }) =>
    view.setUint16(at, 1000 * t + x, true)
  ),
  Volume: {
    ...layer('uint32', [0, 0, 0], [64, 64, 64], [[1, 1, 1]], (view, at, x) => view.setUint32(at, x < 32 ? 7 : 9, true)),
    annotation: true
  }
}

function layer(elementClass: string, topLeft: Vector, size: Vector, mags: readonly Vector[], write: TestLayer['write']): TestLayer {
  const bytes: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, uint24: 3, uint32: 4, uint64: 8 }
  const isSegmentation = elementClass === 'uint64' || elementClass === 'uint32'
  const isTime = elementClass === 'uint16' && size[0] === 20
  return {
    topLeft,
    size,
    mags,
    bytesPerVoxel: bytes[elementClass] ?? 1,
    write,
    document: {
      category: isSegmentation ? 'segmentation' : 'color',
      elementClass,
      numChannels: elementClass === 'uint24' ? 3 : 1,
      boundingBox: box(topLeft, size),
      dataFormat: 'zarr3',
      resolutions: mags,
      mags: mags.map((mag) => ({ mag, path: `/somewhere/${mag.join('-')}` })),
      ...(isSegmentation && { attachments: { agglomerates: [{ name: 'agglomerate_view_5', path: 'x' }] } }),
      ...(isTime && { additionalAxes: [{ name: 't', bounds: [2, 5], index: 1 }] })
    }
  }
}

const nml = `<things>
  <meta name="writer" content="made up"/>
  <volume id="0" name="Volume" largestSegmentId="9"><!-- <segment id="3" name="left out"/> -->
    <segments>
      <segment id="7" name="axon &amp; soma &lt;1&gt;" anchorPositionX="1"/>
      <segment id="8" anchorPositionX="1"/>
      <segment id="18446744073709551615" name='&#x3b1;&#946;'/>
    </segments>
  </volume>
</things>`

/** Largest id of the layer `segmentation`, which no JavaScript number holds. */
export const largestSegmentId: bigint = 2n ** 60n + 640000n - 1n

function properties(annotation: boolean): string {
  const documents = Object.entries(layers)
    .filter(([, { annotation: only = false }]) => annotation || !only)
    .map(([name, { document }]) =>
      JSON.stringify({ name, ...document }).replace(
        '"category":"segmentation"',
        `"category":"segmentation","largestSegmentId":${largestSegmentId}`
      )
    )
  return `{"id":{"name":"made-up","team":"org"},"dataLayers":[${documents.join()}],"scale":{"factor":[4,5,6],"unit":"nanometer"}}`
}

interface BoxRequest {
  readonly position: Vector
  readonly mag: Vector
  readonly size: Vector
  readonly coordinates: Readonly<Record<string, number>>
}

/** The bytes of a box at voxel positions of the magnification; `undefined` where nothing of the layer is in it. */
function voxels(
  { topLeft, size: extent, mags, bytesPerVoxel, write }: TestLayer,
  { position, mag, size, coordinates }: BoxRequest
): Uint8Array | undefined {
  const low = topLeft.map((at, axis) => Math.floor(at / (mag[axis] ?? 1)))
  const high = topLeft.map((at, axis) => Math.ceil((at + (extent[axis] ?? 0)) / (mag[axis] ?? 1)))
  const start = position.map((at, axis) => Math.floor(at / (mag[axis] ?? 1)))
  const isKnown = mags.some((known) => known.join() === mag.join())
  const isOutside = start.some((at, axis) => at >= (high[axis] ?? 0) || at + (size[axis] ?? 0) <= (low[axis] ?? 0))
  if (!isKnown || isOutside) return undefined
  const bytes = new Uint8Array(size[0] * size[1] * size[2] * bytesPerVoxel)
  const view = new DataView(bytes.buffer)
  const [x0, y0, z0] = [start[0] ?? 0, start[1] ?? 0, start[2] ?? 0]
  const row = size[0] * bytesPerVoxel
  const from = Math.max(x0, low[0] ?? 0)
  const to = Math.min(x0 + size[0], high[0] ?? 0)
  for (let z = Math.max(z0, low[2] ?? 0); z < Math.min(z0 + size[2], high[2] ?? 0); z++)
    for (let y = Math.max(y0, low[1] ?? 0); y < Math.min(y0 + size[1], high[1] ?? 0); y++)
      for (let x = from; x < to; x++) write(view, ((z - z0) * size[1] + y - y0) * row + (x - x0) * bytesPerVoxel, x, y, z, mag, coordinates)
  return bytes
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const vectorOf = (value: unknown): Vector => {
  const [x, y, z] = Array.isArray(value) ? value.map(Number) : []
  if (x === undefined || y === undefined || z === undefined) throw new Error(`${JSON.stringify(value)} is no vector`)
  return [x, y, z]
}
const coordinatesOf = (value: unknown): Record<string, number> =>
  Object.fromEntries(
    (Array.isArray(value) ? value : []).map((entry: unknown) => (isObject(entry) ? [String(entry.name), Number(entry.value)] : ['', 0]))
  )

const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value)
})
const fails = (status: number, error: string, chain = 'made up'): Answer => json({ messages: [{ error }, { chain }] }, status)
const emptyChunk: Answer = fails(
  404,
  'No data at coordinates, no fallback layer defined',
  'No data at coordinates, no fallback layer defined <~ This feature is only defined on volume annotations with fallback segmentation layer.'
)

function buckets(
  layer: TestLayer,
  body: unknown,
  headers: TestServer['bucketHeaders'],
  only: (position: Vector) => boolean = () => true
): Answer {
  if (!Array.isArray(body)) return fails(400, 'a list expected')
  const empty: number[] = []
  const parts: Uint8Array[] = []
  for (const [index, asked] of body.entries()) {
    if (!isObject(asked) || asked.cubeSize !== 32 || asked.fourBit !== false) return fails(400, 'no bucket')
    const position = vectorOf(asked.position)
    const mag = vectorOf(asked.mag)
    if (position.some((at, axis) => at % (32 * (mag[axis] ?? 1)) !== 0)) return fails(400, 'a bucket that is not aligned')
    const request = { position, mag, size: [32, 32, 32] as const, coordinates: coordinatesOf(asked.additionalCoordinates) }
    const found = only(position) ? voxels(layer, request) : undefined
    if (found === undefined) empty.push(index)
    // A mapping that makes every id 5.
    else if (asked.applyAgglomerate === 'agglomerate_view_5')
      parts.push(new Uint8Array(new BigUint64Array(found.byteLength / 8).fill(5n).buffer))
    else parts.push(found)
  }
  const list = (indices: readonly number[]): string => `[${indices.join(', ')}]`
  return {
    headers: {
      'content-type': 'application/octet-stream',
      ...(headers !== 'old' && { 'Empty-Bucket-Indices': list(empty), 'Failure-Bucket-Indices': '[]' }),
      ...(headers !== 'new' && { 'MISSING-BUCKETS': list(empty) })
    },
    body: Buffer.concat(parts)
  }
}

/** A small WEBKNOSSOS server of API version 12. Layers have values that are computed from the position. */
export async function startServer(port = 0): Promise<TestServer> {
  let origin = ''
  const usual = ({ method, path, body }: SeenRequest, server: TestServer): Answer => {
    const url = new URL(path, origin)
    const { pathname, searchParams } = url
    const stores = { dataStore: { name: 'localhost', url: origin }, tracingStore: { name: 'localhost', url: origin } }
    if (pathname === '/api/buildinfo') return json({ httpApiVersioning: { currentApiVersion: 12, oldestSupportedApiVersion: 5 } })
    if (pathname === `/api/v12/datasets/${datasetId}`)
      return json(
        `{"id":"${datasetId}","name":"made-up","dataStore":{"url":"${origin}"},"isPublic":true,"dataSource":${properties(false)}}`
      )
    if (pathname === `/api/v12/datasets/${twinId}`)
      return json({ id: twinId, name: 'broken', ...stores, dataSource: { id: {}, status: 'Not imported yet.' } })
    if (pathname === '/api/v12/datasets/disambiguate/org/made-up/toId') return json({ id: datasetId, name: 'made-up', organization: 'org' })
    if (pathname === '/api/v12/datasets' && searchParams.get('organizationId') === 'org') {
      const all = [
        { id: datasetId, name: 'made-up' },
        { id: '1'.repeat(24), name: 'made-up-2' },
        { id: '2'.repeat(24), name: 'twin' },
        { id: '3'.repeat(24), name: 'twin' }
      ]
      return json(all.filter(({ name }) => name.includes(searchParams.get('searchQuery') ?? '')))
    }
    if (pathname === '/api/v12/user') return fails(401, 'You have to be logged in')
    if (pathname === '/api/v12/shortLinks/byKey/abc') return json({ longLink: `${origin}/datasets/made-up-${datasetId}/view#1,2,3` })
    if (pathname === '/api/v12/shortLinks/byKey/loop') return json({ longLink: `${origin}/links/loop` })
    if (pathname === `/api/v12/annotations/${annotationId}/info`) {
      const annotationLayers = [
        { tracingId: 'skeleton', typ: 'Skeleton', name: 'Skeleton' },
        { tracingId, typ: 'Volume', name: 'Volume' }
      ]
      return json({ id: annotationId, name: '', datasetId, ...stores, annotationLayers })
    }
    if (pathname === `/api/v12/annotations/${annotationId}/download`) return { body: nml }
    if (pathname === `/data/v12/zarr/${datasetId}/datasource-properties.json`) return json(properties(false))
    if (pathname === `/data/v12/annotations/zarr/${annotationId}/datasource-properties.json`) return json(properties(true))
    const chunk = /^\/data\/v12\/annotations\/zarr\/[0-9a-f]{24}\/([^/]+)\/1\/0\.([\d.]+)$/.exec(pathname)
    if (chunk !== null) {
      const [x = 0, y = 0, z = 0] = (chunk[2] ?? '')
        .split('.')
        .slice(-3)
        .map((at) => 32 * Number(at))
      const found = voxels(layers[chunk[1] ?? ''] ?? absent, { position: [x, y, z], mag: [1, 1, 1], size: [32, 32, 32], coordinates: {} })
      return found === undefined ? emptyChunk : { body: found }
    }
    // The annotation holds the first half along x; the rest comes from the layer below.
    if (method === 'POST' && pathname === `/tracings/volume/${tracingId}/data`)
      return buckets(layers.Volume ?? absent, body, server.bucketHeaders, ([x]) => x < 32)
    const data = new RegExp(`^/data/v12/datasets/${datasetId}/layers/([^/]+)/(data|readData)$`).exec(pathname)
    const layer = data === null ? undefined : layers[data[1] ?? '']
    if (layer !== undefined && method === 'POST' && data?.[2] === 'data') return buckets(layer, body, server.bucketHeaders)
    if (layer !== undefined && data?.[2] === 'readData' && isObject(body)) {
      const request = {
        position: vectorOf(body.position),
        mag: vectorOf(body.mag),
        size: vectorOf(body.cubeSize),
        coordinates: coordinatesOf(body.additionalCoordinates)
      }
      return { body: voxels(layer, request) ?? new Uint8Array(request.size[0] * request.size[1] * request.size[2] * layer.bytesPerVoxel) }
    }
    if (layer !== undefined && method === 'GET') {
      const numbers = (...names: string[]): Vector => vectorOf(names.map((name) => searchParams.get(name)))
      const size = numbers('width', 'height', 'depth')
      if (size.some((length) => length < 1 || length > 512)) return { headers: { 'Failure-Bucket-Indices': '[0]' }, body: new Uint8Array() }
      const request = { position: numbers('x', 'y', 'z'), size, mag: vectorOf((searchParams.get('mag') ?? '').split('-')), coordinates: {} }
      return { body: voxels(layer, request) ?? new Uint8Array(size[0] * size[1] * size[2] * layer.bytesPerVoxel) }
    }
    return fails(404, `there is no ${pathname}`)
  }

  const http = createServer((message, response) => {
    const parts: Buffer[] = []
    message.on('data', (part: Buffer) => parts.push(part))
    message.on('end', async () => {
      const text = Buffer.concat(parts).toString()
      const request: SeenRequest = {
        method: message.method ?? '',
        path: message.url ?? '',
        headers: message.headers,
        body: text === '' ? undefined : JSON.parse(text)
      }
      response.setHeader('Access-Control-Allow-Origin', '*')
      response.setHeader('Access-Control-Expose-Headers', 'MISSING-BUCKETS, Empty-Bucket-Indices, Failure-Bucket-Indices')
      if (message.method === 'OPTIONS') {
        response
          .writeHead(204, {
            'Access-Control-Allow-Headers': message.headers['access-control-request-headers'] ?? '*',
            'Access-Control-Max-Age': '600'
          })
          .end()
        return
      }
      server.requests.push(request)
      if (server.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, server.latencyMs))
      const answer = (await server.behave?.(request, () => usual(request, server), response)) ?? usual(request, server)
      if (answer === 'handled') return
      response.writeHead(answer.status ?? 200, { ...answer.headers }).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const address = http.address()
  origin = `http://127.0.0.1:${isPort(address) ? address.port : 0}`
  const server: TestServer = {
    url: origin,
    requests: [],
    behave: undefined,
    latencyMs: 0,
    bucketHeaders: 'both',
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      })
  }
  return server
}

const absent: TestLayer = layer('uint8', [0, 0, 0], [0, 0, 0], [], () => {})

function isPort(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
