import { SourceError } from '@bioimage/core'

/** An argument that makes no sense. */
export function invalidArgument(message: string): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', message, { kind: 'hdf5' })
}
