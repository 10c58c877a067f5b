import type { DType } from '@bioimage/core'
import { corrupt, unsupported } from '../errors.js'

/** How the samples of a page are stored. */
export interface SampleType {
  readonly dtype: DType
  /** Bits of a sample: those of the dtype, or fewer, packed. */
  readonly bits: number
}

const integers: readonly { readonly most: number; readonly dtype: DType }[] = [
  { most: 1, dtype: 'bool' },
  { most: 8, dtype: 'uint8' },
  { most: 16, dtype: 'uint16' },
  { most: 32, dtype: 'uint32' }
]

const exact: Readonly<Record<string, DType>> = {
  '1:64': 'uint64',
  '2:8': 'int8',
  '2:16': 'int16',
  '2:32': 'int32',
  '2:64': 'int64',
  '3:16': 'float16',
  '3:32': 'float32',
  '3:64': 'float64',
  '6:64': 'complex64',
  '6:128': 'complex128'
}

const formatNames: Readonly<Record<number, string>> = {
  1: 'unsigned integers',
  2: 'signed integers',
  3: 'floats',
  5: 'complex integers',
  6: 'complex floats'
}

/**
 * The dtype of samples (TIFF 6.0, sections 8 and 19).
 *
 * @throws ERR_UNSUPPORTED for those that no dtype holds, and where samples differ.
 */
export function sampleTypeOf(formats: readonly number[], bits: readonly number[]): SampleType {
  const [firstFormat = 1] = formats
  const [firstBits = 1] = bits
  if (formats.some((format) => format !== firstFormat) || bits.some((each) => each !== firstBits))
    throw unsupported(`samples that differ in one page: formats ${distinct(formats)} of ${distinct(bits)} bits`)
  if (firstBits < 1) throw corrupt(`samples of ${firstBits} bits`)
  // 4 is "undefined": bytes of any meaning.
  const format = firstFormat === 4 || firstFormat === 0 ? 1 : firstFormat
  const dtype = exact[`${format}:${firstBits}`] ?? (format === 1 ? integers.find(({ most }) => firstBits <= most)?.dtype : undefined)
  if (dtype === undefined) throw unsupported(`samples that are ${formatNames[format] ?? `of format ${format}`} of ${firstBits} bits`)
  return { dtype, bits: firstBits }
}

function distinct(values: readonly number[]): string {
  return [...new Set(values)].slice(0, 8).join(', ')
}
