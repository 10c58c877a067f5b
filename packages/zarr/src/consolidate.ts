import { joinKey, SourceError, type Store } from '@bioimage/core'
import { ancestorsOf, changeObject, formatMembers, maximalDocument, memberTexts, walkFolders } from '@bioimage/core/backend'
import { nodeV3, readDocument } from './node-files.js'

/** A group that has consolidated metadata: `.zmetadata` in v2, a member of its `zarr.json` in v3. */
export interface Consolidated {
  readonly group: string
  readonly zarrFormat: 2 | 3
}

/** Which consolidated metadata a change concerns. */
export interface ConsolidatedScope {
  /** Paths of the groups above what is changed. */
  readonly groups: readonly string[]
  /** What is written also where there was none. */
  readonly wanted: readonly Consolidated[]
  readonly signal: AbortSignal | undefined
}

/**
 * Runs `work`, which adds or replaces a node, and writes the consolidated metadata of the groups above it anew. Readers take
 * them for the truth; so they are removed before the work begins, and a process that is killed meanwhile leaves none.
 *
 * @throws ERR_UNSUPPORTED, before the work, where the store cannot list what is to be consolidated.
 */
export async function keepConsolidated(store: Store, scope: ConsolidatedScope, work: () => Promise<void>): Promise<void> {
  const removed = await alone(store, scope, async () => {
    const present = await consolidatedAmong(store, scope.groups, scope.signal)
    if (store.list === undefined && present.length + scope.wanted.length > 0) {
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `the metadata of ${store.path ?? 'the store'} cannot be consolidated: its store cannot list what is in it`,
        { path: store.path }
      )
    }
    for (const each of present) await remove(store, each)
    return present
  })
  // From here on without the signal: an abort would leave the container without what it had.
  const renew = (): Promise<void> =>
    alone(store, { ...scope, signal: undefined }, async () => {
      // Others may have written theirs during the work, which do not show what it did.
      const present = await consolidatedAmong(store, scope.groups, undefined)
      const all = new Map([...removed, ...scope.wanted, ...present].map((each) => [`${each.zarrFormat}${each.group}`, each]))
      for (const each of all.values()) await consolidate(store, each)
    })
  try {
    await work()
  } catch (error) {
    if (removed.length > 0) await renew().catch(() => {})
    throw error
  }
  await renew()
}

/** Runs `work` while no other writer, of any process where the store can tell, consolidates metadata of the container. */
async function alone<T>(store: Store, { groups, wanted, signal }: ConsolidatedScope, work: () => Promise<T>): Promise<T> {
  const outermost = groups.at(-1) ?? wanted[0]?.group
  if (outermost === undefined) return work()
  return changeObject(store, joinKey(outermost, '.zmetadata'), signal, work)
}

async function consolidatedAmong(
  store: Store,
  groups: readonly string[],
  signal: AbortSignal | undefined
): Promise<readonly Consolidated[]> {
  const found: Consolidated[] = []
  for (const group of groups) {
    if ((await store.size(joinKey(group, '.zmetadata'), { signal })) !== undefined) found.push({ group, zarrFormat: 2 })
    const document = await readDocument(store, joinKey(group, 'zarr.json'), signal)
    const node = document && nodeV3(group, document)
    if (node?.type === 'group' && node.consolidated !== undefined) found.push({ group, zarrFormat: 3 })
  }
  return found
}

async function remove(store: Store, { group, zarrFormat }: Consolidated): Promise<void> {
  if (zarrFormat === 2) {
    await store.delete?.(joinKey(group, '.zmetadata'))
    return
  }
  const key = joinKey(group, 'zarr.json')
  const members = await readMembers(store, key)
  if (members?.delete('consolidated_metadata') === true) await put(store, key, formatMembers(members))
}

/** Documents of a node by their names, each as the texts of its members. */
type NodeDocuments = ReadonlyMap<string, ReadonlyMap<string, string>>

