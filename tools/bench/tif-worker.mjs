// Reads TIFF files with our library, as tif.mjs asks: a JSON request a line.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { importPackage } from '../conformance/packages.mjs'

const { openSource } = await importPackage('@bioimage/core')
const { bytesOf } = await importPackage('@bioimage/core/backend')
await importPackage('@bioimage/tif')

const operations = {
  async read({ path, box }) {
    globalThis.gc?.()
    const before = process.hrtime.bigint()
    const source = await openSource(path)
    const array = await source.get(box?.map(([start, stop]) => ({ start, stop })))
    const ms = Number(process.hrtime.bigint() - before) / 1e6
    await source.close()
    return { ms, hash: createHash('sha256').update(bytesOf(array.data)).digest('hex') }
  },
  async memory({ path, box }) {
    const before = process.memoryUsage().rss
    await operations.read({ path, box })
    return { growthMiB: (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20 }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line)
  try {
    console.log(`@${JSON.stringify(await operations[op](request))}`)
  } catch (error) {
    console.log(`@${JSON.stringify({ error: String(error?.stack ?? error) })}`)
  }
}
