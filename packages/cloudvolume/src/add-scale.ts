import type { Context, JsonObject } from '@bioimage/core'
import type { Triple } from './triple.js'

/** Options of {@link addScale}. All triples are x, y, z. */
export interface AddScaleOptions {
  /** How much coarser than the finest scale, such as `[2, 2, 1]`. */
  readonly factor: Triple
  /** Defaults to the resolution. */
  readonly key?: string
  /** Defaults to that of the finest scale. */
  readonly chunkSize?: Triple
  /** Defaults to that of the finest scale. */
  readonly encoding?: string
  /** Block size of the encoding compressed_segmentation. Defaults to that of the finest scale, else 8, 8, 8. */
  readonly compressedSegmentationBlockSize?: Triple
  /** `true` for parameters that fit the size, or the member `sharding` itself. Defaults to false. */
  readonly sharding?: boolean | JsonObject
  readonly context?: Context
}

/**
 * Adds an empty scale to a volume. Its size is that of the finest scale divided by the factor, rounded up; its offset is rounded down.
 * Scales that others add at the same time stay.
 *
 * @returns The key of the new scale, for `internalPath`.
 * @throws ERR_NOT_FOUND (no volume), ERR_ALREADY_EXISTS (a scale of that key), ERR_INVALID_ARGUMENT, ERR_READ_ONLY,
 *   ERR_UNSUPPORTED (an encoding that is only read)
 */
export async function addScale(cloudpath: string, options: AddScaleOptions): Promise<string> {
  const { addCoarserScale } = await import('./coarser-scale.js')
  return addCoarserScale(cloudpath, options)
}
