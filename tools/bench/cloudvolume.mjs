#!/usr/bin/env node
// Times precomputed volumes against CloudVolume, tensorstore and the decoder of the published viewer, on the built packages.
//
//   node tools/bench/cloudvolume.mjs [--python PYTHON] [--viewer FOLDER] [--rounds 5] [--size 512,512,256] [--check]
//
// PYTHON has cloud-volume and tensorstore, FOLDER the npm package neuroglancer; without them only our own times are shown. Rounds
// alternate, the median counts. Files are local, in the cache of the system; requests are counted behind a web server. With --check
// the exit code tells whether the targets hold.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { importPackage } from '../conformance/packages.mjs'
import { Participant } from './participant.mjs'

const { createSource, slice } = await importPackage('@bioimage/core')
const { openCloudvolume } = await importPackage('@bioimage/cloudvolume')
const { codecRuntime } = await importPackage('@bioimage/codecs')

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    viewer: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '512,512,256' },
    check: { type: 'boolean', default: false }
  }
})
const rounds = Number(values.rounds)
const [sizeX, sizeY, sizeZ] = values.size.split(',').map(Number)
const context = { cache: false }
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1]
const timed = async (work) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}
let missed = 0
const target = (name, ratio, least) => {
  const holds = ratio >= least
  if (!holds) missed++
  console.log(`  ${name}: ${ratio.toFixed(2)} times as fast, target ${least}: ${holds ? 'holds' : 'MISSED'}`)
}

/** Alternates; gives the median of each. */
const race = async (racers) => {
  const times = Object.fromEntries(Object.keys(racers).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) for (const [name, run] of Object.entries(racers)) times[name].push(await run())
  return Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]))
}

