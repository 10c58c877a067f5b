// Measures one JavaScript library: `node --expose-gc js-worker.mjs ours|hdf5|n5|zarrita`. Reads a JSON request a line, see participant.mjs.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { libraries } from './js-libraries.mjs'
import { changedBox, hashOf } from './volume.mjs'

const library = await libraries[process.argv[2]]()
let raw
let reused

const volumeOf = (file) => {
  if (raw?.file !== file) {
    const { buffer, byteOffset, byteLength } = readFileSync(file)
    raw = { file, volume: new Uint16Array(buffer, byteOffset, byteLength / 2) }
  }
  return raw.volume
}

const timed = async (work) => {
  globalThis.gc()
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  const result = await work()
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1000, result }
}

const answerOf = ({ ms, cpuMs }, hash) => ({ ms, cpuMs, ...(hash !== undefined && { hash }) })

const operations = {
  /** The whole volume, into new memory or into the same memory as the last time. */
  async whole({ path, size, reuse, hash }) {
    const array = await library.open(path)
    if (reuse && library.canReuse !== true) return { cannot: 'has no `out`' }
    if (reuse && reused?.length !== size ** 3) reused = new Uint16Array(size ** 3).fill(1)
    const measured = await timed(() => library.whole(array, reuse ? reused : undefined))
    await library.close(array)
    return answerOf(measured, hash ? hashOf(measured.result) : undefined)
  },
  /** Boxes, one after the other; `start` and `stop` per axis, or an integer that drops the axis. */
  async boxes({ path, boxes, hash }) {
    const array = await library.open(path)
    const results = []
    const measured = await timed(async () => {
      for (const box of boxes) {
        const result = await library.box(array, box)
        if (hash) results.push(result)
      }
    })
    await library.close(array)
    return answerOf(measured, hash ? hashOf(...results) : undefined)
  },
  /** Creates an array and writes the volume. */
  async write({ path, variant, size, rawFile }) {
    if (!library.canEncode(variant)) return { cannot: 'cannot encode this' }
    const volume = volumeOf(rawFile)
    return answerOf(await timed(() => library.write(path, variant, size, volume)))
  },
  /** Writes boxes into an array that exists. */
  async patch({ path, variant, size, boxes, rawFile }) {
    if (!library.canEncode(variant)) return { cannot: 'cannot encode this' }
    const volume = volumeOf(rawFile)
    const changes = boxes.map((box, index) => changedBox(volume, size, box, index))
    const array = await library.openForWriting(path)
    const measured = await timed(async () => {
      for (const [index, box] of boxes.entries()) await library.writeBox(array, box, changes[index])
    })
    await library.close(array)
    return answerOf(measured)
  },
  /** The chunk index of a file, whole. */
  async index({ path }) {
    const measured = await timed(() => library.index(path))
    return { ...answerOf(measured), storedBytes: measured.result[0].storedBytes }
  },
  /** Peak of resident memory of a process that reads the volume and nothing else. */
  async peak({ path }) {
    const before = process.memoryUsage.rss()
    const array = await library.open(path)
    await library.whole(array)
    return { peakBytes: process.resourceUsage().maxRSS * 1024, beforeBytes: before }
  },
  /** Reads the volume again and again, for a profiler. */
  async spin({ path, times }) {
    for (let turn = 0; turn < times; turn++) {
      const array = await library.open(path)
      await library.whole(array)
      await library.close(array)
    }
    return {}
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line)
  let answer
  try {
    answer = await operations[op](request)
  } catch (error) {
    answer = { error: String(error?.stack ?? error) }
  }
  process.stdout.write(`@${JSON.stringify(answer)}\n`)
}
