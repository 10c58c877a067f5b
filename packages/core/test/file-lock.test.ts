import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { processIdentity, readFileLock, stateOfProcess, takeFileLock } from '../src/backend.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

/** A process that has ended, as a lock file names it. */
async function endedProcess(): Promise<string> {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  return `${hostname()} ${child.pid} 1`
}

const textOf = (process: string, id = 'left'): string => JSON.stringify({ id, process, note: {} })

/** Whether a lock is taken within some turns of the event loop. */
async function isTaken(lock: Promise<unknown>): Promise<boolean> {
  return Promise.race([lock.then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100))])
}

describe('a file lock', () => {
  test('is held by one at a time, given back, and leaves nothing', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'new', 'x.lock')
    let inside = 0
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const lock = await takeFileLock(path)
        expect(++inside).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, 1))
        inside--
        await lock.release()
      })
    )
    expect(await readdir(join(folder, 'new'))).toEqual([])
  })

  test('of a process that has ended is taken over, by one of many who find it', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    for (let round = 0; round < 4; round++) {
      await writeFile(path, textOf(await endedProcess(), `left-${round}`))
      let inside = 0
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const lock = await takeFileLock(path)
          expect(++inside).toBe(1)
          await new Promise((resolve) => setTimeout(resolve, 1))
          inside--
          await lock.release()
        })
      )
    }
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  test('of a process whose number was given to another one is taken over', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    const [host, pid, start] = processIdentity().split(' ')
    // Where the system does not tell start times, none are compared.
    if (start === '?') return
    await writeFile(path, textOf(`${host} ${pid} ${Number(start) - 1}`))
    await (await takeFileLock(path)).release()
  })

  test('of a living process is waited for, unless the caller says not to; an abort ends the waiting', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    const held = await takeFileLock(path, { note: { why: 'test' } })
    const refuse = takeFileLock(path, {
      onHeld({ process, note }) {
        throw new Error(`${process} ${JSON.stringify(note)}`)
      }
    })
    await expect(refuse).rejects.toThrow(`${processIdentity()} {"why":"test"}`)
    const controller = new AbortController()
    const waiting = takeFileLock(path, { signal: controller.signal })
    const other = takeFileLock(path)
    expect(await isTaken(Promise.race([waiting.catch(() => {}), other]))).toBe(false)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    await held.setNote({ why: 'changed' })
    expect(await readFileLock(path)).toMatchObject({ note: { why: 'changed' }, alive: true })
    await held.release()
    await (await other).release()
  })

  test('of another machine, or of a thread that ended, is taken over once it is no longer refreshed, if the caller says so', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    for (const owner of ['elsewhere 1 1', processIdentity()]) {
      await writeFile(path, textOf(owner))
      const waiting = takeFileLock(path, { abandonedAfterMs: 60_000 })
      expect(await isTaken(waiting)).toBe(false)
      const old = new Date(Date.now() - 61_000)
      await utimes(path, old, old)
      expect((await readFileLock(path))?.alive).toBe(true)
      await (await waiting).release()
    }
  })

  test('that was never filled in is taken over after a while', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    await writeFile(path, '')
    const waiting = takeFileLock(path)
    expect(await isTaken(waiting)).toBe(false)
    const old = new Date(Date.now() - 11_000)
    await utimes(path, old, old)
    await (await waiting).release()
  })

  test('that another one has taken over is left to it', async () => {
    const path = join(await temporaryFolder(), 'x.lock')
    const lock = await takeFileLock(path)
    await writeFile(path, textOf(processIdentity(), 'other'))
    await lock.release()
    expect(await readFile(path, 'utf8')).toBe(textOf(processIdentity(), 'other'))
  })
})

test('processes are running, ended, or of another machine', async () => {
  expect(stateOfProcess(processIdentity())).toBe('running')
  expect(stateOfProcess(await endedProcess())).toBe('ended')
  expect(stateOfProcess('elsewhere 1 1')).toBe('unknown')
})
