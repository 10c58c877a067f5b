import { type ArrayInfo, isJsonObject, isSourceError, type JsonObject, joinKey, SourceError, type Store } from '@bioimage/core'
import { forEachConcurrently } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { datasetPaths, type GroupAttributes, metadataOf } from './ngff.js'
import { consolidatedNodeV2, type NodeOptions, nodeV3, readDocument, readNode, type ZarrNode } from './node-files.js'

/** Groups nest at most this deep. */
const maximalDepth = 32

/** An array found in a container, or why it cannot be read. */
export interface FoundArray {
  readonly path: string
  readonly array: ArrayMetadata | undefined
  readonly problem: SourceError | undefined
  readonly groups: readonly GroupAttributes[]
}

/**
 * All arrays below a path. Consolidated metadata are used where they exist; else the store is listed; a store that cannot
 * list gives the datasets that a multiscale image names.
 *
 * @throws ERR_UNSUPPORTED where nothing tells which arrays there are.
 */
export async function findArrays(store: Store, root: string, options: NodeOptions): Promise<readonly FoundArray[]> {
  const found: FoundArray[] = []
  const top = await attempt(root, () => readNode(store, root, options))
  if (top.node === undefined && top.problem !== undefined) return [{ path: root, array: undefined, problem: top.problem, groups: [] }]
  const node = top.node
  if (node?.type === 'array') return [{ path: root, array: node.array, problem: undefined, groups: [] }]
  const consolidated = node === undefined || node.zarrFormat === 2 ? await consolidatedV2(store, root, options) : consolidatedV3(node, root)
  if (consolidated !== undefined) return consolidated
  if (store.list === undefined) {
    if (node === undefined) return []
    return namedDatasets(store, node, options)
  }
  await walk(store, root, node, [], options, found, 0)
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** What `listArrays` reports of an array. */
export async function describeArray(
  store: Store,
  found: FoundArray,
  measure: boolean,
  signal: AbortSignal | undefined
): Promise<ArrayInfo> {
  const { path, array, problem } = found
  const storedBytes = measure && store.list !== undefined ? await measureFolder(store, path, signal) : undefined
  const size = storedBytes === undefined ? {} : { storedBytes }
  if (array === undefined) {
    return {
      internalPath: path,
      shape: [],
      dtype: 'unknown',
      chunks: null,
      shards: null,
      codecs: [],
      metadata: {},
      problem: problem?.message ?? 'unreadable',
      ...size
    }
  }
  return {
    internalPath: path,
    shape: array.shape,
    dtype: array.dtype,
    chunks: array.chunks,
    shards: array.shardLevels[0]?.shape ?? null,
    codecs: array.codecNames,
    metadata: metadataOf(array, path, found.groups),
    ...size
  }
}

async function walk(
  store: Store,
  path: string,
  known: ZarrNode | undefined,
  groups: readonly GroupAttributes[],
  options: NodeOptions,
  found: FoundArray[],
  depth: number
): Promise<void> {
  if (depth > maximalDepth) throw new SourceError('ERR_UNSUPPORTED', `groups nest deeper than ${maximalDepth} levels at ${path}`)
  const { node, problem } =
    known === undefined ? await attempt(path, () => readNode(store, path, options)) : { node: known, problem: undefined }
  if (problem !== undefined) {
    found.push({ path, array: undefined, problem, groups })
    return
  }
  if (node?.type === 'array') {
    found.push({ path, array: node.array, problem: undefined, groups })
    return
  }
  const above = node === undefined ? groups : [{ path, attributes: node.attributes }, ...groups]
  const folders: string[] = []
  for await (const entry of store.list?.(path, { signal: options.signal }) ?? []) {
    if (entry.folder && !entry.name.startsWith('__') && !entry.name.startsWith('.')) folders.push(entry.name)
  }
  await forEachConcurrently(folders, 8, options.signal, (name) =>
    walk(store, joinKey(path, name), undefined, above, options, found, depth + 1)
  )
}

/** `.zmetadata` (zarr-python 2, "Consolidated metadata"). */
async function consolidatedV2(store: Store, root: string, options: NodeOptions): Promise<FoundArray[] | undefined> {
  const document = await readDocument(store, joinKey(root, '.zmetadata'), options.signal)
  const documents = document?.metadata
  if (document?.zarr_consolidated_format !== 1 || !isJsonObject(documents)) return undefined
  const paths = Object.keys(documents).flatMap((key) => (/(^|\/)\.zarray$/.test(key) ? [key.replace(/\/?\.zarray$/, '')] : []))
  const attributesAt = (path: string): JsonObject => {
    const attributes = documents[joinKey(path, '.zattrs')]
    return isJsonObject(attributes) ? attributes : {}
  }
  return collect(paths, root, (path) => consolidatedNodeV2(documents, path, options), attributesAt)
}

function consolidatedV3(node: Extract<ZarrNode, { type: 'group' }>, root: string): Promise<FoundArray[]> | undefined {
  const documents = node.consolidated
  if (documents === undefined) return undefined
  const paths = Object.keys(documents).filter((path) => isJsonObject(documents[path]) && documents[path].node_type === 'array')
  const attributesAt = (path: string): JsonObject => {
    const document = path === '' ? { attributes: node.attributes } : documents[path]
    return isJsonObject(document) && isJsonObject(document.attributes) ? document.attributes : {}
  }
  return collect(
    paths,
    root,
    (path) => {
      const document = documents[path]
      return isJsonObject(document) ? nodeV3(path, document) : undefined
    },
    attributesAt
  )
}

/** Paths in consolidated metadata count from the group that holds them. */
async function collect(
  paths: readonly string[],
  root: string,
  nodeAt: (path: string) => ZarrNode | undefined,
  attributesAt: (path: string) => JsonObject
): Promise<FoundArray[]> {
  const found: FoundArray[] = []
  for (const path of [...paths].sort()) {
    const groups = ancestorsOf(path).map((group) => ({ path: joinKey(root, group), attributes: attributesAt(group) }))
    const { node, problem } = await attempt(path, async () => nodeAt(path))
    found.push({ path: joinKey(root, path), array: node?.type === 'array' ? node.array : undefined, problem, groups })
  }
  return found
}

async function namedDatasets(store: Store, group: Extract<ZarrNode, { type: 'group' }>, options: NodeOptions): Promise<FoundArray[]> {
  const above = { path: group.path, attributes: group.attributes }
  const paths = datasetPaths(above)
  if (paths.length === 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `${store.path ?? 'the store'} cannot be listed and has no consolidated metadata; name an array by \`internalPath\``,
      { path: store.path }
    )
  }
  const found: FoundArray[] = []
  for (const path of paths) {
    const { node, problem } = await attempt(path, () => readNode(store, path, options))
    if (node?.type === 'array' || problem !== undefined)
      found.push({ path, array: node?.type === 'array' ? node.array : undefined, problem, groups: [above] })
  }
  return found
}

