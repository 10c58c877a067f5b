import {
  type ArrayInfo,
  type Context,
  type ListRequest,
  type Location,
  type OpenRequest,
  type Reader,
  resolveLocation,
  SourceError,
  type SpecBase,
  specOf
} from '@bioimage/core'
import { attempt, forgetChunks, measureFolder, unreadableArray } from '@bioimage/core/backend'
import { chunkCodecs } from './chunk-encoding.js'
import { placeOfCloudpath } from './cloudpath.js'
import { createScale } from './create.js'
import type { CloudvolumeSource, CloudvolumeSpec } from './driver.js'
import { chooseScale, scaleAt, scaleKeys } from './info.js'
import { openLayer, scaleFolder } from './layer.js'
import { creationParams } from './new-scale.js'
import type { Scale } from './scale.js'
import { chooseView } from './view.js'
import { metadataOf, shapesOf } from './volume-description.js'
import { parseVolumeParams } from './volume-params.js'
import { identityOf, volumeSource } from './volume-source.js'

export const open: Reader<CloudvolumeSource>['open'] = async (request) => {
  const { context, mode, internalPath } = request
  const location = await locationOf(request)
  const layer = await openLayer(location, context, request.signal)
  const params = parseVolumeParams(request.params)
  const scale = scaleAt(layer.info, chooseScale(layer.info, internalPath, params.mip))
  const toSpec = specOf('cloudvolume', { ...request, location }, internalPath === '' ? undefined : internalPath)
  return volumeSource({
    layer,
    scale,
    params,
    mode,
    context,
    toSpec: withKind(toSpec, location)
  })
}

export const create: NonNullable<Reader<CloudvolumeSource>['create']> = async (request) => {
  const { context, internalPath } = request
  const mode = 'r+'
  const location = await locationOf(request)
  const params = Object.fromEntries(Object.entries(request.params).filter(([name]) => !creationParams.has(name)))
  const parsed = parseVolumeParams(params)
  const { info, mip } = await createScale(request, location)
  const scale = scaleAt(info, mip)
  const { store, folder } = await scaleFolder(location, scale.key, context)
  forgetChunks(identityOf(store, folder), context)
  if (parsed.diskCache !== undefined && store.remote)
    await (await import('./open-disk-cache.js')).forgetScale(location, scale, parsed.diskCache)
  const toSpec = specOf('cloudvolume', { location, params, mode }, internalPath === '' ? undefined : internalPath)
  return volumeSource({
    layer: { location, info },
    scale,
    params: parsed,
    mode,
    context,
    toSpec: withKind(toSpec, location)
  })
}

export const list: NonNullable<Reader<CloudvolumeSource>['list']> = async (request: ListRequest): Promise<readonly ArrayInfo[]> => {
  const { context, signal, internalPath } = request
  const { info, location } = await openLayer(await locationOf(request), context, signal)
  const params = parseVolumeParams(request.params)
  const arrays: ArrayInfo[] = []
  for (const [mip, key] of scaleKeys(info).entries()) {
    const path = key ?? `scales[${mip}]`
    if (internalPath !== undefined && internalPath !== '' && path !== internalPath) continue
    const { value, problem } = await attempt(path, async () => {
      const scale = scaleAt(info, mip)
      const view = chooseView(scale, info.channels, params)
      // Loads nothing; says whether the encoding is one that is read here.
      chunkCodecs(scale.encoding, info.dtype, info.channels, scale.document)
      return {
        internalPath: path,
        dtype: info.dtype,
        codecs: codecNames(scale),
        ...shapesOf(info, scale, view),
        metadata: metadataOf(info, scale, view)
      }
    })
    const size = request.measure ? { storedBytes: await measureScale(location, path, context) } : {}
    arrays.push({ ...(value ?? unreadableArray(path, problem?.message ?? 'unreadable')), ...size })
  }
  if (arrays.length === 0)
    throw new SourceError(
      'ERR_NOT_FOUND',
      `there is no scale ${JSON.stringify(internalPath)}; the volume has ${scaleKeys(info).join(', ')}`
    )
  return arrays
}

function codecNames({ encoding, sharding }: Scale): readonly string[] {
  return [...(encoding === 'raw' ? [] : [encoding]), ...(sharding === undefined || sharding.dataEncoding === 'raw' ? [] : ['gzip'])]
}

async function measureScale(location: Location, key: string, context: Context): Promise<number | undefined> {
  const { store, folder } = await scaleFolder(location, key, context)
  return store.list === undefined ? undefined : measureFolder(store, folder)
}

function withKind(toSpec: (() => SpecBase) | undefined, { path = '' }: Location): (() => CloudvolumeSpec) | undefined {
  return toSpec === undefined ? undefined : () => ({ ...toSpec(), kind: 'cloudvolume', path })
}

/** The format behind a path, `|neuroglancer-precomputed:`, is no part of the place. */
async function locationOf({ location, context }: Pick<OpenRequest, 'location' | 'context'>): Promise<OpenRequest['location']> {
  if (location.path?.includes('|') !== true) return location
  const place = placeOfCloudpath(decodeURI(location.path))
  return place === location.path ? location : resolveLocation(place, context)
}
