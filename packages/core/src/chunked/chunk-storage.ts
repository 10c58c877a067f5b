import { SourceError } from '../errors.js'
import { readObject, replaceObject } from '../stores/change-object.js'
import type { Store } from '../stores/store.js'
import type { CodecSpec } from './codec.js'

/** Where the encoded bytes of a chunk lie: an object or a part of one, or bytes that are at hand already. */
export type ChunkLocation = ChunkPlace & {
  /** The codecs of this chunk, where they are not those of the layout: formats may leave out filters chunk by chunk. */
  readonly codecs?: readonly CodecSpec[] | undefined
}

type ChunkPlace =
  | {
      readonly key: string
      readonly offset?: number | undefined
      readonly length?: number | undefined
      /**
       * Revision of the object from which offset and length come, as its store told it with the index. The bytes of another revision
       * are not used: the chunk is located again.
       */
      readonly revision?: string | undefined
      readonly bytes?: undefined
    }
  | {
      readonly bytes: Uint8Array
      /** The object they are of, for messages. */
      readonly key?: string | undefined
      /** Its revision: what is decoded of the bytes is remembered with it. */
      readonly revision?: string | undefined
    }

/** One change to a stored unit: the chunk at this grid position gets these encoded bytes, or none (it becomes fill value). */
export interface ChunkChange {
  readonly position: readonly number[]
  readonly encoded: Uint8Array | undefined
}

/** Options of a look-up or a write. */
export interface ChunkAccessOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * The same object for all look-ups of one read. What was looked up for it may be used again, also where the store does not tell
   * what was replaced since: a read need not see what is written during it.
   */
  readonly pass?: object | undefined
}

/** A unit as it was read, to be changed. */
export interface StoredUnit {
  /** Where a chunk of the unit lies as it was read; `undefined` if it is not stored. */
  locate(position: readonly number[]): ChunkLocation | undefined | Promise<ChunkLocation | undefined>
  /**
   * Stores all changes at once, and what the unit holds beside them.
   *
   * @throws ERR_CONFLICT if the unit was replaced since it was read; `replaceObject` sees to that.
   */
  write(changes: readonly ChunkChange[]): Promise<void>
}

/** How the encoded chunks of an array lie in a store. The position of a chunk is its place in the chunk grid. */
export interface ChunkStorage {
  readonly store: Store
  /**
   * What a unit is: one chunk, or a box of so many chunks along each axis. Without it, the chunks of a write are collected by `unitOf`,
   * and no unit is known to be covered whole.
   */
  readonly unitShape?: 'chunk' | readonly number[] | undefined
  /**
   * Whether a write of a whole unit, too, takes the lock of the store: where a unit may be several objects, of which a write stores one
   * and removes the others; or where what is written whole must not be undone by one who compares and then replaces the unit, as a file
   * system does. Defaults to false: one object is replaced at once.
   */
  readonly locksWholeUnits?: boolean | undefined
  /**
   * Where a chunk lies; `undefined` if it is known not to be stored. A location may name an object that does not exist:
   * then the chunk is not stored either.
   */
  locate(position: readonly number[], options: ChunkAccessOptions): ChunkLocation | undefined | Promise<ChunkLocation | undefined>
  /** Name of the object that is rewritten when the chunk changes: the unit of locking. */
  unitOf(position: readonly number[]): string
  /**
   * Stores all changes of one unit at once: a reader sees all old or all new chunks. Called under the unit's lock. With `openUnit` only
   * for units that the changes cover whole, so that whatever they held is replaced; without it, also for others, of which the rest must
   * be kept, with ERR_CONFLICT if that was replaced since it was read.
   */
  write?(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void>
  /** Reads a unit of which something stays. Called under the unit's lock, that of the store too; and again after a conflict. */
  openUnit?(unit: string, options: ChunkAccessOptions): Promise<StoredUnit>
  /** Forgets what is remembered of a unit, which was found to be replaced. */
  forget?(unit: string): void
}

/** Storage of one object per chunk, as Zarr without shards, N5 and unsharded precomputed have it. */
export function objectPerChunk(store: Store, keyOf: (position: readonly number[]) => string): ChunkStorage {
  return {
    store,
    unitShape: 'chunk',
    locate: (position) => ({ key: keyOf(position) }),
    unitOf: keyOf,
    async write(unit, [change]) {
      if (change?.encoded !== undefined && store.set !== undefined) await store.set(unit, change.encoded)
      else if (change?.encoded === undefined && store.delete !== undefined) await store.delete(unit)
      else throw new SourceError('ERR_READ_ONLY', `${store.path ?? 'the store'} cannot be written`)
    },
    async openUnit(unit, { signal }) {
      const read = await readObject(store, unit, { signal, chunk: true })
      return {
        locate: () => (read.bytes === undefined ? undefined : { bytes: read.bytes, key: unit }),
        write: ([change]) => replaceObject(store, unit, read, change?.encoded)
      }
    }
  }
}
