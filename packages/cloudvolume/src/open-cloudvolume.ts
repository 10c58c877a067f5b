import { type Context, isSourceError, openSource } from '@bioimage/core'
import { placeOfCloudpath } from './cloudpath.js'
import type { CloudvolumeOptions, CloudvolumeSource } from './driver.js'

/** Options of {@link openCloudvolume}, with the meaning and the defaults of the Python package. */
export interface OpenCloudvolumeOptions extends CloudvolumeOptions {
  readonly context?: Context
  readonly signal?: AbortSignal
}

/**
 * Opens a scale of a Neuroglancer precomputed volume, with axes z, y, x (channel first where there are several). It is writable
 * where its place is and the scale is not locked, unless `mode` is `'r'`.
 *
 * @param cloudpath `[precomputed://]PROTOCOL://bucket/layer`, of the protocols gs, s3, http, https, file and mem, or a local path.
 * @throws ERR_NOT_FOUND (no layer, no such scale), ERR_CORRUPT_DATA, ERR_UNSUPPORTED, ERR_INVALID_ARGUMENT.
 */
export async function openCloudvolume(cloudpath: string, options: OpenCloudvolumeOptions = {}): Promise<CloudvolumeSource> {
  const place = placeOfCloudpath(cloudpath)
  const open = (mode: CloudvolumeOptions['mode']): Promise<CloudvolumeSource> =>
    openSource(place, { ...options, mode, format: 'cloudvolume' })
  if (options.mode !== undefined) return open(options.mode)
  try {
    return await open('r+')
  } catch (error) {
    if (isSourceError(error, 'ERR_READ_ONLY') || isSourceError(error, 'ERR_UNSUPPORTED')) return open('r')
    throw error
  }
}
