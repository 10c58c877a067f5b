import { type CodecSpec, isJsonObject } from '@bioimage/core'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { GrowingOutput } from '../growing-output.js'
import { Payload } from '../payload.js'
import { LzmaDecoder, type LzmaProperties, parseProperties } from './lzma-decode.js'
import { decodeFilters, decodeXz, type LzmaFilter, undoFilter } from './xz-decode.js'

const format = { auto: 0, xz: 1, alone: 2, raw: 3 } as const
/** Python's `lzma.FILTER_LZMA1`, which JSON rounds: no other id is as large. */
const lzma1Filter = 2 ** 62

/**
 * LZMA, for reading: `format` 1 is .xz (default), 2 the older .lzma, 0 either, 3 bare data of the `filters` given, as in Python's
 * `lzma` module. Filters other than delta are refused.
 */
export function createLzma(spec: CodecSpec): CodecStep {
  const container = integerOption(spec, 'format', { min: 0, max: 3 }, format.xz)
  const filters = container === format.raw ? parseFilters(spec) : []
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      const bytes = encoded.view()
      const output = new GrowingOutput('lzma', expected, bytes.length)
      const isAlone = container === format.alone || (container === format.auto && bytes[0] !== 0xfd)
      if (container === format.raw) decodeRaw(bytes, filters, output)
      else if (isAlone) decodeAlone(bytes, output)
      else decodeXz(bytes, output)
      return Payload.of(output.finish())
    },
    encode: () => {
      throw unsupported('lzma', 'encoding is not implemented; use "zstd" or "gzip"')
    }
  }
}

interface RawFilter extends LzmaFilter {
  readonly properties: LzmaProperties
}

function parseFilters(spec: CodecSpec): RawFilter[] {
  if (!Array.isArray(spec.filters) || spec.filters.length === 0) throw invalid(spec.id, 'the raw format needs "filters"')
  return spec.filters.map((filter: unknown) => {
    if (!isJsonObject(filter) || typeof filter.id !== 'number') throw invalid(spec.id, 'each of the "filters" needs an "id"')
    const number = (name: string, fallback: number): number => {
      const value = filter[name] ?? fallback
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
        throw invalid(spec.id, `"${name}" of a filter is not an integer`)
      return value
    }
    const properties = { lc: number('lc', 3), lp: number('lp', 0), pb: number('pb', 2) }
    if (properties.lc + properties.lp > 4 || properties.pb > 4) throw invalid(spec.id, 'lc, lp or pb of a filter is too large')
    const distance = number('dist', 1)
    if (distance < 1 || distance > 256) throw invalid(spec.id, `"dist" of a filter is ${distance}, expected 1 to 256`)
    return { id: filter.id, distance, properties }
  })
}

function decodeRaw(bytes: Uint8Array, filters: readonly RawFilter[], output: GrowingOutput): void {
  const last = filters.at(-1)!
  let end: number
  if (last.id === lzma1Filter) {
    end = decodeLzma1(bytes, 0, last.properties, Number.POSITIVE_INFINITY, output)
    for (const filter of filters.slice(0, -1).reverse()) undoFilter(filter, output, 0)
  } else {
    end = decodeFilters(bytes, 0, filters, output)
  }
  if (end !== bytes.length) throw corrupt('lzma', `${bytes.length - end} bytes that belong to nothing follow the data`)
}

/** The header of 13 bytes: properties, dictionary size, and the decoded length or -1. */
function decodeAlone(bytes: Uint8Array, output: GrowingOutput): void {
  if (bytes.length < 18) throw corrupt('lzma', `${bytes.length} bytes are too short for a .lzma stream`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, 13)
  const stored = view.getBigUint64(5, true)
  const length = stored === 0xffffffffffffffffn ? Number.POSITIVE_INFINITY : Number(stored)
  const end = decodeLzma1(bytes, 13, parseProperties(view.getUint8(0)), length, output)
  if (end !== bytes.length) throw corrupt('lzma', `${bytes.length - end} bytes that belong to nothing follow the data`)
}

function decodeLzma1(bytes: Uint8Array, start: number, properties: LzmaProperties, length: number, output: GrowingOutput): number {
  const decoder = new LzmaDecoder(bytes, start, output)
  decoder.setProperties(properties)
  decoder.start(bytes.length - start)
  const begin = output.length
  decoder.decode(length, true)
  decoder.finish()
  if (!decoder.isFinished) throw corrupt('lzma', 'the data is damaged')
  if (length !== Number.POSITIVE_INFINITY && output.length - begin !== length) {
    throw corrupt('lzma', `${output.length - begin} bytes, the header says ${length}`)
  }
  return decoder.position
}
