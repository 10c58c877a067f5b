import { SourceError } from '@bioimage/core'

/** What the codes of the system say of a place that is written to (errno(3)). */
const meanings: Readonly<Record<string, readonly ['ERR_NOT_FOUND' | 'ERR_ACCESS_DENIED' | 'ERR_ALREADY_EXISTS', string]>> = {
  ENOENT: ['ERR_NOT_FOUND', 'its folder does not exist; make it first'],
  ENOTDIR: ['ERR_NOT_FOUND', 'what should be its folder is a file; choose another place'],
  EACCES: ['ERR_ACCESS_DENIED', 'its folder may not be written to; check the rights, or choose another place'],
  EPERM: ['ERR_ACCESS_DENIED', 'its folder may not be written to; check the rights, or choose another place'],
  EROFS: ['ERR_ACCESS_DENIED', 'it is on a file system that can only be read; choose another place'],
  EISDIR: ['ERR_ALREADY_EXISTS', 'it is a folder; choose another name']
}

/**
 * Runs `begin`, which makes a file near an output. The system's errors name that file; here they are told of the output, as it was typed.
 *
 * @throws ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_ALREADY_EXISTS; other errors as they are.
 */
export async function aboutOutput<T>(output: string, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    const [code, why] = meanings[systemCodeOf(error) ?? ''] ?? []
    if (code === undefined) throw error
    throw new SourceError(code, `${output} cannot be written: ${why}`, { path: output, cause: error })
  }
}

/** The code of the system, also of an error that a `SourceError` was made of. */
function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('syscall' in error && 'code' in error && typeof error.code === 'string') return error.code
  return systemCodeOf(error.cause)
}
