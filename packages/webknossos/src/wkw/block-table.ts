import { SourceError } from '@bioimage/core'
import { blockBytesOf, blockCountOf, checkSameFormat, formatHeader, headerBytes, parseHeader, type WkwHeader } from './header.js'

/** Where the blocks of one data file lie, in bytes. */
export interface BlockTable {
  readonly header: WkwHeader
  offsetOf(block: number): number
  lengthOf(block: number): number
}

/** Bytes at the beginning of a data file that say where its blocks lie. */
export function tableBytesOf(header: WkwHeader): number {
  return headerBytes + (header.blockType === 'raw' ? 0 : 8 * blockCountOf(header))
}

/**
 * Reads the table at the beginning of a data file. (WKW: raw blocks lie at multiples of their length; of a compressed block the
 * table has the end, and it begins where the one before ends.)
 *
 * @param bytes The first {@link tableBytesOf} bytes of the file, or fewer if the file is cut.
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseBlockTable(bytes: Uint8Array, folder: WkwHeader, name: string): BlockTable {
  const header = parseHeader(bytes, name)
  checkSameFormat(header, folder, name)
  const length = tableBytesOf(header)
  if (bytes.byteLength < length)
    throw new SourceError('ERR_CORRUPT_DATA', `${name} has ${bytes.byteLength} bytes, its block table alone takes ${length}`)
  if (header.dataOffset < length)
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${name} places its first block at byte ${header.dataOffset}, inside the ${length} of its table`
    )
  const table = tableOver(bytes, header)
  for (let block = 0; block < blockCountOf(header); block++) {
    if (header.blockType === 'raw') break
    const start = table.offsetOf(block)
    const end = start + table.lengthOf(block)
    if (end < start || !Number.isSafeInteger(end))
      throw new SourceError('ERR_CORRUPT_DATA', `${name} places block ${block} at bytes ${start} to ${end}`)
  }
  return table
}

function tableOver(bytes: Uint8Array, header: WkwHeader): BlockTable {
  const { dataOffset } = header
  if (header.blockType === 'raw') {
    const length = blockBytesOf(header)
    return { header, offsetOf: (block) => dataOffset + block * length, lengthOf: () => length }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The word before the table is the offset of the first block.
  const wordAt = (index: number): number => {
    const at = headerBytes - 8 + 8 * index
    return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
  }
  return { header, offsetOf: wordAt, lengthOf: (block) => wordAt(block + 1) - wordAt(block) }
}

/** Header and table of a new file of blocks of these lengths. */
export function formatBlockTable(folder: WkwHeader, lengths: Float64Array): Uint8Array {
  const dataOffset = tableBytesOf(folder)
  const bytes = new Uint8Array(dataOffset)
  bytes.set(formatHeader({ ...folder, dataOffset }))
  if (folder.blockType === 'raw') return bytes
  const view = new DataView(bytes.buffer)
  let end = dataOffset
  for (const [block, length] of lengths.entries()) {
    end += length
    view.setBigUint64(headerBytes + 8 * block, BigInt(end), true)
  }
  return bytes
}
