/// <reference lib="esnext.disposable" />
/**
* Values, least recently used first out, bounded by their bytes. What is wanted twice at the same time is loaded once. Values are
* shared: nobody may change them.
*/
declare class LoadingCache<T> {
	#private;
	readonly maxBytes: number;
	/** @param maxBytes Bytes of values to keep. */
	constructor(maxBytes: number, byteLengthOf: (value: T) => number);
	/** Bytes held now. */
	get byteLength(): number;
	/**
	* The value of that name, loaded if need be. `load` gives what nobody else changes, or `undefined` for what is not stored, which
	* is not remembered. If the caller who started a load gives up, others who wait start their own.
	*
	* @param revision Of the stored object, where that is known: values of another revision are not used.
	*/
	fetch(key: string, signal: AbortSignal | undefined, load: () => Promise<T | undefined>, revision?: string): Promise<T | undefined>;
	/** Forgets a value, also one that is being loaded now. */
	invalidate(key: string): void;
	/** Forgets every value whose name begins so. */
	invalidateAll(prefix: string): void;
}

/**
* Decoded chunks, least recently used first out, bounded by bytes. Chunks that are wanted twice at the same time are loaded
* once. Cached bytes are shared: nobody may change them.
*/
declare class ChunkCache extends LoadingCache<Uint8Array> {
	/** @param maxBytes Bytes of decoded chunks to keep. */
	constructor(maxBytes: number);
}
/** The cache of the process, of 128 MiB. */
declare function sharedChunkCache(): ChunkCache;

/** A range of one axis, as Python's `slice`: `null` stands for "not given". */
interface Slice {
	readonly start?: number | null | undefined;
	readonly stop?: number | null | undefined;
	/** At least 1. */
	readonly step?: number | null | undefined;
}
/**
* A range of one axis with Python's meaning: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`. Negative
* bounds count from the end; bounds outside the axis are clamped.
*/
declare function slice(stop?: number | null): Slice;
declare function slice(start: number | null | undefined, stop: number | null | undefined, step?: number | null): Slice;

/** What selects along one axis: an integer drops the axis, `null` is the whole axis, `'...'` as many whole axes as fit. */
type IndexEntry = number | Slice | null | "...";
/** A basic index with numpy's meaning. Axes that it does not name are whole. */
type Index = IndexEntry | readonly IndexEntry[];
/** A selected box: along axis `i` the positions `start[i] + k * step[i]` for `k` below `shape[i]`. One entry per axis. */
interface Region {
	readonly start: readonly number[];
	readonly shape: readonly number[];
	readonly step: readonly number[];
}
/** An index after validation: the box it selects and which axes it drops. */
interface NormalizedIndex {
	readonly region: Region;
	/** Per axis, whether an integer selected it. */
	readonly dropped: readonly boolean[];
	/** Shape of the result: that of the region without the dropped axes. */
	readonly shape: readonly number[];
	/** Every axis was selected by an integer and no ellipsis was used: the result is a scalar. */
	readonly scalar: boolean;
}
/** The region that covers a whole array. */
declare function wholeRegion(shape: readonly number[]): Region;
/**
* Applies numpy's rules for basic indexing to an array of this shape.
*
* @throws ERR_INVALID_INDEX for an integer outside its axis, too many entries, a second ellipsis, a step below 1, or a value
*   that is not an index.
*/
declare function normalizeIndex(index: Index | undefined, shape: readonly number[]): NormalizedIndex;

/** Any value that survives `JSON.stringify` and `JSON.parse` unchanged. */
type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. An `undefined` member is one that `JSON.stringify` leaves out. */
interface JsonObject {
	readonly [name: string]: Json | undefined;
}
/** Whether `value` is a plain object, as `JSON.parse` makes them: not null, not an array, not a class instance. */
declare function isJsonObject(value: unknown): value is JsonObject;

