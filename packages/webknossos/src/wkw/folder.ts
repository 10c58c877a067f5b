import { type Axis, joinKey, SourceError, type SourceMetadata, type Store } from '@bioimage/core'
import { ancestorsOf, maximalDocument } from '@bioimage/core/backend'
import type { Layer } from '../dataset/layer.js'
import { type Mag, parseMag } from '../dataset/mag.js'
import { type DatasetProperties, readProperties } from '../dataset/properties.js'
import { boxOfMag } from '../dataset/region.js'
import { extentOfFiles } from './extent.js'
import { parseHeader, type WkwHeader } from './header.js'

/** Name of the file that marks a WKW folder. */
export const headerName = 'header.wkw'

/** The header of a folder; `undefined` if it has none. @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED */
export async function readFolderHeader(store: Store, folder: string, signal?: AbortSignal): Promise<WkwHeader | undefined> {
  const key = joinKey(folder, headerName)
  const bytes = await store.get(key, { signal, maxBytes: maximalDocument })
  return bytes === undefined ? undefined : parseHeader(bytes, key)
}

/** What is known of a folder beside its header: how far it reaches, and what its dataset says of it. */
export interface FolderFacts {
  /** Shape along z, y, x and, where there are several, the channels; `undefined` if nothing tells it. */
  readonly shape: readonly number[] | undefined
  readonly metadata: SourceMetadata
}

/** Looks up how far a folder reaches. A dataset above it, inside the container, tells the voxel size and the bounding box. */
export async function readFolderFacts(store: Store, folder: string, header: WkwHeader, signal?: AbortSignal): Promise<FolderFacts> {
  const [files, dataset] = await Promise.all([extentOfFiles(store, folder, signal), findDataset(store, folder, signal)])
  const edge = header.blockLength * header.fileLength
  const box = dataset === undefined ? undefined : boxOfMag(dataset.layer.box, dataset.mag)
  const extent =
    files === undefined && box === undefined
      ? undefined
      : [0, 1, 2].map((axis) => Math.max((files?.[axis] ?? 0) * edge, (box?.start[2 - axis] ?? 0) + (box?.shape[2 - axis] ?? 0)))
  const scale = dataset?.properties.voxelSize
  return { shape: extent === undefined ? undefined : withChannels(extent, header), metadata: metadataOf(header, scale, dataset?.mag) }
}

/** A shape of z, y and x, with the channels where there are several. */
export function withChannels(spatial: readonly number[], { channels }: WkwHeader): readonly number[] {
  return channels === 1 ? spatial : [...spatial, channels]
}

function metadataOf(header: WkwHeader, scale: DatasetProperties['voxelSize'], mag: Mag | undefined): SourceMetadata {
  const axes = ['z', 'y', 'x'].map((name, axis): Axis => {
    if (scale === undefined || mag === undefined) return { name, type: 'space' }
    return { name, type: 'space', unit: scale.unit, scale: (scale.factor[2 - axis] ?? 1) * (mag[2 - axis] ?? 1) }
  })
  return { axes: header.channels === 1 ? axes : [...axes, { name: 'c', type: 'channel' }] }
}

interface FolderOfDataset {
  readonly properties: DatasetProperties
  readonly layer: Layer
  readonly mag: Mag
}

/** The dataset that a folder `{layer}/{mag}` belongs to. One that cannot be read is no reason not to read the folder. */
async function findDataset(store: Store, folder: string, signal?: AbortSignal): Promise<FolderOfDataset | undefined> {
  const above = ancestorsOf(folder)[1]
  const [layerName, magName] = folder.split('/').slice(-2)
  const mag = parseMag(magName)
  if (above === undefined || layerName === undefined || mag === undefined) return undefined
  try {
    const properties = await readProperties(store, above, signal)
    const layer = properties?.layer(layerName)
    return properties === undefined || layer === undefined ? undefined : { properties, layer, mag }
  } catch (error) {
    if (error instanceof SourceError && (error.code === 'ERR_CORRUPT_DATA' || error.code === 'ERR_UNSUPPORTED')) return undefined
    throw error
  }
}
