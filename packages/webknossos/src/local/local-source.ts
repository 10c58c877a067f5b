import { type JsonObject, SourceError, type SpecBase } from '@bioimage/core'
import type { Layer } from '../dataset/layer.js'
import type { Choice } from '../dataset/layer-choice.js'
import { layerSource } from '../dataset/layer-source.js'
import type { DatasetProperties } from '../dataset/properties.js'
import type { WebknossosSource } from '../driver.js'
import { alongLayer, storedAccess } from './stored-access.js'
import { type DatasetFolder, openStored } from './stored-array.js'

/** A source of a layer of a dataset folder. @throws as {@link openStored}, ERR_INVALID_ARGUMENT */
export async function localSource(
  dataset: DatasetFolder,
  properties: DatasetProperties,
  choose: (layer?: Layer) => Choice,
  params: JsonObject
): Promise<WebknossosSource> {
  const described = choose()
  const stored = await openStored(dataset, described.layer, described.mag)
  try {
    const { source, axes } = stored
    const { channelIndex } = described.mag
    const inArray = axes.c === undefined ? 1 : (source.shape[axes.c] ?? 1)
    if (channelIndex !== undefined && channelIndex >= inArray)
      throw new SourceError('ERR_CORRUPT_DATA', `\`channelIndex\` is ${channelIndex}, but the array has ${inArray} channels`)
    // What is stored counts, where the description says something else.
    const layer: Layer = { ...described.layer, dtype: source.dtype, channels: channelIndex === undefined ? inArray : 1 }
    const { path } = dataset.store
    return layerSource({
      choice: choose(layer),
      voxelSize: properties.voxelSize,
      dtype: source.dtype,
      access: storedAccess(stored, layer, channelIndex ?? 0),
      chunks: alongLayer(stored, layer, source.chunks),
      shards: alongLayer(stored, layer, source.shards),
      toSpec: path === undefined ? undefined : (): SpecBase => ({ kind: 'webknossos', path }),
      params
    })
  } catch (error) {
    await stored.source.close()
    throw error
  }
}
