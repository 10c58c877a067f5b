import { SourceError } from '@bioimage/core'

/** Bytes that are not what the codec writes. */
export function corrupt(codec: string, message: string, cause?: unknown): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `${codec}: ${message}`, { cause })
}

/** A feature that the codec's format has and we have not. */
export function unsupported(codec: string, message: string, cause?: unknown): SourceError {
  return new SourceError('ERR_UNSUPPORTED', `${codec}: ${message}`, { cause })
}

/** An option of a wrong type or value. */
export function invalid(codec: string, message: string): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', `${codec}: ${message}`)
}

/** The message of anything thrown, for use as the reason in ours. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
