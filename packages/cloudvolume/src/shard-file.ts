import { decodeBytes, encodeBytes } from '@bioimage/codecs'
import { SourceError } from '@bioimage/core'
import { decodeMinishardIndex, encodeMinishardIndex, entryBytes, type MinishardEntry, type MinishardIndex } from './minishard-index.js'
import { placeOf, type Sharding } from './sharding.js'

/** A minishard index may decode to this many bytes: 22 million chunks. */
const maximalIndexBytes = 512 << 20

/** Bytes that a stored minishard index may have where there are so many chunks; gzip may add a little. */
export function longestIndex(maxChunks: number): number {
  return Math.min(maximalIndexBytes, entryBytes * maxChunks) * 1.01 + 1024
}
/** A shard that is rewritten must fit into memory. */
const maximalShardBytes = 2 ** 32 - 1

/** Bytes of the index at the beginning of a shard. */
export function shardIndexBytes({ minishardBits }: Sharding): number {
  return 16 * 2 ** minishardBits
}

/** The place of a minishard index, counted from the end of the shard index; `undefined` for an empty minishard. */
export function parseShardIndexEntry(
  bytes: Uint8Array,
  offset: number,
  minishard: number
): { readonly start: number; readonly length: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = view.getBigUint64(offset, true)
  const end = view.getBigUint64(offset + 8, true)
  if (start === end) return undefined
  if (start > end || end > BigInt(Number.MAX_SAFE_INTEGER))
    throw corrupt(`the shard index places the index of minishard ${minishard} at bytes ${start} to ${end}`)
  return { start: Number(start), length: Number(end - start) }
}

/** @throws ERR_CORRUPT_DATA, also for more chunks than there are. */
export async function unpackMinishardIndex(stored: Uint8Array, sharding: Sharding, maxChunks: number): Promise<MinishardIndex> {
  const raw = sharding.minishardIndexEncoding === 'raw'
  const maxBytes = Math.min(maximalIndexBytes, entryBytes * maxChunks)
  return decodeMinishardIndex(raw ? stored : await decodeBytes({ id: 'gzip' }, stored, { maxBytes }), maxChunks)
}

/**
 * The chunks of a whole shard, as they are stored.
 *
 * @throws ERR_CORRUPT_DATA for parts outside the shard, and chunks that are in it twice or belong elsewhere.
 */
export async function readShard(shard: Uint8Array, sharding: Sharding, maxChunks: number): Promise<Map<bigint, Uint8Array>> {
  // As with chunks, an empty file is none.
  if (shard.byteLength === 0) return new Map()
  const indexBytes = shardIndexBytes(sharding)
  if (shard.byteLength < indexBytes) throw corrupt(`the shard has ${shard.byteLength} bytes, its index alone takes ${indexBytes}`)
  const content = shard.subarray(indexBytes)
  const part = (name: string, start: number, length: number): Uint8Array => {
    if (start + length > content.byteLength)
      throw corrupt(`${name} lies at bytes ${start} to ${start + length} of a shard of ${content.byteLength} bytes (index not counted)`)
    return content.subarray(start, start + length)
  }
  const chunks = new Map<bigint, Uint8Array>()
  for (let minishard = 0; minishard < 2 ** sharding.minishardBits; minishard++) {
    const place = parseShardIndexEntry(shard, 16 * minishard, minishard)
    if (place === undefined) continue
    const index = await unpackMinishardIndex(part(`the index of minishard ${minishard}`, place.start, place.length), sharding, maxChunks)
    for (const [number, chunk] of index.chunks.entries()) {
      if (placeOf(chunk, sharding).minishard !== minishard) throw corrupt(`minishard ${minishard} holds chunk ${chunk} of another one`)
      chunks.set(chunk, part(`chunk ${chunk}`, index.starts[number] ?? 0, index.lengths[number] ?? 0))
    }
  }
  return chunks
}

/**
 * A shard of these chunks: its index, the chunks by minishard and number, the minishard indices. `undefined` for no chunks.
 *
 * @throws ERR_TOO_LARGE
 */
export async function buildShard(
  chunks: ReadonlyMap<bigint, Uint8Array>,
  sharding: Sharding
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (chunks.size === 0) return undefined
  const minishards = new Map<number, bigint[]>()
  for (const chunk of [...chunks.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const { minishard } = placeOf(chunk, sharding)
    const members = minishards.get(minishard)
    if (members === undefined) minishards.set(minishard, [chunk])
    else members.push(chunk)
  }
  const parts: Uint8Array[] = []
  let end = 0
  const add = (part: Uint8Array): number => {
    const start = end
    parts.push(part)
    end += part.byteLength
    return start
  }
  const indexBytes = shardIndexBytes(sharding)
  const sorted = [...minishards].sort(([a], [b]) => a - b)
  const indices = sorted.map(([minishard, members]) => ({
    minishard,
    entries: members.map((chunk): MinishardEntry => {
      const bytes = chunks.get(chunk) ?? new Uint8Array(0)
      return { chunk, start: add(bytes), length: bytes.byteLength }
    })
  }))
  const places: { readonly minishard: number; readonly start: number; readonly end: number }[] = []
  for (const { minishard, entries } of indices) {
    const index = encodeMinishardIndex(entries)
    const start = add(sharding.minishardIndexEncoding === 'raw' ? index : await encodeBytes({ id: 'gzip', level: 6 }, index))
    places.push({ minishard, start, end })
  }
  if (indexBytes + end > maximalShardBytes) {
    throw new SourceError(
      'ERR_TOO_LARGE',
      `the shard would take ${indexBytes + end} bytes, and it is written as a whole; choose smaller shards`
    )
  }
  const shard = new Uint8Array(indexBytes + end)
  const view = new DataView(shard.buffer)
  for (const place of places) {
    view.setBigUint64(16 * place.minishard, BigInt(place.start), true)
    view.setBigUint64(16 * place.minishard + 8, BigInt(place.end), true)
  }
  let offset = indexBytes
  for (const part of parts) {
    shard.set(part, offset)
    offset += part.byteLength
  }
  return shard
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
