import type { Context, JsonObject, Location } from '@bioimage/core'
import { SourceError } from '@bioimage/core'
import type { ReadOptions } from './container/block-reader.js'
import { FileSet } from './container/file-set.js'
import type { SeriesTexts } from './metadata/describe-series.js'
import { findSeries } from './series/choose-series.js'
import type { Series } from './series/series.js'
import { seriesKinds } from './series-kind.js'

/** An open file with its series. */
export interface OpenFile {
  readonly files: FileSet
  readonly series: readonly Series[]
  /** What is known of a series beside its pixels. */
  texts(series: Series): SeriesTexts
}

interface FileRequest {
  readonly location: Location
  readonly context: Context
  readonly params: JsonObject
}

/**
 * Opens a file and finds its series.
 *
 * @param all Whether more than the first series at its finest level is wanted.
 */
export async function openFile({ location, context, params }: FileRequest, all: boolean, options: ReadOptions): Promise<OpenFile> {
  const files = new FileSet(location, context)
  const kind = seriesKinds.find((each) => each === params.seriesKind)
  const { series, descriptions, omeXml, images } = await findSeries(files, { kind, all }, options)
  return {
    files,
    series,
    texts: (one) => ({ descriptions, omeXml, image: images.get(one) })
  }
}

/** Place of an array in a file. */
export interface SeriesPlace {
  readonly series: number
  readonly level: number
}

/**
 * The series and level that are meant: by the options, or by a path such as `"1"` or `"0/2"`.
 *
 * @throws ERR_INVALID_ARGUMENT if both are given or a number is negative; ERR_NOT_FOUND for any other path.
 */
export function placeOf(internalPath: string | undefined, params: JsonObject, path: string | undefined): SeriesPlace {
  const { series = 0, level = 0 } = params
  if (typeof series !== 'number' || typeof level !== 'number' || series < 0 || level < 0)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`series\` and \`level\` count from 0, found ${String(series)} and ${String(level)}`)
  if (internalPath === undefined || internalPath === '' || internalPath === 'data') return { series, level }
  const [, first, second] = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(internalPath) ?? []
  if (first === undefined) {
    throw new SourceError(
      'ERR_NOT_FOUND',
      `a TIFF file has no array ${JSON.stringify(internalPath)}; its arrays are series, such as "0", and their levels, such as "0/1"`,
      { kind: 'tif', path }
    )
  }
  if (params.series !== undefined || params.level !== undefined)
    throw new SourceError('ERR_INVALID_ARGUMENT', 'give either `internalPath`, or `series` and `level`')
  return { series: Number(first), level: second === undefined ? 0 : Number(second) }
}

/** The series at a place. @throws ERR_NOT_FOUND. */
export function seriesAt(
  { series }: Pick<OpenFile, 'series'>,
  place: SeriesPlace,
  path: string | undefined
): { readonly top: Series; readonly series: Series } {
  const top = series[place.series]
  if (top === undefined) {
    throw new SourceError('ERR_NOT_FOUND', `there is no series ${place.series}: the file has ${series.length}, counted from 0`, {
      kind: 'tif',
      path
    })
  }
  const levels = [top, ...top.levels]
  const found = levels[place.level]
  if (found !== undefined) return { top, series: found }
  throw new SourceError('ERR_NOT_FOUND', `series ${place.series} has no level ${place.level}: it has ${levels.length}, counted from 0`, {
    kind: 'tif',
    path
  })
}
