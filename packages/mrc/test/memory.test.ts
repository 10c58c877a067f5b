import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSource } from '@bioimage/core'
import { afterAll, expect, test } from 'vitest'
import '../src/index.js'

const folder = await mkdtemp(join(tmpdir(), 'bioimage-mrc-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const shape = [48, 1024, 1024]
const volumeBytes = 48 << 21

/** Writes a volume of int16, whose values are z + y + x, compressed; in another process, so that this one stays small. */
const script = `
  const { createGzip } = require('node:zlib')
  const { createWriteStream } = require('node:fs')
  const { pipeline, Readable } = require('node:stream')
  const header = Buffer.alloc(1024)
  for (const [word, value] of [[1, 1024], [2, 1024], [3, 48], [4, 1], [8, 1024], [9, 1024], [10, 48], [17, 1], [18, 2], [19, 3]])
    header.writeInt32LE(value, (word - 1) * 4)
  header.write('MAP DD', 208)
  pipeline(
    Readable.from((function* () {
      yield header
      for (let z = 0; z < 48; z++) {
        const section = new Int16Array(1 << 20)
        for (let at = 0; at < 1 << 20; at++) section[at] = z + 1023 - (at >> 10) + (at & 1023)
        yield Buffer.from(section.buffer)
      }
    })()),
    createGzip({ level: 1 }),
    createWriteStream(process.argv[1]),
    (error) => { if (error) throw error }
  )`

test('a compressed file takes its own size and a little more', async () => {
  const path = join(folder, 'large.mrc.gz')
  execFileSync(process.execPath, ['-e', script, path])
  await using source = await openSource(path)
  expect(source.shape).toEqual(shape)
  const before = process.resourceUsage().maxRSS * 1024
  const found = await source.get([47, 3, -1])
  expect(found).toBe(47 + 3 + 1023)
  const grown = process.resourceUsage().maxRSS * 1024 - before
  expect(grown).toBeGreaterThan(volumeBytes / 2)
  expect(grown).toBeLessThan(volumeBytes * 1.5)
})
