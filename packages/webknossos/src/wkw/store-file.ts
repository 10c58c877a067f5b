import { SourceError, type Store } from '@bioimage/core'
import { conflict, createObject, readObject, replaceObject } from '@bioimage/core/backend'
import { formatBlockTable } from './block-table.js'
import type { WkwHeader } from './header.js'

/** Bytes that are copied or collected before they are written. */
const pieceBytes = 4 << 20

/** A block that the present file holds. */
interface KeptBlock {
  readonly offset: number
  readonly length: number
}

/** A block of a new file: its encoded bytes, its place in the file that is there now, or `undefined` for zeros. */
export type Block = Uint8Array | KeptBlock | undefined

/** The file that is there now. */
export interface PresentFile {
  /** `undefined` where the store does not tell. */
  readonly revision: string | undefined
}

/** A data file to be stored. */
export interface NewFile {
  readonly store: Store
  readonly key: string
  readonly header: WkwHeader
  /** In Morton order. */
  readonly blocks: readonly Block[]
  /** What a block of zeros is when encoded. */
  readonly zeros: Uint8Array
  /** The file whose blocks are kept, which is replaced only while it is that. */
  readonly present: PresentFile | undefined
}

/**
 * Stores a data file at once, with blocks of the one that it replaces. A file of zeros alone is removed. Where the store writes
 * pieces, a few MiB are in memory at a time.
 *
 * @throws ERR_CONFLICT if the present file was replaced meanwhile.
 */
export async function storeFile(file: NewFile): Promise<void> {
  const { store, key, header, blocks, zeros, present } = file
  if (blocks.every((block) => block === undefined)) {
    if (present !== undefined) await replaceObject(store, key, { bytes: nothing, revision: present.revision }, undefined)
    else await store.delete?.(key)
    return
  }
  const lengths = Float64Array.from(blocks, (block) => (block ?? zeros).length)
  const table = formatBlockTable(header, lengths)
  const size = lengths.reduce((sum, length) => sum + length, table.byteLength)
  // Pieces are written where the lock of the store keeps others off; elsewhere the store itself compares when the whole is stored.
  if (store.create !== undefined && store.lock !== undefined) {
    const writer = await createObject(store, key, { size, overwrite: true })
    try {
      await writePieces(file, table, (offset, bytes) => writer.write(offset, bytes))
      await writer.commit()
    } catch (error) {
      await writer.abort()
      throw error
    }
    return
  }
  const whole = allocate(size)
  await writePieces(file, table, async (offset, bytes) => whole.set(bytes, offset))
  if (present !== undefined) await replaceObject(store, key, { bytes: nothing, revision: present.revision }, whole)
  else if (blocks.every((block) => block !== undefined)) await store.set?.(key, whole)
  else await replaceObject(store, key, { bytes: undefined, revision: undefined }, whole)
}

/** Stands for the bytes of a file that is there. */
const nothing: Uint8Array = new Uint8Array()

/** Hands out the file from its beginning, in pieces. What is never written is zero. */
async function writePieces(file: NewFile, table: Uint8Array, write: (offset: number, bytes: Uint8Array) => Promise<void>): Promise<void> {
  const { header, blocks, zeros } = file
  const buffer = new Uint8Array(pieceBytes)
  let start = 0
  let filled = 0
  const flush = async (): Promise<void> => {
    if (filled > 0) await write(start, buffer.subarray(0, filled))
    start += filled
    filled = 0
  }
  const append = async (bytes: Uint8Array): Promise<void> => {
    if (filled + bytes.byteLength > buffer.byteLength) await flush()
    if (bytes.byteLength <= buffer.byteLength) {
      buffer.set(bytes, filled)
      filled += bytes.byteLength
    } else {
      await write(start, bytes)
      start += bytes.byteLength
    }
  }
  await append(table)
  for (const piece of joinKept(blocks)) {
    if (piece instanceof Uint8Array) await append(piece)
    else if (piece === undefined && header.blockType !== 'raw') await append(zeros)
    else if (piece === undefined) {
      await flush()
      start += zeros.byteLength
    } else await append(await readKept(file, piece))
  }
  await flush()
}

/** The blocks, those that stay joined as far as they are neighbours in the present file. */
function* joinKept(blocks: readonly Block[]): Generator<Block> {
  let run: KeptBlock | undefined
  for (const block of blocks) {
    const kept = block instanceof Uint8Array ? undefined : block
    if (run !== undefined && kept !== undefined && run.offset + run.length === kept.offset && run.length + kept.length <= pieceBytes) {
      run = { offset: run.offset, length: run.length + kept.length }
      continue
    }
    if (run !== undefined) yield run
    run = kept
    if (kept === undefined) yield block
  }
  if (run !== undefined) yield run
}

async function readKept({ store, key, present }: NewFile, { offset, length }: KeptBlock): Promise<Uint8Array> {
  const { bytes, revision } = await readObject(store, key, { range: { offset, length } })
  if (present?.revision !== undefined && (bytes === undefined || (revision !== undefined && revision !== present.revision)))
    throw conflict(key)
  if (bytes?.byteLength === length) return bytes
  const found = `${bytes?.byteLength ?? 'no file'}`
  throw new SourceError('ERR_CORRUPT_DATA', `${key} ends early: ${length} bytes expected at byte ${offset}, found ${found}`)
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size)
  } catch (cause) {
    throw new SourceError('ERR_TOO_LARGE', `cannot collect a file of ${size} bytes in memory; use smaller shards`, { cause })
  }
}
