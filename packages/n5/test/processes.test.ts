import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, openSource } from '@bioimage/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '@bioimage/n5'

const writer = fileURLToPath(new URL('support/writer.mjs', import.meta.url))
const compression = { type: 'gzip', level: 1 }
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bioimage-n5-processes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts a writer and waits until it has opened the array. Flags of the test runner must not follow into it. */
async function startWriter(path: string, first: number, step: number, value: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [writer, path, String(first), String(step), value], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH }
  })
  await once(child.stdout, 'data')
  return child
}

describe('processes', () => {
  it('that write different blocks lose nothing', async () => {
    const path = join(folder, 'two.n5')
    await createSource(path, { shape: [40, 16, 16], dtype: 'uint8', chunks: [1, 8, 8], compression })
    const children = await Promise.all([startWriter(path, 0, 2, '11'), startWriter(path, 1, 2, '22')])
    const codes = await Promise.all(
      children.map(async (child) => (child.exitCode === null ? await once(child, 'exit') : [child.exitCode])[0])
    )
    expect(codes).toEqual([0, 0])
    const { data } = await (await openSource(path)).get()
    expect(data).toEqual(new Uint8Array(40 * 256).map((_, at) => (Math.floor(at / 256) % 2 === 0 ? 11 : 22)))
  })

  it('killed in the middle of a write leave every block old or new', async () => {
    const path = join(folder, 'killed.n5')
    const source = await createSource(path, { shape: [4, 64, 64], dtype: 'uint8', chunks: [1, 64, 64], compression })
    await source.set('...', 255)
    for (let attempt = 0; attempt < 6; attempt++) {
      const child = await startWriter(path, 0, 1, 'endless')
      await new Promise((resolve) => setTimeout(resolve, 5 + 11 * attempt))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const after = await openSource(path, { context: { cache: false } })
      for (let plane = 0; plane < 4; plane++) {
        const { data } = await after.get([plane, null])
        expect(new Set(data as Uint8Array).size).toBe(1)
      }
    }
    const left = (await readdir(path, { recursive: true })).filter((name) => name.includes('.tmp'))
    // A killed process may leave its temporary file; its name is no block's, so that nobody reads it.
    for (const name of left) expect(name).toMatch(/(^|\/)__/)
  })
})