/** As zarr-python writes it, but the documents are taken over as they stand, with every digit. */
async function consolidate(store: Store, { group, zarrFormat }: Consolidated): Promise<void> {
  let found: ReadonlyMap<string, NodeDocuments>
  try {
    found = await collect(store, { group, zarrFormat })
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    throw new SourceError(
      cause.code,
      `the array is made, but the metadata of ${group === '' ? 'its container' : group} cannot be consolidated, and lie in the single documents alone: ${cause.message}`,
      { path: store.path, cause }
    )
  }
  const nodes = withImplicitGroups(found, zarrFormat)
  if (zarrFormat === 2) {
    const documents = nodes.flatMap(([path, node]) =>
      Array.from(node, ([name, members]) => [joinKey(path, name), formatMembers(members)] as const)
    )
    const whole = { metadata: formatMembers(documents), zarr_consolidated_format: '1' }
    await put(store, joinKey(group, '.zmetadata'), formatMembers(Object.entries(whole)))
    return
  }
  const key = joinKey(group, 'zarr.json')
  const root = found.get('')?.get('zarr.json')
  if (root === undefined) return
  const children = nodes.flatMap(([path, node]) => {
    const members = node.get('zarr.json')
    return path === '' || members === undefined ? [] : [[path, formatMembers(isArray(node) ? members : emptied(members))] as const]
  })
  await put(store, key, formatMembers(new Map(root).set('consolidated_metadata', inline(children))))
}

function inline(children: Iterable<readonly [string, string]>): string {
  return formatMembers([
    ['kind', '"inline"'],
    ['must_understand', 'false'],
    ['metadata', formatMembers(children)]
  ])
}

/** zarr-python takes a group without the member for one whose children it does not know. */
function emptied(group: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(group).set('consolidated_metadata', inline([]))
}

const documentNames = { 2: ['.zgroup', '.zarray', '.zattrs'], 3: ['zarr.json'] } as const

async function collect(store: Store, { group, zarrFormat }: Consolidated): Promise<Map<string, NodeDocuments>> {
  const found = new Map<string, NodeDocuments>()
  await walkFolders(store, group, true, async (folder) => {
    const documents = new Map<string, ReadonlyMap<string, string>>()
    for (const name of documentNames[zarrFormat]) {
      const members = await readMembers(store, joinKey(folder, name))
      if (members !== undefined) documents.set(name, members)
    }
    const path = group === '' ? folder : folder.slice(group.length + 1)
    // Attributes alone are no node.
    if (documents.has('zarr.json') || documents.has('.zgroup') || documents.has('.zarray')) found.set(path, documents)
    return isArray(documents) ? undefined : true
  })
  return found
}

function isArray(documents: NodeDocuments): boolean {
  return documents.has('.zarray') || documents.get('zarr.json')?.get('node_type') === '"array"'
}

/**
 * Outer nodes first, then by name. Folders on the way to a node that have no document of their own are listed as groups:
 * zarr-python does not find what is below them otherwise.
 */
function withImplicitGroups(found: ReadonlyMap<string, NodeDocuments>, zarrFormat: 2 | 3): readonly (readonly [string, NodeDocuments])[] {
  const nodes = new Map(found)
  const implicit: NodeDocuments = new Map([
    zarrFormat === 2
      ? ['.zgroup', new Map([['zarr_format', '2']])]
      : [
          'zarr.json',
          new Map([
            ['zarr_format', '3'],
            ['node_type', '"group"'],
            ['attributes', '{}']
          ])
        ]
  ])
  for (const path of found.keys()) for (const group of ancestorsOf(path)) if (!nodes.has(group)) nodes.set(group, implicit)
  const depthOf = (path: string): number => ancestorsOf(path).length
  return [...nodes].sort(([a], [b]) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
}

async function readMembers(store: Store, key: string): Promise<Map<string, string> | undefined> {
  const bytes = await store.get(key, { maxBytes: maximalDocument })
  return bytes === undefined ? undefined : memberTexts(bytes, key)
}

async function put(store: Store, key: string, text: string): Promise<void> {
  await store.set?.(key, new TextEncoder().encode(`${text}\n`))
}
