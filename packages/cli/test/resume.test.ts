import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { listArrays, zeros } from '@bioimage/core'
import { takeFileLock } from '@bioimage/core/backend'
import { beforeAll, describe, expect, it } from 'vitest'
import { readJournal } from '../src/convert/journal.js'
import { expectSame, readAll, volume, writeZarr } from './arrays.js'
import { type Outcome, runCli, runHere, temporaryFolder } from './run-cli.js'

const folder = await temporaryFolder()
const cwd = folder
const raw = volume([48, 128, 256])
/** Two dozen blocks of two chunks, each compressed with effort: time to stop in the middle. */
const slowly = ['--chunks', '8,64,64', '--codec', 'gzip:9', '--memory', '1MiB']

beforeAll(async () => {
  await writeZarr(join(folder, 'raw.zarr'), raw, { chunks: [16, 64, 64] })
})

async function blocksDone(output: string): Promise<number> {
  const state = await readJournal(join(folder, `${output}.partial/journal`)).catch(() => undefined)
  return state?.blocks.size ?? 0
}

/** Starts a conversion and sends it a signal when so many blocks are done. */
async function interrupt(output: string, blocks: number, signal: NodeJS.Signals, args: readonly string[] = []): Promise<Outcome> {
  let kill = (): void => {}
  let ended = false
  const outcome = runCli(['convert', 'raw.zarr', output, ...slowly, ...args], {
    cwd,
    started: (child) => (kill = () => child.kill(signal))
  }).finally(() => {
    ended = true
  })
  while (!ended && (await blocksDone(output)) < blocks) await sleep(2)
  kill()
  return outcome
}

const resume = (output: string, ...args: readonly string[]): Promise<Outcome> =>
  runCli(['convert', 'raw.zarr', output, ...slowly, '--resume', ...args], { cwd })

describe('a conversion that is killed', () => {
  it('leaves nothing that looks like an output, and is continued to the same voxels', async () => {
    // At random moments, until it comes to its end.
    const total = await totalBlocks()
    let kills = 0
    let at = 0
    for (;;) {
      at = Math.max(at + 1, (await blocksDone('killed.zarr')) + 1 + Math.floor(Math.random() * (total / 3)))
      if (at >= total - 1) break
      const { code } = await interrupt('killed.zarr', at, 'SIGKILL', kills === 0 ? [] : ['--resume'])
      if (code === 0) break
      kills++
      expect(existsSync(join(folder, 'killed.zarr'))).toBe(false)
      await expect(listArrays(join(folder, 'killed.zarr'))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      // Nor is the folder that holds it taken for an image.
      await expect(listArrays(join(folder, 'killed.zarr.partial'))).rejects.toMatchObject({ code: 'ERR_UNKNOWN_FORMAT' })
    }
    expect(kills).toBeGreaterThan(0)
    const { code, stdout } = await resume('killed.zarr', '--verify', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).resumedBlocks).toBeGreaterThan(0)
    expectSame(await readAll(join(folder, 'killed.zarr')), raw)
    expect(existsSync(join(folder, 'killed.zarr.partial'))).toBe(false)
  }, 120_000)

  it('is not seen in the container that it adds to', async () => {
    await writeZarr(join(folder, 'many.zarr'), raw, { internalPath: 'first' })
    let kill = (): void => {}
    const args = ['convert', 'raw.zarr', 'many.zarr', '--to', 'group/second', ...slowly]
    const outcome = runCli(args, { cwd, started: (child) => (kill = () => child.kill('SIGKILL')) })
    while ((await blocksDone('many.zarr.group.second')) < 3) await sleep(2)
    kill()
    await outcome
    const names = async (): Promise<readonly string[]> =>
      (await listArrays(join(folder, 'many.zarr'))).map(({ internalPath }) => internalPath)
    expect(await names()).toEqual(['first'])
    expect((await runCli([...args, '--resume'], { cwd })).code).toBe(0)
    expect(await names()).toEqual(['first', 'group/second'])
    expectSame(await readAll(join(folder, 'many.zarr'), 'group/second'), raw)
  }, 60_000)
})

