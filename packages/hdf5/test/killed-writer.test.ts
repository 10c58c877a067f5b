import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, isSourceError, listArrays, openSource } from '@bioimage/core'
import '@bioimage/hdf5'
import { seededRandom } from '@bioimage/testing'
import { afterAll, expect, it } from 'vitest'

const writer = fileURLToPath(new URL('support/endless-writer.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-hdf5-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Flags of the test runner must not follow into the process. */
async function writeAndKill(path: string, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } })
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  child.kill('SIGKILL')
  await once(child, 'exit')
}

it('a writer killed at any moment leaves a file that is whole, or is reported as damaged', async () => {
  const pristine = join(folder, 'pristine.h5')
  const source = await createSource(pristine, { internalPath: 'planes', shape: [4, 64, 64], dtype: 'uint8', chunks: [1, 32, 64] })
  await source.set('...', 255)
  await source.close()
  const random = seededRandom(31)
  for (let attempt = 0; attempt < 4; attempt++) {
    const path = join(folder, `${attempt}.h5`)
    copyFileSync(pristine, path)
    await writeAndKill(path, random.below(60))
    try {
      const after = await openSource(path, { internalPath: 'planes', context: { cache: false } })
      for (let plane = 0; plane < 4; plane++) {
        const { data } = await after.get([plane, null])
        expect(new Set(data as Uint8Array).size).toBe(1)
      }
      for (const { internalPath, problem } of await listArrays(path)) {
        expect(problem).toBeUndefined()
        if (internalPath === 'planes') continue
        const { data } = await (await openSource(path, { internalPath })).get()
        // Made, and then filled: a process may be killed between the two.
        expect([0, 7]).toContain((data as Uint8Array)[0])
        expect(new Set(data as Uint8Array).size).toBe(1)
      }
      // The next writer takes over.
      await (await openSource(path, { internalPath: 'planes', mode: 'r+' })).close()
    } catch (error) {
      if (!isSourceError(error, 'ERR_CORRUPT_DATA')) throw error
      expect(error.message).toMatch(/killed while it changed/)
      expect(existsSync(`${path}.lock`)).toBe(true)
      await expect(openSource(path, { internalPath: 'planes', mode: 'r+' })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    }
  }
}, 120_000)
