import { isJsonObject, SourceError } from '@bioimage/core'
import { corrupt } from '../structure/structure-reader.js'
import { nodeModule } from './node-modules.js'

/** What the lock file beside a file says. */
interface LockState {
  readonly pid: number
  readonly host: string
  /** A change is under way: HDF5 changes files in place, so that a process killed now leaves a damaged one. */
  readonly writing: boolean
}

/** An advisory lock against other processes of this library: a file beside the one that is written. */
export interface FileLock {
  setWriting(writing: boolean): Promise<void>
  release(): Promise<void>
}

export function lockPathOf(path: string): string {
  return `${path}.lock`
}

/**
 * Takes the lock of a file. The lock of a process that has died is taken over, unless it died in the middle of a change.
 *
 * @throws ERR_ACCESS_DENIED if another process has the file open for writing; ERR_CORRUPT_DATA after a killed change.
 */
export async function takeLock(path: string): Promise<FileLock> {
  const fs = nodeModule('node:fs/promises', 'writing')
  const own = (writing: boolean): string =>
    JSON.stringify({ pid: globalThis.process.pid, host: nodeModule('node:os', 'writing').hostname(), writing } satisfies LockState)
  const lockPath = lockPathOf(path)
  for (let attempt = 0; ; attempt++) {
    try {
      await fs.writeFile(lockPath, own(false), { flag: 'wx' })
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || attempt > 2) throw error
    }
    const present = await readLock(path)
    if (present === undefined) continue
    if (isAlive(present)) {
      throw new SourceError(
        'ERR_ACCESS_DENIED',
        `process ${present.pid} on ${present.host} has ${path} open for writing, and HDF5 takes one writer; wait until it ends (or, if it did, remove ${lockPath})`,
        { kind: 'hdf5', path }
      )
    }
    checkLeft(present, path)
    await fs.rm(lockPath, { force: true })
  }
  return {
    setWriting: (writing) => fs.writeFile(lockPath, own(writing)),
    release: () => fs.rm(lockPath, { force: true })
  }
}

/**
 * Checks, before a file is read, that no process was killed while it changed it.
 *
 * @throws ERR_CORRUPT_DATA
 */
export async function checkNotLeftHalfWritten(path: string): Promise<void> {
  const present = await readLock(path)
  if (present !== undefined && !isAlive(present)) checkLeft(present, path)
}

/** Removes the lock that a dead process left beside a file that is gone: it says nothing about a new one. */
export async function dropStaleLock(path: string): Promise<void> {
  const present = await readLock(path)
  if (present !== undefined && !isAlive(present)) await nodeModule('node:fs/promises', 'writing').rm(lockPathOf(path), { force: true })
}

function checkLeft(lock: LockState, path: string): void {
  if (!lock.writing) return
  throw corrupt(
    `a process was killed while it changed ${path}: parts of the file may be old, new or damaged; restore it, or remove ${lockPathOf(path)} to read what is there`
  )
}

async function readLock(path: string): Promise<LockState | undefined> {
  const fs = nodeModule('node:fs/promises', 'writing')
  let text: string
  try {
    text = await fs.readFile(lockPathOf(path), 'utf8')
  } catch {
    return undefined
  }
  try {
    const state: unknown = JSON.parse(text)
    if (!isJsonObject(state)) return undefined
    const { pid, host, writing } = state
    return typeof pid === 'number' && typeof host === 'string' && typeof writing === 'boolean' ? { pid, host, writing } : undefined
  } catch {
    // Being written this moment, or not ours.
    return undefined
  }
}

/** On another machine nobody can tell: taken as alive. */
function isAlive({ pid, host }: LockState): boolean {
  if (host !== nodeModule('node:os', 'writing').hostname()) return true
  try {
    globalThis.process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
