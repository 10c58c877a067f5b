import { type Context, type CreateRequest, isJsonObject, type JsonObject, type Location, SourceError, type Store } from '@bioimage/core'
import { deleteFolder, formatDocument, parseDocument } from '@bioimage/core/backend'
import { parseInfo, scaleAt, scaleKeys, type VolumeInfo } from './info.js'
import { isInsideLayer, scaleFolder } from './layer.js'
import { addDocument, changeDocument, readDocument, removeDocument } from './layer-files.js'
import { type NewVolume, newVolume } from './new-scale.js'

/**
 * Writes the `info` of a new volume, or adds a scale to one that is there, and an empty `provenance` beside it.
 *
 * Without `internalPath` the whole layer is meant: one that exists is an error, and with `overwrite` all its scales are replaced. With it
 * that scale is meant.
 *
 * @returns The volume and the index of the new scale.
 * @throws ERR_ALREADY_EXISTS, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export async function createScale(request: CreateRequest, location: Location): Promise<{ info: VolumeInfo; mip: number }> {
  const { attrs, context, internalPath, overwrite, signal } = request
  const volume = newVolume(request)
  const whole = internalPath === undefined || internalPath === ''
  /** Keys of the scales that the new one takes the place of. */
  const check = (document: JsonObject): readonly string[] => {
    const info = parseInfo(document)
    const replaced = scaleKeys(info).flatMap((key) => (key !== undefined && (whole || key === volume.scale.key) ? [key] : []))
    if ((whole || replaced.length > 0) && !overwrite) {
      const name = `${location.path ?? 'the store'}${whole ? '' : `, ${internalPath}`}`
      const cure = whole
        ? 'name a new scale of it by `internalPath`, or pass `overwrite: true` to replace all of it'
        : 'pass `overwrite: true` to replace it'
      throw new SourceError('ERR_ALREADY_EXISTS', `${name} exists; ${cure}`, { path: location.path })
    }
    if (!whole) checkFits(info, volume)
    return replaced
  }
  const present = await readDocument(location.store, 'info', signal)
  const replaced = present === undefined ? [] : check(parseDocument(present, 'info'))
  if (replaced.length > 0) await removeScales(location, replaced, whole, context)
  return changeInfo(location.store, (document) => {
    // Again: another writer may have made the same meanwhile.
    if (document !== undefined) check(document)
    const scales = document === undefined || whole ? [] : Array.isArray(document.scales) ? document.scales : []
    const others = scales.filter((scale) => !isJsonObject(scale) || scale.key !== volume.scale.key)
    const base = document === undefined || whole ? { ...attrs, ...membersOf(volume) } : { ...document }
    return { ...base, scales: [...others, volume.scale] }
  }).then((info) => ({ info, mip: info.scaleDocuments.length - 1 }))
}

/**
 * Changes `info` so that the changes of other writers stay.
 *
 * @param change Gets the document that is there, and may run again.
 */
export async function changeInfo(store: Store, change: (document: JsonObject | undefined) => JsonObject): Promise<VolumeInfo> {
  const info = await changeDocument(store, 'info', (bytes) => {
    const document = change(bytes === undefined ? undefined : parseDocument(bytes, 'info'))
    // Read back before it is written: what we cannot read we do not write.
    const result = parseInfo(document)
    checkScale(result, result.scaleDocuments.length - 1)
    return { bytes: formatDocument(sorted(document)), result }
  })
  await addDocument(store, 'provenance', formatDocument(emptyProvenance))
  return info
}

const emptyProvenance = { description: '', owners: [], processing: [], sources: [] }

function checkScale(info: VolumeInfo, mip: number): void {
  try {
    scaleAt(info, mip)
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'ERR_CORRUPT_DATA') throw error
    throw new SourceError('ERR_INVALID_ARGUMENT', `no such volume can be made: ${error.message}`, { cause: error })
  }
}

function membersOf({ type, dtype, channels }: NewVolume): JsonObject {
  return { '@type': 'neuroglancer_multiscale_volume', type, data_type: dtype, num_channels: channels, redirect: undefined }
}

function checkFits(info: VolumeInfo, volume: NewVolume): void {
  if (info.dtype === volume.dtype && info.channels === volume.channels) return
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `all scales of a volume have one type and number of channels: this one has ${info.channels} of ${info.dtype}, the new scale ${volume.channels} of ${volume.dtype}`
  )
}

/** Removes chunks that would turn up in the new array; `info` first if all of it goes: without it they are nothing. */
async function removeScales(location: Location, keys: readonly string[], all: boolean, context: Context): Promise<void> {
  const { store } = location
  if (store.list === undefined || store.delete === undefined)
    throw new SourceError('ERR_UNSUPPORTED', `${location.path ?? 'the store'} cannot be replaced: its store cannot list and delete`, {
      path: location.path
    })
  const outside = keys.find((key) => !isInsideLayer(key))
  if (outside !== undefined) {
    const message = `the chunks of the scale ${JSON.stringify(outside)} lie outside ${location.path ?? 'the layer'} or among its other files; remove them by hand`
    throw new SourceError('ERR_UNSUPPORTED', message, { path: location.path })
  }
  if (all) await removeDocument(store, 'info')
  for (const key of keys) {
    const place = await scaleFolder(location, key, context)
    await deleteFolder(place.store, place.folder)
  }
}

/** Members in the order in which CloudVolume writes them. */
function sorted(document: JsonObject): JsonObject {
  const entries = Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === 'scales' && Array.isArray(value) ? value.map(sortedScale) : value])
  )
}

function sortedScale<T>(scale: T): T | JsonObject {
  return isJsonObject(scale) ? Object.fromEntries(Object.entries(scale).sort(([a], [b]) => (a < b ? -1 : 1))) : scale
}
