import { type Level, type Location, type OpenRequest, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { forEachConcurrently } from '@bioimage/core/backend'
import { type Configuration, noConfiguration, parseConfiguration } from './configuration.js'
import { configurationNames } from './configuration-names.js'
import { isCubeExtension } from './cube-kinds.js'
import { type CubeNames, cubeNamesOf, cubePath, folderDigitsOf, isPadded, paddingOf } from './cube-names.js'

/** A data set: the store of its folder, and its configuration. */
export interface DataSet {
  readonly store: Store
  readonly configuration: Configuration
}

/** What the folder of a magnification holds. */
export interface CubeGrid {
  /** Cubes along z, y, x: the highest index and one; 0 where there are none. */
  readonly counts: readonly number[]
  /** How cubes are called, by their extensions, in the folder of the first. */
  readonly names: readonly CubeNames[]
}

const concurrentFolders = 16
const largestConfiguration = 1 << 20

/**
 * Finds folder and configuration of a data set that is named by either.
 *
 * @throws ERR_NOT_FOUND, ERR_CORRUPT_DATA.
 */
export async function openDataSet({ location, context, signal }: Pick<OpenRequest, 'location' | 'context' | 'signal'>): Promise<DataSet> {
  if (!configurationNames.test(location.name)) {
    return { store: location.store, configuration: await findConfiguration(location.store, signal) }
  }
  const configuration = await readConfiguration(location.store, '', location.name, signal)
  if (configuration === undefined) throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the configuration'} does not exist`)
  return { store: (await resolveLocation(folderOf(location), context)).store, configuration }
}

function folderOf({ path }: Location): string {
  if (path === undefined)
    throw new SourceError('ERR_UNSUPPORTED', 'a configuration of KNOSSOS is opened by its path or URL, by which the cubes are found')
  return path.replace(/[/\\][^/\\]*$/, '') || '/'
}

/** The configuration of a folder: any file that is called like one where the store can list, else `knossos.conf`. */
async function findConfiguration(store: Store, signal: AbortSignal | undefined): Promise<Configuration> {
  for (const folder of ['', 'mag1']) {
    const names: string[] = []
    if (store.list === undefined) names.push('knossos.conf')
    else
      for await (const { name, folder: isFolder } of store.list(folder, { signal }))
        if (!isFolder && configurationNames.test(name)) names.push(name)
    for (const name of names.sort()) {
      const found = await readConfiguration(store, folder === '' ? name : `${folder}/${name}`, name, signal)
      if (found !== undefined) return found
    }
  }
  return noConfiguration
}

async function readConfiguration(
  store: Store,
  key: string,
  name: string,
  signal: AbortSignal | undefined
): Promise<Configuration | undefined> {
  const bytes = await store.get(key, { range: { offset: 0, length: largestConfiguration }, signal })
  return bytes === undefined ? undefined : parseConfiguration(name, new TextDecoder().decode(bytes))
}

/** Paths of the folders that hold cubes: the data set itself, or its magnifications one or two levels below. */
export async function findMagnifications(store: Store, signal: AbortSignal | undefined): Promise<string[]> {
  if (store.list === undefined) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      'folders of this store cannot be listed; name the magnification by `internalPath`, such as "mag1"'
    )
  }
  const found: string[] = []
  const visit = async (folder: string, depth: number): Promise<void> => {
    const folders: string[] = []
    for await (const entry of store.list?.(folder, { signal }) ?? []) if (entry.folder) folders.push(entry.name)
    if (folders.some((name) => folderDigitsOf(name, 'x') !== undefined)) found.push(folder)
    else if (depth < 2)
      await forEachConcurrently(folders, concurrentFolders, signal, (name) => visit(folder === '' ? name : `${folder}/${name}`, depth + 1))
  }
  await visit('', 0)
  return found.sort((a, b) => magnificationOf(a) - magnificationOf(b) || (a < b ? -1 : 1))
}

/** The number at the end of a folder's name: 4 for `mag4`, `e2006_mag4`, `color/4`; 1 without one. */
export function magnificationOf(folder: string): number {
  return Number(/(?:^|mag|\/)([1-9][0-9]{0,8})$/.exec(folder)?.[1] ?? 1)
}

/**
 * Looks through the folders of a magnification, three levels deep.
 *
 * @throws ERR_UNSUPPORTED for folders or cubes whose names differ in more than their indices: what is looked for by another name would be
 *   taken for missing.
 */
