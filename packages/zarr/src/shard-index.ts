import { SourceError } from '@bioimage/core'
import { type ChunkCoder, type CodecRuntime, sizeOf } from '@bioimage/core/backend'
import type { ShardLevel } from './array-metadata.js'

/** Marks an inner chunk that is not stored. */
const absent: bigint = 2n ** 64n - 1n

/** Where the inner chunks of a shard lie, counted in bytes from the shard's first byte. Always in C order of the index. */
export interface ShardIndex {
  /** Per inner chunk: offset and length; length -1 for a chunk that is not stored. */
  readonly offsets: Float64Array
  readonly lengths: Float64Array
  /** The memory of both, which {@link ShardIndexFormat.over} takes. */
  readonly bytes: Uint8Array
}

/** The index of the shards of one level: its size, place and coding. (Zarr v3, "sharding_indexed", "Binary shard format".) */
export class ShardIndexFormat {
  readonly level: ShardLevel
  /** Inner chunks along each axis of the array. */
  readonly grid: readonly number[]
  readonly count: number
  /** Bytes of the encoded index. */
  readonly byteLength: number
  readonly #runtime: CodecRuntime
  #coder: Promise<ChunkCoder> | undefined

  constructor(level: ShardLevel, runtime: CodecRuntime) {
    this.level = level
    this.grid = level.shape.map((length, axis) => length / (level.innerShape[axis] ?? 1))
    this.count = sizeOf(this.grid)
    this.byteLength = 16 * this.count + 4 * level.indexCodecs.filter((codec) => codec.id === 'crc32c').length
    this.#runtime = runtime
  }

  /** Number of an inner chunk in the index, from its position in the shard along the axes of the array. */
  numberOf(position: readonly number[]): number {
    return this.level.axisOrder.reduce((number, axis) => number * (this.grid[axis] ?? 1) + (position[axis] ?? 0), 0)
  }

  empty(): ShardIndex {
    const index = this.over(new Uint8Array(16 * this.count))
    index.lengths.fill(-1)
    return index
  }

  /** An index over the memory of another one. */
  over(bytes: Uint8Array): ShardIndex {
    const offsets = new Float64Array(bytes.buffer, bytes.byteOffset, this.count)
    const lengths = new Float64Array(bytes.buffer, bytes.byteOffset + 8 * this.count, this.count)
    return { offsets, lengths, bytes }
  }

  /** @throws ERR_CORRUPT_DATA for a wrong checksum or entries outside a shard of `shardLength` bytes. */
  async decode(encoded: Uint8Array, shardLength: number): Promise<ShardIndex> {
    const coder = await this.#load()
    return coder.decode(encoded, (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const index = this.empty()
      for (let number = 0; number < this.count; number++) {
        const offset = view.getBigUint64(16 * number, true)
        const length = view.getBigUint64(16 * number + 8, true)
        if (offset === absent && length === absent) continue
        if (offset + length > BigInt(shardLength)) {
          throw new SourceError(
            'ERR_CORRUPT_DATA',
            `the shard index places inner chunk ${number} at bytes ${offset} to ${offset + length} of a shard of ${shardLength} bytes`
          )
        }
        index.offsets[number] = Number(offset)
        index.lengths[number] = Number(length)
      }
      return index
    })
  }

  async encode(index: ShardIndex): Promise<Uint8Array> {
    const bytes = new Uint8Array(16 * this.count)
    const view = new DataView(bytes.buffer)
    for (let number = 0; number < this.count; number++) {
      const length = index.lengths[number] ?? -1
      view.setBigUint64(16 * number, length < 0 ? absent : BigInt(index.offsets[number] ?? 0), true)
      view.setBigUint64(16 * number + 8, length < 0 ? absent : BigInt(length), true)
    }
    const coder = await this.#load()
    return coder.encode(bytes)
  }

  #load(): Promise<ChunkCoder> {
    this.#coder ??= this.#runtime.coder({ codecs: this.level.indexCodecs, byteLength: 16 * this.count, itemSize: 8 })
    return this.#coder
  }
}
