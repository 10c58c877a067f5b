import { type Context, joinKey, openSource, type Source, SourceError, type Store } from '@bioimage/core'
import type { Layer, LayerMag } from '../dataset/layer.js'
import { longName, shortName } from '../dataset/mag.js'
import { boxOfMag } from '../dataset/region.js'
import { readFolderHeader } from '../wkw/folder.js'
import { folderSource } from '../wkw/folder-source.js'
import { objectStorageUrl } from './object-storage-url.js'

/** The array in which a local dataset keeps a layer at one magnification. */
export interface StoredArray {
  readonly source: Source
  /** Which axis of it x, y, z, c and the additional axes lie along. */
  readonly axes: Readonly<Record<string, number>>
  /** Position of its first element along x, y and z, in voxels of the magnification. */
  readonly origin: readonly number[]
}

/** Where a dataset folder lies, and what opens what is in it. */
export interface DatasetFolder {
  readonly store: Store
  /** Path of the dataset in the store. */
  readonly folder: string
  readonly context: Context
  readonly signal: AbortSignal | undefined
}

/** Where an array lies: in the store of the dataset, or at a place of its own. */
type Place = { readonly target: Store | string; readonly internalPath: string }

/** The kind that opens a `dataFormat`, and the files that mark its arrays. */
const formats: Readonly<Record<string, { readonly kind: string; readonly markers: readonly string[] }>> = {
  wkw: { kind: 'wkw', markers: ['header.wkw'] },
  zarr: { kind: 'zarr', markers: ['.zarray', 'zarr.json'] },
  zarr3: { kind: 'zarr', markers: ['zarr.json', '.zarray'] },
  n5: { kind: 'n5', markers: ['attributes.json'] },
  neuroglancerPrecomputed: { kind: 'cloudvolume', markers: [] }
}

/**
 * Opens the array of a magnification by the backend of its format.
 *
 * @throws ERR_NOT_FOUND, ERR_UNSUPPORTED, ERR_UNKNOWN_KIND (the backend is not imported), and what that backend throws
 */
export async function openStored(dataset: DatasetFolder, layer: Layer, mag: LayerMag): Promise<StoredArray> {
  const { dataFormat } = layer
  const format = dataFormat !== undefined && Object.hasOwn(formats, dataFormat) ? formats[dataFormat] : undefined
  if (format === undefined)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `layer ${JSON.stringify(layer.name)} has the dataFormat ${JSON.stringify(dataFormat)}; known are ${Object.keys(formats).join(', ')}`
    )
  const place = await findPlace(dataset, layer, mag, format.markers)
  if (format.kind === 'wkw') return openWkw(dataset, layer, mag, place)
  const { context, signal } = dataset
  const options = { context, signal, format: format.kind }
  if (format.kind === 'cloudvolume') return openPrecomputed(place, options)
  const source = await openSource(place.target, { ...options, internalPath: place.internalPath })
  return { source, axes: axesOf(layer, mag, source.ndim, format.kind === 'n5'), origin: [0, 0, 0] }
}

async function openWkw(dataset: DatasetFolder, layer: Layer, mag: LayerMag, { target, internalPath }: Place): Promise<StoredArray> {
  const { context, signal } = dataset
  if (typeof target === 'string') {
    const source = await openSource(target, { format: 'wkw', internalPath, context, signal })
    return { source, axes: wkwAxes, origin: [0, 0, 0] }
  }
  const header = await readFolderHeader(target, internalPath, signal)
  if (header === undefined) throw missing(dataset, layer, mag)
  const box = boxOfMag(layer.box, mag.mag)
  // As far as the layer reaches: what files are there need not be listed.
  const extent = box.start.map((start, axis) => start + (box.shape[axis] ?? 0)).reverse()
  const shape = header.channels === 1 ? extent : [...extent, header.channels]
  const source = folderSource({
    store: target,
    folder: internalPath,
    header,
    shape,
    metadata: {},
    writable: false,
    context,
    toSpec: undefined
  })
  return { source, axes: wkwAxes, origin: [0, 0, 0] }
}

const wkwAxes = { z: 0, y: 1, x: 2, c: 3 }

/** The folder of a scale is its key; `info` lies beside it. */
async function openPrecomputed(
  { target, internalPath }: Place,
  options: { readonly context: Context; readonly signal: AbortSignal | undefined; readonly format: string }
): Promise<StoredArray> {
  const parts = typeof target === 'string' ? target.replace(/\/+$/, '').split('/') : internalPath.split('/')
  const key = parts.pop() ?? ''
  const volume = parts.join('/')
  const at = typeof target === 'string' ? volume : folderStore(target, volume)
  const source = await openSource(at, { ...options, internalPath: key, fillMissing: true })
  const axes = source.ndim === 3 ? { z: 0, y: 1, x: 2 } : { c: 0, z: 1, y: 2, x: 3 }
  return { source, axes, origin: voxelOffsetOf(source) }
}

