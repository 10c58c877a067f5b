// Our side of nifti.mjs: answers one JSON line per request, see participant.mjs.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { importPackage } from '../conformance/packages.mjs'

const { openSource, slice } = await importPackage('@bioimage/core')
await importPackage('@bioimage/nifti')

const indexOf = ({ start, stop }) => start.map((from, axis) => slice(from, stop[axis]))
let kept

const operations = {
  whole: async ({ path, options }) => [await (await openSource(path, options)).get()],
  regions: async ({ path, boxes }) => {
    if (kept?.path !== path) kept = { path, source: await openSource(path) }
    const found = []
    for (const box of boxes) found.push(await kept.source.get(indexOf(box)))
    return found
  },
  index: async ({ path }) => {
    await (await openSource(path, { format: 'nifti' })).gzipIndex()
    return []
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  try {
    globalThis.gc?.()
    const start = performance.now()
    const before = process.cpuUsage()
    const arrays = await operations[request.operation](request)
    const ms = performance.now() - start
    const { user, system } = process.cpuUsage(before)
    const answer = { ms, cpuMs: (user + system) / 1000, rssMiB: process.resourceUsage().maxRSS / 1024 }
    if (request.hash) {
      const hash = createHash('sha1')
      for (const { data } of arrays) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      answer.hash = hash.digest('hex')
    }
    console.log(`@${JSON.stringify(answer)}`)
  } catch (error) {
    console.log(`@${JSON.stringify({ error: String(error?.stack ?? error) })}`)
  }
}
