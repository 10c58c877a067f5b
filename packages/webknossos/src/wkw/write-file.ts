import { SourceError, type Store } from '@bioimage/core'
import { createObject } from '@bioimage/core/backend'
import { formatBlockTable } from './block-table.js'
import type { WkwHeader } from './header.js'

/** Bytes that are copied or collected before they are written. */
const pieceBytes = 4 << 20

/** A block of a new file: its encoded bytes, its place in the file that is there now, or `undefined` for zeros. */
export type Block = Uint8Array | { readonly offset: number; readonly length: number } | undefined

/** A data file to be written. */
export interface NewFile {
  readonly store: Store
  readonly key: string
  readonly header: WkwHeader
  /** In Morton order. */
  readonly blocks: readonly Block[]
  /** What a block of zeros is when encoded. */
  readonly zeros: Uint8Array
  readonly options: { readonly signal?: AbortSignal | undefined }
}

/**
 * Writes a data file, with blocks of the one that it replaces. It takes its place when it is whole; a few MiB of it are in memory
 * at a time, where the store writes pieces.
 */
export async function writeFile({ store, key, header, blocks, zeros, options }: NewFile): Promise<void> {
  const lengths = Float64Array.from(blocks, (block) => lengthOf(block ?? zeros))
  const table = formatBlockTable(header, lengths)
  const size = lengths.reduce((sum, length) => sum + length, table.byteLength)
  const writer = await createObject(store, key, { size, overwrite: true, signal: options.signal })
  try {
    const buffer = new Uint8Array(Math.min(pieceBytes, size))
    let start = 0
    let filled = 0
    const flush = async (): Promise<void> => {
      if (filled > 0) await writer.write(start, buffer.subarray(0, filled))
      start += filled
      filled = 0
    }
    const append = async (bytes: Uint8Array): Promise<void> => {
      if (filled + bytes.byteLength > buffer.byteLength) await flush()
      if (bytes.byteLength <= buffer.byteLength) {
        buffer.set(bytes, filled)
        filled += bytes.byteLength
      } else {
        await writer.write(start, bytes)
        start += bytes.byteLength
      }
    }
    await append(table)
    for (const piece of joinKept(blocks)) {
      if (piece instanceof Uint8Array) await append(piece)
      else if (piece === undefined && header.blockType !== 'raw') await append(zeros)
      else if (piece === undefined) {
        // What is never written is zero.
        await flush()
        start += zeros.byteLength
      } else await append(await readKept(store, key, piece, options))
    }
    await flush()
    await writer.commit()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

function lengthOf(block: Exclude<Block, undefined>): number {
  return block instanceof Uint8Array ? block.byteLength : block.length
}

/** The blocks, those that stay joined as far as they are neighbours in the present file. */
function* joinKept(blocks: readonly Block[]): Generator<Block> {
  let run: { readonly offset: number; readonly length: number } | undefined
  for (const block of blocks) {
    const kept = block === undefined || block instanceof Uint8Array ? undefined : block
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

async function readKept(
  store: Store,
  key: string,
  { offset, length }: { readonly offset: number; readonly length: number },
  { signal }: NewFile['options']
): Promise<Uint8Array> {
  const bytes = await store.get(key, { range: { offset, length }, signal })
  if (bytes?.byteLength === length) return bytes
  const found = `${bytes?.byteLength ?? 'no file'}`
  throw new SourceError('ERR_CORRUPT_DATA', `${key} ends early: ${length} bytes expected at byte ${offset}, found ${found}`)
}
