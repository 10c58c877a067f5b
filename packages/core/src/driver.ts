import type { Context } from './context.js'
import type { DType } from './dtype.js'
import type { Json, JsonObject } from './json.js'
import type { Location } from './location.js'
import type { SourceMetadata } from './metadata.js'
import type { ParameterSchema } from './parameters.js'
import type { Source } from './source.js'
import type { SpecBase } from './spec.js'
import type { StoreEntry } from './stores/store.js'

/**
 * Every known kind with its spec and source. A backend adds its own:
 * `declare module '@bioimage/core' { interface SourceKinds { tif: { spec: TifSpec; source: TifSource } } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging in the backends
export interface SourceKinds {}

/** The kinds of all backends that the program imports. */
export type Kind = keyof SourceKinds & string
export type SpecOf<K extends Kind> = SourceKinds[K] extends { spec: infer S extends SpecBase } ? S : never
export type SourceOf<K extends Kind> = SourceKinds[K] extends { source: infer S extends Source } ? S : never

/** A spec of any kind. Kinds whose backend is imported are checked in full. */
export type SourceSpec = [Kind] extends [never] ? SpecBase : { [K in Kind]: SpecOf<K> }[Kind]

/**
 * `r`: read only. `r+` and `a`: read and write an array that exists. (To make one: `createSource`.)
 */
export type Mode = 'r' | 'r+' | 'a'

/** What a backend gets to open a source. All of it is validated. */
export interface OpenRequest {
  readonly location: Location
  /** Path of the array in the container, without slashes at either end; `undefined` when the caller named none. */
  readonly internalPath: string | undefined
  readonly mode: Mode
  /** The options of the driver's schema. */
  readonly params: JsonObject
  readonly context: Context
  readonly signal: AbortSignal | undefined
}

/** What a backend gets to create an array. */
export interface CreateRequest extends Omit<OpenRequest, 'mode'> {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Replace an array that is there already; else ERR_ALREADY_EXISTS. */
  readonly overwrite: boolean
  readonly chunks: readonly number[] | undefined
  readonly shards: readonly number[] | undefined
  /** Value of elements never written; the format's default is 0. Non-finite floats as `"NaN"`, `"Infinity"`, `"-Infinity"`. */
  readonly fillValue: number | bigint | boolean | string | undefined
  readonly attrs: JsonObject
  readonly metadata: SourceMetadata
}

/** What a backend gets to take an array into a container that was made in another one. */
export interface AdoptRequest extends Omit<OpenRequest, 'mode'> {
  /** Those of the reader's `containerOptions` that were given. */
  readonly params: JsonObject
}

/** One array of a container, as `listArrays` reports it. */
export interface ArrayInfo {
  /** Path inside the container; `""` for the container itself. */
  readonly internalPath: string
  readonly shape: readonly number[]
  /** A {@link DType}, or the format's own name of a type that is not readable here. */
  readonly dtype: string
  readonly chunks: readonly number[] | null
  readonly shards: readonly number[] | null
  /** Names of the compressions and filters, in encoding order. */
  readonly codecs: readonly string[]
  readonly metadata: SourceMetadata
  /** Bytes that the array takes where it is stored; only when asked for and known. */
  readonly storedBytes?: number | undefined
  /** Why the array cannot be opened here. */
  readonly problem?: string | undefined
}

/** What a backend gets to list a container. */
export interface ListRequest extends Omit<OpenRequest, 'mode'> {
  /** Also find out `storedBytes`. */
  readonly measure: boolean
}

/** The heavy half of a backend, reached by `import()` at first use. */
export interface Reader<S extends Source = Source> {
  open(request: OpenRequest): Promise<S>
  create?(request: CreateRequest): Promise<S>
  /** Names of the attributes that a new file has a place for, or whether it takes one; left out if it takes any. */
  readonly attributes?: readonly string[] | ((name: string, value: Json) => boolean) | undefined
  /** Without it, the container is taken to hold the one array that `open` gives. */
  list?(request: ListRequest): Promise<readonly ArrayInfo[]>
  /**
   * Those options of the driver's `createSchema` that concern the container around an array: `adopt` gets them where the array was
   * made elsewhere.
   */
  readonly containerOptions?: readonly string[] | undefined
  /**
   * Runs `move`, which puts an array that was made in a container of its own into its place in this one, by renames, or in the
   * place of another; and brings up to date what the container says of its arrays. May be called again after it was cut short,
   * with nothing left to move. Without it, the container says nothing of its arrays.
   */
  adopt?(request: AdoptRequest, move: () => Promise<void>): Promise<void>
  /** Makes a source of a live handle that the driver `accepts`. */
  wrap?(handle: unknown, context: Context): Promise<S>
  /** Opens a spec that has no path, as those of wrappers. */
  fromSpec?(spec: SpecBase, context: Context): Promise<S>
}

/** How a format is recognised. */
export interface Sniff {
  /**
   * Whether a URL is an address of the format's own server, which is then not read as a file or folder. `possible` counts only where
   * the caller names the format.
   */
  readonly address?: ((url: URL) => 'certain' | 'possible' | undefined) | undefined
  /** Names of files that mark a folder, such as `zarr.json`. */
  readonly markers?: readonly string[] | undefined
  /** Whether a folder with these children is of this format, where names alone do not mark it. At most 10000 of them are shown. */
  readonly folder?: ((entries: readonly StoreEntry[]) => boolean) | undefined
  /** Bytes of the beginning of a file that `test` must see, at most 4096. */
  readonly prefixBytes?: number | undefined
  /** Whether a file that begins so is of this format. */
  readonly test?: ((prefix: Uint8Array) => boolean) | undefined
}

/**
 * The light half of a backend: data that is registered at import, and one lazy function. Nothing heavy may be imported
 * beside it.
 */
export interface SourceDriver<K extends string = string> {
  /** Version of this contract. */
  readonly api: 1
  /** Kind in specs, name of the format in `openSource`. */
  readonly kind: K
  /** Name of the npm package. */
  readonly id: string
  /** Lower-case extensions with their dot, such as `.nii.gz`. */
  readonly extensions: readonly string[]
  /** Whether `createSource` and writing modes exist. */
  readonly writable: boolean
  /**
   * Whether only one process at a time may write a container of this format, so that a run of several processes must not write
   * to it. Defaults to false.
   */
  readonly exclusiveWriter?: boolean | undefined
  /** Whether one path holds one array (`file`) or a tree of arrays (`container`). */
  readonly layout: 'file' | 'container'
  /**
   * Key of the only array of a single-array format; another `internalPath` is ERR_NOT_FOUND. In containers that hold no array at
   * their root, the key that the command line gives to an array that none is given for.
   */
  readonly defaultInternalPath?: string | undefined
  /** Options that `openSource` takes and specs carry. */
  readonly schema: ParameterSchema
  /** Further options that `createSource` takes. */
  readonly createSchema?: ParameterSchema | undefined
  readonly sniff?: Sniff | undefined
  /** Whether a live handle (an array object of another library) is one that `wrap` takes. */
  readonly accepts?: ((handle: object) => boolean) | undefined
  load(): Promise<Reader>
}
