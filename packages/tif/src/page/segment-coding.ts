import { hasCodec } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import type { CodecSpec } from '@bioimage/core'
import { componentSizeOf, itemSizeOf } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import { unsupported } from '../errors.js'
import { compressionName, compressions } from './compression.js'
import type { Page } from './page.js'

/** How the segments of a page are decoded. */
export interface SegmentCoding {
  /** Byte order of what the codecs give. */
  readonly byteOrder: 'little' | 'big'
  /** The codecs of a segment of so many rows, in encoding order. */
  codecs(rows: number): readonly CodecSpec[]
  /** Bytes of a stored segment of so many rows, where it is not compressed. */
  storedBytes(rows: number): number | undefined
}

const photometricYCbCr = 6

/** Compressions that a predictor goes with: LZW, deflate, LZMA and zstd. libtiff ignores the field for all others. */
const predicting: ReadonlySet<number> = new Set([5, 8, 32946, 34925, 34926, 50000])

/** Whether the segments of a page are elements of its dtype as they are. */
export function isRaw(page: Page): boolean {
  return page.compression === 1 && page.fillOrder === 1 && isWhole(page) && !page.subsampled
}

/** Whether samples have the bits of their dtype. */
function isWhole({ bits, dtype }: Page): boolean {
  return dtype !== 'bool' && bits === itemSizeOf(dtype) * 8
}

/**
 * The order of work is fixed: bits of bytes, decompression, then samples: unpacked, or brought into the machine's order, then
 * summed up by predictor 2; predictor 3 has an order of its own.
 *
 * @throws ERR_UNSUPPORTED naming the compression or predictor.
 */
export async function segmentCodingOf(page: Page, options: ReadOptions): Promise<SegmentCoding> {
  const { dtype, bits, compression, predictor, segments } = page
  const { littleEndian } = page.file.format
  const rowElements = segments.width * (page.planar ? 1 : page.samples)
  const itemSize = itemSizeOf(dtype)
  const componentSize = componentSizeOf(dtype)
  const byteOrder = littleEndian ? 'little' : 'big'
  const rowBytes = Math.ceil((rowElements * bits) / 8)
  if (isRaw(page)) return { byteOrder, codecs: () => [], storedBytes: (rows) => rows * rowBytes }

  const known = compressions[compression]
  const isImage = known?.image === true
  const packed = !isWhole(page)
  const steps: CodecSpec[] = []
  if (predictor !== 1 && predicting.has(compression)) steps.push(predictorStep(page, rowElements))
  if (!isImage && compression !== 34887) {
    if (packed && compression !== 3 && compression !== 4 && compression !== 2) {
      if (bits === 24 && littleEndian) throw unsupported('24-bit samples in little-endian order, which readers disagree on')
      steps.push({ id: 'packed_integers', bits, rowLength: rowElements, itemSize })
    } else if (byteOrder === 'big' && componentSize > 1 && !(predictor === 3 && predicting.has(compression)))
      steps.push({ id: 'bytes', endian: 'big', itemSize: componentSize })
  } else if (packed && bits > 8 && bits !== 12) throw unsupported(`${known?.name ?? ''} with samples of ${bits} bits`)
  const compress = compression === 1 ? undefined : await compressionStep(page, options)
  const order: readonly CodecSpec[] = page.fillOrder === 2 && !isImage ? [{ id: 'fill_order' }] : []
  const fullBytes = segments.length * segments.depth * rowBytes
  return {
    byteOrder: 'little',
    codecs: (rows) => [
      ...steps,
      // What is stored for the last strip may be a whole one.
      ...(compress !== undefined && rows < segments.length && !isImage ? [{ id: 'truncate', byteLength: fullBytes }] : []),
      ...(compress === undefined ? [] : [compress(rows)]),
      ...order
    ],
    storedBytes: (rows) => (compression === 1 ? rows * rowBytes : undefined)
  }
}

function predictorStep(page: Page, rowElements: number): CodecSpec {
  const { predictor, dtype } = page
  const itemSize = itemSizeOf(dtype)
  const isFloat = dtype.startsWith('float')
  const isComplex = dtype.startsWith('complex')
  const possible = predictor === 2 ? !isComplex && dtype !== 'bool' : predictor === 3 && isFloat
  if (!possible) throw unsupported(`predictor ${predictor} on samples that are ${dtype}`)
  return { id: 'tiff_predictor', predictor, itemSize, rowLength: rowElements, samples: page.planar ? 1 : page.samples }
}

async function compressionStep(page: Page, options: ReadOptions): Promise<(rows: number) => CodecSpec> {
  const { compression, segments } = page
  const known = compressions[compression]
  const codec = known?.codec
  if (codec === undefined || !hasCodec(codec)) throw unsupported(`${compressionName(compression)} (compression ${compression}) is not read`)
  switch (codec) {
    case 'jpeg': {
      const tables = await page.ifd.bytes(tags.jpegTables, options)
      // The writer's field goes before what the stream says of its colors.
      const colors =
        page.photometric === photometricYCbCr
          ? page.samples === 3 && !page.planar
            ? 'ycbcr'
            : 'plain'
          : page.photometric === 2
            ? 'jfif'
            : 'auto'
      return (rows) => ({
        id: 'jpeg',
        width: segments.width,
        height: rows * segments.depth,
        colors,
        ...(tables !== undefined && { tables: base64(tables) })
      })
    }
    case 'ccitt': {
      const schemes: Readonly<Record<number, string>> = { 2: 'rle', 3: 'group3', 4: 'group4' }
      const flags = compression === 3 ? ((await page.ifd.number(tags.t4Options, options)) ?? 0) : 0
      if ((flags & 2) !== 0) throw unsupported('CCITT group 3 fax with uncompressed rows')
      if (page.bits !== 1 || (page.samples !== 1 && !page.planar))
        throw unsupported(`${compressionName(compression)} of other than single bits`)
      return () => ({ id: 'ccitt', scheme: schemes[compression] ?? 'group4', width: segments.width, twoDimensional: (flags & 1) === 1 })
    }
    case 'jpeg2000':
      return (rows) => ({ id: codec, width: segments.width, height: rows * segments.depth })
    case 'png':
      return (rows) => ({ id: codec, width: segments.width, height: rows * segments.depth })
    case 'zlib':
      return () => ({ id: 'zlib', ignoreTrailing: true })
    default:
      return () => ({ id: codec })
  }
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
