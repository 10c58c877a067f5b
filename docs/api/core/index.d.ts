/// <reference lib="esnext.disposable" />
import { D as DType, a6 as ScalarOf, N as NdArray, a7 as TypedArray, a8 as DataOf, b as Source, S as SourceMetadata, e as Context, J as JsonObject, a9 as Kind, aa as Target, ab as SourceOf, ac as SpecOf, ad as Mode, A as ArrayInfo, a as SpecBase, j as Store, ae as ByteRange } from './memory-store.js';
export { af as AdoptRequest, ag as Affine, ah as Axis, ai as AxisType, C as CodecSpec, aj as ContentHeaders, ak as CreateRequest, al as ErrorCode, am as ErrorDetails, F as Float16View, an as GetOptions, ao as GetResult, ap as Index, aq as IndexEntry, k as Json, ar as Level, as as ListRequest, L as Location, at as NormalizedIndex, O as ObjectWriter, au as OpenRequest, av as ParameterSchema, aw as ParameterType, ax as Reader, R as Region, ay as Registry, az as Segment, aA as SegmentationMetadata, aB as SetOptions, aC as SetValue, aD as Slice, aE as Sniff, aF as SourceDriver, i as SourceError, aG as SourceKinds, aH as SourceSpec, aI as StoreDeleteOptions, aJ as StoreDriver, aK as StoreEntry, l as StoreGetOptions, m as StoreLock, aL as StoreSetOptions, aM as ThirdPartyStore, aN as createRegistry, aO as globalRegistry, aP as isAbort, aQ as isJsonObject, aR as isSourceError, aS as isStore, aT as joinKey, Z as memoryStore, aU as parseSpec, aV as registerSource, aW as registerStore, aX as resolveLocation, aY as slice, aZ as specOf, a_ as thirdPartyStore, a$ as withDetails } from './memory-store.js';

/**
* A new array of zeros in C order.
*
* @throws ERR_TOO_LARGE when the runtime cannot allocate it.
*/
declare function zeros<D extends DType>(shape: readonly number[], dtype: D): NdArray<D>;
/**
* A C-ordered array over existing data, without a copy.
*
* @throws ERR_SHAPE_MISMATCH when `data` does not have as many elements as `shape`.
*/
declare function ndarray(data: TypedArray, shape?: readonly number[]): NdArray;
declare function ndarray<D extends DType>(data: DataOf<D>, shape: readonly number[], dtype: D): NdArray<D>;
/** The scalar at one position: `itemAt(array, 3, 0)`. Positions are not checked against the shape. */
declare function itemAt<D extends DType>(array: NdArray<D>, ...position: readonly number[]): ScalarOf<D>;
/** The elements as nested lists, for printing and for comparing small arrays. */
type Nested<D extends DType> = ScalarOf<D> | Nested<D>[];
/** The array as nested lists of scalars; a 0-dimensional array gives its scalar. */
declare function toNested<D extends DType>(array: NdArray<D>): Nested<D>;

/** A source over an array in memory. Its `toSpec` fails: no other process has the memory. */
interface ArraySource<D extends DType = DType> extends Source<D> {
	readonly kind: "array";
	/** The array itself: writes go to it. */
	readonly array: NdArray<D>;
}
/** The array engine: wraps an array in memory, without copying it. */
declare function arraySource<D extends DType>(array: NdArray<D>, options?: {
	readonly metadata?: SourceMetadata | undefined;
}): ArraySource<D>;
declare function arraySource(array: TypedArray, options?: {
	readonly metadata?: SourceMetadata | undefined;
}): ArraySource;

/** What {@link asSource} takes: a source, an array in memory, or a live array object of a library that a backend knows. */
type SourceLike = Source | NdArray | TypedArray | object;
/**
* Makes a source of a live value: a source (given back as it is), an array in memory, or an array object of a library whose
* backend is registered, such as a zarrita array.
*
* @throws ERR_INVALID_ARGUMENT for anything else; for a path it says to use `openSource`.
*/
declare function asSource<S extends Source>(value: S, context?: Context): Promise<S>;
declare function asSource<D extends DType>(value: NdArray<D>, context?: Context): Promise<ArraySource<D>>;
declare function asSource(value: TypedArray, context?: Context): Promise<ArraySource>;
declare function asSource(value: SourceLike, context?: Context): Promise<Source>;
/** Whether a value has the members of a {@link Source}, also one made by another copy of this package. */
declare function isSource(value: unknown): value is Source;

