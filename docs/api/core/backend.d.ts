/// <reference lib="esnext.disposable" />
import { R as Region, D as DType, N as NdArray, J as JsonObject, S as SourceMetadata, a as SpecBase, b as Source, C as CodecSpec, c as ChunkStorage, d as CodecRuntime, e as Context, E as Executor, f as SourceError, g as Store, A as ArrayInfo, h as Json, O as ObjectWriter, i as StridedBox } from './memory-store.js';
export { j as ChunkAccessOptions, k as ChunkCache, l as ChunkChange, m as ChunkCoder, n as ChunkCoding, o as ChunkJob, p as ChunkLocation, q as ChunkReadTask, F as Float16View, r as StridedCopy, s as axisTypeOfName, t as bytesOf, u as componentSizeOf, v as contiguousStride, w as createData, x as dtypeOfData, y as dtypes, z as hasDType, B as isContiguous, G as isDType, H as isNdArray, I as isThirdPartyStore, K as itemSizeOf, L as memoryStore, M as narrowFloat16, P as normalizeIndex, Q as objectPerChunk, T as scalarAt, U as sharedChunkCache, V as sizeOf, W as wholeRegion, X as widenFloat16 } from './memory-store.js';

/** The part of a region that lies in one chunk. */
interface ChunkPart {
    /** Place of the chunk in the grid. */
    readonly position: readonly number[];
    /** First element, counted from the chunk's beginning. */
    readonly start: readonly number[];
    readonly shape: readonly number[];
    /** Position of that element in the region. */
    readonly regionStart: readonly number[];
}
/** All chunks that a region meets, in C order of the grid, each with the part that it contributes. */
declare function chunkParts(region: Region, chunks: readonly number[]): Generator<ChunkPart>;

/** Options that reach a backend's `read` and `write`. */
interface AccessOptions {
    readonly signal?: AbortSignal | undefined;
}
/** Reads and writes regions that are already validated: one entry per axis, inside the array, never empty. */
interface RegionAccess<D extends DType = DType> {
    /** Fills `out`, whose shape is the region's, with every element of the region. */
    read(region: Region, out: NdArray<D>, options: AccessOptions): Promise<void>;
    /** Stores `value`, whose shape is the region's and whose strides may be 0 (a repeated scalar). Steps are 1. */
    write?: ((region: Region, value: NdArray<D>, options: AccessOptions) => Promise<void>) | undefined;
    /** Releases what the backend holds. Called once. */
    close?: (() => Promise<void>) | undefined;
}
/** Everything that makes a source. What a backend leaves out has the value that says "none". */
interface SourceDefinition<D extends DType = DType> {
    readonly kind: string;
    readonly shape: readonly number[];
    readonly dtype: D;
    readonly chunks?: readonly number[] | null | undefined;
    readonly shards?: readonly number[] | null | undefined;
    readonly attrs?: JsonObject | undefined;
    readonly metadata?: SourceMetadata | undefined;
    /** Defaults to false. Needs `access.write`. */
    readonly writable?: boolean | undefined;
    readonly access: RegionAccess<D>;
    /** Makes the spec; absent for data that only this process has. */
    readonly toSpec?: (() => SpecBase) | undefined;
    /** Why `set` is refused, and what to do instead. */
    readonly readOnlyReason?: string | undefined;
}
/**
 * Makes a {@link Source} of a definition. It validates and normalises every call, so that `access` gets exact arguments
 * only. `extras` become further members of the source.
 */
declare function defineSource<D extends DType, E extends object = object>(definition: SourceDefinition<D>, extras?: E): Source<D> & E;

/** An array cut into a regular grid of separately encoded chunks. */
interface ChunkedLayout<D extends DType = DType> {
    readonly shape: readonly number[];
    readonly dtype: D;
    /** Shape of a chunk. Every stored chunk has it, also at the edges of the array, unless `edgeChunks` says otherwise. */
    readonly chunks: readonly number[];
    /** Whether chunks at the edge are stored whole (the part outside is padding) or cut. Defaults to `whole`. */
    readonly edgeChunks?: 'whole' | 'cut' | undefined;
    /** Axes of a decoded chunk, slowest first: `[0, 1, 2]` is C order, `[2, 1, 0]` Fortran order. Defaults to C order. */
    readonly axisOrder?: readonly number[] | undefined;
    /** Byte order of a decoded chunk. Defaults to little. */
    readonly byteOrder?: 'little' | 'big' | undefined;
    /** Compressions and filters, in encoding order. They see chunks in stored axis and byte order. */
    readonly codecs: readonly CodecSpec[];
    /** Bytes of one element, in little-endian order, that stands for chunks that are not stored. */
    readonly fill: Uint8Array;
    readonly storage: ChunkStorage;
    /** Name of the array in caches and locks. Equal for arrays that show the same stored chunks. */
    readonly identity: string;
    /** Store chunks that hold nothing but the fill value. Defaults to false: they are removed. */
    readonly writeEmptyChunks?: boolean | undefined;
}

