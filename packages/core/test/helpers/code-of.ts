import { isSourceError } from '../../src/index.js'

/** The code of the SourceError that a call fails with; `undefined` if it succeeds, and what was thrown if it was no SourceError. */
export async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string | undefined> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    return isSourceError(error) ? error.code : `not a SourceError: ${String(error)}`
  }
  return undefined
}
