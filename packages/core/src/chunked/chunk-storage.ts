import { SourceError } from '../errors.js'
import type { Store } from '../stores/store.js'
import type { CodecSpec } from './codec.js'

/** Where the encoded bytes of a chunk lie: an object or a part of one, or bytes that are at hand already. */
export type ChunkLocation = ChunkPlace & {
  /** The codecs of this chunk, where they are not those of the layout: formats may leave out filters chunk by chunk. */
  readonly codecs?: readonly CodecSpec[] | undefined
}

type ChunkPlace =
  | { readonly key: string; readonly offset?: number | undefined; readonly length?: number | undefined; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array }

/** One change to a stored unit: the chunk at this grid position gets these encoded bytes, or none (it becomes fill value). */
export interface ChunkChange {
  readonly position: readonly number[]
  readonly encoded: Uint8Array | undefined
}

/** Options of a look-up or a write. */
export interface ChunkAccessOptions {
  readonly signal?: AbortSignal | undefined
}

/** How the encoded chunks of an array lie in a store. The position of a chunk is its place in the chunk grid. */
export interface ChunkStorage {
  readonly store: Store
  /**
   * Where a chunk lies; `undefined` if it is known not to be stored. A location may name an object that does not exist:
   * then the chunk is not stored either.
   */
  locate(position: readonly number[], options: ChunkAccessOptions): ChunkLocation | undefined | Promise<ChunkLocation | undefined>
  /** Name of the object that is rewritten when the chunk changes: the unit of locking. */
  unitOf(position: readonly number[]): string
  /** Stores all changes of one unit at once: a reader sees all old or all new chunks. Called under the unit's lock. */
  write?(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void>
}

/** Storage of one object per chunk, as Zarr without shards, N5 and unsharded precomputed have it. */
export function objectPerChunk(store: Store, keyOf: (position: readonly number[]) => string): ChunkStorage {
  return {
    store,
    locate: (position) => ({ key: keyOf(position) }),
    unitOf: keyOf,
    async write(unit, changes, options) {
      for (const { encoded } of changes) {
        if (encoded !== undefined && store.set !== undefined) await store.set(unit, encoded, options)
        else if (encoded === undefined && store.delete !== undefined) await store.delete(unit, options)
        else throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`)
      }
    }
  }
}