describe('a conversion that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)(
    'ends with its exit code after %s and is continued',
    async (signal, exitCode) => {
      const output = `${signal}.zarr`
      const { code, stderr } = await interrupt(output, 3, signal)
      expect(code).toBe(exitCode)
      expect(stderr).toMatch(/the same command with --resume continues it\nbioimage: stopped by SIG\w+ \[ERR_INTERRUPTED\]\n$/)
      const done = await blocksDone(output)
      const { stdout, stderr: notes } = await resume(output)
      expect(notes).toContain(`continuing: ${done} of ${await totalBlocks()} blocks`)
      expect(stdout).toContain('wrote ')
      expectSame(await readAll(join(folder, output)), raw)
    },
    60_000
  )
})

describe('an unfinished conversion', () => {
  /** One that was stopped, to be copied for every test. */
  const stopped = join(folder, 'stopped.zarr.partial')
  beforeAll(async () => {
    await interrupt('stopped.zarr', 5, 'SIGINT')
  }, 60_000)

  /** A folder with the stopped conversion under its own name. */
  async function place(): Promise<void> {
    await rm(join(folder, 'stopped.zarr'), { recursive: true, force: true })
    if (existsSync(join(folder, 'keep'))) await cp(join(folder, 'keep'), stopped, { recursive: true, force: true })
    else await cp(stopped, join(folder, 'keep'), { recursive: true })
  }

  it('is refused without a choice', async () => {
    await place()
    const { code, stderr } = await runCli(['convert', 'raw.zarr', 'stopped.zarr', ...slowly], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/continue it with --resume, or discard it with --overwrite \[ERR_ALREADY_EXISTS\]\n$/)
  })

  it('is not continued with other options or another input', async () => {
    await place()
    await writeZarr(join(folder, 'other.zarr'), raw, { chunks: [16, 64, 64] })
    const attempts: readonly (readonly [string, readonly string[]])[] = [
      ['its output has chunks', ['raw.zarr', 'stopped.zarr', '--chunks', '8,8,8', '--codec', 'gzip:9']],
      ['its output has codec', ['raw.zarr', 'stopped.zarr', '--chunks', slowly[1] ?? '']],
      ['its output has dtype', ['raw.zarr', 'stopped.zarr', ...slowly, '--dtype', 'uint32']],
      ['its input has spec', ['other.zarr', 'stopped.zarr', ...slowly]]
    ]
    for (const [message, args] of attempts) {
      const { code, stderr } = await runCli(['convert', ...args, '--resume'], { cwd })
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
      expect(stderr).toContain('[ERR_INVALID_ARGUMENT]')
    }
    expect(await blocksDone('stopped.zarr')).toBeGreaterThan(0)
  })

  it('is not continued after a file of the input changed', async () => {
    await cp(join(folder, 'raw.zarr'), join(folder, 'changing.zarr'), { recursive: true })
    const args = ['convert', 'changing.zarr', 'changed.zarr', ...slowly]
    let kill = (): void => {}
    const first = runCli(args, { cwd, started: (child) => (kill = () => child.kill('SIGINT')) })
    while ((await blocksDone('changed.zarr')) < 2) await sleep(2)
    kill()
    await first
    await writeZarr(join(folder, 'replacing.zarr'), volume([48, 128, 256]), { chunks: [16, 64, 64] })
    await cp(join(folder, 'replacing.zarr'), join(folder, 'changing.zarr'), { recursive: true, force: true })
    const { code, stderr } = await runCli([...args, '--resume'], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('its input has files') })
    expect(existsSync(join(folder, 'changed.zarr'))).toBe(false)
  }, 60_000)

  it('is discarded by --overwrite', async () => {
    await place()
    const { code, stdout } = await runCli(['convert', 'raw.zarr', 'stopped.zarr', '--chunks', '48,64,64', '--overwrite', '--json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ resumedBlocks: 0, chunks: [48, 64, 64] })
    expect(existsSync(stopped)).toBe(false)
  })

  it('is checked block by block after the machine went down', async () => {
    await place()
    const journal = join(stopped, 'journal')
    const state = await readJournal(journal)
    // As if the session had been before the last start, and a chunk had not reached the disk.
    const entry = JSON.stringify({ kind: 'session', boot: 'another' })
    await appendFile(journal, `${crc32(entry).toString(16).padStart(8, '0')} ${entry}\n`)
    await rm(join(stopped, 'stopped.zarr/c/0/0/0'))
    const { code, stderr, stdout } = await resume('stopped.zarr', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout).resumedBlocks).toBe(state.blocks.size - 1)
    expectSame(await readAll(join(folder, 'stopped.zarr')), raw)
  })

  it('is not touched while its process still runs', async () => {
    // The first is held, so that it does not come to its end before the second has begun.
    let signal = (_: NodeJS.Signals): void => {}
    const first = runCli(['convert', 'raw.zarr', 'running.zarr', ...slowly], {
      cwd,
      started: (child) => (signal = (name) => child.kill(name))
    })
    while ((await blocksDone('running.zarr')) < 2) await sleep(2)
    signal('SIGSTOP')
    const { code, stderr } = await runCli(['convert', 'raw.zarr', 'running.zarr', ...slowly, '--overwrite'], { cwd })
    signal('SIGCONT')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^bioimage: process \d+ on .* is converting .*\[ERR_ALREADY_EXISTS\]\n$/)
    expect((await first).code).toBe(0)
    expectSame(await readAll(join(folder, 'running.zarr')), raw)
  }, 60_000)

  it('is continued by one process at a time', async () => {
    await place()
    let signal = (_: NodeJS.Signals): void => {}
    let ended = false
    const first = runCli(['convert', 'raw.zarr', 'stopped.zarr', ...slowly, '--resume'], {
      cwd,
      started: (child) => (signal = (name) => child.kill(name))
    }).finally(() => {
      ended = true
    })
    // The first is held as soon as it may look at what there is: a lock that does not name its owner yet is one that nobody finished.
    const owner = (): Promise<string> => readFile(`${stopped}.lock`, 'utf8').catch(() => '')
    while (!ended && (await owner()) === '') await sleep(2)
    signal('SIGSTOP')
    const others = [await resume('stopped.zarr'), await resume('stopped.zarr', '--overwrite')]
    signal('SIGCONT')
    for (const { code, stderr } of others)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/process \d+ on .* is converting to .*\[ERR_ALREADY_EXISTS\]\n$/)
      })
    expect((await first).code).toBe(0)
    expectSame(await readAll(join(folder, 'stopped.zarr')), raw)
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.zarr'])
  }, 60_000)

  it('is not looked at while another one holds its lock', async () => {
    await place()
    const lock = await takeFileLock(`${stopped}.lock`)
    const journal = await readFile(join(stopped, 'journal'))
    for (const choice of [[], ['--overwrite'], ['--resume']]) {
      const { code, stderr } = await runHere(['convert', 'raw.zarr', 'stopped.zarr', ...slowly, ...choice], { cwd })
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/is converting to .*\[ERR_ALREADY_EXISTS\]\n$/) })
    }
    expect(await readFile(join(stopped, 'journal'))).toEqual(journal)
    await lock.release()
  })

  it('is finished if only its last step is missing', async () => {
    await runCli(['convert', 'raw.zarr', 'last.zarr'], { cwd })
    await place()
    const { code } = await resume('stopped.zarr')
    expect(code).toBe(0)
    // The states between the renames: whole, but not in its place; in its place, but not cleaned up.
    const journal = join(folder, 'keep/journal')
    const entry = '{"kind":"complete"}'
    const line = `${crc32(entry).toString(16).padStart(8, '0')} ${entry}\n`
    await mkdir(stopped)
    await writeFile(join(stopped, 'journal'), (await readFile(journal, 'utf8')) + line)
    expect((await resume('stopped.zarr')).code).toBe(0)
    expect(existsSync(stopped)).toBe(false)
    await mkdir(stopped)
    await writeFile(join(stopped, 'journal'), (await readFile(journal, 'utf8')) + line)
    await rename(join(folder, 'stopped.zarr'), join(stopped, 'stopped.zarr'))
    expect((await resume('stopped.zarr')).code).toBe(0)
    expectSame(await readAll(join(folder, 'stopped.zarr')), raw)
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.zarr'])
  })

  it('is verified if only its last step is missing', async () => {
    await place()
    const entry = '{"kind":"complete"}'
    const line = `${crc32(entry).toString(16).padStart(8, '0')} ${entry}\n`
    // Said to be complete, with blocks that were never written.
    await appendFile(join(stopped, 'journal'), line)
    const { code, stderr } = await resume('stopped.zarr', '--verify')
    expect(code).toBe(1)
    expect(stderr).toMatch(/the output differs from the input at .* \[ERR_CORRUPT_DATA\]\n$/)
    expect(existsSync(join(folder, 'stopped.zarr'))).toBe(false)
    expect((await resume('stopped.zarr', '--overwrite')).code).toBe(0)
  })

  it('is verified after its last step, too', async () => {
    await place()
    expect((await resume('stopped.zarr')).code).toBe(0)
    const entry = '{"kind":"complete"}'
    const line = `${crc32(entry).toString(16).padStart(8, '0')} ${entry}\n`
    await mkdir(stopped)
    await writeFile(join(stopped, 'journal'), (await readFile(join(folder, 'keep/journal'), 'utf8')) + line)
    await rm(join(folder, 'stopped.zarr/c/0/0/0'))
    const failed = await resume('stopped.zarr', '--verify')
    expect({ code: failed.code, stderr: failed.stderr }).toEqual({ code: 1, stderr: expect.stringContaining('[ERR_CORRUPT_DATA]') })
    await rm(stopped, { recursive: true })
  })

  it('is only removed if it is one', async () => {
    await mkdir(join(folder, 'mine.zarr.partial'))
    await writeFile(join(folder, 'mine.zarr.partial/precious.txt'), 'text')
    for (const choice of ['--overwrite', '--resume']) {
      const { code, stderr } = await runCli(['convert', 'raw.zarr', 'mine.zarr', choice], { cwd })
      expect(code).toBe(1)
      expect(stderr).toContain('is in the way')
    }
    expect(await readFile(join(folder, 'mine.zarr.partial/precious.txt'), 'utf8')).toBe('text')
  })
})