/** Options of {@link createSource}. Further members are options of the format. */
interface CreateOptions {
	readonly shape: readonly number[];
	readonly dtype: DType;
	/** Shape of a chunk. Defaults to the format's choice. */
	readonly chunks?: readonly number[] | undefined;
	/** Shape of a shard, a whole multiple of the chunks. Defaults to none. */
	readonly shards?: readonly number[] | undefined;
	/** Value of elements never written. Defaults to 0. Non-finite floats may be given by name: `"NaN"`. */
	readonly fillValue?: number | bigint | boolean | string | undefined;
	readonly attrs?: JsonObject | undefined;
	readonly metadata?: SourceMetadata | undefined;
	/** Replace what is there. Defaults to false: ERR_ALREADY_EXISTS. */
	readonly overwrite?: boolean | undefined;
	readonly format?: string | undefined;
	readonly internalPath?: string | undefined;
	readonly context?: Context | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly [option: string]: unknown;
}
/**
* Creates an array and opens it for writing. Files and groups above it are made too.
*
* @throws ERR_ALREADY_EXISTS, ERR_READ_ONLY (a format or place that cannot be written), ERR_INVALID_ARGUMENT,
*   ERR_UNSUPPORTED (the format cannot hold such an array), ERR_UNKNOWN_FORMAT.
*/
declare function createSource<K extends Kind>(target: Target, options: CreateOptions & {
	readonly format: K;
}): Promise<SourceOf<K>>;
declare function createSource(target: Target, options: CreateOptions): Promise<Source>;

/** What a spec must fit into: that of its kind, without further fields, where the kind is written out and not any string. */
type CheckedSpec<S> = S extends {
	readonly kind: infer K extends string;
} ? string extends K ? unknown : K extends Kind ? SpecOf<K> & Readonly<Record<Exclude<keyof S, keyof SpecOf<K>>, never>> : [Kind] extends [never] ? unknown : {
	readonly kind: Kind;
} : unknown;
type SourceOfSpec<S> = S extends {
	readonly kind: infer K extends Kind;
} ? SourceOf<K> : Source;
/**
* Opens a source from its spec. Untrusted JSON may be given: it is validated; specs of the Python package are understood.
*
* @throws ERR_INVALID_SPEC, ERR_UNKNOWN_KIND, and what `openSource` throws.
*/
declare function fromSpec<const S>(spec: S & CheckedSpec<S>, context?: Context): Promise<SourceOfSpec<S>>;

/** Options of {@link openSource} and {@link listArrays}. Further members are options of the format. */
interface OpenOptions {
	/** Kind of the backend. Defaults to what extension and content tell. */
	readonly format?: string | undefined;
	/** Path of the array inside a container. */
	readonly internalPath?: string | undefined;
	/** Defaults to `r`: read only. */
	readonly mode?: Mode | undefined;
	readonly context?: Context | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly [option: string]: unknown;
}
/** A source opened from a file, folder or URL. Its spec opens it again. */
type FileSource<D extends DType = DType> = Source<D>;
/**
* Opens an array by path, URL, File or store.
*
* @throws ERR_NOT_FOUND, ERR_UNKNOWN_FORMAT, ERR_UNKNOWN_KIND, ERR_ARRAY_NOT_CHOSEN (a container: the message lists its
*   arrays), ERR_INVALID_ARGUMENT (an option that the format does not have), ERR_CORRUPT_DATA, ERR_UNSUPPORTED,
*   ERR_ACCESS_DENIED, ERR_IO.
*/
declare function openSource<K extends Kind>(target: Target, options: OpenOptions & {
	readonly format: K;
}): Promise<SourceOf<K>>;
declare function openSource(target: Target, options?: OpenOptions): Promise<Source>;

