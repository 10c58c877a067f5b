import type { DType } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'
import { fieldTypes } from '../container/field-types.js'
import { tags } from '../container/tags.js'
import { type NewField, rationalOf } from './encode-ifd.js'
import type { NewImage } from './new-image.js'

const compressionCodes = { none: 1, lzw: 5, zlib: 8, zstd: 50000 } as const

/** Places of the segments of a page. */
export interface SegmentPlaces {
  readonly offsets: ArrayLike<number>
  readonly byteCounts: ArrayLike<number>
}

/** The fields of a page, in ascending order of their tags. */
export function pageFields(image: NewImage, places: SegmentPlaces, description: string | undefined): readonly NewField[] {
  const { width, length, samples, dtype, segment, big, predictor } = image
  const short = (tag: number, ...values: number[]): NewField => ({ tag, type: fieldTypes.short, values })
  const long = (tag: number, value: number): NewField => ({ tag, type: fieldTypes.long, values: [value] })
  const offsetType = big ? fieldTypes.long8 : fieldTypes.long
  const isRgb = samples === 3 || samples === 4
  const extra = isRgb ? samples - 3 : samples - 1
  const perSample = (value: number): number[] => Array.from({ length: samples }, () => value)
  const [offsetTag, countTag] = segment.tiled ? [tags.tileOffsets, tags.tileByteCounts] : [tags.stripOffsets, tags.stripByteCounts]
  const fields: NewField[] = [
    long(tags.newSubfileType, 0),
    long(tags.imageWidth, width),
    long(tags.imageLength, length),
    short(tags.bitsPerSample, ...perSample(itemSizeOf(dtype) * 8)),
    short(tags.compression, compressionCodes[image.compression]),
    short(tags.photometric, isRgb ? 2 : 1),
    ...(description === undefined ? [] : [ascii(tags.imageDescription, description)]),
    { tag: offsetTag, type: offsetType, values: places.offsets },
    short(tags.samplesPerPixel, samples),
    ...(segment.tiled ? [] : [long(tags.rowsPerStrip, segment.length)]),
    { tag: countTag, type: offsetType, values: places.byteCounts },
    ...resolutionFields(image),
    short(tags.planarConfiguration, 1),
    ascii(tags.software, 'bioimage'),
    ...(predictor ? [short(tags.predictor, dtype.startsWith('float') ? 3 : 2)] : []),
    ...(segment.tiled ? [long(tags.tileWidth, segment.width), long(tags.tileLength, segment.length)] : []),
    ...(extra > 0 ? [short(tags.extraSamples, ...Array.from({ length: extra }, () => (samples === 4 ? 2 : 0)))] : []),
    short(tags.sampleFormat, ...perSample(sampleFormatOf(dtype)))
  ]
  return fields.sort((a, b) => a.tag - b.tag)
}

function sampleFormatOf(dtype: DType): number {
  if (dtype.startsWith('complex')) return 6
  if (dtype.startsWith('float')) return 3
  return dtype.startsWith('int') ? 2 : 1
}

const centimeters: ReadonlyMap<string, number> = new Map(
  Object.entries({
    picometer: 1e-10,
    angstrom: 1e-8,
    nanometer: 1e-7,
    micrometer: 1e-4,
    millimeter: 0.1,
    centimeter: 1,
    meter: 100
  })
)

/** Pixels per centimeter; for ImageJ per unit, which its description names. */
function resolutionFields({ axes, metadata, description }: NewImage): readonly NewField[] {
  const found = (['X', 'Y'] as const).flatMap((letter) => {
    const axis = metadata.axes?.[axes?.lastIndexOf(letter) ?? -1]
    const factor = description === 'imagej' ? 1 : centimeters.get(axis?.unit ?? '')
    if (axis?.scale === undefined || factor === undefined || axis.scale <= 0) return []
    const tag = letter === 'X' ? tags.xResolution : tags.yResolution
    return [{ tag, type: fieldTypes.rational, values: rationalOf(1 / (axis.scale * factor)) }]
  })
  if (found.length === 0) return []
  return [...found, { tag: tags.resolutionUnit, type: fieldTypes.short, values: [description === 'imagej' ? 1 : 3] }]
}

function ascii(tag: number, text: string): NewField {
  return { tag, type: fieldTypes.ascii, values: [...new TextEncoder().encode(text), 0] }
}
