import { type DType, type Json, SourceError } from '@bioimage/core'
import { componentSizeOf, itemSizeOf, narrowFloat16, widenFloat16 } from '@bioimage/core/backend'

/**
 * The bytes, in little-endian order, of a `fill_value`. Integers beyond 2^53 come as text. (Zarr v3, "Fill value"; v2 has
 * null too, which stands for zero.)
 *
 * @throws ERR_CORRUPT_DATA for a value that the type does not have.
 */
export function parseFillValue(value: Json | undefined, dtype: DType, zarrFormat: 2 | 3): Uint8Array {
  const bytes = new Uint8Array(itemSizeOf(dtype))
  if (zarrFormat === 2 && (value === null || value === undefined)) return bytes
  const view = new DataView(bytes.buffer)
  const invalid = (): SourceError =>
    new SourceError('ERR_CORRUPT_DATA', `\`fill_value\` ${JSON.stringify(value)} is not a value of ${dtype}`)
  if (dtype === 'complex64' || dtype === 'complex128') {
    const size = componentSizeOf(dtype)
    // zarr-python 2 wrote a plain number for a real fill value.
    const parts: readonly Json[] = Array.isArray(value) ? value : zarrFormat === 2 ? [value ?? null, 0] : []
    if (parts.length !== 2) throw invalid()
    for (const [at, part] of parts.entries()) {
      if (!storeFloat(view, at * size, size, part)) throw invalid()
    }
    return bytes
  }
  const stored =
    dtype === 'bool'
      ? storeBoolean(view, value, zarrFormat)
      : dtype.startsWith('float')
        ? storeFloat(view, 0, bytes.length, value ?? null)
        : storeInteger(view, dtype, value, zarrFormat)
  if (!stored) throw invalid()
  return bytes
}

/** The `fill_value` member for these bytes: a form that both zarr-python and tensorstore read. */
export function formatFillValue(bytes: Uint8Array, dtype: DType): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (dtype) {
    case 'bool':
      return view.getUint8(0) !== 0
    case 'int8':
      return view.getInt8(0)
    case 'int16':
      return view.getInt16(0, true)
    case 'int32':
      return view.getInt32(0, true)
    case 'int64':
      return view.getBigInt64(0, true)
    case 'uint8':
      return view.getUint8(0)
    case 'uint16':
      return view.getUint16(0, true)
    case 'uint32':
      return view.getUint32(0, true)
    case 'uint64':
      return view.getBigUint64(0, true)
    case 'complex64':
    case 'complex128':
      return [0, 1].map((at) => formatFloat(view, at * componentSizeOf(dtype), componentSizeOf(dtype)))
    default:
      return formatFloat(view, 0, bytes.byteLength)
  }
}

function storeBoolean(view: DataView, value: Json | undefined, zarrFormat: 2 | 3): boolean {
  if (typeof value !== 'boolean' && !(zarrFormat === 2 && (value === 0 || value === 1))) return false
  view.setUint8(0, value === true || value === 1 ? 1 : 0)
  return true
}

function storeInteger(view: DataView, dtype: DType, value: Json | undefined, zarrFormat: 2 | 3): boolean {
  // zarr-python 2 wrote 0.0 for arrays of integers here and there: a whole number is a whole number.
  const isNumber = typeof value === 'number' && Number.isInteger(value)
  if (!isNumber && !(typeof value === 'string' && /^-?\d+$/.test(value))) return false
  if (zarrFormat === 3 && Object.is(value, -0)) return false
  const bits = view.byteLength * 8
  const integer = BigInt(value)
  const fitted = dtype.startsWith('u') ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer)
  if (fitted !== integer) return false
  for (let at = 0; at < view.byteLength; at++) view.setUint8(at, Number((BigInt.asUintN(64, integer) >> BigInt(8 * at)) & 255n))
  return true
}

function storeFloat(view: DataView, offset: number, size: number, value: Json): boolean {
  if (typeof value === 'string' && value.startsWith('0x')) {
    if (!new RegExp(`^0x[0-9a-fA-F]{${size * 2}}$`).test(value)) return false
    for (let at = 0; at < size; at++) view.setUint8(offset + size - 1 - at, Number.parseInt(value.slice(2 + 2 * at, 4 + 2 * at), 16))
    return true
  }
  const number = typeof value === 'number' ? value : parseFloatName(value)
  if (number === undefined) return false
  if (size === 2) view.setUint16(offset, narrowFloat16(number), true)
  else if (size === 4) view.setFloat32(offset, number, true)
  else view.setFloat64(offset, number, true)
  return true
}

function parseFloatName(value: Json): number | undefined {
  if (typeof value !== 'string' || !/^(NaN|-?Infinity|-?\d+)$/.test(value)) return undefined
  return Number(value)
}

function formatFloat(view: DataView, offset: number, size: number): unknown {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size)
  const hex = `0x${[...bytes]
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')}`
  const number =
    size === 8 ? view.getFloat64(offset, true) : size === 4 ? view.getFloat32(offset, true) : widenFloat16(view.getUint16(offset, true))
  if (Number.isNaN(number)) return canonicalNaN[size] === hex ? 'NaN' : hex
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity'
  return number
}

const canonicalNaN: Readonly<Record<number, string>> = { 2: '0x7e00', 4: '0x7fc00000', 8: '0x7ff8000000000000' }