/**
 * The chunked engine: reads and writes regions of an array that is stored in chunks. It plans which chunks a region needs,
 * fetches neighbours together, decodes, and copies every element once into its place; a partial write reads, changes and
 * writes a chunk under its lock.
 */
declare function chunkedAccess<D extends DType>(layout: ChunkedLayout<D>, runtime: CodecRuntime, context?: Context): RegionAccess<D>;
/** Forgets the decoded chunks of an array that was replaced, which other handles may have left in the cache. */
declare function forgetChunks(identity: string, context: Context): void;

/**
 * Works in the calling thread. Requests overlap with decoding, and decoders that run in threads of their own (zlib in Node)
 * do so here too.
 */
declare const inlineExecutor: Executor;

/**
 * Runs `work` on every item with at most `limit` under way. After the first failure or an abort nothing new is started; the
 * returned promise settles only when all that was started has ended, so that no work goes on behind the caller's back.
 */
declare function forEachConcurrently<T>(items: Iterable<T>, limit: number, signal: AbortSignal | undefined, work: (item: T, lane: number) => Promise<void> | void): Promise<void>;
/**
 * Runs `work` when no other work holds the lock of that name in this process (more exactly: this JavaScript realm), also by
 * another copy of this package. Locks are granted in order of asking.
 */
declare function withLock<T>(name: string, work: () => Promise<T>): Promise<T>;

/**
 * The arrays of a container for an error message, such as `its arrays are "a", "b"`; `""` if there are none.
 *
 * @param find Looks for them; that it cannot (ERR_UNSUPPORTED) is said too.
 */
declare function nameArrays(find: () => Promise<readonly {
    readonly path: string;
}[]>): Promise<string>;
/** That a path is a group where an array is needed. `arrays` is what {@link nameArrays} gave. */
declare function arrayNotChosen(kind: string, store: Store, path: string, arrays: string): SourceError;
/** That a container has no such array. `arrays` is what {@link nameArrays} gave. */
declare function arrayNotFound(kind: string, store: Store, path: string, arrays: string): SourceError;
/** What `listArrays` reports of an array that cannot be opened. */
declare function unreadableArray(internalPath: string, problem: string): ArrayInfo;
/** What came out of an attempt: a value, or the problem with what is at a path. */
interface Attempt<T> {
    readonly value: T | undefined;
    readonly problem: SourceError | undefined;
}
/**
 * Runs `read`; that the data are damaged or of an unknown sort (ERR_CORRUPT_DATA, ERR_UNSUPPORTED) becomes the problem with what is
 * at `path`, so that one damaged array hides no others. Any other failure, as of a network or a disk, says nothing of the array
 * and is thrown.
 */
declare function attempt<T>(path: string, read: () => Promise<T | undefined>): Promise<Attempt<T>>;

/**
 * Chunks for an array of which nothing else is known: about 2 MiB at most, cubic along the last three axes, which viewers and
 * pipelines like. Within shards, chunks divide them.
 */
declare function defaultChunks(shape: readonly number[], shards?: readonly number[]): readonly number[];

/**
 * Parses a metadata document, in which bare `NaN` and `Infinity` may stand. Numbers of the member `exactMember` stay exact: those
 * that a JavaScript number cannot hold come as their text. Everywhere else numbers are plain numbers.
 *
 * @throws ERR_CORRUPT_DATA if the text is not a JSON object.
 */
declare function parseDocument(bytes: Uint8Array, key: string, exactMember?: string): JsonObject;
/** Serialises a document; bigints become digits, numbers keep the sign of zero. */
declare function formatDocument(document: Readonly<Record<string, unknown>>): Uint8Array;
/**
 * The members of a JSON object as texts, each as it stands there: for documents that are put together from others without a
 * change to any number or name.
 *
 * @throws ERR_CORRUPT_DATA if the text is not a JSON object.
 */
declare function memberTexts(bytes: Uint8Array, key: string): Map<string, string>;
/** A JSON object of members that are texts already. */
declare function formatMembers(members: Iterable<readonly [name: string, text: string]>): string;

/** @throws ERR_CORRUPT_DATA unless `value` is a list of integers of at least `least`. */
declare function parseIntegers(name: string, value: Json | undefined, least: number): readonly number[];
/** @throws ERR_CORRUPT_DATA unless `value` is an object. */
declare function parseObject(name: string, value: Json | undefined): JsonObject;
/** @throws ERR_CORRUPT_DATA unless both have the same number of axes. `reference` is the member that `shape` comes from. */
declare function checkRank(name: string, lengths: readonly unknown[], shape: readonly number[], reference?: string): void;
/** @throws ERR_CORRUPT_DATA for a chunk of more bytes than any machine has. */
declare function checkChunkBytes(chunks: readonly number[], itemSize: number): void;
/** The numbers of a list of `length` finite numbers; `undefined` for anything else. For metadata that may be wrong. */
declare function numbersOf(value: Json | undefined, length: number): readonly number[] | undefined;

