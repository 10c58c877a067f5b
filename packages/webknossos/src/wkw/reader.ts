import { type ArrayInfo, type Reader, SourceError, type Store, specOf } from '@bioimage/core'
import {
  arrayNotChosen,
  arrayNotFound,
  attempt,
  forgetChunks,
  measureFolder,
  nameArrays,
  unreadableArray,
  walkFolders
} from '@bioimage/core/backend'
import { createFolder } from './create.js'
import type { WkwSource, WkwSpec } from './driver.js'
import { headerName, readFolderFacts, readFolderHeader } from './folder.js'
import { folderSource, identityOf } from './folder-source.js'
import type { WkwHeader } from './header.js'

/** WKW has no place for attributes. */
export const attributes: readonly string[] = []

export const open: Reader<WkwSource>['open'] = async (request) => {
  const { location, signal, mode, context, params } = request
  const { store } = location
  const folder = request.internalPath ?? ''
  const header = await readFolderHeader(store, folder, signal)
  if (header === undefined) throw await absent(store, folder, signal)
  const facts = await readFolderFacts(store, folder, header, signal)
  const shape = params.shape === undefined ? facts.shape : parseShape(params.shape, header)
  if (shape === undefined)
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      'no file tells how far the folder reaches; pass the option `shape`, such as [1024, 1024, 1024] for z, y and x'
    )
  const toSpec = specOf('wkw', request, folder)
  return folderSource({
    store,
    folder,
    header,
    shape,
    metadata: facts.metadata,
    writable: mode !== 'r',
    context,
    toSpec: toSpec === undefined ? undefined : (): WkwSpec => ({ ...toSpec(), kind: 'wkw', path: location.path ?? '' })
  })
}

export const create: NonNullable<Reader<WkwSource>['create']> = async (request) => {
  const { location, context, shape, signal } = request
  const { store } = location
  const folder = request.internalPath ?? ''
  const header = await createFolder(request, folder)
  forgetChunks(identityOf(store, folder), context)
  const { metadata } = await readFolderFacts(store, folder, header, signal)
  const toSpec = specOf('wkw', { location, params: { shape }, mode: 'r+' }, folder)
  return folderSource({
    store,
    folder,
    header,
    shape,
    metadata,
    writable: true,
    context,
    toSpec: toSpec === undefined ? undefined : (): WkwSpec => ({ ...toSpec(), kind: 'wkw', path: location.path ?? '' })
  })
}

export const list: NonNullable<Reader<WkwSource>['list']> = async ({ location, internalPath = '', signal, measure }) => {
  const { store } = location
  const found = await findFolders(store, internalPath, signal)
  if (found.length === 0) throw await absent(store, internalPath, signal)
  return Promise.all(found.map((folder) => describe(store, folder, measure, signal)))
}

interface FoundFolder {
  readonly path: string
  readonly header: WkwHeader | undefined
  readonly problem: SourceError | undefined
}

/** All WKW folders below one. */
async function findFolders(store: Store, root: string, signal: AbortSignal | undefined): Promise<readonly FoundFolder[]> {
  const found: FoundFolder[] = []
  /** Adds a folder; whether there may be others below. */
  const visit = async (path: string): Promise<boolean> => {
    const { value, problem } = await attempt(path, () => readFolderHeader(store, path, signal))
    if (value === undefined && problem === undefined) return true
    found.push({ path, header: value, problem })
    return false
  }
  if (store.list === undefined) await visit(root)
  else await walkFolders(store, root, true, async (path) => ((await visit(path)) ? true : undefined), signal)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function describe(store: Store, { path, header, problem }: FoundFolder, measure: boolean, signal?: AbortSignal): Promise<ArrayInfo> {
  const storedBytes = measure && store.list !== undefined ? { storedBytes: await measureFolder(store, path, signal) } : {}
  if (header === undefined) return { ...unreadableArray(path, problem?.message ?? 'unreadable'), ...storedBytes }
  const facts = await readFolderFacts(store, path, header, signal)
  const { shape = [0, 0, 0], metadata } = facts
  const { dtype, chunks, shards } = folderSource({
    store,
    folder: path,
    header,
    shape,
    metadata,
    writable: false,
    context: {},
    toSpec: undefined
  })
  return {
    internalPath: path,
    shape,
    dtype,
    chunks,
    shards,
    codecs: header.blockType === 'raw' ? [] : [header.blockType],
    metadata,
    ...storedBytes,
    ...(facts.shape === undefined && { problem: 'no file tells how far the folder reaches; open it with the option `shape`' })
  }
}

async function absent(store: Store, folder: string, signal: AbortSignal | undefined): Promise<SourceError> {
  const others = folder === '' ? [] : await findFolders(store, '', signal)
  const below = await findFolders(store, folder, signal)
  if (below.length > 0) return arrayNotChosen('wkw', store, folder, await nameArrays(async () => below))
  if (folder !== '') return arrayNotFound('wkw', store, folder, await nameArrays(async () => others))
  const message = `${store.path ?? 'the store'} is no WKW folder: it has no ${headerName}, nor has a folder in it`
  return new SourceError('ERR_NOT_FOUND', message, { kind: 'wkw', path: store.path })
}

function parseShape(shape: unknown, header: WkwHeader): readonly number[] {
  const lengths = Array.isArray(shape) ? shape.filter((length: unknown): length is number => typeof length === 'number' && length >= 0) : []
  const expected = header.channels === 1 ? 3 : 4
  if (lengths.length === expected && (expected === 3 || lengths[3] === header.channels)) return lengths
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `\`shape\` is z, y, x${expected === 3 ? '' : ` and the ${header.channels} channels`}, found ${JSON.stringify(shape)}`
  )
}
