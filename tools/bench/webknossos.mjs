#!/usr/bin/env node
// Times WKW against its reference library, and buckets of a server against one request per bucket, on the built packages.
//
//   node tools/bench/webknossos.mjs [--python PYTHON] [--rounds 7]
//
// PYTHON has the package wkw; without it only our own times are shown. Rounds of both alternate; the median counts.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { importPackage } from '../conformance/packages.mjs'

const { createSource, openSource } = await importPackage('@bioimage/core')
const { openWebknossos } = await importPackage('@bioimage/webknossos')

const { values } = parseArgs({ options: { python: { type: 'string' }, rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1]
const timed = async (work) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Cells of 24 voxels with ids, and a grey volume with noise in its lower bits. */
const volumes = {
  'labels, uint32': { dtype: 'uint32', value: (z, y, x) => 1 + (x >> 4) + 20 * ((y + (x >> 5)) >> 4) + 400 * ((z + (y >> 5)) >> 4) },
  'grey, uint8': {
    dtype: 'uint8',
    value: (z, y, x) => 100 + 40 * Math.sin(x / 9) * Math.cos(y / 7 + z / 5) + ((x * 7919 + y * 104729 + z * 1299709) % 7)
  }
}
const edge = 256

const pythonReader = `
import sys, time, wkw
for line in sys.stdin:
    path, edge = line.split()
    start = time.perf_counter()
    with wkw.Dataset.open(path) as dataset:
        dataset.read((0, 0, 0), (int(edge),) * 3)
    print((time.perf_counter() - start) * 1000, flush=True)
`
const startPython = () => {
  const child = spawn(values.python, ['-c', pythonReader], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async read(path) {
      child.stdin.write(`${path} ${edge}\n`)
      return Number((await lines.next()).value)
    },
    close: () => child.stdin.end()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bioimage-bench-'))
const python = values.python === undefined ? undefined : startPython()
try {
  for (const [name, { dtype, value }] of Object.entries(volumes)) {
    const data = dtype === 'uint8' ? new Uint8Array(edge ** 3) : new Uint32Array(edge ** 3)
    for (let at = 0; at < data.length; at++) data[at] = value(at >> 16, (at >> 8) & 255, at & 255)
    const path = join(folder, dtype)
    const created = await createSource(path, { format: 'wkw', shape: [edge, edge, edge], dtype, blockType: 'lz4' })
    await created.set('...', data)
    const out = data.slice()
    const ours = []
    const theirs = []
    for (let round = 0; round < rounds; round++) {
      ours.push(
        await timed(async () => {
          const source = await openSource(path, { format: 'wkw', context: { cache: false } })
          await source.get('...', { out })
          await source.close()
        })
      )
      if (python !== undefined) theirs.push(await python.read(path))
    }
    if (!out.every((element, at) => element === data[at])) throw new Error(`${name}: what is read is not what was written`)
    const speed = data.byteLength / median(ours) / 1e6
    const compared =
      theirs.length === 0 ? '' : `, wkw ${median(theirs).toFixed(0)} ms: ${(median(theirs) / median(ours)).toFixed(2)} times as fast`
    console.log(`${name}, ${edge}^3 whole, LZ4: ${median(ours).toFixed(0)} ms, ${speed.toFixed(2)} GB/s decoded${compared}`)
  }
} finally {
  python?.close()
  rmSync(folder, { recursive: true, force: true })
}

/** A data store of constant buckets that answers after 20 ms, and counts its requests. */
const id = '0'.repeat(24)
const bucket = Buffer.alloc(32 ** 3, 7)
let requests = 0
const server = createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () =>
    setTimeout(() => {
      const layer = {
        name: 'a',
        category: 'color',
        elementClass: 'uint8',
        boundingBox: { topLeft: [0, 0, 0], width: edge, height: edge, depth: edge },
        mags: [{ mag: 1 }]
      }
      const answers = {
        '/api/buildinfo': { httpApiVersioning: { currentApiVersion: 12, oldestSupportedApiVersion: 10 } },
        [`/api/v12/datasets/${id}`]: { name: 'a', dataStore: { url: origin }, dataSource: { dataLayers: [layer] } }
      }
      const answer = answers[request.url]
      if (answer !== undefined) response.end(JSON.stringify(answer))
      else {
        requests++
        const count = request.method === 'POST' ? JSON.parse(Buffer.concat(parts)).length : 1
        response.writeHead(200, { 'MISSING-BUCKETS': '[]' }).end(Buffer.concat(Array.from({ length: count }, () => bucket)))
      }
    }, 20)
  )
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${server.address().port}`
const gathered = []
const single = []
let counted = 0
const source = await openWebknossos(`${origin}/datasets/${id}`, { context: { cache: false } })
for (let round = 0; round < rounds; round++) {
  requests = 0
  gathered.push(await timed(() => source.get()))
  counted = requests
  const positions = Array.from({ length: (edge / 32) ** 3 }, (_, at) => at)
  single.push(
    await timed(async () => {
      // Six at a time, as browsers allow for one host.
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          for (let at = positions.pop(); at !== undefined; at = positions.pop()) await (await fetch(`${origin}/chunk/${at}`)).arrayBuffer()
        })
      )
    })
  )
}
const ratio = (median(single) / median(gathered)).toFixed(1)
console.log(
  `${edge}^3 uint8 over 20 ms: ${counted} requests, ${median(gathered).toFixed(0)} ms; one request per bucket, 6 at a time: ${median(single).toFixed(0)} ms, ${ratio} times as long`
)
await new Promise((resolve) => {
  server.close(resolve)
  server.closeAllConnections()
})
