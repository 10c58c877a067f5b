import type { ArrayInfo } from './driver.js'
import { isSourceError, SourceError } from './errors.js'
import type { Store } from './stores/store.js'

/** Names of arrays in an error message. */
const shownArrays = 20

/**
 * The arrays of a container for an error message, such as `its arrays are "a", "b"`; `""` if there are none.
 *
 * @param find Looks for them; that it cannot (ERR_UNSUPPORTED) is said too.
 */
export async function nameArrays(find: () => Promise<readonly { readonly path: string }[]>): Promise<string> {
  try {
    const found = await find()
    const names = found.slice(0, shownArrays).map(({ path }) => JSON.stringify(path))
    const rest = found.length - names.length
    return names.length === 0 ? '' : `its arrays are ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  } catch (error) {
    if (isSourceError(error, 'ERR_UNSUPPORTED')) return 'it cannot be listed'
    throw error
  }
}

/** That a path is a group where an array is needed. `arrays` is what {@link nameArrays} gave. */
export function arrayNotChosen(kind: string, store: Store, path: string, arrays: string): SourceError {
  return new SourceError(
    'ERR_ARRAY_NOT_CHOSEN',
    `${store.path ?? 'the store'}${path === '' ? '' : `, ${path},`} is a group; choose an array by \`internalPath\`: ${arrays || 'it has none'}`,
    { kind, path: store.path }
  )
}

/** That a container has no such array. `arrays` is what {@link nameArrays} gave. */
export function arrayNotFound(kind: string, store: Store, path: string, arrays: string): SourceError {
  return new SourceError(
    'ERR_NOT_FOUND',
    `${store.path ?? 'the store'} has no array ${JSON.stringify(path)}; ${arrays || 'it has no arrays'}`,
    { kind, path: store.path }
  )
}

/** What `listArrays` reports of an array that cannot be opened. */
export function unreadableArray(internalPath: string, problem: string): ArrayInfo {
  return { internalPath, shape: [], dtype: 'unknown', chunks: null, shards: null, codecs: [], metadata: {}, problem }
}

/** What came out of an attempt: a value, or the problem with what is at a path. */
export interface Attempt<T> {
  readonly value: T | undefined
  readonly problem: SourceError | undefined
}

/**
 * Runs `read`; that the data are damaged or of an unknown sort (ERR_CORRUPT_DATA, ERR_UNSUPPORTED) becomes the problem with what is
 * at `path`, so that one damaged array hides no others. Any other failure, as of a network or a disk, says nothing of the array
 * and is thrown.
 */
export async function attempt<T>(path: string, read: () => Promise<T | undefined>): Promise<Attempt<T>> {
  try {
    return { value: await read(), problem: undefined }
  } catch (error) {
    if (!isSourceError(error, 'ERR_CORRUPT_DATA') && !isSourceError(error, 'ERR_UNSUPPORTED')) throw error
    const where = path === '' ? 'the root' : path
    return { value: undefined, problem: new SourceError(error.code, `${where}: ${error.message}`, { cause: error }) }
  }
}
