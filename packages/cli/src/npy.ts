import { type DType, SourceError } from '@bioimage/core'
import { itemSizeOf } from '@bioimage/core/backend'

/**
 * Numpy's file format, version 1.0 (numpy.lib.format): a magic string, a Python dictionary as text, the elements in C
 * order and little-endian.
 */
const magic: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

const kinds: Readonly<Record<DType, string>> = {
  bool: 'b',
  int8: 'i',
  int16: 'i',
  int32: 'i',
  int64: 'i',
  uint8: 'u',
  uint16: 'u',
  uint32: 'u',
  uint64: 'u',
  float16: 'f',
  float32: 'f',
  float64: 'f',
  complex64: 'c',
  complex128: 'c'
}

/** The bytes that come before the elements. Their number is a multiple of 64. */
export function npyHeader(shape: readonly number[], dtype: DType): Uint8Array {
  const itemSize = itemSizeOf(dtype)
  const descriptor = `${itemSize === 1 ? '|' : '<'}${kinds[dtype]}${itemSize}`
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`
  const preamble = magic.length + 4
  const length = Math.ceil((preamble + text.length + 1) / 64) * 64
  if (length - preamble > 0xffff) throw new SourceError('ERR_UNSUPPORTED', `an array of ${shape.length} axes does not fit a .npy header`)
  const header = new Uint8Array(length).fill(0x20)
  header.set(magic)
  header.set([1, 0, (length - preamble) & 0xff, (length - preamble) >> 8], magic.length)
  header.set(new TextEncoder().encode(text), preamble)
  header[length - 1] = 0x0a
  return header
}
