/// <reference lib="esnext.disposable" />
import { R as Region, D as DType, N as NdArray, J as JsonObject, S as SourceMetadata, a as SpecBase, b as Source, C as CodecSpec, c as ChunkStorage, d as CodecRuntime, e as Context, f as ChunkReadTask, g as ChunkCoding, h as ChunkJob, E as Executor, i as SourceError, j as Store, A as ArrayInfo, L as Location, k as Json, l as StoreGetOptions, O as ObjectWriter, m as StoreLock, n as StridedBox } from './memory-store.js';
export { o as ChunkAccessOptions, p as ChunkBox, q as ChunkCache, r as ChunkChange, s as ChunkCoder, t as ChunkLocation, F as Float16View, G as GatherChunks, u as LoadingCache, v as StoredUnit, w as StridedCopy, x as axisTypeOfName, y as bytesOf, z as checkParameters, B as componentSizeOf, H as conflict, I as contiguousStride, K as createData, M as dtypeOfData, P as dtypes, Q as hasDType, T as isContiguous, U as isDType, V as isNdArray, W as isThirdPartyStore, X as itemSizeOf, Y as localPathOf, Z as memoryStore, _ as narrowFloat16, $ as normalizeIndex, a0 as objectPerChunk, a1 as scalarAt, a2 as sharedChunkCache, a3 as sizeOf, a4 as wholeRegion, a5 as widenFloat16 } from './memory-store.js';

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
/**
* All chunks that a region meets, in C order of the grid, each with the part that it contributes. They may be very many: they are
* made one by one.
*/
declare function chunkParts(region: Region, chunks: readonly number[]): Generator<ChunkPart>;

