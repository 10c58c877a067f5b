import { SourceError } from '@bioimage/core'
import { fieldTypes, sizeOfType } from '../container/field-types.js'

/** A field of a directory that is written. Fields are given in ascending order of their tags. */
export interface NewField {
  readonly tag: number
  readonly type: number
  /** Numbers, or for rationals pairs of them. */
  readonly values: ArrayLike<number>
}

/** Sizes of the parts of a classic or BigTIFF file. */
function sizesOf(big: boolean): { readonly count: number; readonly entry: number; readonly value: number; readonly next: number } {
  return big ? { count: 8, entry: 20, value: 8, next: 8 } : { count: 2, entry: 12, value: 4, next: 4 }
}

/** Bytes of the header. */
export function headerBytesOf(big: boolean): number {
  return big ? 16 : 8
}

/** The header of a little-endian file. */
export function encodeHeader(big: boolean, firstIfd: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(headerBytesOf(big)))
  view.setUint16(0, 0x4949, true)
  view.setUint16(2, big ? 43 : 42, true)
  if (big) {
    view.setUint16(4, 8, true)
    view.setBigUint64(8, BigInt(firstIfd), true)
  } else putUint32(view, 4, firstIfd)
  return new Uint8Array(view.buffer)
}

function valueBytes({ type, values }: NewField): number {
  const items = type === fieldTypes.rational ? values.length / 2 : values.length
  return (sizeOfType(type) ?? 1) * items
}

/** Bytes that a directory takes with the values that do not fit into its entries, up to a multiple of 8. */
export function ifdBytesOf(fields: readonly NewField[], big: boolean): number {
  const { count, entry, value, next } = sizesOf(big)
  const outside = fields.reduce((sum, field) => sum + (valueBytes(field) > value ? align8(valueBytes(field)) : 0), 0)
  return align8(count + entry * fields.length + next) + outside
}

/** A directory that lies at `offset`, followed by its values. */
export function encodeIfd(fields: readonly NewField[], offset: number, nextIfd: number, big: boolean): Uint8Array {
  const { count, entry, value, next } = sizesOf(big)
  const bytes = new Uint8Array(ifdBytesOf(fields, big))
  const view = new DataView(bytes.buffer)
  const putOffset = (at: number, place: number): void => {
    if (big) putUint64(view, at, place)
    else putUint32(view, at, place)
  }
  if (big) view.setBigUint64(0, BigInt(fields.length), true)
  else view.setUint16(0, fields.length, true)
  let outside = align8(count + entry * fields.length + next)
  for (const [index, field] of fields.entries()) {
    const at = count + entry * index
    const length = valueBytes(field)
    view.setUint16(at, field.tag, true)
    view.setUint16(at + 2, field.type, true)
    const items = length / (sizeOfType(field.type) ?? 1)
    if (big) view.setBigUint64(at + 4, BigInt(items), true)
    else view.setUint32(at + 4, items, true)
    const place = at + entry - value
    if (length <= value) putValues(view, place, field)
    else {
      putOffset(place, offset + outside)
      putValues(view, outside, field)
      outside += align8(length)
    }
  }
  putOffset(count + entry * fields.length, nextIfd)
  return bytes
}

function putValues(view: DataView, offset: number, { type, values }: NewField): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (type === fieldTypes.short) view.setUint16(offset + 2 * index, value, true)
    else if (type === fieldTypes.long || type === fieldTypes.rational) putUint32(view, offset + 4 * index, value)
    else if (type === fieldTypes.long8 || type === fieldTypes.ifd8) putUint64(view, offset + 8 * index, value)
    else view.setUint8(offset + index, value)
  }
}

/** In halves: a table has millions of them, and a BigInt for each takes most of the time. */
function putUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true)
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
}

/** `setUint32` would wrap a place beyond 4 GiB in silence. */
function putUint32(view: DataView, at: number, value: number): void {
  if (value >= 2 ** 32)
    throw new SourceError('ERR_TOO_LARGE', `${value} does not fit into a classic TIFF; create the file with \`bigTiff: true\``, {
      kind: 'tif'
    })
  view.setUint32(at, value, true)
}

function align8(length: number): number {
  return Math.ceil(length / 8) * 8
}

/** A positive number as numerator and denominator of 32 bits. */
export function rationalOf(value: number): readonly [number, number] {
  const limit = 2 ** 32 - 1
  let scale = 1e9
  while (scale > 1 && (value * scale > limit || !Number.isFinite(value))) scale /= 10
  const numerator = Math.round(value * scale)
  if (numerator >= 1e4 || value >= 1) return [Math.min(numerator, limit), scale]
  // Of a small number the denominator says more.
  scale = 1e6
  while (scale > 1 && scale / value > limit) scale /= 10
  return [scale, Math.min(limit, Math.round(scale / value))]
}
