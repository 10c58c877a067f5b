import { SourceError } from '@bioimage/core'
import { type FileLock, type FileLockState, takeFileLock } from '@bioimage/core/backend'
import type { Destination } from './destination.js'
import type { Staging } from './staging.js'

/**
 * Takes the lock of a place that is written to, without waiting: a file beside the staging folder. It is held from the first look at
 * the folder until the output is in its place. The lock of a process that has died is taken over; of one of another machine nobody can
 * tell, and it is taken for alive.
 *
 * @throws ERR_ALREADY_EXISTS if another conversion to that place runs.
 */
export function lockConversion({ lock }: Staging, { target }: Destination, signal: AbortSignal): Promise<FileLock> {
  return takeFileLock(lock, {
    signal,
    onHeld: (state) => {
      throw new SourceError(
        'ERR_ALREADY_EXISTS',
        `${ownerOf(state)} is converting to ${target} right now; wait for it or stop it (or, if it has ended, remove ${lock})`,
        { path: target }
      )
    }
  })
}

function ownerOf({ process }: FileLockState): string {
  const [host, pid] = process?.split(' ') ?? []
  return pid === undefined ? 'another program' : `process ${pid} on ${host}`
}