/** Options that reach a backend's `read` and `write`. */
interface AccessOptions {
	readonly signal?: AbortSignal | undefined;
	/** Of reads: `out` was allocated for this read, and nobody has written to it. To be handed on only with the whole `out`. */
	readonly isNew?: boolean | undefined;
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
declare function defineSource<
	D extends DType,
	E extends object = object
>(definition: SourceDefinition<D>, extras?: E): Source<D> & E;

/** An array cut into a regular grid of separately encoded chunks. */
interface ChunkedLayout<D extends DType = DType> {
	readonly shape: readonly number[];
	readonly dtype: D;
	/** Shape of a chunk. Every stored chunk has it, also at the edges of the array, unless `edgeChunks` says otherwise. */
	readonly chunks: readonly number[];
	/** Whether chunks at the edge are stored whole (the part outside is padding) or cut. Defaults to `whole`. */
	readonly edgeChunks?: "whole" | "cut" | undefined;
	/** Axes of a decoded chunk, slowest first: `[0, 1, 2]` is C order, `[2, 1, 0]` Fortran order. Defaults to C order. */
	readonly axisOrder?: readonly number[] | undefined;
	/** Byte order of a decoded chunk. Defaults to little. */
	readonly byteOrder?: "little" | "big" | undefined;
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
* Fetches one encoded chunk; `undefined` if it is not stored.
*
* @throws ERR_CONFLICT if the object has another revision than the location.
*/
declare function fetchEncoded(task: Pick<ChunkReadTask, "store" | "signal"> & {
	readonly coding: Pick<ChunkCoding, "byteLength">;
}, job: Pick<ChunkJob, "location">, scratch?: Uint8Array): Promise<Uint8Array | undefined>;

/**
* Runs `work` on every item with at most `limit` under way. After the first failure or an abort nothing new is started; the
* returned promise settles only when all that was started has ended, so that no work goes on behind the caller's back.
*/
declare function forEachConcurrently<T>(items: Iterable<T>, limit: number, signal: AbortSignal | undefined, work: (item: T, lane: number) => Promise<void> | void): Promise<void>;
/** Waits for work that others share: an abort ends the waiting, not the work. */
declare function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T>;
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

/** A container that a path leads into. */
interface ContainerAbove {
	readonly location: Location;
	/** Path, in the container, of what the path names. */
	readonly internalPath: string;
}
/**
* The container of what was opened by its own path, as `scan.zarr/0` instead of `0` in `scan.zarr`: the nearest folder above it with an
* extension of the format, else, on a local disk, the outermost one from which on every folder has a marker. `undefined` if there is
* none, or nothing above it can be opened.
*/
declare function containerAbove({ path, url, localPath }: Location, kind: string, context: Context): Promise<ContainerAbove | undefined>;

/**
* Chunks for an array of which nothing else is known: about 2 MiB at most, cubic along the last three axes, which viewers and
* pipelines like. Within shards, chunks divide them.
*/
declare function defaultChunks(shape: readonly number[], shards?: readonly number[]): readonly number[];

/** Names the members whose numbers stay exact: wherever a member of that name is, or by the names that lead to it from the root. */
type ExactMembers = string | ((names: readonly string[]) => boolean);
/** Bytes that a metadata document may have; what is parsed takes many times its length. */
declare const maximalDocument: number;
/**
* Parses a metadata document, in which bare `NaN` and `Infinity` may stand. Numbers of the members `exact`, and of what is in them, stay
* exact: those that a JavaScript number cannot hold come as their text. Everywhere else numbers are plain numbers.
*
* @throws ERR_CORRUPT_DATA if the text is not a JSON object.
*/
declare function parseDocument(bytes: Uint8Array, key: string, exact?: ExactMembers): JsonObject;
/** Serialises a document; bigints become digits, numbers keep the sign of zero, and those that are not finite stand bare, as Python writes them. */
declare function formatDocument(document: Readonly<Record<string, unknown>>): Uint8Array;
/**
* Whether every number of an attribute can be written with all its digits. An integer beyond 2^53 cannot: which one was meant is not to be
* known from a JavaScript number.
*/
declare function keepsDigits(value: Json): boolean;
/** @throws ERR_UNSUPPORTED naming the attribute of which digits would be lost. */
declare function checkDigits(attributes: JsonObject): void;
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

/** Names this process among all of this machine, also after its number was given to another one: host, number and start time. */
declare function processIdentity(): string;
/** Whether the process of that identity still runs. Of processes of other machines nothing is known. */
declare function stateOfProcess(identity: string): "running" | "ended" | "unknown";
/** Names the time since the machine was started; `undefined` where that cannot be told. */
declare function bootIdentity(): string | undefined;

/**
* Runs `work` again after a failure that may pass (a {@link SourceError} with a member `retryAfterMs`), with growing,
* randomly varied pauses. An abort ends the waiting at once.
*/
declare function retry<T>(signal: AbortSignal | undefined, work: () => Promise<T>, tries?: number): Promise<T>;

/** An object as it was read. */
interface ReadObject {
	/** `undefined` if there was none. */
	readonly bytes: Uint8Array | undefined;
	/** `undefined` where the store does not tell. */
	readonly revision: string | undefined;
}
/**
* Runs `work`, which reads an object by {@link readObject}, and stores it changed by {@link replaceObject}: alone in this thread,
* under the lock of the store where it has one, and again if another writer was faster, so that no change is lost.
*
* @throws ERR_CONFLICT if others were faster every time.
*/
declare function changeObject<T>(store: Store, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
/** Runs `work` alone in this thread, and under the lock of the store where it has one. */
declare function lockObject<T>(store: Store, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
/** Runs `work` again, after a pause of varied length, while it fails with ERR_CONFLICT. */
declare function againIfReplaced<T>(signal: AbortSignal | undefined, work: (attempt: number) => Promise<T>): Promise<T>;
/** Reads an object, or a part of it, with its revision. */
declare function readObject(store: Store, key: string, options?: StoreGetOptions): Promise<ReadObject>;
/**
* Stores an object, or with `undefined` removes it, if it still is what was read.
*
* @throws ERR_CONFLICT if another writer was faster, ERR_READ_ONLY, ERR_UNSUPPORTED if the store has no lock and has not told the
*   revision of what was read, so that the change of another writer would be undone.
*/
declare function replaceObject(store: Store, key: string, read: ReadObject, bytes: Uint8Array | undefined): Promise<void>;
/** What locks and caches call an object: see `realName` of {@link Store}. */
declare function objectName(store: Store, key: string): string;

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
/** What is written so far, as a store of one object under the key `""`. */
declare function writerStore(writer: ObjectWriter): Store;

/** What a lock file says. */
interface FileLockState {
	/** Another one for every time that the lock is taken. */
	readonly id: string;
	/** Host, number and start time of the process; `undefined` if the file is being filled this moment, or of another program. */
	readonly process: string | undefined;
	/** Whether the owner has written what the file says. */
	readonly isFilled: boolean;
	/** Whether the owner can be there still. */
	readonly alive: boolean;
	readonly note: JsonObject;
}
/** Options of {@link takeFileLock}. */
interface FileLockOptions {
	/** What the file says beside its owner. */
	readonly note?: JsonObject | undefined;
	readonly signal?: AbortSignal | undefined;
	/**
	* A lock whose file was not refreshed for so long counts as left, though its process may live: that of a thread that was ended, or
	* of another machine. For work that a second owner cannot harm. Defaults to never.
	*/
	readonly abandonedAfterMs?: number | undefined;
	/** Called when another one holds the lock; if it throws, the lock is not waited for. */
	readonly onHeld?: ((state: FileLockState) => void) | undefined;
	/** Called before the lock of an owner that is gone is taken over; if it throws, it is not. */
	readonly onLeft?: ((state: FileLockState) => void) | undefined;
}
/** A lock that this thread holds. */
interface FileLock extends StoreLock {
	/** Changes what the file says, at once. */
	setNote(note: JsonObject): Promise<void>;
}
/**
* Takes an advisory lock against other threads and processes: a file that only one can make, with the process that made it. The lock
* of a process that has died is taken over.
*
* @throws ERR_CONFLICT after ten minutes with one owner; what `onHeld` and `onLeft` throw.
*/
declare function takeFileLock(path: string, options?: FileLockOptions): Promise<FileLock>;
/** What the lock file at a path says; `undefined` if there is none. `abandonedAfterMs` as in {@link FileLockOptions}. */
declare function readFileLock(path: string, abandonedAfterMs?: number): Promise<FileLockState | undefined>;
/** Removes the lock file of an owner that is gone, whatever it says. */
declare function dropLeftLock(path: string): Promise<void>;

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
/**
* What chunks an array has left in its folder, as after a kill in the middle of its removal: the next array there would show them.
*
* @param isChunkName Whether an object or folder of chunks has such a name.
* @param overwrite Whether they may be removed.
* @returns their removal; `undefined` if there are none.
* @throws ERR_ALREADY_EXISTS if they may not be removed, or hold other things.
*/
declare function removalOfLeftChunks(store: Store, folder: string, isChunkName: (name: string) => boolean, { overwrite, signal }: {
	readonly overwrite: boolean;
	readonly signal?: AbortSignal | undefined;
}): Promise<(() => Promise<void>) | undefined>;
/** Bytes of all objects in a folder and below. */
declare function measureFolder(store: Store, folder: string, signal?: AbortSignal): Promise<number>;
/** Deletes all objects in a folder and below. A symbolic link goes itself; what it points to stays. */
declare function deleteFolder(store: Store, folder: string, signal?: AbortSignal): Promise<void>;

/** Finds the files that a file names: targets of links, raw data, the other files of a set. */
interface SiblingOptions {
	/** Where the file that names others lies. */
	readonly location: Pick<Location, "path" | "url">;
	readonly context: Context;
	/** Also files outside the folder of the file: the option `followOutside`. Absent where a backend has no such option. */
	readonly anywhere?: boolean | undefined;
}
/**
* The store of a file named by another, relative to its folder. By default it must lie below that folder: a file from elsewhere
* could else make a program read any file of this machine.
*
* @throws ERR_ACCESS_DENIED outside the folder, ERR_UNSUPPORTED for a file without a path.
*/
declare function siblingStore(name: string, options: SiblingOptions): Promise<Store>;

/**
* Copies a box of elements between two byte arrays with any strides. Bytes are moved, never numbers, so that every NaN
* keeps its payload.
*/
declare function copyStrided(box: StridedBox): void;
/** Fills a box with one element, given by its bytes. */
declare function fillStrided(destination: Uint8Array, offset: number, strides: readonly number[], shape: readonly number[], item: Uint8Array): void;
/** Swaps the bytes of every component (2, 4 or 8 bytes) in place. */
declare function swapBytes(bytes: Uint8Array, componentSize: number): void;

/** Values that are stored as others: `slope * stored + intercept`. */
interface LinearScaling {
	/** Type of the stored elements. */
	readonly storedDType: DType;
	readonly slope: number;
	/** Added to the real part of complex numbers. */
	readonly intercept: number;
}

/** An object that holds consecutive planes of a strided array. */
interface StridedPart {
	readonly key: string;
	/** Byte at which element 0 of the part lies. */
	readonly offset: number;
}
/** An array whose elements lie at computable byte offsets. */
interface StridedLayout<D extends DType = DType> {
	readonly shape: readonly number[];
	/** Type of the elements that reads give. */
	readonly dtype: D;
	readonly byteOrder: "little" | "big";
	/** Bytes between neighbours along each axis; negative for an axis that is stored in reverse. */
	readonly strides: readonly number[];
	/**
	* Where the elements lie. One part holds the whole array. Several parts hold `partLength` positions of axis 0 each, in
	* order, as the pages of a TIFF or the files of a stack do.
	*/
	readonly parts: readonly StridedPart[];
	/** Positions of axis 0 per part. Defaults to all. */
	readonly partLength?: number | undefined;
	/** The stored values, where reads give them scaled: `dtype` is then that of floats. Reading only. */
	readonly scaling?: LinearScaling | undefined;
}
/**
* The strided engine: reads regions of such an array from a store. All that one read gives of one remote object is of one moment: where
* it is replaced meanwhile, it is read again.
*/
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
* @param layout One part, little-endian, without scaling.
*/
declare function stridedOutput<D extends DType>(writer: ObjectWriter, layout: StridedLayout<D>, options?: StridedOutputOptions): StridedOutput<D>;

/** The text of a URL, with what {@link withoutCredentials} takes away, and nothing else changed; any other text as it is. */
declare function shareable(text: string): string;

export { type AccessOptions, type Attempt, ChunkCoding, ChunkJob, type ChunkPart, ChunkReadTask, ChunkStorage, type ChunkedLayout, CodecRuntime, type ContainerAbove, type CreateObjectOptions, type ExactMembers, Executor, type FileLock, type FileLockOptions, type FileLockState, type LinearScaling, type ReadObject, type RegionAccess, type SiblingOptions, type SourceDefinition, StridedBox, type StridedLayout, type StridedOutput, type StridedOutputOptions, type StridedPart, againIfReplaced, ancestorsOf, arrayNotChosen, arrayNotFound, attempt, bootIdentity, changeObject, checkChunkBytes, checkDigits, checkRank, chunkParts, chunkedAccess, containerAbove, copyStrided, createObject, defaultChunks, defineSource, deleteFolder, dropLeftLock, fetchEncoded, fillStrided, forEachConcurrently, forgetChunks, formatDocument, formatMembers, hasFolders, inlineExecutor, keepsDigits, lockObject, maximalDocument, measureFolder, memberTexts, nameArrays, numbersOf, objectName, parseDocument, parseIntegers, parseObject, processIdentity, readFileLock, readObject, removalOfLeftChunks, replaceObject, retry, shareable, siblingStore, stateOfProcess, stridedAccess, stridedOutput, swapBytes, takeFileLock, unlessAborted, unreadableArray, walkFolders, withLock, writerStore };
