import { SourceError } from '@bioimage/core'

/** Bytes that are not what the format says. */
export function corrupt(message: string, cause?: unknown): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message, { kind: 'tif', cause })
}

/** A feature of the format that is not implemented. */
export function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message, { kind: 'tif' })
}
