import { type DType, SourceError } from '@bioimage/core'
import { checkChunkBytes, itemSizeOf } from '@bioimage/core/backend'

/** Bytes of a header. */
export const headerBytes = 16

/** How blocks are stored. Both LZ4 types hold LZ4 blocks and are read the same way. */
export type BlockType = 'raw' | 'lz4' | 'lz4hc'

/** What a WKW header says. All files of a folder agree in everything but the block type and `dataOffset`. */
export interface WkwHeader {
  /** Voxels along an edge of a block. */
  readonly blockLength: number
  /** Blocks along an edge of a file. */
  readonly fileLength: number
  readonly blockType: BlockType
  readonly dtype: DType
  readonly channels: number
  /** Byte at which the first block begins; 0 in `header.wkw`, which has no blocks. */
  readonly dataOffset: number
}

const version = 1
const blockTypes: readonly BlockType[] = ['raw', 'lz4', 'lz4hc']
const voxelTypes: readonly DType[] = ['uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64']

/** The dtypes that WKW stores. */
export const wkwDTypes: ReadonlySet<DType> = new Set(voxelTypes)

/** Blocks of one file. */
export function blockCountOf({ fileLength }: WkwHeader): number {
  return fileLength ** 3
}

/** Blocks of a file that is written at once; the reference writes 2^15. */
const mostWrittenBlocks = 2 ** 21

/**
 * Checks that files can be written: each is put together in memory from a table of its blocks.
 *
 * @throws ERR_TOO_LARGE
 */
export function checkWrittenBlocks(header: WkwHeader): void {
  const count = blockCountOf(header)
  if (count > mostWrittenBlocks)
    throw new SourceError(
      'ERR_TOO_LARGE',
      `files of ${header.fileLength} blocks along an edge hold ${count} blocks; at most ${mostWrittenBlocks} can be written; use smaller shards`
    )
}

/** Bytes of one decoded block. */
export function blockBytesOf({ blockLength, channels, dtype }: WkwHeader): number {
  return blockLength ** 3 * channels * itemSizeOf(dtype)
}

/**
 * Reads the 16 bytes that begin `header.wkw` and every data file.
 *
 * @param name What the bytes are of, for messages.
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (another version or an unknown type)
 */
export function parseHeader(bytes: Uint8Array, name: string): WkwHeader {
  if (bytes.byteLength < headerBytes)
    throw new SourceError('ERR_CORRUPT_DATA', `${name} has ${bytes.byteLength} bytes, a WKW header alone has ${headerBytes}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  const magic = String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2))
  if (magic !== 'WKW') throw new SourceError('ERR_CORRUPT_DATA', `${name} begins with ${JSON.stringify(magic)}, expected "WKW"`)
  if (view.getUint8(3) !== version)
    throw new SourceError('ERR_UNSUPPORTED', `${name} is of WKW version ${view.getUint8(3)}; version ${version} is supported`)
  const lengths = view.getUint8(4)
  const blockType = blockTypes[view.getUint8(5) - 1]
  if (blockType === undefined) throw new SourceError('ERR_UNSUPPORTED', `${name} has the unknown block type ${view.getUint8(5)}`)
  const dtype = voxelTypes[view.getUint8(6) - 1]
  if (dtype === undefined) throw new SourceError('ERR_UNSUPPORTED', `${name} has the unknown voxel type ${view.getUint8(6)}`)
  const voxelSize = view.getUint8(7)
  const channels = voxelSize / itemSizeOf(dtype)
  if (channels < 1 || !Number.isInteger(channels))
    throw new SourceError('ERR_CORRUPT_DATA', `${name} has voxels of ${voxelSize} bytes, which is no whole number of ${dtype}`)
  const blockLength = 2 ** (lengths & 15)
  checkChunkBytes([blockLength, blockLength, blockLength, channels], itemSizeOf(dtype))
  const dataOffset = view.getBigUint64(8, true)
  if (dataOffset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new SourceError('ERR_CORRUPT_DATA', `${name} places its first block at byte ${dataOffset}`)
  return { blockLength, fileLength: 2 ** (lengths >> 4), blockType, dtype, channels, dataOffset: Number(dataOffset) }
}

/** The bytes of a header. */
export function formatHeader(header: WkwHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('WKW'))
  view.setUint8(3, version)
  view.setUint8(4, (Math.log2(header.fileLength) << 4) | Math.log2(header.blockLength))
  view.setUint8(5, blockTypes.indexOf(header.blockType) + 1)
  view.setUint8(6, voxelTypes.indexOf(header.dtype) + 1)
  view.setUint8(7, header.channels * itemSizeOf(header.dtype))
  view.setBigUint64(8, BigInt(header.dataOffset), true)
  return bytes
}

/**
 * Checks that a data file belongs to its folder.
 *
 * @throws ERR_CORRUPT_DATA
 */
export function checkSameFormat(file: WkwHeader, folder: WkwHeader, name: string): void {
  for (const member of ['dtype', 'channels', 'blockLength', 'fileLength'] as const) {
    if (file[member] !== folder[member])
      throw new SourceError('ERR_CORRUPT_DATA', `${name} has the ${member} ${file[member]}, header.wkw has ${folder[member]}`)
  }
}
