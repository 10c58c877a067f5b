import type { Context } from '../context.js'

/** A part of an object, in bytes: from `offset`, or the last `suffixLength`. */
export type ByteRange = { readonly offset: number; readonly length: number } | { readonly suffixLength: number }

/** Options of {@link Store.get}. */
export interface StoreGetOptions {
  /** The part to read. A part that reaches past the end is cut at the end. */
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
  /** Memory the store may read into when the result fits; the result is then a view of it. */
  readonly scratch?: Uint8Array | undefined
  /** Bytes that the whole object must have; any other size is ERR_CORRUPT_DATA. */
  readonly objectSize?: number | undefined
  /**
   * Bytes that a whole object may have: a longer one is ERR_TOO_LARGE, and is not read further. A compressed reply may swell to any
   * length. Defaults to 1 GiB where a server does not announce the length.
   */
  readonly maxBytes?: number | undefined
  /**
   * The object is a chunk that may be absent: "forbidden" then means absent too, as buckets without a right to list say it; over HTTP
   * only if no credentials were sent, which may have expired.
   */
  readonly chunk?: boolean | undefined
  /**
   * Gets the revision of the object that the bytes are of, before the call ends: what {@link StoreSetOptions.ifRevision} compares,
   * at no request more. Not called for an object that is absent, nor by a store that cannot tell.
   */
  readonly onRevision?: ((revision: string) => void) | undefined
}

/** Options of {@link Store.set}. */
export interface StoreSetOptions {
  readonly signal?: AbortSignal | undefined
  /** Fail with ERR_ALREADY_EXISTS instead of replacing an object. */
  readonly ifAbsent?: boolean | undefined
  /** What object storage records with the object and tells its readers. Other stores have no place for it. */
  readonly content?: ContentHeaders | undefined
  /** Fail with ERR_CONFLICT unless the object is there and has this revision still. */
  readonly ifRevision?: string | undefined
}

/** Headers with which object storage hands out an object. */
export interface ContentHeaders {
  /** `Content-Type`, such as `"image/png"`. */
  readonly type?: string | undefined
  /** `Content-Encoding` of the bytes given, such as `"gzip"`. */
  readonly encoding?: string | undefined
  /** `Cache-Control`, such as `"no-cache"`. */
  readonly cacheControl?: string | undefined
}

/** Options of {@link Store.delete}. */
export interface StoreDeleteOptions {
  readonly signal?: AbortSignal | undefined
  /** Fail with ERR_CONFLICT unless the object is there and has this revision still. */
  readonly ifRevision?: string | undefined
}

/** A lock on one object against all other writers, given back by `release`. */
export interface StoreLock {
  release(): Promise<void>
}

/** What {@link Store.list} finds in a folder. */
export interface StoreEntry {
  /** Name without its folder. */
  readonly name: string
  readonly folder: boolean
  /** Whether it is a symbolic link: deleting it leaves what it points to. Defaults to false. */
  readonly link?: boolean | undefined
  /** Bytes of an object, where listing tells. */
  readonly size?: number | undefined
}

/**
 * A new object of known size that is filled in any order. Nobody sees it before `commit`, so that a half-written object is
 * never taken for a whole one. What is never written is zero.
 */
export interface ObjectWriter {
  /** Bytes of the object. */
  readonly size: number
  /** Stores bytes from `offset` on; never past `size`. Writes to different places may run side by side. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Fills `target` with what is written from `offset` on. */
  read(offset: number, target: Uint8Array): Promise<void>
  /**
   * Puts the object in its place, at once, cut to `size` bytes if that is given: for objects whose length is known last.
   *
   * @throws ERR_ALREADY_EXISTS if one appeared there meanwhile.
   */
  commit(size?: number): Promise<void>
  /** Drops everything. Does nothing after `commit`. */
  abort(): Promise<void>
}

/**
 * A tree of named objects of bytes: a folder, a bucket, a zip file. Keys are relative paths with `/`, without one at either
 * end; the key `""` is the store's root itself, which is how a single file is read.
 *
 * Every method checks the length and status of what it got: a result is whole, or an error.
 */
export interface Store {
  /** Equal for stores that show the same objects: what locks and caches go by. */
  readonly identity: string
  /** Path or URL that opens this store again; `undefined` where there is none, as for memory. */
  readonly path: string | undefined
  /** Whether a request costs a network round trip. */
  readonly remote: boolean
  /**
   * Whether objects have a `Content-Encoding`, which `set` records and `get` undoes as far as the platform knows it. Defaults to
   * false: what lies in the store is what `get` gives.
   */
  readonly contentEncoding?: boolean | undefined
  /**
   * How many objects that are asked for at the same time travel in one request. A read then asks for that many times as much at once.
   * Defaults to 1.
   */
  readonly getsPerRequest?: number | undefined
  /** The object or the part of it, `undefined` if there is none. The bytes belong to the caller, who may change them. */
  get(key: string, options?: StoreGetOptions): Promise<Uint8Array | undefined>
  /** Bytes of the object, `undefined` if there is none. */
  size(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<number | undefined>
  /**
   * A token that changes when the object is replaced, the same that `onRevision` of `get` tells; `undefined` if there is no object.
   * Only stores that tell it at the cost of a local look-up have it: what is remembered of an object is then checked against it.
   */
  revision?(key: string): string | undefined | Promise<string | undefined>
  /** When the object was stored, in milliseconds since 1970; `undefined` if there is none. Only where a local look-up tells it. */
  modified?(key: string): Promise<number | undefined>
  /** The direct children of a folder; nothing if there is no such folder. Absent where the store cannot list. */
  list?(folder: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<StoreEntry>
  /**
   * Stores an object at once: a reader sees the old or the new one, never a part. Absent where the store is read-only.
   *
   * A store that can be written and tells revisions by `get` honours `ifRevision`: of several writers that read one revision, one
   * wins. Where the store has `lock`, that holds among those who have it.
   */
  set?(key: string, bytes: Uint8Array, options?: StoreSetOptions): Promise<void>
  /**
   * Begins a new object that is filled in any order and appears at its commit. Absent where objects are stored at once only;
   * use `createObject`, which then collects them in memory.
   */
  create?(key: string, options: { readonly size: number; readonly ifAbsent: boolean }): Promise<ObjectWriter>
  /** Removes an object; no error if there is none. `ifRevision` as of `set`. */
  delete?(key: string, options?: StoreDeleteOptions): Promise<void>
  /**
   * Waits until no other writer, of this or another process, holds the lock of the object, and takes it. For stores whose replacing
   * cannot compare, as a file system. Whoever reads an object to change it takes the lock; `changeObject` does all of it.
   *
   * @throws ERR_CONFLICT after minutes without a change of owner; ERR_ACCESS_DENIED
   */
  lock?(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoreLock>
  /**
   * Name of the object for locks and caches, the same by whichever path the store was opened and through whichever links; use
   * `objectName`. Absent where `identity` and key name it.
   */
  realName?(key: string): string
  close?(): Promise<void>
}

/** Opens stores for URL schemes; the package that provides it registers it with `registerStore`. */
export interface StoreDriver {
  /** Name of the npm package. */
  readonly id: string
  /** Such as `["s3:"]`. */
  readonly schemes: readonly string[]
  open(url: URL, context: Context): Promise<Store>
}

/** Whether a value has the members of a {@link Store}. */
export function isStore(value: unknown): value is Store {
  return typeof value === 'object' && value !== null && 'identity' in value && 'get' in value && 'size' in value && 'remote' in value
}

/** Joins parts of a key, leaving out empty ones. */
export function joinKey(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}
