import { SourceError } from '@bioimage/core'

/** Bytes of an entry: chunk number, start, length. */
export const entryBytes = 24

/** Where the chunks of a minishard lie, sorted by chunk number. Offsets count from the end of the shard index. */
export interface MinishardIndex {
  readonly chunks: BigUint64Array
  readonly starts: Float64Array
  readonly lengths: Float64Array
  /** The memory of all three, which {@link minishardIndexOver} takes. */
  readonly bytes: Uint8Array
}

/** Chunk numbers, and the stored bytes of each. */
export interface MinishardEntry {
  readonly chunk: bigint
  readonly start: number
  readonly length: number
}

/** An index over the memory of another one. */
export function minishardIndexOver(bytes: Uint8Array): MinishardIndex {
  const count = bytes.byteLength / entryBytes
  return {
    chunks: new BigUint64Array(bytes.buffer, bytes.byteOffset, count),
    starts: new Float64Array(bytes.buffer, bytes.byteOffset + 8 * count, count),
    lengths: new Float64Array(bytes.buffer, bytes.byteOffset + 16 * count, count),
    bytes
  }
}

/**
 * Decodes a minishard index: chunk numbers as differences, starts as differences to the end of the chunk before, lengths; sums are
 * modulo 2^64. (Precomputed, "Minishard index format".)
 *
 * @param maxChunks The chunks that there are.
 * @throws ERR_CORRUPT_DATA for a wrong length, more chunks than there are, a chunk named twice, bytes beyond what can be counted.
 */
export function decodeMinishardIndex(encoded: Uint8Array, maxChunks: number): MinishardIndex {
  if (encoded.byteLength % entryBytes !== 0)
    throw corrupt(`a minishard index has ${encoded.byteLength} bytes, expected a multiple of ${entryBytes}`)
  const count = encoded.byteLength / entryBytes
  if (count > maxChunks) throw corrupt(`a minishard index names ${count} chunks, the scale has ${maxChunks}`)
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const index = minishardIndexOver(new Uint8Array(entryBytes * count))
  let isSorted = true
  let chunk = 0n
  let end = 0n
  for (let number = 0; number < count; number++) {
    chunk = BigInt.asUintN(64, chunk + view.getBigUint64(8 * number, true))
    const start = BigInt.asUintN(64, end + view.getBigUint64(8 * (count + number), true))
    const length = view.getBigUint64(8 * (2 * count + number), true)
    end = start + length
    if (end > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(`the minishard index places chunk ${chunk} at bytes ${start} to ${end}`)
    isSorted &&= number === 0 || (index.chunks[number - 1] ?? 0n) < chunk
    index.chunks[number] = chunk
    index.starts[number] = Number(start)
    index.lengths[number] = Number(length)
  }
  return isSorted ? index : sorted(index)
}

/** The same entries by chunk number. Writers sort them, but need not. */
function sorted({ chunks, starts, lengths }: MinishardIndex): MinishardIndex {
  const order = Uint32Array.from(chunks.keys()).sort((a, b) => {
    const [one = 0n, other = 0n] = [chunks[a], chunks[b]]
    return one < other ? -1 : one > other ? 1 : 0
  })
  const index = minishardIndexOver(new Uint8Array(entryBytes * chunks.length))
  for (const [number, from] of order.entries()) {
    const chunk = chunks[from] ?? 0n
    if (number > 0 && chunk === index.chunks[number - 1]) throw corrupt(`the minishard index names chunk ${chunk} twice`)
    index.chunks[number] = chunk
    index.starts[number] = starts[from] ?? 0
    index.lengths[number] = lengths[from] ?? 0
  }
  return index
}

/** Encodes entries that are sorted by chunk number. */
export function encodeMinishardIndex(entries: readonly MinishardEntry[]): Uint8Array {
  const count = entries.length
  const view = new DataView(new ArrayBuffer(entryBytes * count))
  let chunk = 0n
  let end = 0n
  for (const [number, entry] of entries.entries()) {
    view.setBigUint64(8 * number, BigInt.asUintN(64, entry.chunk - chunk), true)
    view.setBigUint64(8 * (count + number), BigInt.asUintN(64, BigInt(entry.start) - end), true)
    view.setBigUint64(8 * (2 * count + number), BigInt(entry.length), true)
    chunk = entry.chunk
    end = BigInt(entry.start) + BigInt(entry.length)
  }
  return new Uint8Array(view.buffer)
}

/** The entry of a chunk; `undefined` if the minishard does not hold it. */
export function findEntry(index: MinishardIndex, chunk: bigint): MinishardEntry | undefined {
  let low = 0
  let high = index.chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((index.chunks[middle] ?? 0n) < chunk) low = middle + 1
    else high = middle
  }
  if (index.chunks[low] !== chunk) return undefined
  return { chunk, start: index.starts[low] ?? 0, length: index.lengths[low] ?? 0 }
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
