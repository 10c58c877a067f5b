/// <reference lib="esnext.disposable" />
import { DType, NdArray, Store, Context, Source, ErrorCode, SourceDriver, SourceMetadata, JsonObject, StoreGetOptions, ByteRange } from '@bioimage/core';
import { R as Runner } from './runner.js';
export { D as DefineTest, T as TestOutcome, c as collectTests } from './runner.js';

/** A copy in C order. */
declare function copyOf<D extends DType>(array: NdArray<D>): NdArray<D>;
/**
* Whether two arrays have the same dtype, shape and elements. Elements are compared by their bytes: a NaN equals itself,
* and -0 is not 0. The strides may differ.
*/
declare function equalArrays(a: NdArray, b: NdArray): boolean;
/** In what two arrays differ, as a sentence with the first differing element; `undefined` if they are equal. */
declare function describeDifference(found: NdArray, expected: NdArray): string | undefined;

/** A small generator of random numbers that gives the same sequence for the same seed everywhere. */
interface Random {
	/** An integer from 0 up to `limit - 1`. */
	below(limit: number): number;
	/** 32 random bits. */
	bits(): number;
}
/** The generator of a seed (Tommy Ettinger's mulberry32: 32 bits of state, enough to choose test cases). */
declare function seededRandom(seed: number): Random;

/**
* Test data: the same for the same arguments, on every machine. Random values, and among them the extremes of the dtype; for
* floats also the infinities, NaN, -0 and the smallest subnormal number.
*
* @param seed Any integer; defaults to 1.
*/
declare function referenceArray<D extends DType>(shape: readonly number[], dtype: D, seed?: number): NdArray<D>;

/**
* How a worker with the backend starts. In Node: the modules to import in it, as URLs (`import.meta.resolve('@bioimage/zarr')`, or
* `new URL('../dist/index.js', import.meta.url).href`); they must be runnable as they are, so built, not TypeScript. In browsers:
* a function that makes a Web Worker, which is kept, and whose module imports the backend and calls `answerSpecs` of `@bioimage/testing/worker`.
*/
type WorkerSetup = {
	readonly modules: readonly string[];
} | {
	readonly create: () => Worker;
};

/** What the suite asks for when it opens the test data. */
interface TestOpenOptions {
	/** Wraps the store under the source: `openSource(wrap(fileSystemStore(path)), …)`. */
	readonly wrap: (store: Store) => Store;
	/** To be handed to `openSource`. */
	readonly context?: Context | undefined;
	/** To be handed to `openSource`. */
	readonly signal?: AbortSignal | undefined;
}
/** An array that the suite asks for. */
interface TestCreateOptions {
	readonly shape: readonly number[];
	readonly dtype: DType;
	readonly chunks?: readonly number[] | undefined;
	readonly shards?: readonly number[] | undefined;
	readonly fillValue?: number | bigint | boolean | undefined;
}
/** Which arrays a writing backend can create. */
interface Creation {
	/** Every dtype that it stores; others must be refused with ERR_UNSUPPORTED. */
	readonly dtypes: readonly DType[];
	/** Whether the caller chooses the chunk shape; if not, `chunks` must be refused with ERR_UNSUPPORTED. */
	readonly chunks: boolean;
	/** Whether the caller chooses a shard shape; if not, `shards` must be refused with ERR_UNSUPPORTED. */
	readonly shards: boolean;
	/** Whether the caller chooses the fill value; if not, one that is not 0 must be refused with ERR_UNSUPPORTED. */
	readonly fillValue: boolean;
	/**
	* Further shapes to create, such as `[]` and `[0, 3]`. Those of {@link tableShapes} are read with every index of numpy's
	* table.
	*/
	readonly shapes?: readonly (readonly number[])[] | undefined;
}
/**
* What a backend can do. The suite leaves out a test only where a capability is declared absent, prints that, and then tests
* that it is absent: that the call is refused with the documented code.
*/
interface Capabilities {
	/** Whether the bytes come from a `Store`. If so, `open` must use `wrap`. */
	readonly store: boolean;
	/** Whether `toSpec` works, and how a worker gets the backend. `false` for data that only this process has. */
	readonly spec: false | {
		readonly worker: WorkerSetup;
	};
	/**
	* `none`: sources are read-only. `regions`: any region of any array can be set at any time, and others see it at once. `new`: the
	* same, but only on a source that `create` gave, until that is closed; then its file appears, and is read-only (needs `spec`).
	*/
	readonly write: "none" | "new" | "regions";
}
/** A file that is not as it should be. */
interface BadInput {
	/** What is wrong with it. */
	readonly name: string;
	/** Opens it; the suite then reads everything. One of the two must fail. */
	readonly open: (options: TestOpenOptions) => Promise<Source>;
	/** The documented code of the failure. */
	readonly code: ErrorCode;
}
/** A backend with one array to test it on. To test several layouts, call `testBackend` for each. */
interface TestedBackend {
	/** Says what is tested: `"zarr v3, sharded, blosc"`. */
	readonly name: string;
	/** The `kind` of its sources. */
	readonly kind: string;
	/** The driver, where there is one. */
	readonly driver?: SourceDriver | undefined;
	/**
	* What the array holds, known from elsewhere than the backend. At least 24 elements; a shape of {@link tableShapes}, such as
	* `[6, 7, 8]`, is read with every index of numpy's table.
	*/
	readonly reference: NdArray;
	/** Chunk shape that the source must report; `null` for none. Not compared if absent. */
	readonly chunks?: readonly number[] | null | undefined;
	/** Shard shape that the source must report. Not compared if absent. */
	readonly shards?: readonly number[] | null | undefined;
	/** Metadata that the source must report. Not compared if absent. */
	readonly metadata?: SourceMetadata | undefined;
	/** Attributes that the source must report. Not compared if absent. */
	readonly attrs?: JsonObject | undefined;
	readonly capabilities: Capabilities;
	/** Opens the array anew, for reading. */
	readonly open: (options: TestOpenOptions) => Promise<Source>;
	/** Creates an empty array in a new place each time. Needed unless `write` is `none`. */
	readonly create?: ((options: TestCreateOptions) => Promise<Source>) | undefined;
	/** Needed unless `write` is `none`. */
	readonly creation?: Creation | undefined;
	readonly badInputs?: readonly BadInput[] | undefined;
	/** Seed of the random tests, to repeat a failure. Defaults to another one in every run; failures print it. */
	readonly seed?: number | undefined;
}

