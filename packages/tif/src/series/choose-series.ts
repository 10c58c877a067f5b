import { SourceError } from '@bioimage/core'
import type { ReadOptions } from '../container/block-reader.js'
import type { FileSet } from '../container/file-set.js'
import { tags } from '../container/tags.js'
import { corrupt } from '../errors.js'
import { type SeriesKind, seriesKinds } from '../series-kind.js'
import { imagejSeries, parseImagej } from './imagej.js'
import { micromanagerSeries } from './micromanager.js'
import { largestCompanion, omeSeries } from './ome.js'
import type { OmeImage } from './ome-xml.js'
import { pagesOf } from './page-list.js'
import { plainSeries } from './plain.js'
import type { Series } from './series.js'
import { parseShaped, shapedSeries } from './shaped.js'

/** The series of a file, and the descriptions of its first page. */
export interface FileSeries {
  readonly series: readonly Series[]
  readonly descriptions: readonly string[]
  /** The OME-XML that describes the series, where it does. */
  readonly omeXml: string | undefined
  readonly images: ReadonlyMap<Series, OmeImage>
}

/** Which series are looked for. */
export interface SeriesChoice {
  /** Rule to read the file by; `undefined` for the first that fits. */
  readonly kind: SeriesKind | undefined
  /** Whether more than the first series at its finest level is wanted. */
  readonly all: boolean
}

/**
 * Finds the series of a file by the first rule that fits, or by the one that is asked for.
 *
 * @throws ERR_CORRUPT_DATA if the file has no pages; ERR_NOT_FOUND if the rule that is asked for does not fit.
 */
export async function findSeries(files: FileSet, { kind, all }: SeriesChoice, options: ReadOptions): Promise<FileSeries> {
  const companion = await companionText(files, options)
  if (companion !== undefined) {
    const found = await omeSeries(files, companion, options)
    if (found === undefined) throw corrupt('the companion file describes no image whose pixels are beside it')
    return { series: found.series, descriptions: [], omeXml: found.text, images: found.images }
  }
  const file = await files.open('', options)
  if (file === undefined) throw corrupt('the file has no pages')
  const pages = pagesOf(file)
  const start = await file.offsetOf(0, options)
  if (start === undefined) throw corrupt('the file has no pages')
  const descriptions = await (await file.readIfd(start, options)).texts(tags.imageDescription, options)
  const [description = ''] = descriptions
  let omeXml: string | undefined
  let images: ReadonlyMap<Series, OmeImage> = new Map()
  const rules: Readonly<Record<SeriesKind, () => Promise<readonly Series[] | undefined>>> = {
    shaped: async () =>
      descriptions.slice(0, 2).some((text) => parseShaped(text) !== undefined) ? shapedSeries(pages, all, options) : undefined,
    micromanager: () => micromanagerSeries(pages, options),
    ome: async () => {
      const found = /OME>\s*$/.test(description) ? await omeSeries(files, description, options) : undefined
      omeXml = found?.text
      images = found?.images ?? images
      return found?.series
    },
    imagej: async () => {
      const found = descriptions.map(parseImagej).find((parsed) => parsed !== undefined)
      return found === undefined ? undefined : imagejSeries(pages, found, options)
    },
    plain: () => plainSeries(pages, options)
  }
  const chosen = kind === undefined ? seriesKinds : [kind]
  for (const each of chosen) {
    const series = await rules[each]()
    if (series !== undefined && series.length > 0) return { series, descriptions, omeXml, images }
  }
  throw new SourceError('ERR_NOT_FOUND', `the pages are no series of kind ${JSON.stringify(kind)}; leave out \`seriesKind\``, {
    kind: 'tif'
  })
}

/** The text of a file that is OME-XML itself and describes others; `undefined` for any other file. */
async function companionText(files: FileSet, { signal }: ReadOptions): Promise<string | undefined> {
  if (!/\.(ome|xml)$/.test(files.name)) return undefined
  const beginning = await files.store.get('', { range: { offset: 0, length: 5 }, signal })
  if (beginning === undefined || new TextDecoder().decode(beginning) !== '<?xml') return undefined
  return files.text('', largestCompanion, { signal })
}
