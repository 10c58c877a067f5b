import type { DType } from '@bioimage/core'
import { componentSizeOf, itemSizeOf } from '@bioimage/core/backend'
import { ByteWriter } from './byte-writer.js'

/** Datatype message of a dtype, little-endian. bool is the enumeration that h5py writes, complex its compound of `r` and `i`. */
export function encodeDatatype(dtype: DType): Uint8Array {
  switch (dtype) {
    case 'bool':
      return new ByteWriter().u8(0x38, 2, 0, 0).u32(1).bytes(integer(1, true)).text('FALSE\0TRUE\0').u8(0, 1).finish()
    case 'complex64':
    case 'complex128': {
      const part = float(componentSizeOf(dtype))
      const size = itemSizeOf(dtype)
      return new ByteWriter()
        .u8(0x36, 2, 0, 0)
        .u32(size)
        .text('r\0')
        .u8(0)
        .bytes(part)
        .text('i\0')
        .u8(size / 2)
        .bytes(part)
        .finish()
    }
    case 'float16':
    case 'float32':
    case 'float64':
      return float(itemSizeOf(dtype))
    default:
      return integer(itemSizeOf(dtype), dtype.startsWith('int'))
  }
}

/** A text of a fixed number of bytes, in UTF-8, padded with zeros. */
export function encodeTextType(byteLength: number): Uint8Array {
  return new ByteWriter().u8(0x13, 0x11, 0, 0).u32(byteLength).finish()
}

function integer(size: number, signed: boolean): Uint8Array {
  return new ByteWriter()
    .u8(0x10, signed ? 8 : 0, 0, 0)
    .u32(size)
    .u16(0, size * 8)
    .finish()
}

function float(size: number): Uint8Array {
  const [exponentSize, mantissaSize, bias] = size === 2 ? [5, 10, 15] : size === 4 ? [8, 23, 127] : [11, 52, 1023]
  return new ByteWriter()
    .u8(0x11, 0x20, size * 8 - 1, 0)
    .u32(size)
    .u16(0, size * 8)
    .u8(mantissaSize, exponentSize, 0, mantissaSize)
    .u32(bias)
    .finish()
}
