import { SourceError } from '../errors.js'

/** Whether an error of the system has that code, such as `EEXIST`. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}

/** Whether an error of the system says that there is no such file. */
export function isAbsence(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
}

/** The error to throw for one of the system; any other is left as it is. */
export function systemError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  const denied = hasCode(error, 'EACCES') || hasCode(error, 'EPERM') || hasCode(error, 'EROFS')
  return new SourceError(denied ? 'ERR_ACCESS_DENIED' : 'ERR_IO', error.message, { path, cause: error })
}