/**
* How much memory for binary data some work takes at most, as far as turns of the event loop show it, and what it fails with.
* In Node only; elsewhere the bytes are 0.
*/
declare function memoryOf(work: () => Promise<unknown>): Promise<{
	readonly bytes: number;
	readonly error: unknown;
}>;
/** Every file and folder below a folder of the local file system, with the bytes of files in hexadecimal; in Node only. */
declare function folderContent(folder: string): Record<string, string>;

/** One call of a method of a store. */
interface StoreRequest {
	readonly method: "get" | "size" | "list" | "set" | "delete";
	readonly key: string;
	/** The signal object itself, to see whether it is the caller's own. */
	readonly signal: AbortSignal | undefined;
	/** Options of a `get`. */
	readonly options?: StoreGetOptions | undefined;
	/** Bytes that a `set` stores. */
	readonly bytes?: Uint8Array | undefined;
}
/** What a wrapper does around every request. */
interface Interception {
	/** Runs before the request; what it throws fails the request. */
	readonly before?: ((request: StoreRequest) => Promise<void> | void) | undefined;
	/** May change what a `get` gives. */
	readonly afterGet?: ((request: StoreRequest, bytes: Uint8Array | undefined) => Uint8Array | undefined) | undefined;
}
/**
* A store that hands every request on to another, with something done before and after. It has the same optional methods, the
* same path and, unless another is given, the same identity.
*/
declare function forwardStore(store: Store, interception: Interception, identity?: string): Store;

/** Options of {@link failingStore}. */
interface FailingStoreOptions {
	/** Which requests fail. Defaults to all. */
	readonly when?: ((request: StoreRequest) => boolean) | undefined;
	/** What they fail with. Defaults to a `SourceError` with the code ERR_IO. */
	readonly error?: (() => Error) | undefined;
}
/** A store whose requests fail, as those of a server that is gone. */
declare function failingStore(store: Store, options?: FailingStoreOptions): Store;
/** Options of {@link truncatingStore}. */
interface TruncatingStoreOptions {
	/** Whether to cut now. Defaults to always. */
	readonly when?: ((request: StoreRequest) => boolean) | undefined;
	/** Bytes to leave out at the end of every reply. Defaults to 1. */
	readonly missingBytes?: number | undefined;
}
/** A store whose replies end early, as those of a file that was not written to its end. */
declare function truncatingStore(store: Store, options?: TruncatingStoreOptions): Store;

/** One request that a {@link RecordingStore} has seen. */
interface RecordedRequest {
	readonly method: StoreRequest["method"];
	readonly key: string;
	/** The part asked for, of a `get`; `undefined` for the whole object. */
	readonly range: ByteRange | undefined;
	/** The signal object itself, to see whether it is the caller's own. */
	readonly signal: AbortSignal | undefined;
}
/** A store that remembers what was asked of it. */
interface RecordingStore extends Store {
	/** Requests in the order in which they came, since the last `clear`. */
	readonly requests: readonly RecordedRequest[];
	/** Bytes that `get` gave, since the last `clear`. */
	readonly bytesRead: number;
	/** Bytes that `set` stored, since the last `clear`. */
	readonly bytesWritten: number;
	/** Forgets everything. */
	clear(): void;
}
/** Counts the requests and bytes of a store, and keeps the signals that came with them. */
declare function recordingStore(store: Store): RecordingStore;

/** Delays every request, as a distant server does. An abort ends the delay. */
declare function slowStore(store: Store, delayMs: number): Store;
/** A store whose requests can be held back, to look at a source in the middle of its work without waiting for a clock. */
interface GatedStore extends Store {
	/** From now on requests wait, each until `open` or its own abort. */
	shut(): void;
	/** Lets all requests go on. */
	open(): void;
	/** Resolves as soon as a request is held back. */
	waiting(): Promise<void>;
}
/** Wraps a store by a gate, open at first. */
declare function gatedStore(store: Store): GatedStore;

/** Shapes for which the suite has numpy's answers to a few hundred indices: `[6, 7, 8]`, `[4, 5, 6]`, `[3, 4]`, `[]` and others. */
declare const tableShapes: readonly (readonly number[])[];

/**
* Declares the conformance suite for a backend with the given test runner.
*
* @example
* import { describe, test } from 'node:test'
* testBackend({ describe, test }, { name: 'voxtext', kind: 'voxtext', reference, open, capabilities })
*
* @throws Error if the description contradicts itself.
*/
declare function testBackend(runner: Runner, backend: TestedBackend): void;

export { type BadInput, type Capabilities, type Creation, type FailingStoreOptions, type GatedStore, type Interception, type Random, type RecordedRequest, type RecordingStore, Runner, type StoreRequest, type TestCreateOptions, type TestOpenOptions, type TestedBackend, type TruncatingStoreOptions, type WorkerSetup, copyOf, describeDifference, equalArrays, failingStore, folderContent, forwardStore, gatedStore, memoryOf, recordingStore, referenceArray, seededRandom, slowStore, tableShapes, testBackend, truncatingStore };
