import { type Axis, type CreateRequest, type DType, SourceError, type SourceMetadata } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'

/** Ways to describe the axes of an array in the first page. */
export const descriptionKinds = ['shaped', 'ome', 'imagej'] as const

/** Compressions that are written. */
export const newCompressions = ['none', 'zlib', 'zstd', 'lzw'] as const

/** An array as pages of a file that is to be written. */
export interface NewImage {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly metadata: SourceMetadata
  /** A letter for each axis; `undefined` where the caller names none. */
  readonly axes: string | undefined
  readonly width: number
  readonly length: number
  /** Interleaved samples of a pixel. */
  readonly samples: number
  readonly planes: number
  readonly description: (typeof descriptionKinds)[number]
  readonly compression: (typeof newCompressions)[number]
  /** Effort of zlib and zstd; `undefined` for the codec's own. */
  readonly compressionLevel: number | undefined
  readonly predictor: boolean
  /** Pixels of a tile or strip. */
  readonly segment: { readonly width: number; readonly length: number; readonly tiled: boolean }
  readonly big: boolean
}

/** More than this may not fit with its directories into the 4 GiB that a classic file can address. */
const largestClassic = 2 ** 32 - (32 << 20)
/** Strips of compressed pages have about this size: small enough to decode few rows, large enough to compress. */
const stripBytes = 256 << 10
const largestLength = 2 ** 31 - 1

/**
 * Plans the file of a new array.
 *
 * @throws ERR_UNSUPPORTED for what TIFF, or the description that is asked for, cannot hold; ERR_INVALID_ARGUMENT.
 */
export function planImage(request: CreateRequest): NewImage {
  const { shape, dtype, metadata, params, chunks, shards, fillValue, location } = request
  if (dtype === 'bool') throw unsupported('bool is not written; store it as uint8')
  if (shape.includes(0)) throw unsupported('an array without elements has no pages')
  if (shards !== undefined) throw unsupported('TIFF has no shards; leave out `shards`')
  if (fillValue !== undefined && Number(fillValue) !== 0)
    throw unsupported('values never written are 0 in a TIFF file; leave out `fillValue`, and set the whole array to another value first')
  const axes = lettersOf(metadata.axes, shape.length)
  const samples = axes?.endsWith('YXS') === true ? (shape.at(-1) ?? 1) : 1
  const pixelShape = samples > 1 ? shape.slice(0, -1) : shape
  const [width = 1, length = 1] = pixelShape.toReversed()
  if (width > largestLength || length > largestLength || samples > 65535)
    throw unsupported(`pages of ${width} x ${length} x ${samples} are larger than TIFF holds`)
  const planes = pixelShape.slice(0, -2).reduce((product, each) => product * each, 1)
  const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T =>
    choices.find((each) => each === params[name]) ?? fallback
  const description = choice('description', descriptionKinds, /\.ome\.(tiff?|btf|tf[28])$/.test(location.name) ? 'ome' : 'shaped')
  const compression = choice('compression', newCompressions, 'none')
  const predictor = params.predictor === true
  const { compressionLevel: level } = params
  const compressionLevel = typeof level === 'number' ? level : undefined
  if (predictor && (compression === 'none' || dtype.startsWith('complex')))
    throw new SourceError('ERR_INVALID_ARGUMENT', 'a predictor goes with a compression, and not with complex numbers', { kind: 'tif' })
  const itemSize = itemSizeOf(dtype)
  const bytes = planes * length * width * samples * itemSize
  // Compression makes noise larger, LZW by up to 1.4 times. A row may be a segment of its own, with 16 bytes in the tables.
  const tables = planes * (512 + 16 * length)
  const big = params.bigTiff === true || bytes * (compression === 'none' ? 1 : 1.5) + tables > largestClassic
  const segment = segmentOf({ chunks, shape, samples, width, length, compression, rowBytes: width * samples * itemSize })
  return {
    shape,
    dtype,
    metadata,
    axes,
    width,
    length,
    samples,
    planes,
    description,
    compression,
    compressionLevel,
    predictor,
    segment,
    big
  }
}

interface SegmentRequest {
  readonly chunks: readonly number[] | undefined
  readonly shape: readonly number[]
  readonly samples: number
  readonly width: number
  readonly length: number
  readonly compression: string
  readonly rowBytes: number
}

/** The tile or strip of a page: `chunks` are tiles if they are narrower than the page, strips of rows if they are as wide. */
function segmentOf({ chunks, shape, samples, width, length, compression, rowBytes }: SegmentRequest): NewImage['segment'] {
  if (chunks === undefined) {
    const rows = compression === 'none' ? length : Math.min(length, Math.max(1, Math.floor(stripBytes / rowBytes)))
    return { width, length: rows, tiled: false }
  }
  const pixels = samples > 1 ? chunks.slice(0, -1) : chunks
  const [tileWidth = 1, tileLength = 1, ...leading] = pixels.toReversed()
  const wholeSamples = samples === 1 || chunks.at(-1) === samples
  if (chunks.length === shape.length && shape.length >= 2 && wholeSamples && leading.every((each) => each === 1)) {
    if (tileWidth === width) return { width, length: Math.min(tileLength, length), tiled: false }
    if (tileWidth % 16 === 0 && tileLength % 16 === 0) return { width: tileWidth, length: tileLength, tiled: true }
  }
  throw unsupported(
    `chunks of [${chunks.join(', ')}]: in a TIFF file they are tiles [..., 1, length, width] of multiples of 16, or strips [..., 1, rows, ${width}] as wide as the page`
  )
}

const knownLetters = 'TZCYXSRIQAPHELVM'

/** The letters of axes by their names; `undefined` without names. */
function lettersOf(axes: readonly Axis[] | undefined, rank: number): string | undefined {
  if (axes === undefined || axes.length !== rank) return undefined
  return axes
    .map(({ name }) => {
      const letter = name.toUpperCase()
      return letter.length === 1 && knownLetters.includes(letter) ? letter : 'Q'
    })
    .join('')
}

export function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message, { kind: 'tif' })
}
