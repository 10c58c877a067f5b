/**
 * Tests of writers in several processes and threads, for backends whose arrays are written in place. They need Node, local files, and a
 * module that runs as it is, so built.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type NdArray, openSource, type Source } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { check } from './assert.js'
import type { Runner } from './runner.js'
import { readArray } from './suite.js'

/** An array of uint8 that the tests ask for. */
export interface ProcessArray {
  /** A place that is not there yet; the name of the container without an extension. */
  readonly path: string
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly shards: readonly number[] | undefined
}

/** A backend whose writers are tested in several processes. */
export interface TestedProcesses {
  /** Says what is tested: `"zarr"`. */
  readonly name: string
  /** URL of the built module that registers the backend. */
  readonly module: string
  /** Whether arrays have shards. */
  readonly shards: boolean
  /** Creates an empty array on the local disk. */
  readonly create: (array: ProcessArray) => Promise<Source>
}

const processes = 4
const threads = 2
const kills = 4
const shape = [12, 4, 8]

/** Declares the tests with the given test runner. */
export function testProcesses(runner: Runner, backend: TestedProcesses): void {
  const { name, shards } = backend
  const test = 'test' in runner ? runner.test : runner.it
  const layouts: readonly (readonly [string, readonly number[], readonly number[] | undefined])[] = [
    ['parts of one chunk', shape, undefined],
    ['different chunks', [1, 4, 8], undefined],
    ...(shards
      ? [
          ['chunks of one shard', [1, 4, 8], shape] as const,
          ['parts of the chunks of one shard', [2, 4, 8], shape] as const,
          ['different shards', [1, 4, 4], [1, 4, 8]] as const
        ]
      : [])
  ]
  runner.describe(`processes that write ${name}`, () => {
    for (const [what, chunks, shardShape] of layouts) {
      test(`${processes} of them and ${threads} threads lose nothing: ${what}`, () =>
        inFolder((folder) => writeTogether(folder, backend, { path: join(folder, 'a'), shape, chunks, shards: shardShape })))
    }
    for (const isSharded of shards ? [false, true] : [false]) {
      test(`killed in the middle of a write leave every ${isSharded ? 'shard' : 'chunk'} old or new`, () =>
        inFolder((folder) => killWriters(folder, backend, isSharded)))
    }
  })
}

async function writeTogether(folder: string, backend: TestedProcesses, array: ProcessArray): Promise<void> {
  const source = await backend.create(array)
  const gate = join(folder, 'gate')
  const writers = processes + threads
  const started = Array.from({ length: writers }, (_, number) => {
    const words = [...wordsOf(backend, source), String(number), String(writers), String(number + 1), gate]
    return number < processes ? startProcess(words) : startThread(words)
  })
  const endings = (await Promise.all(started)).map((writer) => once(writer, 'exit'))
  writeFileSync(gate, '')
  for (const [code] of await Promise.all(endings)) check(code === 0, `a writer ended with code ${code}`)
  const lineElements = (shape[1] ?? 1) * (shape[2] ?? 1)
  const found = bytesOf((await fresh(source)).data)
  const lost = found.findIndex((value, at) => value !== (Math.floor(at / lineElements) % writers) + 1)
  check(lost < 0, `the write of plane ${Math.floor(lost / lineElements)} was lost: it holds ${found[lost]}`)
}

async function killWriters(folder: string, backend: TestedProcesses, isSharded: boolean): Promise<void> {
  const array = { path: join(folder, 'a'), shape: [4, 64, 64], chunks: isSharded ? [1, 16, 16] : [1, 64, 64] }
  const source = await backend.create({ ...array, shards: isSharded ? array.shape : undefined })
  await source.set('...', 255)
  for (let attempt = 0; attempt < kills; attempt++) {
    const before = bytesOf((await fresh(source)).data)[0]
    const child = await startProcess([...wordsOf(backend, source), '0', '1', 'endless'])
    // Only once it writes: a writer that is killed before proves nothing.
    while (bytesOf((await fresh(source)).data)[0] === before) await pause(1)
    await pause(3 * attempt)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const found = bytesOf((await fresh(source)).data)
    for (let plane = 0; plane < 4; plane++) {
      const values = new Set(found.subarray(plane * 4096, (plane + 1) * 4096))
      check(values.size === 1, `plane ${plane} is a mixture of ${[...values].join(' and ')} after a kill`)
    }
    // The lock of the dead is no hindrance.
    await source.set([0, 0, 0], 255)
    await source.set([0], 255)
  }
}

/** Everything that is stored now. */
async function fresh(source: Source): Promise<NdArray> {
  const { path, internalPath } = source.toSpec()
  const again = await openSource(path ?? '', { internalPath, context: { cache: false } })
  try {
    return await readArray(again)
  } finally {
    await again.close()
  }
}

function wordsOf({ module }: TestedProcesses, source: Source): string[] {
  const { path = '', internalPath = '' } = source.toSpec()
  return [module, path, internalPath]
}

/** The built script: under a test runner's conditions the package itself would be TypeScript. */
const script = join(dirname(createRequire(import.meta.url).resolve('@bioimage/testing/package.json')), 'dist/process-writer.js')

/** Starts a writer and waits until it has opened the array. Flags and conditions of the test runner must not follow into it. */
async function startProcess(words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the writer ended with code ${code} before it began`)))
  await Promise.race([once(child.stdout, 'data'), ended])
  return child
}

async function startThread(words: readonly string[]): Promise<Worker> {
  const thread = new Worker(script, { argv: [...words], stdout: true, execArgv: [], env: {} })
  await once(thread.stdout, 'data')
  return thread
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bioimage-processes-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