describe('a conversion that has ended', () => {
  const again = (...args: readonly string[]): Promise<Outcome> => runHere(['convert', 'small.zarr', ...args], { cwd })
  const small = volume([4, 5, 6])
  beforeAll(() => writeZarr(join(folder, 'small.zarr'), small))

  it.each([['ended.zarr'], ['ended.mrc'], ['ended.h5'], ['ended-in.zarr', '--to', 'a/b'], ['chunked.zarr', '--chunks', '2,5,99']])(
    'is complete for --resume: %s',
    async (...args) => {
      expect((await again(...args, '--resume')).code).toBe(0)
      const { code, stdout } = await again(...args, '--resume', '--verify')
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/ is complete {2}uint16 {2}4 × 5 × 6 .*verified/) })
      expect(JSON.parse((await again(...args, '--resume', '--json')).stdout)).toMatchObject({ shape: [4, 5, 6], blocks: 0 })
      expect((await readdir(folder)).filter((name) => /partial|lock/.test(name) && name.includes('ended'))).toEqual([])
    }
  )

  it('is refused if what is there is another array', async () => {
    expect((await again('other-ended.zarr', '--chunks', '2,5,6')).code).toBe(0)
    for (const [what, args] of [
      ['its dtype is uint16, not float32', ['--dtype', 'float32']],
      ['its chunk shape is 2 × 5 × 6, not 1 × 5 × 6', ['--chunks', '1,5,6']]
    ] as const) {
      const { code, stderr } = await again('other-ended.zarr', '--resume', ...args)
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`${what}; replace it with --overwrite`) })
      expect(stderr).toContain('[ERR_ALREADY_EXISTS]')
    }
    await writeZarr(join(folder, 'long.zarr'), volume([4, 5, 7]))
    const { code, stderr } = await runHere(['convert', 'long.zarr', 'other-ended.zarr', '--resume'], { cwd })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('its shape is 4 × 5 × 6, not 4 × 5 × 7') })
    // Without --resume as ever.
    expect((await again('other-ended.zarr')).code).toBe(1)
  })

  it('is compared with the input by --verify', async () => {
    await writeZarr(join(folder, 'zeros.zarr'), zeros([4, 5, 6], 'uint16'))
    expect((await again('zeros.zarr', '--resume')).code).toBe(0)
    const { code, stderr } = await again('zeros.zarr', '--resume', '--verify')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('[ERR_CORRUPT_DATA]') })
  })
})

let blocks: number | undefined

/** Blocks of the whole conversion. */
async function totalBlocks(): Promise<number> {
  if (blocks === undefined) {
    const { stdout } = await runCli(['convert', 'raw.zarr', 'count.zarr', ...slowly, '--json'], { cwd })
    const result: { readonly blocks: number } = JSON.parse(stdout)
    blocks = result.blocks
  }
  return blocks
}
