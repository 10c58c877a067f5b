import { type ArrayInfo, isSourceError, listArrays, type OpenOptions, openSource, type Source } from '@bioimage/core'
import type { Plane } from './plane.js'

/**
 * Opens the array that is named; without a name the only array there is, or the finest level of the only multiscale image.
 *
 * @throws ERR_ARRAY_NOT_CHOSEN where there are several.
 */
export async function openArray(path: string, options: OpenOptions): Promise<Source> {
  try {
    return await openSource(path, options)
  } catch (error) {
    if (options.internalPath !== undefined || !isSourceError(error, 'ERR_ARRAY_NOT_CHOSEN')) throw error
    const only = finestOfAll(await listArrays(path, options))
    if (only === undefined) throw error
    return openSource(path, { ...options, internalPath: only })
  }
}

/** Path of the only array, or of the finest level, if all arrays are levels of one image. */
function finestOfAll(arrays: readonly ArrayInfo[]): string | undefined {
  if (arrays.length === 1) return arrays[0]?.internalPath
  const levels = arrays[0]?.metadata.levels
  const paths = new Set(levels?.map(({ internalPath }) => internalPath))
  return arrays.every(({ internalPath }) => paths.has(internalPath)) ? levels?.[0]?.internalPath : undefined
}

/** A level to draw from, and the plane in its own positions. */
export interface ChosenLevel {
  readonly source: Source
  readonly plane: Plane
  /** Path of the level, if it is not the array that was asked for. */
  readonly instead: string | undefined
}

/**
 * Goes to the coarsest level of a multiscale image whose plane still has as many pixels as are drawn. Levels with other
 * axes than the array are left out.
 */
export async function chooseLevel(source: Source, plane: Plane, size: number, path: string, options: OpenOptions): Promise<ChosenLevel> {
  let chosen: ChosenLevel = { source, plane, instead: undefined }
  for (const { internalPath } of source.metadata.levels ?? []) {
    const level = await openSource(path, { ...options, internalPath })
    const ratios = level.shape.map((length, axis) => length / (source.shape[axis] ?? 1))
    const longest = Math.max(level.shape[plane.rows] ?? 0, level.shape[plane.columns] ?? 0)
    const coarser = level.size < chosen.source.size && ratios.every((ratio) => ratio <= 1)
    if (level.ndim !== source.ndim || level.dtype !== source.dtype || !coarser || longest < size) {
      await level.close()
      continue
    }
    if (chosen.source !== source) await chosen.source.close()
    const fixed = plane.fixed.map(({ axis, index }) => ({
      axis,
      index: Math.min((level.shape[axis] ?? 1) - 1, Math.floor((index + 0.5) * (ratios[axis] ?? 1)))
    }))
    chosen = { source: level, plane: { ...plane, fixed }, instead: internalPath }
  }
  return chosen
}
