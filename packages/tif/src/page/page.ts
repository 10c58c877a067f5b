import type { DType } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import type { Ifd } from '../container/ifd.js'
import { tags } from '../container/tags.js'
import type { TiffFile } from '../container/tiff-file.js'
import { corrupt, unsupported } from '../errors.js'
import { compressions } from './compression.js'
import { sampleTypeOf } from './sample-type.js'
import { type SegmentGrid, segmentGridOf } from './segment-grid.js'

/** What the directory of a page says of its pixels. */
export interface Page {
  readonly file: TiffFile
  readonly ifd: Ifd
  readonly width: number
  readonly length: number
  /** Planes along z in one page (private tag of SGI). */
  readonly depth: number
  readonly samples: number
  /** Whether the samples of a pixel lie in planes of their own. */
  readonly planar: boolean
  readonly dtype: DType
  readonly bits: number
  readonly compression: number
  readonly photometric: number
  readonly predictor: number
  readonly fillOrder: number
  readonly extraSamples: readonly number[]
  readonly subsampled: boolean
  readonly reduced: boolean
  readonly segments: SegmentGrid
  /** Elements along each of `axes`. */
  readonly shape: readonly number[]
  /** Letters: `YX`, with `S` for samples and `Z` for depth. */
  readonly axes: string
  /** Bytes of the decoded page. */
  readonly byteLength: number
}

const photometrics = { rgb: 2, ycbcr: 6 } as const

/**
 * Interprets the directory of a page (TIFF 6.0; section numbers in `docs/tif.md`), without reading its tables of segments.
 *
 * @throws ERR_CORRUPT_DATA for what contradicts itself or the file; ERR_UNSUPPORTED for samples that no dtype holds.
 */
export async function readPage(file: TiffFile, ifd: Ifd, options: ReadOptions): Promise<Page> {
  const number = async (tag: number, fallback: number): Promise<number> => (await ifd.number(tag, options)) ?? fallback
  const width = await number(tags.imageWidth, 0)
  const length = await number(tags.imageLength, 0)
  const depth = await number(tags.imageDepth, 1)
  const samples = await number(tags.samplesPerPixel, 1)
  if (![width, length, depth].every((size) => Number.isSafeInteger(size) && size > 0 && size < 2 ** 31))
    throw corrupt(`the page at byte ${ifd.offset} has ${width} x ${length} x ${depth} pixels`)
  if (!Number.isInteger(samples) || samples < 1 || samples > 65535) throw corrupt(`a page has ${samples} samples per pixel`)
  const planarConfiguration = await number(tags.planarConfiguration, 1)
  if (planarConfiguration !== 1 && planarConfiguration !== 2)
    throw corrupt(`a page has planar configuration ${planarConfiguration}, expected 1 or 2`)
  const { dtype, bits } = sampleTypeOf(
    await perSample(ifd, tags.sampleFormat, samples, options),
    await perSample(ifd, tags.bitsPerSample, samples, options)
  )
  const compression = await number(tags.compression, 1)
  const photometric = await number(tags.photometric, 0)
  const predictor = await number(tags.predictor, 1)
  const fillOrder = await number(tags.fillOrder, 1)
  if (fillOrder !== 1 && fillOrder !== 2) throw corrupt(`a page has fill order ${fillOrder}, expected 1 or 2`)
  const planar = planarConfiguration === 2 && samples > 1
  const jpeg = compressions[compression]?.name === 'JPEG'
  const subsampling = photometric === photometrics.ycbcr && !jpeg ? await subsamplingOf(ifd, options) : [1, 1]
  const showsSamples = samples > 1 || photometric === photometrics.rgb
  const axes = `${showsSamples && planar ? 'S' : ''}${depth > 1 ? 'Z' : ''}YX${showsSamples && !planar ? 'S' : ''}`
  const sizes: Readonly<Record<string, number>> = { S: samples, Z: depth, Y: length, X: width }
  const shape = [...axes].map((axis) => sizes[axis] ?? 1)
  const segments = await segmentGridOf(ifd, { width, length, depth, planes: planar ? samples : 1 }, options)
  return {
    file,
    ifd,
    width,
    length,
    depth,
    samples,
    planar,
    dtype,
    bits,
    compression,
    photometric,
    predictor,
    fillOrder,
    extraSamples: await ifd.firstNumbers(tags.extraSamples, samples, options),
    subsampled: subsampling.some((factor) => factor !== 1),
    reduced: ((await number(tags.newSubfileType, 0)) & 1) === 1,
    segments,
    shape,
    axes,
    byteLength: shape.reduce((product, size) => product * size, itemSizeOf(dtype))
  }
}

/** Pages that are alike so far that they can be planes of one array. */
export function pageKey(page: Page): string {
  const { segments } = page
  return [
    page.shape,
    page.axes,
    segments.tiled,
    segments.width,
    segments.length,
    segments.depth,
    page.dtype,
    page.bits,
    page.fillOrder,
    page.predictor,
    page.compression,
    page.extraSamples,
    page.photometric,
    page.samples
  ].join(';')
}

/** Throws where a page cannot be a plane of the array whose first page is `first`. */
export function checkAlike(page: Page, first: Page): void {
  const { segments } = page
  const alike =
    page.axes === first.axes &&
    page.shape.every((size, axis) => size === first.shape[axis]) &&
    page.dtype === first.dtype &&
    segments.tiled === first.segments.tiled &&
    segments.width === first.segments.width &&
    segments.length === first.segments.length &&
    segments.depth === first.segments.depth
  if (alike) return
  throw corrupt(
    `the page at byte ${page.ifd.offset} has ${page.dtype} of shape [${page.shape.join(', ')}] in segments of ${segments.length} x ${segments.width}, ` +
      `the first page of its series ${first.dtype} of shape [${first.shape.join(', ')}] in segments of ${first.segments.length} x ${first.segments.width}`
  )
}

/** Throws for pages whose pixels cannot be read, though their shape is known. */
export function checkReadable(page: Page): void {
  if (page.subsampled) throw unsupported('YCbCr pixels with subsampled colors that are not compressed by JPEG')
  // Of tiles any may be absent.
  const stored = Math.ceil((page.width * page.samples * page.bits) / 8) * page.length * page.depth
  if (page.compression === 1 && !page.segments.tiled && stored > page.file.size + page.length * page.samples)
    throw corrupt(`the page at byte ${page.ifd.offset} takes ${stored} bytes, more than the whole file, which has ${page.file.size}`)
}

/** Pixels along x and y that share their colors (TIFF 6.0, section 21). */
async function subsamplingOf(ifd: Ifd, options: ReadOptions): Promise<readonly number[]> {
  return ifd.entry(tags.yCbCrSubSampling) === undefined ? [2, 2] : ifd.firstNumbers(tags.yCbCrSubSampling, 2, options)
}

/** A field of one value per sample; a single value serves all. */
async function perSample(ifd: Ifd, tag: number, samples: number, options: ReadOptions): Promise<readonly number[]> {
  const count = ifd.count(tag)
  return count === 0 ? [1] : ifd.firstNumbers(tag, count < samples ? 1 : samples, options)
}
