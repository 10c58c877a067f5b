import { type Context, type JsonObject, type Location, SourceError } from '@bioimage/core'
import { siblingStore } from '@bioimage/core/backend'
import { kindOf, listLinks } from './groups/group.js'
import { type FoundObject, resolvePath, rootOf } from './groups/resolve-path.js'
import { Hdf5File, type ReadOptions } from './structure/hdf5-file.js'
import { type ObjectHeader, readObjectHeader } from './structure/object-header.js'

/** What opens a file. */
export interface ContainerRequest {
  readonly location: Location
  readonly params: JsonObject
  readonly context: Context
  readonly signal: AbortSignal | undefined
}

/** Names of arrays in an error message. */
const shownArrays = 20
/** Groups nest at most this deep in a listing. */
const maximalDepth = 64
/** Objects in a listing. */
const maximalObjects = 1_000_000

/** @throws ERR_NOT_FOUND, ERR_CORRUPT_DATA, ERR_UNSUPPORTED */
export async function openFile({ location, params, signal }: ContainerRequest): Promise<Hdf5File> {
  const file = await Hdf5File.open(location.store, { signal, ignoreOpenForWriting: params.ignoreOpenForWriting === true })
  if (file !== undefined) return file
  throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the file'} does not exist, or is a folder`, {
    kind: 'hdf5',
    path: location.path
  })
}

/**
 * The dataset at a path.
 *
 * @throws ERR_NOT_FOUND, listing the datasets; ERR_ARRAY_NOT_CHOSEN for a group.
 */
export async function findDataset(file: Hdf5File, path: string, request: ContainerRequest): Promise<FoundObject> {
  const options = { signal: request.signal }
  const found = await resolvePath(file, path, (name, from) => openExternal(name, from, request), options)
  const where = request.location.path ?? 'the file'
  if ('missing' in found) {
    throw new SourceError(
      'ERR_NOT_FOUND',
      `${where} has no dataset ${JSON.stringify(path)}: ${found.missing}; ${await namesOf(file, options)}`,
      {
        kind: 'hdf5',
        path: request.location.path
      }
    )
  }
  const kind = kindOf(found.header)
  if (kind === 'dataset') return found
  const what = path === '' ? where : `${where}, ${path},`
  throw new SourceError(
    'ERR_ARRAY_NOT_CHOSEN',
    `${what} is a ${kind === 'unknown' ? 'group' : kind}; choose a dataset by \`internalPath\`: ${await namesOf(file, options)}`,
    {
      kind: 'hdf5',
      path: request.location.path
    }
  )
}

/** The object at a path; `undefined` if there is none. */
export async function findObject(file: Hdf5File, path: string, request: ContainerRequest): Promise<FoundObject | undefined> {
  const found = await resolvePath(file, path, (name, from) => openExternal(name, from, request), { signal: request.signal })
  return 'missing' in found ? undefined : found
}

async function openExternal(name: string, _from: Hdf5File, request: ContainerRequest): Promise<Hdf5File | undefined> {
  const { location, context, params, signal } = request
  const store = await siblingStore(name, { location, context, anywhere: params.followOutside === true })
  return Hdf5File.open(store, { signal, ignoreOpenForWriting: params.ignoreOpenForWriting === true })
}

/** A dataset in a listing, or why an object cannot be read. */
export interface ListedDataset {
  readonly path: string
  readonly header: ObjectHeader | undefined
  readonly problem: unknown
}

/** Every dataset below a path, by hard links, sorted by path. Groups that hold one another are entered once. */
export async function* listDatasets(file: Hdf5File, root: FoundObject, path: string, options: ReadOptions): AsyncGenerator<ListedDataset> {
  const entered = new Set<number>()
  let objects = 0
  async function* visit(header: ObjectHeader, path: string, depth: number): AsyncGenerator<ListedDataset> {
    if (entered.has(header.address) || depth > maximalDepth) return
    entered.add(header.address)
    for (const link of await listLinks(file, header, options)) {
      if (link.type !== 'hard' || ++objects > maximalObjects) continue
      const childPath = path === '' ? link.name : `${path}/${link.name}`
      try {
        const child = await readObjectHeader(file, link.address, options)
        const kind = kindOf(child)
        if (kind === 'dataset') yield { path: childPath, header: child, problem: undefined }
        else if (kind === 'group') yield* visit(child, childPath, depth + 1)
      } catch (problem) {
        options.signal?.throwIfAborted()
        yield { path: childPath, header: undefined, problem }
      }
    }
  }
  if (kindOf(root.header) === 'dataset') yield { path, header: root.header, problem: undefined }
  else yield* visit(root.header, path, 0)
}

async function namesOf(file: Hdf5File, options: ReadOptions): Promise<string> {
  const names: string[] = []
  let more = false
  for await (const { path } of listDatasets(file, await rootOf(file, options), '', options)) {
    if (names.length === shownArrays) {
      more = true
      break
    }
    names.push(JSON.stringify(path))
  }
  return names.length === 0 ? 'it has no datasets' : `its datasets are ${names.join(', ')}${more ? ' and more' : ''}`
}
