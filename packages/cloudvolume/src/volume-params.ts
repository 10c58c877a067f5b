import { type Json, type JsonObject, SourceError } from '@bioimage/core'
import type { DiskCacheOptions } from './open-disk-cache.js'

/** 16 GiB. */
const defaultCacheBytes = 2 ** 34

/** The options of a volume with their defaults. Core has checked the types that its schema can say. */
export interface VolumeParams {
  /** Index or resolution of the scale. */
  readonly mip: Json | undefined
  readonly fillMissing: boolean
  readonly bounded: boolean
  readonly autocrop: boolean
  readonly backgroundColor: number
  readonly nonAlignedWrites: boolean
  readonly deleteBlackUploads: boolean
  readonly offset: readonly number[] | undefined
  readonly size: readonly number[] | undefined
  readonly channel: number | undefined
  readonly compress: Json | undefined
  readonly compressLevel: Json | undefined
  readonly cdnCache: Json | undefined
  readonly diskCache: DiskCacheOptions | undefined
}

/** @throws ERR_INVALID_ARGUMENT */
export function parseVolumeParams(params: JsonObject): VolumeParams {
  const { cache = false } = params
  if (typeof cache !== 'boolean' && (typeof cache !== 'string' || cache === ''))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`cache\` is true, false or the path of a folder, found ${JSON.stringify(cache)}`)
  const { cacheBytes = defaultCacheBytes } = params
  if (typeof cacheBytes !== 'number' || cacheBytes < 1)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`cacheBytes\` is a number of bytes above 0, found ${JSON.stringify(cacheBytes)}`)
  return {
    mip: params.mip,
    fillMissing: params.fillMissing === true,
    bounded: params.bounded !== false,
    autocrop: params.autocrop === true,
    backgroundColor: numberOf(params.backgroundColor) ?? 0,
    nonAlignedWrites: params.nonAlignedWrites !== false,
    deleteBlackUploads: params.deleteBlackUploads === true,
    offset: integersOf(params.offset),
    size: integersOf(params.size),
    channel: numberOf(params.channel),
    compress: params.compress,
    compressLevel: params.compressLevel,
    cdnCache: params.cdnCache,
    diskCache: cache === false ? undefined : { root: cache, maxBytes: cacheBytes }
  }
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function integersOf(value: Json | undefined): readonly number[] | undefined {
  return Array.isArray(value) ? value.filter((item: Json): item is number => typeof item === 'number') : undefined
}
