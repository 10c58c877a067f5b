import type { CodecSpec } from '@bioimage/core'
import type { Filter } from './messages/filter-pipeline.js'
import { corrupt, unsupported } from './structure/structure-reader.js'

/** Registered filters that are not read, by name for messages. */
const foreignNames: Readonly<Record<number, string>> = {
  32002: 'snappy',
  32003: 'vbz',
  32005: 'jpeg',
  32006: 'FAPEC',
  32009: 'SPDP',
  32010: 'LPC-Rice',
  32011: 'CCSDS-123',
  32012: 'JPEG-LS',
  32013: 'zfp',
  32014: 'fpzip',
  32016: 'B3D',
  32017: 'sz',
  32018: 'fcidecomp',
  32019: 'jpeg',
  32022: 'Granular BitRound',
  32023: 'SZ3',
  32024: 'Delta-Rice',
  32025: 'bloscfilter for sparse data',
  32026: 'blosc2',
  32027: 'blosc for sparse data',
  32028: 'sperr',
  32030: 'ffmpeg'
}

/** Names of the filters in listings. */
const names: Readonly<Record<number, string>> = {
  1: 'gzip',
  2: 'shuffle',
  3: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  307: 'bz2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32015: 'zstd'
}

export function nameOfFilter({ id, name }: Filter): string {
  return names[id] ?? foreignNames[id] ?? (name || `filter ${id}`)
}

/**
 * The codecs of a pipeline, without the filters that `mask` leaves out (bit k: filter k).
 *
 * @throws ERR_UNSUPPORTED naming a filter that is not read.
 */
export function codecsOf(filters: readonly Filter[], mask: number, elementSize: number): CodecSpec[] {
  return filters.filter((_, at) => (mask & (1 << at)) === 0).map((filter) => codecOf(filter, elementSize))
}

function codecOf(filter: Filter, elementSize: number): CodecSpec {
  const { id, values } = filter
  switch (id) {
    case 1:
      return { id: 'zlib', ...(values[0] !== undefined && values[0] <= 9 && { level: values[0] }) }
    case 2:
      return { id: 'shuffle', elementsize: shuffledSize(values[0] ?? elementSize) }
    case 3:
      // Files of HDF5 before 1.6.3 hold the bytes of the sums swapped.
      return { id: 'fletcher32', acceptSwapped: true }
    case 4:
      return {
        id: 'szip',
        optionsMask: values[0] ?? 0,
        pixelsPerBlock: values[1] ?? 0,
        bitsPerPixel: values[2] ?? 0,
        pixelsPerScanline: values[3] ?? 0
      }
    case 5:
      return { id: 'nbit', parameters: [...values] }
    case 6:
      return { id: 'scaleoffset', parameters: [...values] }
    case 307:
      return { id: 'bz2' }
    case 32000:
      return { id: 'lzf' }
    case 32001:
      return { id: 'blosc' }
    case 32004:
      return { id: 'lz4', framing: 'hdf5' }
    case 32008:
      return {
        id: 'bitshuffle',
        elementsize: values[2] ?? elementSize,
        blockElements: values[3] ?? 0,
        compression: bitshuffleCompression(values[4] ?? 0)
      }
    case 32015:
      return { id: 'zstd' }
    default:
      throw unsupported(`the chunks are encoded by ${nameOfFilter(filter)} (filter ${id}), which is not read`)
  }
}

function shuffledSize(size: number): number {
  if (size > 65536) throw corrupt(`the shuffle filter is said to work on elements of ${size} bytes`)
  return size
}

function bitshuffleCompression(value: number): 'none' | 'lz4' | 'zstd' {
  if (value === 0) return 'none'
  if (value === 2) return 'lz4'
  if (value === 3) return 'zstd'
  throw unsupported(`the chunks are encoded by bitshuffle with the compression ${value}, which is not known`)
}