function voxelOffsetOf(source: Source): readonly number[] {
  const offset: unknown = 'voxelOffset' in source ? source.voxelOffset : undefined
  const numbers = Array.isArray(offset) ? offset.filter((at: unknown): at is number => typeof at === 'number') : []
  if (numbers.length === 3) return numbers
  throw new SourceError(
    'ERR_UNSUPPORTED',
    'the backend of precomputed volumes does not tell their voxel offset; install the newest @bioimage/cloudvolume'
  )
}

/** A folder of a store as a store. */
function folderStore(store: Store, folder: string): Store {
  if (folder === '') return store
  const { list, revision } = store
  return {
    identity: `${store.identity}\n${folder}`,
    path: store.path === undefined ? undefined : `${store.path.replace(/[/\\]+$/, '')}/${folder}`,
    remote: store.remote,
    get: (key, options) => store.get(joinKey(folder, key), options),
    size: (key, options) => store.size(joinKey(folder, key), options),
    ...(list !== undefined && { list: (below: string, options) => list.call(store, joinKey(folder, below), options) }),
    ...(revision !== undefined && { revision: (key: string) => revision.call(store, joinKey(folder, key)) })
  }
}

/** In the order of N5 the first axis runs fastest: reversed, it is the last of ours. */
function axesOf(layer: Layer, mag: LayerMag, ndim: number, reversed: boolean): Readonly<Record<string, number>> {
  const usual = ndim === 3 ? { x: 0, y: 1, z: 2 } : { c: 0, x: 1, y: 2, z: 3 }
  const order: Record<string, number> = { ...(mag.axisOrder ?? usual) }
  for (const { name, index } of layer.additionalAxes) order[name] = index
  const axes: Record<string, number> = {}
  for (const [name, axis] of Object.entries(order)) {
    // A channel axis is described also where the array has none.
    if (name === 'c' && (axis >= ndim || Object.entries(order).some(([other, at]) => other !== 'c' && at === axis))) continue
    axes[name] = reversed ? ndim - 1 - axis : axis
  }
  const places = Object.values(axes)
  const isPermutation = new Set(places).size === ndim && places.length === ndim && places.every((axis) => axis >= 0 && axis < ndim)
  if (isPermutation && ['x', 'y', 'z'].every((name) => name in axes)) return axes
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `layer ${JSON.stringify(layer.name)}: its array has ${ndim} axes, \`axisOrder\` places ${JSON.stringify(order)}`
  )
}

/** The folder of a magnification: where its path leads, else by its short or long name. */
async function findPlace(dataset: DatasetFolder, layer: Layer, mag: LayerMag, markers: readonly string[]): Promise<Place> {
  const { store, folder, signal } = dataset
  const has = async (internalPath: string): Promise<boolean> => {
    for (const marker of markers) if ((await store.size(joinKey(internalPath, marker), { signal })) !== undefined) return true
    return false
  }
  const [short, long] = [shortName(mag.mag), longName(mag.mag)].map((name) => joinKey(folder, layer.name, name))
  if (mag.path === undefined)
    return {
      target: store,
      internalPath: markers.length > 0 && !(await has(short ?? '')) && (await has(long ?? '')) ? (long ?? '') : (short ?? '')
    }
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(mag.path)
  const parts = mag.path.split('/').filter((part) => part !== '' && part !== '.')
  const isInside = !isUrl && !mag.path.startsWith('/') && !parts.includes('..')
  if (isInside) return { target: store, internalPath: joinKey(folder, ...parts) }
  if (isUrl && !mag.path.toLowerCase().startsWith('file:')) return { target: objectStorageUrl(mag.path), internalPath: '' }
  if (store.remote || store.path === undefined || isUrl)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `layer ${JSON.stringify(layer.name)} lies at ${JSON.stringify(mag.path)}, outside of the dataset, which is not followed from here`
    )
  return { target: mag.path.startsWith('/') ? mag.path : `${store.path}/${joinKey(folder, mag.path)}`, internalPath: '' }
}

function missing({ store }: DatasetFolder, layer: Layer, { mag }: LayerMag): SourceError {
  return new SourceError(
    'ERR_NOT_FOUND',
    `${store.path ?? 'the dataset'}: the folder of layer ${JSON.stringify(layer.name)} at magnification ${shortName(mag)} is missing`
  )
}
