import { SourceError } from '../errors.js'
import { isJsonObject, type JsonObject } from '../json.js'
import { nodeModule } from '../platform.js'
import { processIdentity, stateOfProcess } from '../process-identity.js'
import { pause } from '../retry.js'
import { hasCode, isAbsence, systemError } from './file-errors.js'
import type { StoreLock } from './store.js'

/** What a lock file says. */
export interface FileLockState {
  /** Another one for every time that the lock is taken. */
  readonly id: string
  /** Host, number and start time of the process; `undefined` if the file is being filled this moment, or of another program. */
  readonly process: string | undefined
  /** Whether the owner has written what the file says. */
  readonly isFilled: boolean
  /** Whether the owner can be there still. */
  readonly alive: boolean
  readonly note: JsonObject
}

/** Options of {@link takeFileLock}. */
export interface FileLockOptions {
  /** What the file says beside its owner. */
  readonly note?: JsonObject | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * A lock whose file was not refreshed for so long counts as left, though its process may live: that of a thread that was ended, or
   * of another machine. For work that a second owner cannot harm. Defaults to never.
   */
  readonly abandonedAfterMs?: number | undefined
  /** Called when another one holds the lock; if it throws, the lock is not waited for. */
  readonly onHeld?: ((state: FileLockState) => void) | undefined
  /** Called before the lock of an owner that is gone is taken over; if it throws, it is not. */
  readonly onLeft?: ((state: FileLockState) => void) | undefined
}

/** A lock that this thread holds. */
export interface FileLock extends StoreLock {
  /** Changes what the file says, at once. */
  setNote(note: JsonObject): Promise<void>
}

/** The owner tells that it is there by the time of the file. */
const refreshMs = 10_000
/** Between making a lock file and filling it lie microseconds. */
const maximalUnfilledMs = 10_000
/** One owner is waited for so long. */
const maximalWaitMs = 600_000
const firstPauseMs = 1
const longestPauseMs = 50

/**
 * Takes an advisory lock against other threads and processes: a file that only one can make, with the process that made it. The lock
 * of a process that has died is taken over.
 *
 * @throws ERR_CONFLICT after ten minutes with one owner; what `onHeld` and `onLeft` throw.
 */
export async function takeFileLock(path: string, options: FileLockOptions = {}): Promise<FileLock> {
  const { note = {}, signal, abandonedAfterMs, onHeld, onLeft } = options
  const fs = promises(path)
  const own = { id: crypto.randomUUID(), process: processIdentity() }
  let owner: string | undefined
  let since = Date.now()
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted()
    if (await makeFile(path, JSON.stringify({ ...own, note }))) break
    const present = await readFileLock(path, abandonedAfterMs)
    if (present === undefined) continue
    if (present.id !== owner) {
      owner = present.id
      since = Date.now()
      attempt = 0
    }
    if (!present.alive) {
      onLeft?.(present)
      await removeLeft(path, present, options)
      continue
    }
    if (present.isFilled) onHeld?.(present)
    if (Date.now() - since > maximalWaitMs) throw heldTooLong(path, present)
    await pause(Math.min(firstPauseMs * 1.5 ** attempt, longestPauseMs) * (0.5 + Math.random()), signal)
  }
  const refresh = setInterval(() => {
    const now = new Date()
    fs.utimes(path, now, now).catch(() => {})
  }, refreshMs)
  refresh.unref()
  return {
    async setNote(note: JsonObject) {
      const temporary = `${path}.${own.id}.tmp`
      await fs.writeFile(temporary, JSON.stringify({ ...own, note }))
      await fs.rename(temporary, path)
    },
    async release() {
      clearInterval(refresh)
      // Another one has it if this one was taken for dead.
      if ((await readFileLock(path))?.id === own.id) await fs.rm(path, { force: true })
    }
  }
}

/** What the lock file at a path says; `undefined` if there is none. `abandonedAfterMs` as in {@link FileLockOptions}. */
export async function readFileLock(path: string, abandonedAfterMs: number = Number.POSITIVE_INFINITY): Promise<FileLockState | undefined> {
  const fs = promises(path)
  let text: string
  let status: import('node:fs').Stats
  try {
    text = await fs.readFile(path, 'utf8')
    status = await fs.stat(path)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw systemError(error, path)
  }
  const age = Date.now() - status.mtimeMs
  const state = parseState(text)
  if (state === undefined) {
    const alive = age < (text === '' ? maximalUnfilledMs : abandonedAfterMs)
    return { id: `${status.ino}-${status.mtimeMs}`, process: undefined, isFilled: text !== '', alive, note: {} }
  }
  return { ...state, isFilled: true, alive: stateOfProcess(state.process) !== 'ended' && age < abandonedAfterMs }
}

/** Removes the lock file of an owner that is gone, whatever it says. */
export async function dropLeftLock(path: string): Promise<void> {
  const present = await readFileLock(path)
  if (present !== undefined && !present.alive) await removeLeft(path, present, {})
}

/**
 * Several may find the same lock left. Only who holds the lock named after it may remove it, and only if it is still that one; else
 * the second would remove the new lock of the first.
 */
async function removeLeft(path: string, left: FileLockState, { signal, abandonedAfterMs }: FileLockOptions): Promise<void> {
  const guard = await takeFileLock(`${path}.${left.id}`, { signal, abandonedAfterMs })
  try {
    if ((await readFileLock(path))?.id === left.id) await promises(path).rm(path, { force: true })
  } finally {
    await guard.release()
  }
}

/** Makes a file that is not there yet, and its folder. */
async function makeFile(path: string, text: string): Promise<boolean> {
  const fs = promises(path)
  for (let attempt = 0; ; attempt++) {
    try {
      await fs.writeFile(path, text, { flag: 'wx' })
      return true
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false
      const folder = nodeModule('node:path')?.dirname(path)
      if (!hasCode(error, 'ENOENT') || folder === undefined || attempt > 0) throw systemError(error, path)
      await fs.mkdir(folder, { recursive: true })
    }
  }
}

function parseState(text: string): { readonly id: string; readonly process: string; readonly note: JsonObject } | undefined {
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(state)) return undefined
  const { id, process, note } = state
  // The id becomes part of a file's name.
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id) || typeof process !== 'string' || !isJsonObject(note)) return undefined
  return { id, process, note }
}

function heldTooLong(path: string, { process }: FileLockState): SourceError {
  const [host, pid] = process?.split(' ') ?? []
  const owner = pid === undefined ? 'another program' : `process ${pid} on ${host}`
  return new SourceError(
    'ERR_CONFLICT',
    `${owner} has held ${path} for ${maximalWaitMs / 60_000} minutes; end it, or remove that file if the process is gone`,
    { path }
  )
}

function promises(path: string): typeof import('node:fs').promises {
  const fs = nodeModule('node:fs')
  if (fs === undefined) throw new SourceError('ERR_UNSUPPORTED', `${path} cannot be locked: this platform has no file system`, { path })
  return fs.promises
}
