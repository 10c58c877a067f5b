import type { DType, ScalarOf, TypedArray } from './dtype.js'
import type { Float16View } from './float16.js'
import type { Index, IndexEntry } from './indexing.js'
import type { JsonObject } from './json.js'
import type { SourceMetadata } from './metadata.js'
import type { NdArray } from './nd-array.js'
import type { SpecBase } from './spec.js'

/** Options of a read. */
export interface GetOptions<D extends DType = DType> {
  /** Stops the read; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Memory to fill instead of new memory: an array of the result's shape and the source's dtype, or a typed array with as
   * many elements. It may lie on a SharedArrayBuffer.
   */
  readonly out?: NdArray<D> | TypedArray | Float16View | undefined
}

/** Options of a write. */
export interface SetOptions {
  /** Stops the write; chunks written so far stay. */
  readonly signal?: AbortSignal | undefined
}

/** What `set` takes: an array, a typed array with as many elements as the region, or a scalar for every element. */
export type SetValue<D extends DType = DType> = NdArray<D> | TypedArray | Float16View | ScalarOf<D>

/** What `get` gives for an index: integers alone may select a scalar, anything else an array. */
export type GetResult<D extends DType, I extends Index> = I extends number
  ? NdArray<D> | ScalarOf<D>
  : I extends readonly IndexEntry[]
    ? MayBeIntegers<I> extends true
      ? NdArray<D> | ScalarOf<D>
      : NdArray<D>
    : NdArray<D>

/** Whether every entry of a list may be an integer. */
type MayBeIntegers<I extends readonly IndexEntry[]> = I extends readonly [infer First, ...infer Others extends readonly IndexEntry[]]
  ? [Extract<First, number>] extends [never]
    ? false
    : MayBeIntegers<Others>
  : I extends readonly []
    ? true
    : [Extract<I[number], number>] extends [never]
      ? false
      : true

/**
 * An array that lies somewhere: the same handle for every format. Reads may run side by side, and beside writes.
 *
 * All methods reject with `ERR_CLOSED` once the source is closed.
 */
export interface Source<D extends DType = DType> extends AsyncDisposable {
  /** Kind of the backend, such as `"zarr"`. */
  readonly kind: string
  /** Elements along each axis, slowest axis first. */
  readonly shape: readonly number[]
  /** Type of the elements that reads give. */
  readonly dtype: D
  readonly ndim: number
  /** Number of elements. */
  readonly size: number
  /** Shape of the smallest piece that is decoded at once; `null` where any element can be read by itself. */
  readonly chunks: readonly number[] | null
  /** Shape of the part of the array that one stored object holds, where that holds several chunks: the unit of safe writing. */
  readonly shards: readonly number[] | null
  readonly writable: boolean
  /** The format's own metadata, untouched. */
  readonly attrs: JsonObject
  /** The same view for every format: axes, voxel size, channels, levels. */
  readonly metadata: SourceMetadata

  /**
   * Reads a region. Without an index, everything; with an integer for every axis, one scalar; else an array in C order.
   * With `out`, that array, also for a scalar.
   *
   * @throws ERR_INVALID_INDEX, ERR_CORRUPT_DATA, ERR_SHAPE_MISMATCH or ERR_DTYPE_MISMATCH (`out` does not fit), ERR_TOO_LARGE.
   */
  get(): Promise<NdArray<D>>
  get(index: Index | undefined, options: GetOptions<D> & { readonly out: NdArray<D> | TypedArray | Float16View }): Promise<NdArray<D>>
  get<const I extends Index>(index: I, options?: GetOptions<D>): Promise<GetResult<D, I>>
  get(index?: Index, options?: GetOptions<D>): Promise<NdArray<D> | ScalarOf<D>>

  /**
   * Writes a region (steps of 1 only). Resolves when every chunk is stored.
   *
   * The memory of `value` is not copied: it is read until the promise settles. **Do not change or transfer it before**, or what
   * is stored is a mixture of old and new; hand over a copy to go on with it at once.
   *
   * @throws ERR_READ_ONLY, ERR_INVALID_INDEX, ERR_SHAPE_MISMATCH, ERR_DTYPE_MISMATCH; nothing is written then.
   */
  set(index: Index, value: SetValue<D>, options?: SetOptions): Promise<void>

  /**
   * A small JSON object that reopens this source in another thread, process or machine. It holds no credential.
   *
   * @throws ERR_NOT_SERIALIZABLE for data that only this process has.
   */
  toSpec(): SpecBase

  /** Waits for the writes under way, then releases files and cached chunks. May be called twice. */
  close(): Promise<void>
}
