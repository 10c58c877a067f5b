import { type ArrayInfo, type JsonObject, SourceError } from '@bioimage/core'
import { attempt, measureFolder, unreadableArray, walkFolders } from '@bioimage/core/backend'
import { type DataSet, isDataSet, parseDataSet } from './data-set.js'
import type { Documents } from './documents.js'
import { metadataOf, namedLevels } from './multiscale.js'

/** A data set or group of a container. */
export type N5Node = { readonly type: 'array'; readonly dataSet: DataSet } | { readonly type: 'group'; readonly attributes: JsonObject }

/** A data set found in a container, or why it cannot be read. */
export interface FoundDataSet {
  readonly path: string
  readonly dataSet: DataSet | undefined
  readonly problem: SourceError | undefined
}

/**
 * What lies at a path; `undefined` if nothing does. A folder without `attributes.json` is a group.
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export async function readNode(documents: Documents, path: string): Promise<N5Node | undefined> {
  const node = await readDocument(documents, path)
  if (node !== undefined) return node
  const { store, signal } = documents
  for await (const _ of store.list?.(path, { signal }) ?? []) return { type: 'group', attributes: {} }
  return undefined
}

/**
 * All data sets below a path. A store that cannot list gives the levels that a multiscale image names.
 *
 * @throws ERR_UNSUPPORTED where nothing tells which data sets there are.
 */
export async function findDataSets(documents: Documents, root: string): Promise<readonly FoundDataSet[]> {
  const { store, signal } = documents
  const found: FoundDataSet[] = []
  /** Adds a data set; whether there may be others below. */
  const visit = async (path: string): Promise<boolean> => {
    const { value, problem } = await attempt(path, () => readDocument(documents, path))
    if (problem === undefined && value?.type !== 'array') return true
    found.push({ path, dataSet: value?.type === 'array' ? value.dataSet : undefined, problem })
    return false
  }
  if (store.list !== undefined) await walkFolders(store, root, true, async (path) => ((await visit(path)) ? true : undefined), signal)
  else if (await visit(root)) {
    const group = await documents.at(root)
    if (group === undefined) return []
    const named = namedLevels(root, group)
    if (named.length === 0) {
      throw new SourceError('ERR_UNSUPPORTED', `${store.path ?? 'the store'} cannot be listed; name a data set by \`internalPath\``, {
        path: store.path
      })
    }
    for (const path of named) await visit(path)
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** What `listArrays` reports of a data set. */
export async function describeDataSet(documents: Documents, found: FoundDataSet, measure: boolean): Promise<ArrayInfo> {
  const { store, signal } = documents
  const { path, dataSet, problem } = found
  const storedBytes = measure && store.list !== undefined ? await measureFolder(store, path, signal) : undefined
  const size = storedBytes === undefined ? {} : { storedBytes }
  if (dataSet === undefined) return { ...unreadableArray(path, problem?.message ?? 'unreadable'), ...size }
  const { shape, dtype, blockSize, compression, attributes } = dataSet
  return {
    internalPath: path,
    shape,
    dtype,
    chunks: blockSize,
    shards: null,
    codecs: compression.codec === undefined ? [] : [String(compression.document.type)],
    metadata: await metadataOf(documents, path, attributes, shape.length),
    ...size
  }
}

/** A node by its document alone. */
async function readDocument(documents: Documents, path: string): Promise<N5Node | undefined> {
  const document = await documents.at(path)
  if (document === undefined) return undefined
  return isDataSet(document) ? { type: 'array', dataSet: parseDataSet(document) } : { type: 'group', attributes: document }
}
