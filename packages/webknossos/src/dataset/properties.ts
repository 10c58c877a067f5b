import { type Json, type JsonObject, joinKey, SourceError, type Store } from '@bioimage/core'
import { parseDocument } from '@bioimage/core/backend'
import { type Layer, layerName, parseLayer } from './layer.js'
import { parseVoxelSize, type VoxelSize } from './voxel-size.js'

/** Name of the document of a dataset folder. */
export const propertiesKey = 'datasource-properties.json'

/** The layers of a dataset, as the document of its folder or the server describes them. */
export class DatasetProperties {
  readonly voxelSize: VoxelSize | undefined
  readonly #documents: readonly JsonObject[]

  constructor(document: JsonObject) {
    const { dataLayers } = document
    if (!Array.isArray(dataLayers)) throw new SourceError('ERR_CORRUPT_DATA', 'the description of the dataset has no `dataLayers`')
    this.voxelSize = parseVoxelSize(document.scale)
    this.#documents = dataLayers.map((layer: Json) => {
      layerName(layer)
      return isObject(layer) ? layer : {}
    })
  }

  get layerNames(): readonly string[] {
    return this.#documents.map((document) => layerName(document))
  }

  /** A layer by its name; `undefined` if there is none. @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED */
  layer(name: string): Layer | undefined {
    const document = this.#documents.find((document) => document.name === name)
    return document === undefined ? undefined : parseLayer(document)
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The properties of a dataset folder; `undefined` if it has none. @throws ERR_CORRUPT_DATA */
export async function readProperties(store: Store, folder: string, signal?: AbortSignal): Promise<DatasetProperties | undefined> {
  const key = joinKey(folder, propertiesKey)
  const bytes = await store.get(key, { signal })
  return bytes === undefined ? undefined : new DatasetProperties(parseDocument(bytes, key, 'largestSegmentId'))
}
