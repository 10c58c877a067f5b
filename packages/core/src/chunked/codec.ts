import type { Json } from '../json.js'

/** One step of a codec chain, as pure JSON: the codec's `id` and its options, named as in numcodecs and Zarr. */
export interface CodecSpec {
  readonly id: string
  readonly [option: string]: Json | undefined
}

/** All that is needed to decode or encode a chunk, as pure JSON: a worker rebuilds the coder from it. */
export interface ChunkCoding {
  /** The steps in encoding order; decoding runs them backwards. Empty for chunks stored as they are. */
  readonly codecs: readonly CodecSpec[]
  /** Bytes of a decoded chunk. */
  readonly byteLength: number
  /** Bytes of one element of a decoded chunk. */
  readonly itemSize: number
  /** Elements of a decoded chunk along its axes, slowest first, for codecs that know about axes; absent where it is no array. */
  readonly shape?: readonly number[] | undefined
}

/** Turns stored bytes into the bytes of a chunk and back. */
export interface ChunkCoder {
  /**
   * Decodes and hands exactly `byteLength` bytes to `use`, synchronously after the last step. The view may lie in scratch
   * memory that the next call overwrites: it is valid only during `use`. Any other length is `ERR_CORRUPT_DATA`.
   */
  decode<T>(encoded: Uint8Array, use: (decoded: Uint8Array) => T): T | Promise<T>
  /**
   * Decodes several chunks into memory that they share: `fill` is called once with a function that decodes a chunk and copies a box
   * of it there, then `use` with that memory, valid only during `use`. All of it is synchronous; chains with a step that waits have
   * no such method. A decoded length other than `byteLength` of the coding is `ERR_CORRUPT_DATA`.
   */
  readonly gather?: GatherChunks | undefined
  /** Encodes a chunk. The result belongs to the caller and may be `decoded` itself where there is nothing to do. */
  encode(decoded: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export type GatherChunks = (
  byteLength: number,
  fill: (decodeInto: (encoded: Uint8Array, box: ChunkBox) => void) => void,
  use: (gathered: Uint8Array) => void
) => void

/** A box of a decoded chunk, and where it goes in memory that several chunks share. All counts but the shape's are bytes. */
export type ChunkBox = Omit<StridedBox, 'source' | 'destination'>

/** Copies a box of elements between two byte arrays in which it lies at different strides. All counts are bytes. */
export interface StridedBox {
  readonly shape: readonly number[]
  readonly itemSize: number
  readonly source: Uint8Array
  readonly sourceOffset: number
  /** May be negative, and zero to repeat an element. */
  readonly sourceStrides: readonly number[]
  readonly destination: Uint8Array
  readonly destinationOffset: number
  readonly destinationStrides: readonly number[]
}

export type StridedCopy = (box: StridedBox) => void

/** What the chunked engine needs of a codec library. `@bioimage/codecs` exports one. */
export interface CodecRuntime {
  /**
   * Loads what the chain needs.
   *
   * @throws ERR_UNSUPPORTED naming a codec it does not know; ERR_INVALID_ARGUMENT for an option of the wrong type.
   */
  coder(coding: ChunkCoding): Promise<ChunkCoder>
  /** A faster copy than the engine's own, used when given. */
  readonly copyStrided?: StridedCopy | undefined
}
