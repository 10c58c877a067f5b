import { type ArrayInfo, isJsonObject, type JsonObject, joinKey, type ListRequest, SourceError, type Store } from '@bioimage/core'
import { ancestorsOf, attempt, measureFolder, unreadableArray, walkFolders } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { datasetPaths, type GroupAttributes, metadataOf } from './ngff.js'
import { consolidatedNodeV2, type NodeOptions, nodeV3, readDocument, readNode, type ZarrNode } from './node-files.js'

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
  if (top.problem !== undefined) return [{ path: root, array: undefined, problem: top.problem, groups: [] }]
  const node = top.value
  if (node?.type === 'array') return [{ path: root, array: node.array, problem: undefined, groups: [] }]
  const consolidated = node === undefined || node.zarrFormat === 2 ? await consolidatedV2(store, root, options) : consolidatedV3(node, root)
  if (consolidated !== undefined) return consolidated
  if (store.list === undefined) {
    if (node === undefined) return []
    return namedDatasets(store, node, options)
  }
  await walkFolders<readonly GroupAttributes[]>(
    store,
    root,
    [],
    async (path, groups) => {
      const { value, problem } = path === root ? top : await attempt(path, () => readNode(store, path, options))
      if (problem !== undefined || value?.type === 'array') {
        found.push({ path, array: value?.type === 'array' ? value.array : undefined, problem, groups })
        return undefined
      }
      return value === undefined ? groups : [{ path, attributes: value.attributes }, ...groups]
    },
    options.signal
  )
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** What `listArrays` reports of an array, which the groups above `place` describe. */
export async function describeArray(
  store: Store,
  { path, array, problem }: FoundArray,
  place: Pick<FoundArray, 'path' | 'groups'>,
  { measure, signal }: Pick<ListRequest, 'measure' | 'signal'>
): Promise<ArrayInfo> {
  const storedBytes = measure && store.list !== undefined ? await measureFolder(store, path, signal) : undefined
  const size = storedBytes === undefined ? {} : { storedBytes }
  if (array === undefined) return { ...unreadableArray(path, problem?.message ?? 'unreadable'), ...size }
  return {
    internalPath: path,
    shape: array.shape,
    dtype: array.dtype,
    chunks: array.chunks,
    shards: array.shardLevels[0]?.shape ?? null,
    codecs: array.codecNames,
    metadata: metadataOf(array, place.path, place.groups),
    ...size
  }
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
    const { value, problem } = await attempt(path, async () => nodeAt(path))
    found.push({ path: joinKey(root, path), array: value?.type === 'array' ? value.array : undefined, problem, groups })
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
    const { value, problem } = await attempt(path, () => readNode(store, path, options))
    if (value?.type === 'array' || problem !== undefined)
      found.push({ path, array: value?.type === 'array' ? value.array : undefined, problem, groups: [above] })
  }
  return found
}
