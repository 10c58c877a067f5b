import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource } from '@bioimage/core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openCloudvolume } from '../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'bioimage-cloudvolume-processes-'))
const script = join(root, 'script', 'chunk-writer.mjs')

beforeAll(() =>
  build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@bioimage/source'] },
    ssr: { noExternal: true, resolve: { conditions: ['@bioimage/source', 'node'] } },
    build: {
      ssr: fileURLToPath(new URL('helpers/chunk-writer.ts', import.meta.url)),
      outDir: join(root, 'script'),
      minify: false,
      rollupOptions: { output: { entryFileNames: 'chunk-writer.mjs' } }
    }
  })
)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const write = (options: Readonly<Record<string, unknown>>): Promise<string> => {
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += String(text)
    })
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0 ? '' : output)))
}

test.each([
  ['chunk under different compressions', 'chunks', {}],
  ['shard', 'shards', { chunks: [2, 2, 2], shards: [2, 2, 4] }]
])('two processes that store one %s lose nothing, and a reader never finds it missing', async (_, name, layout) => {
  const folder = join(root, name)
  const source = await createSource(folder, { format: 'cloudvolume', shape: [2, 2, 4], dtype: 'uint8', chunks: [2, 2, 4], ...layout })
  await source.set([], 0)
  const rounds = 80
  const writers = [write({ folder, compress: 'gzip', part: 'all', rounds }), write({ folder, compress: false, part: 'first', rounds })]
  let ended = false
  const outputs = Promise.all(writers).finally(() => {
    ended = true
  })
  const reader = await openCloudvolume(folder, { mode: 'r', context: { cache: false } })
  while (!ended) {
    const { data } = await reader.get()
    expect(new Set(Array.from(data, Number).slice(1)).size).toBe(1)
    expect(await reader.get([1, 1, 3])).toBeTypeOf('number')
  }
  expect(await outputs).toEqual(['', ''])
  expect(readdirSync(join(folder, '1_1_1'))).toHaveLength(1)
  expect(await (await openCloudvolume(folder)).get([1, 1, 3])).toBe(rounds % 256)
})
