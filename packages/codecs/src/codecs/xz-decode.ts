import { corrupt, unsupported } from '../codec-errors.js'
import type { GrowingOutput } from '../growing-output.js'
import { decodeLzma2 } from './lzma-decode.js'
import { crc32, crc64 } from './xz-checks.js'

// The .xz file format, version 1.2.1.

const checkLengths = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]
const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]

/** One filter of a chain: its id and properties. */
export interface LzmaFilter {
  readonly id: number
  /** Distance of the delta filter. */
  readonly distance: number
}

const deltaFilter = 3
const lzma2Filter = 0x21

/** Decodes one or several streams, with padding between and behind them. */
export function decodeXz(bytes: Uint8Array, output: GrowingOutput): void {
  let position = 0
  do {
    position = decodeStream(bytes, position, output)
    while (position < bytes.length && bytes[position] === 0) position++
  } while (position < bytes.length)
}

function decodeStream(bytes: Uint8Array, start: number, output: GrowingOutput): number {
  if (start + 12 > bytes.length || magic.some((value, index) => bytes[start + index] !== value)) throw corrupt('lzma', 'no xz header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (crc32(bytes, start + 6, start + 8) !== view.getUint32(start + 8, true))
    throw corrupt('lzma', 'the checksum of the xz header does not match')
  const check = bytes[start + 7]!
  if (bytes[start + 6] !== 0 || check > 15) throw unsupported('lzma', 'xz stream flags of a later version')
  if (check !== 0 && check !== 1 && check !== 4) throw unsupported('lzma', `xz integrity check ${check}${check === 10 ? ' (SHA-256)' : ''}`)
  let position = start + 12
  const blocks: { readonly encoded: number; readonly decoded: number }[] = []
  while (byteAt(bytes, position) !== 0) {
    const blockStart = position
    const outputStart = output.length
    const { filters, dataStart } = readBlockHeader(bytes, position)
    position = decodeFilters(bytes, dataStart, filters, output)
    const encoded = position - blockStart
    while ((position - blockStart) % 4 !== 0)
      if (byteAt(bytes, position++) !== 0) throw corrupt('lzma', 'the padding of a block is not zero')
    if (position + checkLengths[check]! > bytes.length) throw corrupt('lzma', 'the data ends too early')
    if (check === 1 && crc32(output.bytes, outputStart, output.length) !== view.getUint32(position, true)) {
      throw corrupt('lzma', 'the checksum of a block does not match')
    }
    if (check === 4 && crc64(output.bytes, outputStart, output.length) !== view.getBigUint64(position, true)) {
      throw corrupt('lzma', 'the checksum of a block does not match')
    }
    position += checkLengths[check]!
    blocks.push({ encoded: encoded + checkLengths[check]!, decoded: output.length - outputStart })
  }
  const indexStart = position
  position = checkIndex(bytes, position, blocks)
  if (position + 12 > bytes.length) throw corrupt('lzma', 'the xz footer is cut off')
  const isFooter =
    crc32(bytes, position + 4, position + 10) === view.getUint32(position, true) &&
    (view.getUint32(position + 4, true) + 1) * 4 === position - indexStart &&
    bytes[position + 8] === bytes[start + 6] &&
    bytes[position + 9] === check &&
    bytes[position + 10] === 0x59 &&
    bytes[position + 11] === 0x5a
  if (!isFooter) throw corrupt('lzma', 'the xz footer is damaged')
  return position + 12
}

function byteAt(bytes: Uint8Array, position: number): number {
  const value = bytes[position]
  if (value === undefined) throw corrupt('lzma', 'the data ends too early')
  return value
}

function readBlockHeader(bytes: Uint8Array, start: number): { filters: LzmaFilter[]; dataStart: number } {
  const end = start + (bytes[start]! + 1) * 4
  if (end > bytes.length) throw corrupt('lzma', 'the header of a block is cut off')
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end - 4, 4).getUint32(0, true)
  if (crc32(bytes, start, end - 4) !== stored) throw corrupt('lzma', 'the checksum of a block header does not match')
  const flags = bytes[start + 1]!
  if (flags & 0x3c) throw unsupported('lzma', 'xz block flags of a later version')
  const cursor = { position: start + 2 }
  // The sizes are optional, and the index repeats them.
  if (flags & 0x40) readInteger(bytes, cursor)
  if (flags & 0x80) readInteger(bytes, cursor)
  const filters: LzmaFilter[] = []
  for (let index = 0; index <= (flags & 3); index++) {
    const id = readInteger(bytes, cursor)
    const length = readInteger(bytes, cursor)
    filters.push({ id, distance: byteAt(bytes, cursor.position) + 1 })
    cursor.position += length
  }
  if (cursor.position > end - 4) throw corrupt('lzma', 'the header of a block is damaged')
  return { filters, dataStart: end }
}

/** Undoes a chain of filters that ends with LZMA2 and returns the position behind its data. */
export function decodeFilters(bytes: Uint8Array, start: number, filters: readonly LzmaFilter[], output: GrowingOutput): number {
  const last = filters.at(-1)
  if (last?.id !== lzma2Filter) throw unsupported('lzma', `filter ${last?.id} at the end of a chain; only LZMA2 (33) is read`)
  const outputStart = output.length
  const end = decodeLzma2(bytes, start, output)
  for (const filter of filters.slice(0, -1).reverse()) undoFilter(filter, output, outputStart)
  return end
}

/** Undoes one of the filters that stand before the compressor. */
export function undoFilter({ id, distance }: LzmaFilter, output: GrowingOutput, start: number): void {
  if (id !== deltaFilter) throw unsupported('lzma', `filter ${id}; only delta (3) and LZMA are read`)
  const bytes = output.bytes
  for (let index = start + distance; index < output.length; index++) bytes[index]! += bytes[index - distance]!
}

function checkIndex(bytes: Uint8Array, start: number, blocks: readonly { readonly encoded: number; readonly decoded: number }[]): number {
  const cursor = { position: start + 1 }
  if (readInteger(bytes, cursor) !== blocks.length) throw corrupt('lzma', 'the index does not list the blocks')
  for (const { encoded, decoded } of blocks) {
    if (readInteger(bytes, cursor) !== encoded || readInteger(bytes, cursor) !== decoded) {
      throw corrupt('lzma', 'the index does not match a block')
    }
  }
  while ((cursor.position - start) % 4 !== 0) if (byteAt(bytes, cursor.position++) !== 0) throw corrupt('lzma', 'the index is damaged')
  const end = cursor.position
  if (end + 4 > bytes.length) throw corrupt('lzma', 'the index is cut off')
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0, true)
  if (crc32(bytes, start, end) !== stored) throw corrupt('lzma', 'the checksum of the index does not match')
  return end + 4
}

/** An integer of up to 63 bits, 7 a byte. Larger than 2^53 is as wrong as any other wrong number here. */
function readInteger(bytes: Uint8Array, cursor: { position: number }): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 56; scale *= 128) {
    const byte = byteAt(bytes, cursor.position++)
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
  throw corrupt('lzma', 'an integer is too long')
}
