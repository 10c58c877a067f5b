import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createSource, openSource } from '@bioimage/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '@bioimage/zarr'

const writer = fileURLToPath(new URL('support/writer.mjs', import.meta.url))
const codecs = [{ id: 'gzip', level: 1 }]
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bioimage-zarr-processes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts a writer and waits until it has opened the array. Flags of the test runner must not follow into it. */
async function startWriter(path: string, first: number, step: number, value: string, ...gate: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [writer, path, String(first), String(step), value, ...gate], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH }
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the writer ended with code ${code} before it began`)))
  await Promise.race([once(child.stdout, 'data'), ended])
  return child
}

/** The same in a thread of this process. */
async function startThread(path: string, first: number, step: number, value: string, gate: string): Promise<Worker> {
  const thread = new Worker(writer, { argv: [path, first, step, value, gate], stdout: true, execArgv: [], env: {} })
  await once(thread.stdout, 'data')
  return thread
}

async function exitOf(child: ChildProcess): Promise<number> {
  return child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode
}

async function firstElement(path: string): Promise<unknown> {
  const source = await openSource(path, { context: { cache: false } })
  return source.get(source.shape.map(() => 0))
}

describe('concurrent calls', () => {
  it.each([
    ['chunks', undefined],
    ['shards', [4, 8, 8]]
  ] as const)('twenty of them that write different parts of %s lose nothing, whichever source they use', async (name, shards) => {
    const path = join(folder, `twenty-${name}.zarr`)
    const source = await createSource(path, { shape: [20, 16, 16], dtype: 'uint8', chunks: [2, 8, 8], shards, codecs })
    const other = await openSource(path, { mode: 'r+' })
    // Planes share chunks by two, and shards by four.
    await Promise.all(Array.from({ length: 20 }, (_, plane) => (plane % 3 === 0 ? other : source).set([plane], plane + 1)))
    const { data } = await (await openSource(path)).get()
    expect(data).toEqual(new Uint8Array(20 * 256).map((_, at) => Math.floor(at / 256) + 1))
  })
})

describe('processes', () => {
  it.each([
    ['chunks', undefined],
    ['shards', [1, 16, 16]]
  ] as const)('that write different %s lose nothing', async (name, shards) => {
    const path = join(folder, `two-${name}.zarr`)
    await createSource(path, { shape: [40, 16, 16], dtype: 'uint8', chunks: [1, 8, 8], shards, codecs })
    const children = await Promise.all([startWriter(path, 0, 2, '11'), startWriter(path, 1, 2, '22')])
    const codes = await Promise.all(
      children.map(async (child) => (child.exitCode === null ? await once(child, 'exit') : [child.exitCode])[0])
    )
    expect(codes).toEqual([0, 0])
    const { data } = await (await openSource(path)).get()
    expect(data).toEqual(new Uint8Array(40 * 256).map((_, at) => (Math.floor(at / 256) % 2 === 0 ? 11 : 22)))
  })

  it.each([
    ['parts of one chunk', [18, 8, 8], undefined],
    ['chunks of one shard', [1, 8, 8], [18, 8, 8]],
    ['parts of chunks of one shard', [2, 8, 8], [18, 8, 8]]
  ] as const)('four of them and two threads that write different %s lose nothing', async (name, chunks, shards) => {
    const path = join(folder, `six-${name.replaceAll(' ', '-')}.zarr`)
    await createSource(path, { shape: [18, 8, 8], dtype: 'uint8', chunks, shards, codecs })
    const gate = `${path}.gate`
    const children = await Promise.all([0, 1, 2, 3].map((number) => startWriter(path, number, 6, String(number + 1), gate)))
    const threads = await Promise.all([4, 5].map((number) => startThread(path, number, 6, String(number + 1), gate)))
    const ends = [...children.map(exitOf), ...threads.map(async (thread): Promise<number> => (await once(thread, 'exit'))[0])]
    await writeFile(gate, '')
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0, 0, 0])
    const { data } = await (await openSource(path)).get()
    expect(data).toEqual(new Uint8Array(18 * 64).map((_, at) => (Math.floor(at / 64) % 6) + 1))
    // No lock is left.
    expect((await readdir(path, { recursive: true })).filter((name) => /(^|[/])__/.test(name))).toEqual([])
  })

  it.each([
    ['chunk', undefined],
    ['shard', [4, 64, 64]]
  ] as const)('killed in the middle of a write leave every %s old or new', async (_, shards) => {
    const path = join(folder, `killed-${shards === undefined ? 'chunks' : 'shards'}.zarr`)
    const source = await createSource(path, {
      shape: [4, 64, 64],
      dtype: 'uint8',
      chunks: shards === undefined ? [1, 64, 64] : [1, 16, 16],
      shards,
      codecs
    })
    await source.set('...', 255)
    for (let attempt = 0; attempt < 6; attempt++) {
      const before = await firstElement(path)
      const child = await startWriter(path, 0, 1, 'endless')
      // Only once it writes: a writer killed before proves nothing.
      while ((await firstElement(path)) === before) await new Promise((resolve) => setTimeout(resolve, 1))
      await new Promise((resolve) => setTimeout(resolve, 3 * attempt))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const after = await openSource(path, { context: { cache: false } })
      for (let plane = 0; plane < 4; plane++) {
        const { data } = await after.get([plane, null])
        expect(new Set(data as Uint8Array).size).toBe(1)
      }
    }
    const left = (await readdir(path, { recursive: true })).filter((name) => name.includes('.tmp'))
    // A killed process may leave its temporary file; its name is no chunk's, so that nobody reads it.
    for (const name of left) expect(name).toMatch(/(^|\/)__/)
  })
})