/** Options of {@link createObject}. */
interface CreateObjectOptions {
    /** Bytes of the object. */
    readonly size: number;
    /** Replace an object that is there; else ERR_ALREADY_EXISTS. Defaults to false. */
    readonly overwrite?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
}
/**
 * Begins a new object. On a file system the bytes go to a temporary file beside the target, sparse where nothing is written;
 * a store without such a way collects them in memory and stores them at `commit`.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_READ_ONLY (the store cannot be written), ERR_TOO_LARGE (it does not fit into memory).
 */
declare function createObject(store: Store, key: string, options: CreateObjectOptions): Promise<ObjectWriter>;

/** Paths of the folders above one, nearest first; the last is the root, `""`. */
declare function ancestorsOf(path: string): string[];
/**
 * Visits a folder and those below it, each before its children. `visit` gets what it returned for the folder above (`top` for
 * the first) and returns what the children get; `undefined` leaves them out. Names that begin with `.` or `__` are no members
 * of a container.
 *
 * @throws ERR_UNSUPPORTED for folders that nest deeper than any container, as links in a circle do.
 */
declare function walkFolders<T>(store: Store, folder: string, top: T, visit: (folder: string, above: T) => Promise<T | undefined>, signal?: AbortSignal, depth?: number): Promise<void>;
/** Whether a folder holds folders; false where the store cannot list. */
declare function hasFolders(store: Store, folder: string, signal?: AbortSignal): Promise<boolean>;
/** Bytes of all objects in a folder and below. */
declare function measureFolder(store: Store, folder: string, signal?: AbortSignal): Promise<number>;
/** Deletes all objects in a folder and below. A symbolic link goes itself; what it points to stays. */
declare function deleteFolder(store: Store, folder: string, signal?: AbortSignal): Promise<void>;

/**
 * Copies a box of elements between two byte arrays with any strides. Bytes are moved, never numbers, so that every NaN
 * keeps its payload.
 */
declare function copyStrided(box: StridedBox): void;
/** Fills a box with one element, given by its bytes. */
declare function fillStrided(destination: Uint8Array, offset: number, strides: readonly number[], shape: readonly number[], item: Uint8Array): void;
/** Swaps the bytes of every component (2, 4 or 8 bytes) in place. */
declare function swapBytes(bytes: Uint8Array, componentSize: number): void;

/** An object that holds consecutive planes of a strided array. */
interface StridedPart {
    readonly key: string;
    /** Byte at which element 0 of the part lies. */
    readonly offset: number;
}
/** An array whose elements lie at computable byte offsets. */
interface StridedLayout<D extends DType = DType> {
    readonly shape: readonly number[];
    readonly dtype: D;
    readonly byteOrder: 'little' | 'big';
    /** Bytes between neighbours along each axis; negative for an axis that is stored in reverse. */
    readonly strides: readonly number[];
    /**
     * Where the elements lie. One part holds the whole array. Several parts hold `partLength` positions of axis 0 each, in
     * order, as the pages of a TIFF or the files of a stack do.
     */
    readonly parts: readonly StridedPart[];
    /** Positions of axis 0 per part. Defaults to all. */
    readonly partLength?: number | undefined;
}
/** The strided engine: reads regions of such an array from a store. */
declare function stridedAccess<D extends DType>(store: Store, layout: StridedLayout<D>, concurrency?: number): RegionAccess<D>;

/** Options of {@link stridedOutput}. */
interface StridedOutputOptions {
    /** Runs after the last write and before the commit: statistics, a trailer. */
    readonly finish?: ((writer: ObjectWriter) => Promise<void>) | undefined;
}
/** What {@link stridedOutput} gives: the access of a writable source, whose `close` makes the file appear. */
interface StridedOutput<D extends DType = DType> extends Required<RegionAccess<D>> {
    /** Gives the file up: nothing is left of it, and the access is closed. Does nothing after `close`. */
    discard(): Promise<void>;
}
/**
 * The strided engine for a file that is being made: regions are written in any order and can be read back at once; elements
 * never written are zero. The file appears when the source is closed. After a write that failed (an abort does not count),
 * closing drops everything and rejects, so that no incomplete file is left.
 *
 * @param layout One part, little-endian.
 */
declare function stridedOutput<D extends DType>(writer: ObjectWriter, layout: StridedLayout<D>, options?: StridedOutputOptions): StridedOutput<D>;

export { type AccessOptions, type Attempt, type ChunkPart, ChunkStorage, type ChunkedLayout, CodecRuntime, type CreateObjectOptions, Executor, type RegionAccess, type SourceDefinition, StridedBox, type StridedLayout, type StridedOutput, type StridedOutputOptions, type StridedPart, ancestorsOf, arrayNotChosen, arrayNotFound, attempt, checkChunkBytes, checkRank, chunkParts, chunkedAccess, copyStrided, createObject, defaultChunks, defineSource, deleteFolder, fillStrided, forEachConcurrently, forgetChunks, formatDocument, formatMembers, hasFolders, inlineExecutor, measureFolder, memberTexts, nameArrays, numbersOf, parseDocument, parseIntegers, parseObject, stridedAccess, stridedOutput, swapBytes, unreadableArray, walkFolders, withLock };