/** Paths of the groups above a node, nearest first. */
export function ancestorsOf(path: string): string[] {
  if (path === '') return []
  const parts = path.split('/')
  return parts.map((_, count) => parts.slice(0, parts.length - 1 - count).join('/'))
}

async function attempt(
  path: string,
  read: () => Promise<ZarrNode | undefined>
): Promise<{ node: ZarrNode | undefined; problem: SourceError | undefined }> {
  try {
    return { node: await read(), problem: undefined }
  } catch (error) {
    if (!isSourceError(error)) throw error
    return {
      node: undefined,
      problem: new SourceError(error.code, `${path === '' ? 'the root' : path}: ${error.message}`, { cause: error })
    }
  }
}

async function measureFolder(store: Store, folder: string, signal: AbortSignal | undefined): Promise<number> {
  let total = 0
  const folders: string[] = []
  const files: string[] = []
  for await (const entry of store.list?.(folder, { signal }) ?? []) {
    const key = joinKey(folder, entry.name)
    if (entry.folder) folders.push(key)
    else if (entry.size !== undefined) total += entry.size
    else files.push(key)
  }
  await forEachConcurrently(files, 16, signal, async (key) => {
    total += (await store.size(key, { signal })) ?? 0
  })
  for (const key of folders) total += await measureFolder(store, key, signal)
  return total
}
