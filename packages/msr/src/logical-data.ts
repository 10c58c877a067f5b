import { seekableStream } from '@bioimage/codecs'
import { SourceError, type Store } from '@bioimage/core'
import { forEachConcurrently } from '@bioimage/core/backend'
import type { ObfFile } from './read-structure.js'
import type { ChunkPosition, StackFooter } from './stack-footer.js'
import type { StackHeader } from './stack-header.js'

/** The samples of a stack as bytes in C order: a store whose root they are, or in which they begin at an offset. */
export interface LogicalData {
  readonly store: Store
  readonly offset: number
  /** Gives back what was kept of a compressed stream. */
  readonly close?: (() => Promise<void>) | undefined
}

/** Most that deflate makes of a byte. */
const largestDeflateRatio = 1032

/**
 * The samples of a stack, wherever they are stored: in one piece or in several, compressed or not, and zeros where the recording was ended
 * before.
 *
 * @param byteLength Bytes of all samples of the stack.
 * @param itemSize Bytes of one sample.
 * @throws ERR_CORRUPT_DATA where fewer bytes are stored than the stack needs; ERR_UNSUPPORTED for other compressions.
 */
export async function logicalData(
  { store, size }: ObfFile,
  header: StackHeader,
  footer: StackFooter,
  { byteLength, itemSize, signal }: { readonly byteLength: number; readonly itemSize: number; readonly signal: AbortSignal | undefined }
): Promise<LogicalData> {
  const { index, compression_type: compression, dataPosition, data_len_disk: storedLength } = header
  const written = writtenBytes(footer, byteLength, itemSize)
  if (compression !== 0 && compression !== 1) {
    throw new SourceError('ERR_UNSUPPORTED', `stack ${index} has the compression ${compression}; known are 0 (none) and 1 (zlib)`)
  }
  const isCompressed = compression === 1
  const needed = isCompressed ? undefined : written
  const pieces = footer.chunkPositions.length === 0 ? undefined : piecesOf(footer.chunkPositions, header, size, needed)
  const stored = pieces === undefined ? { store, offset: dataPosition } : { store: joinedPieces(store, pieces), offset: 0 }
  const length = pieces === undefined ? storedLength : pieces.reduce((sum, piece) => sum + piece.length, 0)
  const largest = isCompressed ? length * largestDeflateRatio : length
  if (written > largest) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `stack ${index} (res ${header.res.join(', ')}, dt ${header.dt}) takes ${written} bytes, but ${length} are stored${isCompressed ? ', compressed' : ''}`
    )
  }
  const samples: LogicalData = isCompressed ? await decompressed(stored, length, written, signal) : stored
  return written === byteLength ? samples : { ...samples, store: filledUp(samples, written, byteLength), offset: 0 }
}

function writtenBytes({ samples_written: samples }: StackFooter, byteLength: number, itemSize: number): number {
  const bytes = samples * itemSize
  return samples === 0 || bytes > byteLength ? byteLength : bytes
}

async function decompressed(
  { store, offset }: LogicalData,
  length: number,
  decompressedLength: number,
  signal: AbortSignal | undefined
): Promise<LogicalData> {
  // Old files have damage behind the last sample.
  const stream = await seekableStream(store, { format: 'zlib', offset, length, decompressedLength, signal })
  return { store: stream, offset: 0, close: async () => stream.close?.() }
}

/** A part of the stored data that lies in one piece. */
interface Piece {
  /** Byte of the stored data. */
  readonly start: number
  readonly length: number
  /** Byte of the file. */
  readonly position: number
}

/**
 * The pieces of a chunked stack in order. The first begins at byte 0 of the data and is not listed; of several at one logical offset only
 * the last holds anything.
 *
 * @param needed Bytes that are stored in all; `undefined` if that is not known, since they are compressed: the last piece then reaches to
 *   the footer, or, where it begins behind it, to the end of the file.
 */
function piecesOf(positions: readonly ChunkPosition[], header: StackHeader, fileSize: number, needed: number | undefined): Piece[] {
  const { index, dataPosition, data_len_disk: dataLength } = header
  const begins = [{ logical_offset: 0, file_offset: 0 }, ...positions]
  const pieces: Piece[] = []
  for (const [at, { logical_offset: start, file_offset: offset }] of begins.entries()) {
    const next = begins[at + 1]?.logical_offset
    const position = dataPosition + offset
    const end = dataPosition + dataLength > position ? dataPosition + dataLength : fileSize
    const length = (next ?? needed ?? start + end - position) - start
    if (needed !== undefined && start >= needed) break
    const cut = needed === undefined ? length : Math.min(length, needed - start)
    if (length < 0 || position + cut > fileSize) {
      throw new SourceError(
        'ERR_CORRUPT_DATA',
        `piece ${at} of stack ${index} is said to have ${length} bytes from byte ${position} on, in a file of ${fileSize}`
      )
    }
    if (cut > 0) pieces.push({ start, length: cut, position })
  }
  return pieces
}

/** Requests in flight for one read of several pieces. */
const concurrentPieces = 8

/** Pieces of a file as one object, the root of a store. */
function joinedPieces(file: Store, pieces: readonly Piece[]): Store {
  const size = pieces.reduce((sum, { length }) => sum + length, 0)
  return rootStore(file, `pieces ${pieces[0]?.position}`, size, async (offset, target, options) => {
    const end = offset + target.byteLength
    const met = pieces.filter(({ start, length }) => start < end && start + length > offset)
    await forEachConcurrently(met, concurrentPieces, options?.signal, async ({ start, length, position }) => {
      const from = Math.max(offset, start)
      const count = Math.min(end, start + length) - from
      await fill(file, position + from - start, target.subarray(from - offset, from - offset + count), options)
    })
  })
}

/** Samples, and zeros behind them. */
function filledUp({ store, offset: begin }: LogicalData, written: number, size: number): Store {
  return rootStore(store, `${begin} filled up`, size, async (offset, target, options) => {
    const count = Math.max(0, Math.min(target.byteLength, written - offset))
    target.fill(0, count)
    if (count > 0) await fill(store, begin + offset, target.subarray(0, count), options)
  })
}

type FillRange = (offset: number, target: Uint8Array, options: Parameters<Store['get']>[1]) => Promise<void>

/** A store of one object of known size that is made of others. */
function rootStore(inner: Store, name: string, size: number, fillRange: FillRange): Store {
  return {
    identity: `${inner.identity}\n${name}`,
    path: inner.path,
    remote: inner.remote,
    size: async (key) => (key === '' ? size : undefined),
    async get(key, options = {}) {
      if (key !== '') return undefined
      const { range = { offset: 0, length: size } } = options
      const offset = 'offset' in range ? Math.min(range.offset, size) : Math.max(0, size - range.suffixLength)
      const length = Math.min('offset' in range ? range.length : range.suffixLength, size - offset)
      const { signal, onRevision } = options
      const target = new Uint8Array(length)
      await fillRange(offset, target, { signal, onRevision })
      return target
    }
  }
}

/** @throws ERR_CORRUPT_DATA if the object ends before. */
async function fill(store: Store, offset: number, target: Uint8Array, options: Parameters<Store['get']>[1]): Promise<void> {
  const bytes = await store.get('', { ...options, range: { offset, length: target.byteLength }, scratch: target })
  if (bytes?.byteLength !== target.byteLength) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${store.path ?? 'the file'} ends early: ${target.byteLength} bytes expected at byte ${offset}, found ${bytes?.byteLength ?? 0}`,
      { path: store.path }
    )
  }
  if (bytes.buffer !== target.buffer || bytes.byteOffset !== target.byteOffset) target.set(bytes)
}