/** Options of {@link listArrays}. */
interface ListOptions extends OpenOptions {
	/** Also find out how many bytes each array takes where it is stored. Defaults to false. */
	readonly measure?: boolean | undefined;
}
/** All arrays of a file or container, sorted by path, without reading voxels. Throws as `openSource` does. */
declare function listArrays(target: Target, options?: ListOptions): Promise<readonly ArrayInfo[]>;

/** Whether JSON is a spec as the Python package writes it (`dataclasses.asdict` of its `SourceSpec`). */
declare function isPythonSpec(value: unknown): boolean;
/**
* Translates a spec of the Python package: `internal_path`, `{"kind": "file", "params": {"format": "hdf5"}}`, `"z5py"`,
* option names with underscores. What it does not know it hands on, for `parseSpec` to judge. Python's format `folder` is a TIFF file, a
* KNOSSOS data set or a stack of images: it is told by `path` and `internal_path`, and where these do not say it, it is `stack`.
* (`fromSpec` looks at what is there.)
*
* @throws ERR_INVALID_SPEC for what cannot be such a spec.
*/
declare function fromPythonSpec(value: unknown, depth?: number): JsonObject;
/** Translates a spec into the form that the Python package's `SourceSpec(**spec)` takes. */
declare function toPythonSpec(spec: SpecBase): JsonObject;

/** A Blob or File as a store of one object, under the key `""`. Only the parts that are asked for are read. */
declare function blobStore(blob: Blob): Store;

/** The offset and length of a range in an object of that size, cut at its end. */
declare function resolveRange(range: ByteRange | undefined, size: number): {
	offset: number;
	length: number;
};
/** @throws ERR_CORRUPT_DATA if an object does not have the size it must have. */
declare function checkSize(name: string, size: number, expected: number | undefined): void;

/**
* A folder, or a single file (key `""`), of the local file system.
*
* @param path Path of the folder or file; made absolute.
* @throws ERR_UNSUPPORTED where there is no file system, as in a browser.
*/
declare function fileSystemStore(path: string): Store;

/** Options of {@link httpStore}. */
interface HttpStoreOptions {
	/** How often a request is sent in all before a failure that may pass is an error. Defaults to 4. */
	readonly tries?: number | undefined;
}
/**
* A folder or file behind an HTTP(S) URL, read by range requests. The query of the URL is kept for every key; its `path` has
* no parameters that are taken for credentials.
*
* Replies are checked: status, length, range, and content encoding (a compressed part of an object is of no use). Replies
* of 429 and 5xx, lost connections and silent servers are tried again with growing pauses.
*
* @throws ERR_INVALID_ARGUMENT for a URL with a user name or password: credentials belong into the context.
*/
declare function httpStore(url: string | URL, context?: Context, options?: HttpStoreOptions): Store;

/**
* The entries of a zip file as a read-only store, read by ranges of the file: stored entries (as `zip -0` writes them, and as
* a Zarr zip should be) are read in part, deflated ones whole. Zip64 is understood. (PKWARE APPNOTE 6.3.)
*
* @param file Store of the zip file, which lies at `key`.
* @throws ERR_CORRUPT_DATA for anything but a whole zip file, ERR_NOT_FOUND, ERR_UNSUPPORTED for encrypted entries.
*/
declare function zipStore(file: Store, key?: string, options?: {
	readonly signal?: AbortSignal | undefined;
}): Promise<Store>;

export { ArrayInfo, type ArraySource, ByteRange, Context, type CreateOptions, DType, DataOf, type FileSource, JsonObject, Kind, type ListOptions, Mode, NdArray, type Nested, type OpenOptions, ScalarOf, Source, type SourceLike, SourceMetadata, SourceOf, SpecBase, SpecOf, Store, Target, TypedArray, arraySource, asSource, blobStore, checkSize, createSource, fileSystemStore, fromPythonSpec, fromSpec, httpStore, isPythonSpec, isSource, itemAt, listArrays, ndarray, openSource, resolveRange, toNested, toPythonSpec, zeros, zipStore };
