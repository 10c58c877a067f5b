import { SourceError } from '@bioimage/core'
import { dropLeftLock, type FileLockState, readFileLock, takeFileLock } from '@bioimage/core/backend'
import { corrupt } from '../structure/structure-reader.js'

/** An advisory lock against other processes of this library: a file beside the one that is written. */
export interface WriterLock {
  /** Says that a change is under way: HDF5 changes files in place, so that a process killed now leaves a damaged one. */
  setWriting(writing: boolean): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the lock of a file. The lock of a process that has died is taken over, unless it died in the middle of a change. Of a process
 * of another machine nobody can tell: it is taken for alive.
 *
 * @throws ERR_ACCESS_DENIED if another process has the file open for writing; ERR_CORRUPT_DATA after a killed change.
 */
export async function takeWriterLock(path: string): Promise<WriterLock> {
  const lock = await takeFileLock(lockPathOf(path), {
    note: { writing: false },
    onHeld({ process }) {
      const [host, pid] = process?.split(' ') ?? []
      const owner = pid === undefined ? 'another program' : `process ${pid} on ${host}`
      throw new SourceError(
        'ERR_ACCESS_DENIED',
        `${owner} has ${path} open for writing, and HDF5 takes one writer; wait until it ends (or, if it did, remove ${lockPathOf(path)})`,
        { kind: 'hdf5', path }
      )
    },
    onLeft: (state) => checkLeft(state, path)
  })
  return {
    setWriting: (writing) => lock.setNote({ writing }),
    release: () => lock.release()
  }
}

/**
 * Checks, before a file is read, that no process was killed while it changed it.
 *
 * @throws ERR_CORRUPT_DATA
 */
export async function checkNotLeftHalfWritten(path: string): Promise<void> {
  const present = await readFileLock(lockPathOf(path))
  if (present !== undefined && !present.alive) checkLeft(present, path)
}

/** Removes the lock that a dead process left beside a file that is gone: it says nothing about a new one. */
export async function dropStaleLock(path: string): Promise<void> {
  await dropLeftLock(lockPathOf(path))
}

function lockPathOf(path: string): string {
  return `${path}.lock`
}

function checkLeft({ note }: FileLockState, path: string): void {
  if (note.writing !== true) return
  throw corrupt(
    `a process was killed while it changed ${path}: parts of the file may be old, new or damaged; restore it, or remove ${lockPathOf(path)} to read what is there`
  )
}
