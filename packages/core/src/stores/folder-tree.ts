import { forEachConcurrently } from '../concurrency.js'
import { SourceError } from '../errors.js'
import { joinKey, type Store, type StoreEntry } from './store.js'

/** Groups nest at most this deep. */
const maximalDepth = 32
/** Folders of one folder that are walked at the same time, and objects of one folder that are measured or deleted. */
const concurrentFolders = 8
const concurrentObjects = 16

/** Paths of the folders above one, nearest first; the last is the root, `""`. */
export function ancestorsOf(path: string): string[] {
  if (path === '') return []
  const parts = path.split('/')
  return parts.map((_, count) => parts.slice(0, parts.length - 1 - count).join('/'))
}

/**
 * Visits a folder and those below it, each before its children. `visit` gets what it returned for the folder above (`top` for
 * the first) and returns what the children get; `undefined` leaves them out. Names that begin with `.` or `__` are no members
 * of a container.
 *
 * @throws ERR_UNSUPPORTED for folders that nest deeper than any container, as links in a circle do.
 */
export async function walkFolders<T>(
  store: Store,
  folder: string,
  top: T,
  visit: (folder: string, above: T) => Promise<T | undefined>,
  signal?: AbortSignal,
  depth = 0
): Promise<void> {
  if (depth > maximalDepth) throw new SourceError('ERR_UNSUPPORTED', `groups nest deeper than ${maximalDepth} levels at ${folder}`)
  const here = await visit(folder, top)
  if (here === undefined) return
  const names: string[] = []
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    if (entry.folder && !entry.name.startsWith('__') && !entry.name.startsWith('.')) names.push(entry.name)
  }
  await forEachConcurrently(names, concurrentFolders, signal, (name) =>
    walkFolders(store, joinKey(folder, name), here, visit, signal, depth + 1)
  )
}

/** Whether a folder holds folders; false where the store cannot list. */
export async function hasFolders(store: Store, folder: string, signal?: AbortSignal): Promise<boolean> {
  for await (const entry of store.list?.(folder, { signal }) ?? []) if (entry.folder) return true
  return false
}

/**
 * What chunks an array has left in its folder, as after a kill in the middle of its removal: the next array there would show them.
 *
 * @param isChunkName Whether an object or folder of chunks has such a name.
 * @param overwrite Whether they may be removed.
 * @returns their removal; `undefined` if there are none.
 * @throws ERR_ALREADY_EXISTS if they may not be removed, or hold other things.
 */
export async function removalOfLeftChunks(
  store: Store,
  folder: string,
  isChunkName: (name: string) => boolean,
  { overwrite, signal }: { readonly overwrite: boolean; readonly signal?: AbortSignal | undefined }
): Promise<(() => Promise<void>) | undefined> {
  const left: StoreEntry[] = []
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    if (!isChunkName(entry.name)) continue
    if (!entry.folder || !(await isEmptyFolder(store, joinKey(folder, entry.name), signal))) left.push(entry)
  }
  if (left.length === 0) return undefined
  const where = `${store.path ?? 'the store'}${folder === '' ? '' : `, ${folder}`}`
  const [{ name } = { name: '' }] = left
  if (!overwrite) {
    const found = `${where} holds chunks without the metadata of their array, such as ${JSON.stringify(name)}`
    throw new SourceError('ERR_ALREADY_EXISTS', `${found}; pass \`overwrite: true\` to remove them`, { path: store.path })
  }
  for (const entry of left) {
    if (!entry.folder || (entry.link !== true && (await holdsOnlyChunks(store, joinKey(folder, entry.name), isChunkName, signal)))) continue
    const found = `${where} holds ${JSON.stringify(entry.name)}, which has a name of chunks and holds other things`
    throw new SourceError('ERR_ALREADY_EXISTS', `${found}; choose another place`, { path: store.path })
  }
  return async () => {
    for (const entry of left) {
      if (entry.folder) await deleteFolder(store, joinKey(folder, entry.name))
      else await store.delete?.(joinKey(folder, entry.name))
    }
  }
}

/** Folders stay when what was in them is removed. */
async function isEmptyFolder(store: Store, folder: string, signal: AbortSignal | undefined): Promise<boolean> {
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    if (!entry.folder || !(await isEmptyFolder(store, joinKey(folder, entry.name), signal))) return false
  }
  return true
}

async function holdsOnlyChunks(
  store: Store,
  folder: string,
  isChunkName: (name: string) => boolean,
  signal: AbortSignal | undefined
): Promise<boolean> {
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    // What was being written when a process was killed.
    if (!entry.folder && entry.name.startsWith('__')) continue
    if (!isChunkName(entry.name) || entry.link === true) return false
    if (entry.folder && !(await holdsOnlyChunks(store, joinKey(folder, entry.name), isChunkName, signal))) return false
  }
  return true
}

/** Bytes of all objects in a folder and below. */
export async function measureFolder(store: Store, folder: string, signal?: AbortSignal): Promise<number> {
  let total = 0
  const folders: string[] = []
  const unmeasured: string[] = []
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    const key = joinKey(folder, entry.name)
    if (entry.folder) folders.push(key)
    else if (entry.size !== undefined) total += entry.size
    else unmeasured.push(key)
  }
  await forEachConcurrently(unmeasured, concurrentObjects, signal, async (key) => {
    // Not `total += await`, which reads the total before it waits.
    const size = await store.size(key, { signal })
    total += size ?? 0
  })
  for (const key of folders) total += await measureFolder(store, key, signal)
  return total
}

/** Deletes all objects in a folder and below. A symbolic link goes itself; what it points to stays. */
export async function deleteFolder(store: Store, folder: string, signal?: AbortSignal): Promise<void> {
  const keys: string[] = []
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    if (entry.folder && entry.link !== true) await deleteFolder(store, joinKey(folder, entry.name), signal)
    else keys.push(joinKey(folder, entry.name))
  }
  await forEachConcurrently(keys, concurrentObjects, signal, async (key) => store.delete?.(key))
}
