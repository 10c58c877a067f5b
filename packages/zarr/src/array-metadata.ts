import type { CodecSpec, DType, JsonObject } from '@bioimage/core'

/** One level of sharding: how the inner chunks lie in the bytes of a shard. */
export interface ShardLevel {
  /** Shape of the shard along the axes of the array. */
  readonly shape: readonly number[]
  /** Shape of its inner chunks (or inner shards) along the axes of the array. */
  readonly innerShape: readonly number[]
  /** Axis of the array for each axis of the index, slowest first: the transposes before the sharding. */
  readonly axisOrder: readonly number[]
  readonly indexLocation: 'start' | 'end'
  readonly indexCodecs: readonly CodecSpec[]
  /** Compressions of the shard as a whole, which then must be decoded whole. */
  readonly outerCodecs: readonly CodecSpec[]
}

/** What both versions of the format say of an array, in one form. */
export interface ArrayMetadata {
  readonly zarrFormat: 2 | 3
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Shape of the smallest separately encoded piece: the inner chunk where there are shards. */
  readonly chunks: readonly number[]
  /** From the stored object inwards; empty without sharding. */
  readonly shardLevels: readonly ShardLevel[]
  /** Axes of a decoded chunk, slowest first. */
  readonly axisOrder: readonly number[]
  readonly byteOrder: 'little' | 'big'
  /** In encoding order, as `@bioimage/codecs` knows them. */
  readonly codecs: readonly CodecSpec[]
  /** Names of all codecs as the document has them, for people. */
  readonly codecNames: readonly string[]
  /** Bytes of the fill value, in little-endian order. */
  readonly fill: Uint8Array
  /** Key, below the array, of the stored object (chunk or shard) at a position of the outer grid. */
  readonly keyOf: (position: readonly number[]) => string
  /** The v2 separator is not named in the document: it may be wrong. */
  readonly assumedSeparator: boolean
  readonly attributes: JsonObject
  readonly dimensionNames: readonly (string | null)[] | undefined
}
