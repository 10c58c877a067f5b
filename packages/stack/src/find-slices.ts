import { type JsonObject, SourceError, type Store } from '@bioimage/core'
import { globMatcher, isPattern } from './glob.js'
import { compareNames, compareNaturally, sliceExtensionOf } from './slice-names.js'

/**
 * The slices of a folder in order: those that the option `files` lists, or those whose names match a pattern.
 *
 * @throws ERR_ARRAY_NOT_CHOSEN without both; ERR_NOT_FOUND where nothing matches; ERR_UNSUPPORTED where nothing can be listed;
 *   ERR_INVALID_ARGUMENT.
 */
export async function findSlices(
  store: Store,
  pattern: string | undefined,
  params: JsonObject,
  signal: AbortSignal | undefined
): Promise<readonly string[]> {
  const files = listedFiles(params, pattern)
  if (files !== undefined) return files
  if (pattern === undefined || pattern === '') throw await notChosen(store, signal)
  const found = await matchingFiles(store, pattern, signal)
  if (found.length === 0) {
    throw new SourceError('ERR_NOT_FOUND', `${store.path ?? 'the folder'} has no files ${JSON.stringify(pattern)}`, { path: store.path })
  }
  return found.sort(params.sort === 'natural' ? compareNaturally : compareNames)
}

/** One pattern per extension that there is, as the names have it. */
export async function patternsIn(store: Store, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const endings = new Set<string>()
  for await (const { name, folder } of listing(store, '', signal)) {
    if (!folder && !name.startsWith('.') && sliceExtensionOf(name) !== undefined) endings.add(name.slice(name.lastIndexOf('.')))
  }
  return [...endings].sort(compareNames).map((ending) => `*${ending}`)
}

function listedFiles({ files, sort }: JsonObject, pattern: string | undefined): readonly string[] | undefined {
  if (!Array.isArray(files)) return undefined
  if (pattern !== undefined && pattern !== '') {
    throw new SourceError('ERR_INVALID_ARGUMENT', 'slices are named by `internalPath` or by `files`; both are given')
  }
  if (sort !== undefined) throw new SourceError('ERR_INVALID_ARGUMENT', '`files` are in their order already; leave out `sort`')
  if (files.length === 0) throw new SourceError('ERR_INVALID_ARGUMENT', '`files` is empty; a stack has one slice at least')
  return files.filter((name) => typeof name === 'string')
}

/** Paths below the folder whose names match. */
async function matchingFiles(store: Store, pattern: string, signal: AbortSignal | undefined): Promise<string[]> {
  const cut = pattern.lastIndexOf('/')
  const folder = pattern.slice(0, Math.max(0, cut))
  if (isPattern(folder)) {
    throw new SourceError('ERR_UNSUPPORTED', 'a pattern may have wildcards in the names of files, not of folders')
  }
  const matches = globMatcher(pattern.slice(cut + 1))
  const found: string[] = []
  for await (const entry of listing(store, folder, signal)) {
    if (!entry.folder && matches(entry.name)) found.push(folder === '' ? entry.name : `${folder}/${entry.name}`)
  }
  return found
}

async function notChosen(store: Store, signal: AbortSignal | undefined): Promise<SourceError> {
  const patterns = (await patternsIn(store, signal)).map((text) => JSON.stringify(text)).join(', ')
  return new SourceError(
    patterns === '' ? 'ERR_NOT_FOUND' : 'ERR_ARRAY_NOT_CHOSEN',
    patterns === ''
      ? `${store.path ?? 'the folder'} has no slices: .tif, .tiff, .png, .jpg or .jpeg`
      : `name the slices by a pattern as \`internalPath\`, such as ${patterns}`,
    { path: store.path }
  )
}

function listing(store: Store, folder: string, signal: AbortSignal | undefined): ReturnType<NonNullable<Store['list']>> {
  if (store.list !== undefined) return store.list(folder, { signal })
  throw new SourceError('ERR_UNSUPPORTED', 'this store cannot be listed, as over HTTP; name the slices by the option `files`', {
    path: store.path
  })
}