const folder = mkdtempSync(join(tmpdir(), 'bioimage-bench-'))
const worker = fileURLToPath(new URL('cloudvolume-worker.py', import.meta.url))
const peer = values.python === undefined ? undefined : new Participant('Python', values.python, [worker])
const ask = async (request) => (await peer.ask(request)).ms
try {
  // A grey volume with noise in its lower bits.
  const data = new Uint8Array(sizeX * sizeY * sizeZ)
  for (let at = 0; at < data.length; at++) {
    const x = at % sizeX
    const y = Math.floor(at / sizeX) % sizeY
    const z = Math.floor(at / sizeX / sizeY)
    data[at] = 100 + 40 * Math.sin(x / 9) * Math.cos(y / 7 + z / 5) + ((x * 7919 + y * 104729 + z * 1299709) % 7)
  }
  const megabytes = data.length / 1e6
  const volume = { format: 'cloudvolume', shape: [sizeZ, sizeY, sizeX], dtype: 'uint8', chunks: [64, 128, 128] }
  const path = join(folder, 'ours')
  await (await createSource(path, { ...volume, overwrite: true })).set([], data)
  const out = new Uint8Array(data.length)
  const show = (title, times) => {
    const shown = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms (${(megabytes / ms).toFixed(2)} GB/s)`)
    console.log(`${title}: ${shown.join(', ')}`)
  }

  const reading = await race({
    ours: () => timed(async () => (await openCloudvolume(path, { mode: 'r', context })).get('...', { out })),
    ...(peer && { CloudVolume: () => ask({ operation: 'read', path, parallel: 1 }) })
  })
  if (!out.every((value, at) => value === data[at])) throw new Error('what is read is not what was written')
  show(`read whole, ${sizeX} x ${sizeY} x ${sizeZ} uint8, gzip`, reading)
  if (peer) target('whole read', reading.CloudVolume / reading.ours, 1.5)

  const target1 = join(folder, 'written')
  const writing = await race({
    ours: () =>
      timed(async () => {
        const source = await createSource(target1, { ...volume, overwrite: true })
        await source.set([], data)
        await source.close()
      }),
    ...(peer && {
      'CloudVolume, serial': () => ask({ operation: 'write', path: join(folder, 'theirs'), source: path, parallel: 1 }),
      'CloudVolume, parallel': () =>
        ask({ operation: 'write', path: join(folder, 'theirs'), source: path, parallel: availableParallelism() })
    })
  })
  show('write whole, gzip (level 5 here, 9 in CloudVolume)', writing)
  if (peer) target('parallel write', writing['CloudVolume, parallel'] / writing.ours, 1.5)

  // Plain chunks, which tensorstore reads too.
  const raw = join(folder, 'raw')
  await (await createSource(raw, { ...volume, compress: false })).set([], data)
  show(
    'read whole, raw',
    await race({
      ours: () => timed(async () => (await openCloudvolume(raw, { mode: 'r', context })).get('...', { out })),
      ...(peer && {
        CloudVolume: () => ask({ operation: 'read', path: raw, parallel: 1 }),
        tensorstore: () => ask({ operation: 'tensorstore', path: raw })
      })
    })
  )

  // Cells of 24 voxels with ids.
  const edge = 64
  const labels = BigUint64Array.from({ length: edge ** 3 }, (_, at) => {
    const [x, y, z] = [at % edge, (at / edge) & 63, at >> 12]
    return BigInt(1 + Math.floor((x + (y >> 2)) / 24) + 20 * Math.floor((y + (z >> 2)) / 24) + 400 * Math.floor(z / 24)) + 2n ** 33n
  })
  const coding = {
    codecs: [{ id: 'compressed_segmentation', blockSize: [8, 8, 8] }],
    byteLength: labels.byteLength,
    itemSize: 8,
    shape: [1, edge, edge, edge]
  }
  await import(pathToFileURL(join(import.meta.dirname, '../../packages/codecs/dist/image.js')).href)
  const coder = await codecRuntime.coder(coding)
  const encoded = (await coder.encode(new Uint8Array(labels.buffer))).slice()
  const repeats = 20
  const viewer =
    values.viewer &&
    (await import(
      pathToFileURL(join(values.viewer, 'node_modules/neuroglancer/lib/sliceview/compressed_segmentation/decode_uint64.js')).href
    ))
  const words = new Uint32Array(encoded.buffer, 0, encoded.byteLength >> 2)
  const decoding = await race({
    ours: () =>
      timed(async () => {
        for (let repeat = 0; repeat < repeats; repeat++) await coder.decode(encoded, () => {})
      }),
    ...(viewer && {
      viewer: () =>
        timed(async () => {
          const decoded = new BigUint64Array(labels.length)
          for (let repeat = 0; repeat < repeats; repeat++) viewer.decodeChannels(decoded, words, 0, [edge, edge, edge, 1], [8, 8, 8])
        })
    })
  })
  const rate = (ms) => ((edge ** 3 * repeats) / ms / 1000).toFixed(0)
  console.log(
    `decode compressed_segmentation: ${Object.entries(decoding)
      .map(([name, ms]) => `${name} ${rate(ms)} MVx/s`)
      .join(', ')}`
  )
  if (viewer) target('decoder', decoding.viewer / decoding.ours, 2)

  // Requests of random reads in shards, once an index is known.
  const sharded = join(folder, 'sharded')
  await (await createSource(sharded, { ...volume, shape: [128, 256, 256], chunks: [32, 32, 32], shards: [128, 256, 256] })).set([], 7)
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    let bytes
    try {
      bytes = readFileSync(join(sharded, request.url))
    } catch {
      response.writeHead(404).end()
      return
    }
    const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    const headers = { etag: `"${statSync(join(sharded, request.url)).mtimeMs}"` }
    if (first === undefined) response.writeHead(200, headers).end(bytes)
    else {
      const part = bytes.subarray(Number(first), Number(last) + 1)
      response
        .writeHead(206, { ...headers, 'content-range': `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}` })
        .end(part)
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const source = await openCloudvolume(`http://127.0.0.1:${server.address().port}`, { mode: 'r', context })
  await source.get([0, 0, 0])
  let most = 0
  for (let read = 0; read < 50; read++) {
    const at = [128, 256, 256].map((length) => Math.floor(Math.random() * (length / 32)) * 32)
    requests = 0
    await source.get(at.map((start) => slice(start, start + 32)))
    most = Math.max(most, requests)
  }
  if (most > 3) missed++
  console.log(`random reads in shards: at most ${most} requests each, target 3: ${most <= 3 ? 'holds' : 'MISSED'}`)
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
} finally {
  peer?.end()
  rmSync(folder, { recursive: true, force: true })
}
if (values.check && missed > 0) process.exitCode = 1