/** One step of a codec chain, as pure JSON: the codec's `id` and its options, named as in numcodecs and Zarr. */
interface CodecSpec {
	readonly id: string;
	readonly [option: string]: Json | undefined;
}
/** All that is needed to decode or encode a chunk, as pure JSON: a worker rebuilds the coder from it. */
interface ChunkCoding {
	/** The steps in encoding order; decoding runs them backwards. Empty for chunks stored as they are. */
	readonly codecs: readonly CodecSpec[];
	/** Bytes of a decoded chunk. */
	readonly byteLength: number;
	/** Bytes of one element of a decoded chunk. */
	readonly itemSize: number;
	/** Elements of a decoded chunk along its axes, slowest first, for codecs that know about axes; absent where it is no array. */
	readonly shape?: readonly number[] | undefined;
}
/** Turns stored bytes into the bytes of a chunk and back. */
interface ChunkCoder {
	/**
	* Decodes and hands exactly `byteLength` bytes to `use`, synchronously after the last step. The view may lie in scratch
	* memory that the next call overwrites: it is valid only during `use`. Any other length is `ERR_CORRUPT_DATA`.
	*/
	decode<T>(encoded: Uint8Array, use: (decoded: Uint8Array) => T): T | Promise<T>;
	/**
	* Decodes several chunks into memory that they share: `fill` is called once with a function that decodes a chunk and copies a box
	* of it there, then `use` with that memory, valid only during `use`. All of it is synchronous; chains with a step that waits have
	* no such method. A decoded length other than `byteLength` of the coding is `ERR_CORRUPT_DATA`.
	*/
	readonly gather?: GatherChunks | undefined;
	/** Encodes a chunk. The result belongs to the caller and may be `decoded` itself where there is nothing to do. */
	encode(decoded: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
type GatherChunks = (byteLength: number, fill: (decodeInto: (encoded: Uint8Array, box: ChunkBox) => void) => void, use: (gathered: Uint8Array) => void) => void;
/** A box of a decoded chunk, and where it goes in memory that several chunks share. All counts but the shape's are bytes. */
type ChunkBox = Omit<StridedBox, "source" | "destination">;
/** Copies a box of elements between two byte arrays in which it lies at different strides. All counts are bytes. */
interface StridedBox {
	readonly shape: readonly number[];
	readonly itemSize: number;
	readonly source: Uint8Array;
	readonly sourceOffset: number;
	/** May be negative, and zero to repeat an element. */
	readonly sourceStrides: readonly number[];
	readonly destination: Uint8Array;
	readonly destinationOffset: number;
	readonly destinationStrides: readonly number[];
}
type StridedCopy = (box: StridedBox) => void;
/** What the chunked engine needs of a codec library. `@bioimage/codecs` exports one. */
interface CodecRuntime {
	/**
	* Loads what the chain needs.
	*
	* @throws ERR_UNSUPPORTED naming a codec it does not know; ERR_INVALID_ARGUMENT for an option of the wrong type.
	*/
	coder(coding: ChunkCoding): Promise<ChunkCoder>;
	/** A faster copy than the engine's own, used when given. */
	readonly copyStrided?: StridedCopy | undefined;
}

/** One chunk of a read: where its bytes are, and which box of it goes where. Offsets and strides count bytes. */
interface ChunkJob {
	/** `undefined` for a chunk that is not stored. */
	readonly location: ChunkLocation | undefined;
	/** Shape of the box, in elements. */
	readonly shape: readonly number[];
	/** First element of the box in the decoded chunk. */
	readonly sourceOffset: number;
	/** First element of the box in the output. */
	readonly destinationOffset: number;
	/** Place of the chunk in the grid, for messages. */
	readonly position: readonly number[];
}
/** A read of many chunks, as the engine hands it to an executor. */
interface ChunkReadTask {
	readonly store: Store;
	/** JSON: an executor of several threads rebuilds the coder in each. */
	readonly coding: ChunkCoding;
	readonly coder: ChunkCoder;
	readonly runtime: CodecRuntime;
	readonly copyStrided: StridedCopy;
	readonly jobs: readonly ChunkJob[];
	/** Bytes between neighbours in a decoded chunk, times the step of the read. */
	readonly sourceStrides: readonly number[];
	readonly output: Uint8Array;
	readonly outputStrides: readonly number[];
	/** Nobody has written to the output since it was allocated. */
	readonly outputIsNew?: boolean | undefined;
	/** Bytes of the element that stands for chunks that are not stored. */
	readonly fill: Uint8Array;
	readonly concurrency: number;
	/**
	* Called for a job whose object has another revision than its location says: nothing of it is filled in, and the rest of the task
	* goes on. Without it, that is ERR_CONFLICT.
	*/
	readonly onReplaced?: ((job: ChunkJob) => void) | undefined;
	readonly signal?: AbortSignal | undefined;
}
/** Fetches, decodes and copies the chunks of a read. The engine plans; an executor decides where the work is done. */
interface Executor {
	read(task: ChunkReadTask): Promise<void>;
}

/**
* IEEE 754 half-precision numbers over their stored bits, for runtimes without `Float16Array`. Reading widens exactly;
* writing rounds to nearest, ties to even.
*/
declare class Float16View implements Iterable<number> {
	/** The stored bits, one number each. */
	readonly bits: Uint16Array;
	constructor(bits: Uint16Array);
	readonly BYTES_PER_ELEMENT = 2;
	get length(): number;
	get buffer(): ArrayBufferLike;
	get byteOffset(): number;
	get byteLength(): number;
	/** The number at `index`, which counts from the end when negative; `undefined` outside. */
	at(index: number): number | undefined;
	/** Stores `value` at `index`. */
	setAt(index: number, value: number): void;
	/** All numbers, widened. */
	toFloat32Array(): Float32Array<ArrayBuffer>;
	[Symbol.iterator](): Iterator<number>;
}
/** The number that 16 bits stand for (IEEE 754 binary16). */
declare function widenFloat16(bits: number): number;
/** The nearest half-precision bits, ties to even; numbers too large become infinite. */
declare function narrowFloat16(value: number): number;

/** Per dtype: the array that holds its elements and the scalar that one element is. Complex data lies as re, im pairs. */
interface DTypes {
	bool: {
		data: Uint8Array;
		scalar: boolean;
	};
	int8: {
		data: Int8Array;
		scalar: number;
	};
	int16: {
		data: Int16Array;
		scalar: number;
	};
	int32: {
		data: Int32Array;
		scalar: number;
	};
	int64: {
		data: BigInt64Array;
		scalar: bigint;
	};
	uint8: {
		data: Uint8Array;
		scalar: number;
	};
	uint16: {
		data: Uint16Array;
		scalar: number;
	};
	uint32: {
		data: Uint32Array;
		scalar: number;
	};
	uint64: {
		data: BigUint64Array;
		scalar: bigint;
	};
	float16: {
		data: Float16View;
		scalar: number;
	};
	float32: {
		data: Float32Array;
		scalar: number;
	};
	float64: {
		data: Float64Array;
		scalar: number;
	};
	complex64: {
		data: Float32Array;
		scalar: readonly [re: number, im: number];
	};
	complex128: {
		data: Float64Array;
		scalar: readonly [re: number, im: number];
	};
}
/** Type of an element, by numpy's name. */
type DType = keyof DTypes;
/** The array that holds elements of `D`: a typed array, or a {@link Float16View}. */
type DataOf<D extends DType> = DTypes[D]["data"];
/** One element of `D`: a number, `bigint` for 64-bit integers, `boolean`, `[re, im]`. */
type ScalarOf<D extends DType> = DTypes[D]["scalar"];
/** A typed array as JavaScript has them, which `set` accepts beside an NdArray. */
type TypedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array | BigUint64Array | Float32Array | Float64Array;
/** Every dtype, in numpy's order of kinds. */
declare const dtypes: readonly DType[];
/** Whether `name` is a dtype of this library. */
declare function isDType(name: unknown): name is DType;
/** Bytes of one element. */
declare function itemSizeOf(dtype: DType): number;
/** Bytes that change places when the byte order is swapped. */
declare function componentSizeOf(dtype: DType): number;
/** Narrows an array or source to one dtype: `if (hasDType(source, 'uint16')) …`. */
declare function hasDType<
	T extends {
		readonly dtype: DType;
	},
	D extends DType
>(value: T, dtype: D): value is T & {
	readonly dtype: D;
};
/**
* A data array of `length` elements, over `buffer` when given.
*
* @throws ERR_TOO_LARGE when the runtime cannot allocate that much.
*/
declare function createData<D extends DType>(dtype: D, length: number, buffer?: ArrayBufferLike, byteOffset?: number): DataOf<D>;
/** The bytes of a data array, in the machine's order, sharing its memory. */
declare function bytesOf(data: DataOf<DType> | TypedArray): Uint8Array;
/**
* The scalar at `index` (in elements) of a data array of this dtype.
*
* @throws ERR_INVALID_INDEX outside the array.
*/
declare function scalarAt<D extends DType>(dtype: D, data: DataOf<D>, index: number): ScalarOf<D>;
/**
* The dtype whose data array `data` is; `uint8` for bytes, since nothing tells a bool array from it.
*
* @throws ERR_INVALID_ARGUMENT for anything but a typed array.
*/
declare function dtypeOfData(data: TypedArray | Float16View): DType;

/** A store as zarrita has them: keys begin with `/`, ranges are a method of their own. */
interface ThirdPartyStore {
	get(key: `/${string}`, options?: {
		signal?: AbortSignal | undefined;
	}): Promise<Uint8Array | undefined> | Uint8Array | undefined;
	getRange?(key: `/${string}`, range: {
		offset: number;
		length: number;
	} | {
		suffixLength: number;
	}, options?: {
		signal?: AbortSignal | undefined;
	}): Promise<Uint8Array | undefined> | Uint8Array | undefined;
	set?(key: `/${string}`, value: Uint8Array): unknown;
	delete?(key: `/${string}`): unknown;
}
/** Whether a value is a store of that form and not one of ours. */
declare function isThirdPartyStore(value: unknown): value is ThirdPartyStore;
/**
* A store of another library as one of ours: always a container, never a single file. Nothing reopens it, so sources on it
* have no spec. A store that cannot read ranges is read whole, object by object.
*/
declare function thirdPartyStore(store: ThirdPartyStore): Store;

/** Where a file or container may lie: a local path, a URL, a Blob or File, a store. */
type Target = string | URL | Blob | Store | ThirdPartyStore;
/** A file or container: the store whose root it is. */
interface Location {
	/** Key `""` is the file itself; other keys lie inside the container. */
	readonly store: Store;
	/** Absolute path or URL for specs and messages, without credentials; `undefined` where nothing reopens it. */
	readonly path: string | undefined;
	/** The URL as it was given, with its whole query: for requests to files beside it, never for specs or messages. */
	readonly url?: URL | undefined;
	/** The absolute local path, where it was opened by that. */
	readonly localPath?: string | undefined;
	/** Last part of the path in lower case, for extensions; `""` if there is none. */
	readonly name: string;
}
/**
* Finds the store of a target. A text is a URL if it begins with a scheme and `//`, or with the scheme of a registered package
* and a colon; any other is a local path.
*
* @throws ERR_UNSUPPORTED for a URL scheme that no registered package handles.
*/
declare function resolveLocation(target: Target, context: Context): Promise<Location>;
/**
* The local path that a target names, as it is given; `undefined` for a URL of another scheme than `file:`. What is a URL is
* said at {@link resolveLocation}.
*
* @throws ERR_INVALID_ARGUMENT for a `file:` URL that names no local path.
*/
declare function localPathOf(target: string | URL, registry?: Registry): string | undefined;

/** What an axis runs along. `index` is an axis of no physical meaning. */
type AxisType = "space" | "time" | "channel" | "index";
/** One axis of an image, in the order of `shape`. */
interface Axis {
	/** Such as `"z"`, `"y"`, `"x"`, `"t"`, `"c"`. */
	readonly name: string;
	readonly type: AxisType;
	/** Unit of `scale` and `translation`, spelled out as in OME-NGFF: `"nanometer"`, `"micrometer"`, `"second"`. */
	readonly unit?: string | undefined;
	/** Distance between neighbouring elements: the voxel size along this axis. */
	readonly scale?: number | undefined;
	/** Position of element 0 in the same unit. */
	readonly translation?: number | undefined;
}
/** One level of a multiscale image. */
interface Level {
	/** Path of the array inside the container. */
	readonly internalPath: string;
	/** Voxel size per axis, in the units of the axes. */
	readonly scale?: readonly number[] | undefined;
	/** Position of voxel 0 per axis, in the units of the axes. */
	readonly translation?: readonly number[] | undefined;
}
/** Where the voxels of an image that may be rotated or sheared lie in the world. */
interface Affine {
	/**
	* Four rows of four numbers: the position in the world is the matrix times `(x, y, z, 1)`, the index along the axes of these names. In
	* medical formats the world's first axis runs to the patient's right, the second to the front, the third up.
	*/
	readonly matrix: readonly (readonly number[])[];
	/** Unit of positions in the world, as in {@link Axis.unit}. */
	readonly unit?: string | undefined;
	/** What positions refer to: `"scanner"`, `"mni"`, … */
	readonly space?: string | undefined;
}
/** One segment of a segmentation. */
interface Segment {
	/** Decimal digits: ids may be too large for a number. */
	readonly id: string;
	readonly name: string;
}
/** What is known of the segments of a segmentation. */
interface SegmentationMetadata {
	/** Decimal digits: ids may be too large for a number. */
	readonly largestSegmentId?: string | undefined;
	/** Those that have a name. */
	readonly segments?: readonly Segment[] | undefined;
}
/** The same view of the metadata of every format. What a format does not say is absent. */
interface SourceMetadata {
	/** One entry per axis of the array. */
	readonly axes?: readonly Axis[] | undefined;
	/** Name of each element of the channel axis. */
	readonly channels?: readonly string[] | undefined;
	/** All levels of the multiscale image that this array belongs to, finest first. */
	readonly levels?: readonly Level[] | undefined;
	readonly affine?: Affine | undefined;
	/** Of an array whose values are ids of segments. */
	readonly segmentation?: SegmentationMetadata | undefined;
}
/** The type that an axis has by its name. */
declare function axisTypeOfName(name: string): AxisType;

/**
* Every code a {@link SourceError} can carry. They are part of the public contract: a code is never renamed, and each is
* described in `docs/errors.md`.
*/
type ErrorCode = "ERR_ACCESS_DENIED" | "ERR_ALREADY_EXISTS" | "ERR_ARRAY_NOT_CHOSEN" | "ERR_CLOSED" | "ERR_CONFLICT" | "ERR_CORRUPT_DATA" | "ERR_DTYPE_MISMATCH" | "ERR_DUPLICATE_KIND" | "ERR_INCOMPATIBLE_DRIVER" | "ERR_INVALID_ARGUMENT" | "ERR_INVALID_INDEX" | "ERR_INVALID_SPEC" | "ERR_IO" | "ERR_NOT_FOUND" | "ERR_NOT_SERIALIZABLE" | "ERR_READ_ONLY" | "ERR_SHAPE_MISMATCH" | "ERR_TOO_LARGE" | "ERR_UNKNOWN_FORMAT" | "ERR_UNKNOWN_KIND" | "ERR_UNSUPPORTED";
/** What a {@link SourceError} knows beside its message. */
interface ErrorDetails {
	/** Kind of the source concerned, such as `"zarr"`. */
	readonly kind?: string | undefined;
	/** Path, URL or key of the object concerned. Never holds a credential. */
	readonly path?: string | undefined;
	/** The error that led to this one. */
	readonly cause?: unknown;
}
/** The one error of this library. Tell errors apart by `code`, through {@link isSourceError}; messages may change. */
declare class SourceError extends Error {
	readonly code: ErrorCode;
	readonly kind: string | undefined;
	readonly path: string | undefined;
	constructor(code: ErrorCode, message: string, details?: ErrorDetails);
}
/**
* Whether `error` is a {@link SourceError}, with this code if one is given. It tests a brand and not the class, so that it
* also recognises errors thrown by a second copy of this package.
*/
declare function isSourceError(error: unknown, code?: ErrorCode): error is SourceError;
/** That an object is not the one that was read. */
declare function conflict(name: string): SourceError;
/** Whether `error` is the reason of an abort: aborts are handed on as they are and never wrapped. */
declare function isAbort(error: unknown, signal?: AbortSignal | undefined): boolean;
/**
* Adds the kind and path to an error on its way up. Aborts (of this signal, if one is given) and errors that lack neither
* pass unchanged; an error of a library or of the system becomes a {@link SourceError} with `code`.
*/
declare function withDetails(error: unknown, code: ErrorCode, details: {
	readonly kind?: string | undefined;
	readonly path?: string | undefined;
}, signal?: AbortSignal | undefined): unknown;

/** Type of a backend's option. A list of strings means "one of these". `json` is any JSON value. */
type ParameterType = "boolean" | "integer" | "integers" | "json" | "number" | "numbers" | "object" | "string" | "strings" | readonly string[];
/** The options of a backend that may stand in a spec, with their types. All are optional. */
type ParameterSchema = Readonly<Record<string, ParameterType>>;
/**
* Checks options against a schema.
*
* @param subject What the options belong to, for the message.
* @throws the given code for an unknown option or a value of the wrong type.
*/
declare function checkParameters(params: JsonObject, schema: ParameterSchema, subject: string, code: ErrorCode): void;

/**
* A dense array in memory. `stride` counts elements; element `[i, j]` is number `offset + i * stride[0] + j * stride[1]` of
* `data`. Reads give C order with offset 0. The chunks of zarrita and scijs `ndarray` objects have the same members.
*/
interface NdArray<D extends DType = DType> {
	readonly dtype: D;
	readonly shape: readonly number[];
	readonly stride: readonly number[];
	/** Element of `data` at which the array starts. Defaults to 0. */
	readonly offset?: number | undefined;
	readonly data: DataOf<D>;
}
/** Number of elements of a shape. */
declare function sizeOf(shape: readonly number[]): number;
/** Strides, in elements, of a C-ordered array (last axis fastest). */
declare function contiguousStride(shape: readonly number[]): number[];
/** Whether the elements lie in C order without gaps. */
declare function isContiguous(array: {
	readonly shape: readonly number[];
	readonly stride: readonly number[];
}): boolean;
/** Whether a value has the members of an NdArray, with a dtype of this library. */
declare function isNdArray(value: unknown): value is NdArray;

/**
* How to open a source again: pure JSON, readable in a log, safe to hand on. It holds no credential, token or function;
* those come from the context that opens it.
*/
interface SpecBase<K extends string = string> {
	/** Kind of the backend, such as `"zarr"`. */
	readonly kind: K;
	/** Absolute path or URL of the file or container. */
	readonly path?: string | undefined;
	/** Path of the array inside the container. */
	readonly internalPath?: string | undefined;
	/** Options of the backend, as `openSource` takes them. */
	readonly params?: JsonObject | undefined;
	/** Spec of the source that a wrapper wraps. */
	readonly wrapped?: SpecBase | undefined;
}
/**
* Validates untrusted JSON as a spec. Specs of the Python package must go through `fromPythonSpec` first, which
* `fromSpec` does by itself.
*
* @throws ERR_INVALID_SPEC for anything but a spec, ERR_UNKNOWN_KIND for a kind that is not registered.
*/
declare function parseSpec(value: unknown, registry?: Registry): SpecBase;
/** The spec of a source that was opened by this request. */
declare function specOf(kind: string, request: {
	readonly location: Location;
	readonly params?: JsonObject | undefined;
	readonly mode?: Mode | undefined;
}, internalPath: string | undefined): (() => SpecBase) | undefined;

/** Options of a read. */
interface GetOptions<D extends DType = DType> {
	/** Stops the read; it then rejects with the signal's reason. */
	readonly signal?: AbortSignal | undefined;
	/**
	* Memory to fill instead of new memory: an array of the result's shape and the source's dtype, or a typed array with as
	* many elements. It may lie on a SharedArrayBuffer.
	*/
	readonly out?: NdArray<D> | TypedArray | Float16View | undefined;
}
/** Options of a write. */
interface SetOptions {
	/** Stops the write; chunks written so far stay. */
	readonly signal?: AbortSignal | undefined;
}
/** What `set` takes: an array, a typed array with as many elements as the region, or a scalar for every element. */
type SetValue<D extends DType = DType> = NdArray<D> | TypedArray | Float16View | ScalarOf<D>;
/** What `get` gives for an index: integers alone may select a scalar, anything else an array. */
type GetResult<
	D extends DType,
	I extends Index
> = I extends number ? NdArray<D> | ScalarOf<D> : I extends readonly IndexEntry[] ? MayBeIntegers<I> extends true ? NdArray<D> | ScalarOf<D> : NdArray<D> : NdArray<D>;
/** Whether every entry of a list may be an integer. */
type MayBeIntegers<I extends readonly IndexEntry[]> = I extends readonly [infer First, ...infer Others extends readonly IndexEntry[]] ? [Extract<First, number>] extends [never] ? false : MayBeIntegers<Others> : I extends readonly [] ? true : [Extract<I[number], number>] extends [never] ? false : true;
/**
* An array that lies somewhere: the same handle for every format. Reads may run side by side, and beside writes.
*
* All methods reject with `ERR_CLOSED` once the source is closed.
*/
interface Source<D extends DType = DType> extends AsyncDisposable {
	/** Kind of the backend, such as `"zarr"`. */
	readonly kind: string;
	/** Elements along each axis, slowest axis first. */
	readonly shape: readonly number[];
	/** Type of the elements that reads give. */
	readonly dtype: D;
	readonly ndim: number;
	/** Number of elements. */
	readonly size: number;
	/** Shape of the smallest piece that is decoded at once; `null` where any element can be read by itself. */
	readonly chunks: readonly number[] | null;
	/** Shape of the part of the array that one stored object holds, where that holds several chunks: the unit of safe writing. */
	readonly shards: readonly number[] | null;
	readonly writable: boolean;
	/** The format's own metadata, untouched. */
	readonly attrs: JsonObject;
	/** The same view for every format: axes, voxel size, channels, levels. */
	readonly metadata: SourceMetadata;
	/**
	* Reads a region. Without an index, everything; with an integer for every axis, one scalar; else an array in C order.
	* With `out`, that array, also for a scalar.
	*
	* @throws ERR_INVALID_INDEX, ERR_CORRUPT_DATA, ERR_SHAPE_MISMATCH or ERR_DTYPE_MISMATCH (`out` does not fit), ERR_TOO_LARGE.
	*/
	get(): Promise<NdArray<D>>;
	get(index: Index | undefined, options: GetOptions<D> & {
		readonly out: NdArray<D> | TypedArray | Float16View;
	}): Promise<NdArray<D>>;
	get<const I extends Index>(index: I, options?: GetOptions<D>): Promise<GetResult<D, I>>;
	get(index?: Index, options?: GetOptions<D>): Promise<NdArray<D> | ScalarOf<D>>;
	/**
	* Writes a region (steps of 1 only). Resolves when every chunk is stored.
	*
	* The memory of `value` is not copied: it is read until the promise settles. **Do not change or transfer it before**, or what
	* is stored is a mixture of old and new; hand over a copy to go on with it at once.
	*
	* @throws ERR_READ_ONLY, ERR_INVALID_INDEX, ERR_SHAPE_MISMATCH, ERR_DTYPE_MISMATCH; nothing is written then.
	*/
	set(index: Index, value: SetValue<D>, options?: SetOptions): Promise<void>;
	/**
	* A small JSON object that reopens this source in another thread, process or machine. It holds no credential.
	*
	* @throws ERR_NOT_SERIALIZABLE for data that only this process has.
	*/
	toSpec(): SpecBase;
	/** Waits for the writes under way, then releases files and cached chunks. May be called twice. */
	close(): Promise<void>;
}

/**
* Every known kind with its spec and source. A backend adds its own:
* `declare module '@bioimage/core' { interface SourceKinds { tif: { spec: TifSpec; source: TifSource } } }`
*/
interface SourceKinds {}
/** The kinds of all backends that the program imports. */
type Kind = keyof SourceKinds & string;
type SpecOf<K extends Kind> = SourceKinds[K] extends {
	spec: infer S extends SpecBase;
} ? S : never;
type SourceOf<K extends Kind> = SourceKinds[K] extends {
	source: infer S extends Source;
} ? S : never;
/** A spec of any kind. Kinds whose backend is imported are checked in full. */
type SourceSpec = [Kind] extends [never] ? SpecBase : { [K in Kind]: SpecOf<K> }[Kind];
/**
* `r`: read only. `r+` and `a`: read and write an array that exists. (To make one: `createSource`.)
*/
type Mode = "r" | "r+" | "a";
/** What a backend gets to open a source. All of it is validated. */
interface OpenRequest {
	readonly location: Location;
	/** Path of the array in the container, without slashes at either end; `undefined` when the caller named none. */
	readonly internalPath: string | undefined;
	readonly mode: Mode;
	/** The options of the driver's schema. */
	readonly params: JsonObject;
	readonly context: Context;
	readonly signal: AbortSignal | undefined;
}
/** What a backend gets to create an array. */
interface CreateRequest extends Omit<OpenRequest, "mode"> {
	readonly shape: readonly number[];
	readonly dtype: DType;
	/** Replace an array that is there already; else ERR_ALREADY_EXISTS. */
	readonly overwrite: boolean;
	readonly chunks: readonly number[] | undefined;
	readonly shards: readonly number[] | undefined;
	/** Value of elements never written; the format's default is 0. Non-finite floats as `"NaN"`, `"Infinity"`, `"-Infinity"`. */
	readonly fillValue: number | bigint | boolean | string | undefined;
	readonly attrs: JsonObject;
	readonly metadata: SourceMetadata;
}
/** What a backend gets to take an array into a container that was made in another one. */
interface AdoptRequest extends Omit<OpenRequest, "mode"> {
	/** Those of the reader's `containerOptions` that were given. */
	readonly params: JsonObject;
}
/** One array of a container, as `listArrays` reports it. */
interface ArrayInfo {
	/** Path inside the container; `""` for the container itself. */
	readonly internalPath: string;
	readonly shape: readonly number[];
	/** A {@link DType}, or the format's own name of a type that is not readable here. */
	readonly dtype: string;
	readonly chunks: readonly number[] | null;
	readonly shards: readonly number[] | null;
	/** Names of the compressions and filters, in encoding order. */
	readonly codecs: readonly string[];
	readonly metadata: SourceMetadata;
	/** Bytes that the array takes where it is stored; only when asked for and known. */
	readonly storedBytes?: number | undefined;
	/** Why the array cannot be opened here. */
	readonly problem?: string | undefined;
}
/** What a backend gets to list a container. */
interface ListRequest extends Omit<OpenRequest, "mode"> {
	/** Also find out `storedBytes`. */
	readonly measure: boolean;
}
/** The heavy half of a backend, reached by `import()` at first use. */
interface Reader<S extends Source = Source> {
	open(request: OpenRequest): Promise<S>;
	create?(request: CreateRequest): Promise<S>;
	/** Names of the attributes that a new file has a place for, or whether it takes one; left out if it takes any. */
	readonly attributes?: readonly string[] | ((name: string, value: Json) => boolean) | undefined;
	/** Without it, the container is taken to hold the one array that `open` gives. */
	list?(request: ListRequest): Promise<readonly ArrayInfo[]>;
	/**
	* Those options of the driver's `createSchema` that concern the container around an array: `adopt` gets them where the array was
	* made elsewhere.
	*/
	readonly containerOptions?: readonly string[] | undefined;
	/**
	* Runs `move`, which puts an array that was made in a container of its own into its place in this one, by renames, or in the
	* place of another; and brings up to date what the container says of its arrays. May be called again after it was cut short,
	* with nothing left to move. Without it, the container says nothing of its arrays.
	*/
	adopt?(request: AdoptRequest, move: () => Promise<void>): Promise<void>;
	/** Makes a source of a live handle that the driver `accepts`. */
	wrap?(handle: unknown, context: Context): Promise<S>;
	/** Opens a spec that has no path, as those of wrappers. */
	fromSpec?(spec: SpecBase, context: Context): Promise<S>;
}
/** How a format is recognised. */
interface Sniff {
	/**
	* Whether a URL is an address of the format's own server, which is then not read as a file or folder. `possible` counts only where
	* the caller names the format.
	*/
	readonly address?: ((url: URL) => "certain" | "possible" | undefined) | undefined;
	/** Names of files that mark a folder, such as `zarr.json`. */
	readonly markers?: readonly string[] | undefined;
	/** Whether a folder with these children is of this format, where names alone do not mark it. At most 10000 of them are shown. */
	readonly folder?: ((entries: readonly StoreEntry[]) => boolean) | undefined;
	/** Bytes of the beginning of a file that `test` must see, at most 4096. */
	readonly prefixBytes?: number | undefined;
	/** Whether a file that begins so is of this format. */
	readonly test?: ((prefix: Uint8Array) => boolean) | undefined;
}
/**
* The light half of a backend: data that is registered at import, and one lazy function. Nothing heavy may be imported
* beside it.
*/
interface SourceDriver<K extends string = string> {
	/** Version of this contract. */
	readonly api: 1;
	/** Kind in specs, name of the format in `openSource`. */
	readonly kind: K;
	/** Name of the npm package. */
	readonly id: string;
	/** Lower-case extensions with their dot, such as `.nii.gz`. */
	readonly extensions: readonly string[];
	/** Whether `createSource` and writing modes exist. */
	readonly writable: boolean;
	/**
	* Whether only one process at a time may write a container of this format, so that a run of several processes must not write
	* to it. Defaults to false.
	*/
	readonly exclusiveWriter?: boolean | undefined;
	/** Whether one path holds one array (`file`) or a tree of arrays (`container`). */
	readonly layout: "file" | "container";
	/**
	* Key of the only array of a single-array format; another `internalPath` is ERR_NOT_FOUND. In containers that hold no array at
	* their root, the key that the command line gives to an array that none is given for.
	*/
	readonly defaultInternalPath?: string | undefined;
	/** Options that `openSource` takes and specs carry. */
	readonly schema: ParameterSchema;
	/** Further options that `createSource` takes. */
	readonly createSchema?: ParameterSchema | undefined;
	readonly sniff?: Sniff | undefined;
	/** Whether a live handle (an array object of another library) is one that `wrap` takes. */
	readonly accepts?: ((handle: object) => boolean) | undefined;
	load(): Promise<Reader>;
}

/** The backends and store types that a program knows. */
interface Registry {
	/** All drivers in the order of registration. */
	drivers(): readonly SourceDriver[];
	/** @throws ERR_UNKNOWN_KIND, naming the package to install. */
	driver(kind: string): SourceDriver;
	/** The reader of a driver, loaded once. */
	reader(driver: SourceDriver): Promise<Reader>;
	/** @throws ERR_DUPLICATE_KIND for a kind of another package, ERR_INCOMPATIBLE_DRIVER for another `api`. */
	register(driver: SourceDriver): void;
	/** The store type of a URL scheme such as `"s3:"`. */
	storeDriver(scheme: string): StoreDriver | undefined;
	registerStore(driver: StoreDriver): void;
}
/** A registry of its own, for tests and for servers that must not share backends. */
declare function createRegistry(drivers?: readonly SourceDriver[]): Registry;
/** The registry of the process: one, however many copies of this package are loaded. */
declare function globalRegistry(): Registry;
/**
* Makes a backend known to `openSource`, `fromSpec` and `asSource`. Importing a backend package does this.
*
* @throws ERR_DUPLICATE_KIND, ERR_INCOMPATIBLE_DRIVER
*/
declare function registerSource(driver: SourceDriver, registry?: Registry): void;
/** Makes a store type known, so that every backend opens its URLs. */
declare function registerStore(driver: StoreDriver, registry?: Registry): void;

/**
* What opens sources, apart from what a spec says: credentials, transport, caches, limits. Nothing of it ever enters a
* spec. Everything has a default.
*/
interface Context {
	/** Backends to choose from. Defaults to those of the process. */
	readonly registry?: Registry | undefined;
	/** Transport of HTTP requests. Defaults to the global `fetch`. */
	readonly fetch?: typeof globalThis.fetch | undefined;
	/** Headers for requests to a URL, such as an authorization. A redirect to another origin is followed without them. */
	readonly headers?: ((url: URL) => Readonly<Record<string, string>>) | undefined;
	/**
	* Parameters that are added to the query of requests to a URL, such as a token or the signature of a presigned URL. As the
	* headers, they go to the origin of that URL only: a redirect to another one is followed without them.
	*/
	readonly query?: ((url: URL) => Readonly<Record<string, string>>) | undefined;
	/**
	* Milliseconds without an answer or without further bytes after which a request is given up and tried again. Defaults to
	* 30 000.
	*/
	readonly timeoutMs?: number | undefined;
	/** Secrets for stores and servers, by a name that the backend documents. */
	readonly credentials?: Readonly<Record<string, string>> | undefined;
	/** Cache of decoded chunks; `false` for none. Defaults to one of 128 MiB that the process shares. */
	readonly cache?: ChunkCache | false | undefined;
	/** What runs the decoding. Defaults to the calling thread. */
	readonly executor?: Executor | undefined;
	/** Requests in flight per read. Defaults to 8 for local and 32 for remote stores. */
	readonly concurrency?: number | undefined;
}

/** A part of an object, in bytes: from `offset`, or the last `suffixLength`. */
type ByteRange = {
	readonly offset: number;
	readonly length: number;
} | {
	readonly suffixLength: number;
};
/** Options of {@link Store.get}. */
interface StoreGetOptions {
	/** The part to read. A part that reaches past the end is cut at the end. */
	readonly range?: ByteRange | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Memory the store may read into when the result fits; the result is then a view of it. */
	readonly scratch?: Uint8Array | undefined;
	/** Bytes that the whole object must have; any other size is ERR_CORRUPT_DATA. */
	readonly objectSize?: number | undefined;
	/**
	* Bytes that a whole object may have: a longer one is ERR_TOO_LARGE, and is not read further. A compressed reply may swell to any
	* length. Defaults to 1 GiB where a server does not announce the length.
	*/
	readonly maxBytes?: number | undefined;
	/**
	* The object is a chunk that may be absent: "forbidden" then means absent too, as buckets without a right to list say it; over HTTP
	* only if no credentials were sent, which may have expired.
	*/
	readonly chunk?: boolean | undefined;
	/**
	* Gets the revision of the object that the bytes are of, before the call ends: what {@link StoreSetOptions.ifRevision} compares,
	* at no request more. Not called for an object that is absent, nor by a store that cannot tell.
	*/
	readonly onRevision?: ((revision: string) => void) | undefined;
}
/** Options of {@link Store.set}. */
interface StoreSetOptions {
	readonly signal?: AbortSignal | undefined;
	/** Fail with ERR_ALREADY_EXISTS instead of replacing an object. */
	readonly ifAbsent?: boolean | undefined;
	/** What object storage records with the object and tells its readers. Other stores have no place for it. */
	readonly content?: ContentHeaders | undefined;
	/** Fail with ERR_CONFLICT unless the object is there and has this revision still. */
	readonly ifRevision?: string | undefined;
}
/** Headers with which object storage hands out an object. */
interface ContentHeaders {
	/** `Content-Type`, such as `"image/png"`. */
	readonly type?: string | undefined;
	/** `Content-Encoding` of the bytes given, such as `"gzip"`. */
	readonly encoding?: string | undefined;
	/** `Cache-Control`, such as `"no-cache"`. */
	readonly cacheControl?: string | undefined;
}
/** Options of {@link Store.delete}. */
interface StoreDeleteOptions {
	readonly signal?: AbortSignal | undefined;
	/** Fail with ERR_CONFLICT unless the object is there and has this revision still. */
	readonly ifRevision?: string | undefined;
}
/** A lock on one object against all other writers, given back by `release`. */
interface StoreLock {
	release(): Promise<void>;
}
/** What {@link Store.list} finds in a folder. */
interface StoreEntry {
	/** Name without its folder. */
	readonly name: string;
	readonly folder: boolean;
	/** Whether it is a symbolic link: deleting it leaves what it points to. Defaults to false. */
	readonly link?: boolean | undefined;
	/** Bytes of an object, where listing tells. */
	readonly size?: number | undefined;
}
/**
* A new object of known size that is filled in any order. Nobody sees it before `commit`, so that a half-written object is
* never taken for a whole one. What is never written is zero.
*/
interface ObjectWriter {
	/** Bytes of the object. */
	readonly size: number;
	/** Stores bytes from `offset` on; never past `size`. Writes to different places may run side by side. */
	write(offset: number, bytes: Uint8Array): Promise<void>;
	/** Fills `target` with what is written from `offset` on. */
	read(offset: number, target: Uint8Array): Promise<void>;
	/**
	* Puts the object in its place, at once, cut to `size` bytes if that is given: for objects whose length is known last.
	*
	* @throws ERR_ALREADY_EXISTS if one appeared there meanwhile.
	*/
	commit(size?: number): Promise<void>;
	/** Drops everything. Does nothing after `commit`. */
	abort(): Promise<void>;
}
/**
* A tree of named objects of bytes: a folder, a bucket, a zip file. Keys are relative paths with `/`, without one at either
* end; the key `""` is the store's root itself, which is how a single file is read.
*
* Every method checks the length and status of what it got: a result is whole, or an error.
*/
interface Store {
	/** Equal for stores that show the same objects: what locks and caches go by. */
	readonly identity: string;
	/** Path or URL that opens this store again; `undefined` where there is none, as for memory. */
	readonly path: string | undefined;
	/** Whether a request costs a network round trip. */
	readonly remote: boolean;
	/**
	* Whether objects have a `Content-Encoding`, which `set` records and `get` undoes as far as the platform knows it. Defaults to
	* false: what lies in the store is what `get` gives.
	*/
	readonly contentEncoding?: boolean | undefined;
	/**
	* How many objects that are asked for at the same time travel in one request. A read then asks for that many times as much at once.
	* Defaults to 1.
	*/
	readonly getsPerRequest?: number | undefined;
	/** The object or the part of it, `undefined` if there is none. The bytes belong to the caller, who may change them. */
	get(key: string, options?: StoreGetOptions): Promise<Uint8Array | undefined>;
	/** Bytes of the object, `undefined` if there is none. */
	size(key: string, options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<number | undefined>;
	/**
	* A token that changes when the object is replaced, the same that `onRevision` of `get` tells; `undefined` if there is no object.
	* Only stores that tell it at the cost of a local look-up have it: what is remembered of an object is then checked against it.
	*/
	revision?(key: string): string | undefined | Promise<string | undefined>;
	/** When the object was stored, in milliseconds since 1970; `undefined` if there is none. Only where a local look-up tells it. */
	modified?(key: string): Promise<number | undefined>;
	/** The direct children of a folder; nothing if there is no such folder. Absent where the store cannot list. */
	list?(folder: string, options?: {
		readonly signal?: AbortSignal | undefined;
	}): AsyncIterable<StoreEntry>;
	/**
	* Stores an object at once: a reader sees the old or the new one, never a part. Absent where the store is read-only.
	*
	* A store that can be written and tells revisions by `get` honours `ifRevision`: of several writers that read one revision, one
	* wins. Where the store has `lock`, that holds among those who have it.
	*/
	set?(key: string, bytes: Uint8Array, options?: StoreSetOptions): Promise<void>;
	/**
	* Begins a new object that is filled in any order and appears at its commit. Absent where objects are stored at once only;
	* use `createObject`, which then collects them in memory.
	*/
	create?(key: string, options: {
		readonly size: number;
		readonly ifAbsent: boolean;
	}): Promise<ObjectWriter>;
	/** Removes an object; no error if there is none. `ifRevision` as of `set`. */
	delete?(key: string, options?: StoreDeleteOptions): Promise<void>;
	/**
	* Waits until no other writer, of this or another process, holds the lock of the object, and takes it. For stores whose replacing
	* cannot compare, as a file system. Whoever reads an object to change it takes the lock; `changeObject` does all of it.
	*
	* @throws ERR_CONFLICT after minutes without a change of owner; ERR_ACCESS_DENIED
	*/
	lock?(key: string, options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<StoreLock>;
	/**
	* Name of the object for locks and caches, the same by whichever path the store was opened and through whichever links; use
	* `objectName`. Absent where `identity` and key name it.
	*/
	realName?(key: string): string;
	close?(): Promise<void>;
}
/** Opens stores for URL schemes; the package that provides it registers it with `registerStore`. */
interface StoreDriver {
	/** Name of the npm package. */
	readonly id: string;
	/** Such as `["s3:"]`. */
	readonly schemes: readonly string[];
	open(url: URL, context: Context): Promise<Store>;
}
/** Whether a value has the members of a {@link Store}. */
declare function isStore(value: unknown): value is Store;
/** Joins parts of a key, leaving out empty ones. */
declare function joinKey(...parts: readonly string[]): string;

/** Where the encoded bytes of a chunk lie: an object or a part of one, or bytes that are at hand already. */
type ChunkLocation = ChunkPlace & {
	/** The codecs of this chunk, where they are not those of the layout: formats may leave out filters chunk by chunk. */
	readonly codecs?: readonly CodecSpec[] | undefined;
};
type ChunkPlace = {
	readonly key: string;
	readonly offset?: number | undefined;
	readonly length?: number | undefined;
	/**
	* Revision of the object from which offset and length come, as its store told it with the index. The bytes of another revision
	* are not used: the chunk is located again.
	*/
	readonly revision?: string | undefined;
	readonly bytes?: undefined;
} | {
	readonly bytes: Uint8Array;
	/** The object they are of, for messages. */
	readonly key?: string | undefined;
	/** Its revision: what is decoded of the bytes is remembered with it. */
	readonly revision?: string | undefined;
};
/** One change to a stored unit: the chunk at this grid position gets these encoded bytes, or none (it becomes fill value). */
interface ChunkChange {
	readonly position: readonly number[];
	readonly encoded: Uint8Array | undefined;
}
/** Options of a look-up or a write. */
interface ChunkAccessOptions {
	readonly signal?: AbortSignal | undefined;
	/**
	* The same object for all look-ups of one read. What was looked up for it may be used again, also where the store does not tell
	* what was replaced since: a read need not see what is written during it.
	*/
	readonly pass?: object | undefined;
}
/** A unit as it was read, to be changed. */
interface StoredUnit {
	/** Where a chunk of the unit lies as it was read; `undefined` if it is not stored. */
	locate(position: readonly number[]): ChunkLocation | undefined | Promise<ChunkLocation | undefined>;
	/**
	* Stores all changes at once, and what the unit holds beside them.
	*
	* @throws ERR_CONFLICT if the unit was replaced since it was read; `replaceObject` sees to that.
	*/
	write(changes: readonly ChunkChange[]): Promise<void>;
}
/** How the encoded chunks of an array lie in a store. The position of a chunk is its place in the chunk grid. */
interface ChunkStorage {
	readonly store: Store;
	/**
	* What a unit is: one chunk, or a box of so many chunks along each axis. Without it, the chunks of a write are collected by `unitOf`,
	* and no unit is known to be covered whole.
	*/
	readonly unitShape?: "chunk" | readonly number[] | undefined;
	/**
	* Whether a write of a whole unit, too, takes the lock of the store: where a unit may be several objects, of which a write stores one
	* and removes the others; or where what is written whole must not be undone by one who compares and then replaces the unit, as a file
	* system does. Defaults to false: one object is replaced at once.
	*/
	readonly locksWholeUnits?: boolean | undefined;
	/**
	* Where a chunk lies; `undefined` if it is known not to be stored. A location may name an object that does not exist:
	* then the chunk is not stored either.
	*/
	locate(position: readonly number[], options: ChunkAccessOptions): ChunkLocation | undefined | Promise<ChunkLocation | undefined>;
	/** Name of the object that is rewritten when the chunk changes: the unit of locking. */
	unitOf(position: readonly number[]): string;
	/**
	* Stores all changes of one unit at once: a reader sees all old or all new chunks. Called under the unit's lock. With `openUnit` only
	* for units that the changes cover whole, so that whatever they held is replaced; without it, also for others, of which the rest must
	* be kept, with ERR_CONFLICT if that was replaced since it was read.
	*/
	write?(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void>;
	/** Reads a unit of which something stays. Called under the unit's lock, that of the store too; and again after a conflict. */
	openUnit?(unit: string, options: ChunkAccessOptions): Promise<StoredUnit>;
	/** Forgets what is remembered of a unit, which was found to be replaced. */
	forget?(unit: string): void;
}
/** Storage of one object per chunk, as Zarr without shards, N5 and unsharded precomputed have it. */
declare function objectPerChunk(store: Store, keyOf: (position: readonly number[]) => string): ChunkStorage;

/** Objects in memory, for tests and for results that are handed on at once. Bytes are copied in and out. */
declare function memoryStore(objects?: Iterable<readonly [key: string, bytes: Uint8Array]>): Store;

export { normalizeIndex as $, type ArrayInfo as A, componentSizeOf as B, type CodecSpec as C, type DType as D, type Executor as E, Float16View as F, type GatherChunks as G, conflict as H, contiguousStride as I, type JsonObject as J, createData as K, type Location as L, dtypeOfData as M, type NdArray as N, type ObjectWriter as O, dtypes as P, hasDType as Q, type Region as R, type SourceMetadata as S, isContiguous as T, isDType as U, isNdArray as V, isThirdPartyStore as W, itemSizeOf as X, localPathOf as Y, memoryStore as Z, narrowFloat16 as _, type SpecBase as a, withDetails as a$, objectPerChunk as a0, scalarAt as a1, sharedChunkCache as a2, sizeOf as a3, wholeRegion as a4, widenFloat16 as a5, type ScalarOf as a6, type TypedArray as a7, type DataOf as a8, type Kind as a9, type SegmentationMetadata as aA, type SetOptions as aB, type SetValue as aC, type Slice as aD, type Sniff as aE, type SourceDriver as aF, type SourceKinds as aG, type SourceSpec as aH, type StoreDeleteOptions as aI, type StoreDriver as aJ, type StoreEntry as aK, type StoreSetOptions as aL, type ThirdPartyStore as aM, createRegistry as aN, globalRegistry as aO, isAbort as aP, isJsonObject as aQ, isSourceError as aR, isStore as aS, joinKey as aT, parseSpec as aU, registerSource as aV, registerStore as aW, resolveLocation as aX, slice as aY, specOf as aZ, thirdPartyStore as a_, type Target as aa, type SourceOf as ab, type SpecOf as ac, type Mode as ad, type ByteRange as ae, type AdoptRequest as af, type Affine as ag, type Axis as ah, type AxisType as ai, type ContentHeaders as aj, type CreateRequest as ak, type ErrorCode as al, type ErrorDetails as am, type GetOptions as an, type GetResult as ao, type Index as ap, type IndexEntry as aq, type Level as ar, type ListRequest as as, type NormalizedIndex as at, type OpenRequest as au, type ParameterSchema as av, type ParameterType as aw, type Reader as ax, type Registry as ay, type Segment as az, type Source as b, type ChunkStorage as c, type CodecRuntime as d, type Context as e, type ChunkReadTask as f, type ChunkCoding as g, type ChunkJob as h, SourceError as i, type Store as j, type Json as k, type StoreGetOptions as l, type StoreLock as m, type StridedBox as n, type ChunkAccessOptions as o, type ChunkBox as p, ChunkCache as q, type ChunkChange as r, type ChunkCoder as s, type ChunkLocation as t, LoadingCache as u, type StoredUnit as v, type StridedCopy as w, axisTypeOfName as x, bytesOf as y, checkParameters as z };