export async function findCubes(store: Store, folder: string, signal: AbortSignal | undefined): Promise<CubeGrid> {
  let counts = [0, 0, 0]
  const leaves: Leaf[] = []
  const written = new Set<string>()
  const visit = async (path: string, depth: 0 | 1 | 2, above: readonly number[], isFirst: boolean): Promise<void> => {
    const axis = (['x', 'y', 'z'] as const)[depth]
    const children: Leaf[] = []
    for await (const { name, folder: isFolder } of store.list?.(path, { signal }) ?? []) {
      const digits = isFolder ? folderDigitsOf(name, axis) : undefined
      if (digits === undefined) continue
      written.add(digits)
      children.push({ path: joined(path, name), position: [Number(digits), ...above] })
    }
    children.sort((a, b) => indexOf(a) - indexOf(b))
    const last = children.at(-1)
    if (last === undefined) return
    counts = counts.with(2 - depth, Math.max(counts[2 - depth] ?? 0, indexOf(last) + 1))
    if (depth === 2) {
      if (isFirst || leaves.length < 64) leaves.push(...children)
      return
    }
    await forEachConcurrently(children, concurrentFolders, signal, (child) =>
      visit(child.path, depth === 0 ? 1 : 2, child.position, isFirst && child === children[0])
    )
  }
  await visit(folder, 0, [], true)
  const folderDigits = paddingOf([...written])
  const other = [...written].find((digits) => !isPadded(digits, folderDigits))
  if (other !== undefined) {
    const found = [...written].find((digits) => isPadded(digits, folderDigits)) ?? ''
    throw mixed(`the numbers of its folders are filled up to ${folderDigits} digits, such as ${found}, and otherwise: ${other}`)
  }
  leaves.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { counts, names: await namesIn(store, folder, leaves, folderDigits, signal) }
}

/** A folder for one cube, at z, y, x. */
interface Leaf {
  readonly path: string
  readonly position: readonly number[]
}

function indexOf({ position: [index = 0] }: Leaf): number {
  return index
}

/** How the cubes of the first folder that has some are called. */
async function namesIn(
  store: Store,
  folder: string,
  leaves: readonly Leaf[],
  folderDigits: number,
  signal: AbortSignal | undefined
): Promise<CubeNames[]> {
  for (const { path, position } of leaves) {
    const found = new Map<string, CubeNames>()
    for (const file of await cubesIn(store, path, signal)) {
      const names = cubeNamesOf(file, folderDigits)
      if (names === undefined) continue
      const expected = joined(folder, cubePath(names, position))
      if (expected !== `${path}/${file}`) throw mixed(`the cube ${path}/${file} is not called by its place: ${expected}`)
      const kind = names.extension.toLowerCase()
      if (found.has(kind)) throw mixed(`there are several cubes ${kind} in ${path}`)
      found.set(kind, names)
    }
    if (found.size > 0) return [...found.values()]
  }
  return []
}

/** Names of the files of a folder that are called like cubes. */
export async function cubesIn(store: Store, folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  const files: string[] = []
  for await (const { name, folder: isFolder } of store.list?.(folder, { signal }) ?? []) {
    const extension = isFolder ? undefined : cubeNamesOf(name, 0)?.extension
    if (extension !== undefined && isCubeExtension(extension)) files.push(name)
  }
  return files
}

function mixed(found: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', `the names of the data set are mixed, which is not read: ${found}`)
}

/** The path of something in a folder; `""` is the data set itself. */
export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** Magnifications as levels of one image, with voxel sizes along z, y, x. */
export function levelsOf(magnifications: readonly string[], configuration: Configuration): Level[] {
  return magnifications.map((internalPath) => {
    const scale = voxelSizeOf(internalPath, configuration)
    return { internalPath, ...(scale !== undefined && { scale }) }
  })
}

/** Nanometers of a voxel along z, y, x; `undefined` where the configuration does not say it. */
export function voxelSizeOf(folder: string, { voxelSizes, isOrdinal }: Configuration): readonly number[] | undefined {
  const magnification = magnificationOf(folder)
  const level = isOrdinal ? magnification - 1 : Math.log2(magnification)
  const [first] = voxelSizes
  if (first === undefined) return undefined
  const ratio = isOrdinal ? 2 ** (magnification - 1) : magnification
  return (voxelSizes[level] ?? first.map((size) => size * ratio)).toReversed()
}
