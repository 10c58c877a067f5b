import type { Context, DType, ErrorCode, JsonObject, NdArray, Source, SourceDriver, SourceMetadata, Store } from '@bioimage/core'
import type { WorkerSetup } from './worker-client.js'

/** What the suite asks for when it opens the test data. */
export interface TestOpenOptions {
  /** Wraps the store under the source: `openSource(wrap(fileSystemStore(path)), …)`. */
  readonly wrap: (store: Store) => Store
  /** To be handed to `openSource`. */
  readonly context?: Context | undefined
  /** To be handed to `openSource`. */
  readonly signal?: AbortSignal | undefined
}

/** An array that the suite asks for. */
export interface TestCreateOptions {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly chunks?: readonly number[] | undefined
  readonly shards?: readonly number[] | undefined
  readonly fillValue?: number | bigint | boolean | undefined
}

/** Which arrays a writing backend can create. */
export interface Creation {
  /** Every dtype that it stores; others must be refused with ERR_UNSUPPORTED. */
  readonly dtypes: readonly DType[]
  /** Whether the caller chooses the chunk shape; if not, `chunks` must be refused with ERR_UNSUPPORTED. */
  readonly chunks: boolean
  /** Whether the caller chooses a shard shape; if not, `shards` must be refused with ERR_UNSUPPORTED. */
  readonly shards: boolean
  /** Whether the caller chooses the fill value; if not, one that is not 0 must be refused with ERR_UNSUPPORTED. */
  readonly fillValue: boolean
  /**
   * Further shapes to create, such as `[]` and `[0, 3]`. Those of {@link tableShapes} are read with every index of numpy's
   * table.
   */
  readonly shapes?: readonly (readonly number[])[] | undefined
}

/**
 * What a backend can do. The suite leaves out a test only where a capability is declared absent, prints that, and then tests
 * that it is absent: that the call is refused with the documented code.
 */
export interface Capabilities {
  /** Whether the bytes come from a `Store`. If so, `open` must use `wrap`. */
  readonly store: boolean
  /** Whether `toSpec` works, and how a worker gets the backend. `false` for data that only this process has. */
  readonly spec: false | { readonly worker: WorkerSetup }
  /**
   * `none`: sources are read-only. `regions`: any region of any array can be set at any time, and others see it at once. `new`: the
   * same, but only on a source that `create` gave, until that is closed; then its file appears, and is read-only (needs `spec`).
   */
  readonly write: 'none' | 'new' | 'regions'
}

/** A file that is not as it should be. */
export interface BadInput {
  /** What is wrong with it. */
  readonly name: string
  /** Opens it; the suite then reads everything. One of the two must fail. */
  readonly open: (options: TestOpenOptions) => Promise<Source>
  /** The documented code of the failure. */
  readonly code: ErrorCode
}

/** A backend with one array to test it on. To test several layouts, call `testBackend` for each. */
export interface TestedBackend {
  /** Says what is tested: `"zarr v3, sharded, blosc"`. */
  readonly name: string
  /** The `kind` of its sources. */
  readonly kind: string
  /** The driver, where there is one. */
  readonly driver?: SourceDriver | undefined
  /**
   * What the array holds, known from elsewhere than the backend. At least 24 elements; a shape of {@link tableShapes}, such as
   * `[6, 7, 8]`, is read with every index of numpy's table.
   */
  readonly reference: NdArray
  /** Chunk shape that the source must report; `null` for none. Not compared if absent. */
  readonly chunks?: readonly number[] | null | undefined
  /** Shard shape that the source must report. Not compared if absent. */
  readonly shards?: readonly number[] | null | undefined
  /** Metadata that the source must report. Not compared if absent. */
  readonly metadata?: SourceMetadata | undefined
  /** Attributes that the source must report. Not compared if absent. */
  readonly attrs?: JsonObject | undefined
  readonly capabilities: Capabilities
  /** Opens the array anew, for reading. */
  readonly open: (options: TestOpenOptions) => Promise<Source>
  /** Creates an empty array in a new place each time. Needed unless `write` is `none`. */
  readonly create?: ((options: TestCreateOptions) => Promise<Source>) | undefined
  /** Needed unless `write` is `none`. */
  readonly creation?: Creation | undefined
  readonly badInputs?: readonly BadInput[] | undefined
  /** Seed of the random tests, to repeat a failure. Defaults to another one in every run; failures print it. */
  readonly seed?: number | undefined
}
