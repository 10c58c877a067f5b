import { SourceError } from '../errors.js'

/** That an object is not the one that was read. A file of its own, for light stores throw it: bundlers take files whole. */
export function conflict(name: string): SourceError {
  return new SourceError('ERR_CONFLICT', `${name} was replaced by another writer meanwhile`)
}
