import { type ArraySource, arraySource } from './array-source.js'
import { chooseDriver, driverOfName } from './choose-driver.js'
import type { Context } from './context.js'
import type { ArrayInfo, CreateRequest, Kind, ListRequest, Mode, OpenRequest, SourceDriver, SourceOf, SpecOf } from './driver.js'
import { type DType, dtypes, isDType, type TypedArray } from './dtype.js'
import { isSourceError, SourceError, withDetails } from './errors.js'
import { isJsonObject, type JsonObject, shortJson } from './json.js'
import { type Location, resolveLocation, type Target } from './location.js'
import type { SourceMetadata } from './metadata.js'
import { isNdArray, type NdArray } from './nd-array.js'
import { checkParameters } from './parameters.js'
import { fromPythonSpec, isPythonSpec } from './python-spec.js'
import { globalRegistry, type Registry } from './registry.js'
import type { Source } from './source.js'
import { parseSpec, type SpecBase } from './spec.js'
import { isZip, zipStore } from './stores/zip-store.js'

/** Options of {@link openSource} and {@link listArrays}. Further members are options of the format. */
export interface OpenOptions {
  /** Kind of the backend. Defaults to what extension and content tell. */
  readonly format?: string | undefined
  /** Path of the array inside a container. */
  readonly internalPath?: string | undefined
  /** Defaults to `r`: read only. */
  readonly mode?: Mode | undefined
  readonly context?: Context | undefined
  readonly signal?: AbortSignal | undefined
  readonly [option: string]: unknown
}

/** Options of {@link createSource}. Further members are options of the format. */
export interface CreateOptions {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Shape of a chunk. Defaults to the format's choice. */
  readonly chunks?: readonly number[] | undefined
  /** Shape of a shard, a whole multiple of the chunks. Defaults to none. */
  readonly shards?: readonly number[] | undefined
  /** Value of elements never written. Defaults to 0. Non-finite floats may be given by name: `"NaN"`. */
  readonly fillValue?: number | bigint | boolean | string | undefined
  readonly attrs?: JsonObject | undefined
  readonly metadata?: SourceMetadata | undefined
  /** Replace what is there. Defaults to false: ERR_ALREADY_EXISTS. */
  readonly overwrite?: boolean | undefined
  readonly format?: string | undefined
  readonly internalPath?: string | undefined
  readonly context?: Context | undefined
  readonly signal?: AbortSignal | undefined
  readonly [option: string]: unknown
}

/** A source opened from a file, folder or URL. Its spec opens it again. */
export type FileSource<D extends DType = DType> = Source<D>

/** What {@link asSource} takes: a source, an array in memory, or a live array object of a library that a backend knows. */
export type SourceLike = Source | NdArray | TypedArray | object

/**
 * Opens an array by path, URL, File or store.
 *
 * @throws ERR_NOT_FOUND, ERR_UNKNOWN_FORMAT, ERR_UNKNOWN_KIND, ERR_ARRAY_NOT_CHOSEN (a container: the message lists its
 *   arrays), ERR_INVALID_ARGUMENT (an option that the format does not have), ERR_CORRUPT_DATA, ERR_UNSUPPORTED,
 *   ERR_ACCESS_DENIED, ERR_IO.
 */
export function openSource<K extends Kind>(target: Target, options: OpenOptions & { readonly format: K }): Promise<SourceOf<K>>
export function openSource(target: Target, options?: OpenOptions): Promise<Source>
export async function openSource(target: Target, options: OpenOptions = {}): Promise<Source> {
  const { format, internalPath, mode = 'r', context = {}, signal, ...rest } = options
  const registry = context.registry ?? globalRegistry()
  checkMode(mode)
  const located = await locate(target, format, context, signal)
  const params = parseOptions(rest, located.driver)
  return openWith(located.driver, registry, {
    location: located.location,
    internalPath: normalizeInternalPath(internalPath),
    mode,
    params,
    context,
    signal
  })
}

/**
 * Creates an array and opens it for writing. Files and groups above it are made too.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_READ_ONLY (a format or place that cannot be written), ERR_INVALID_ARGUMENT,
 *   ERR_UNSUPPORTED (the format cannot hold such an array), ERR_UNKNOWN_FORMAT.
 */
export function createSource<K extends Kind>(target: Target, options: CreateOptions & { readonly format: K }): Promise<SourceOf<K>>
export function createSource(target: Target, options: CreateOptions): Promise<Source>
export async function createSource(target: Target, options: CreateOptions): Promise<Source> {
  const {
    shape,
    dtype,
    chunks,
    shards,
    fillValue,
    attrs = {},
    metadata = {},
    overwrite = false,
    format,
    internalPath,
    context = {},
    signal,
    ...rest
  } = options
  const registry = context.registry ?? globalRegistry()
  const location = await resolveLocation(target, context)
  const driver = format === undefined ? driverOfName(location.name, registry) : registry.driver(format)
  if (driver === undefined) {
    const known = registry.drivers().filter((driver) => driver.writable)
    throw new SourceError(
      'ERR_UNKNOWN_FORMAT',
      `cannot tell the format to create from the name ${JSON.stringify(location.name)}; name it by the option \`format\` (writable: ${known.map((driver) => driver.kind).join(', ') || 'none'})`
    )
  }
  checkShape('shape', shape, 0)
  if (!isDType(dtype)) throw new SourceError('ERR_INVALID_ARGUMENT', `dtype ${shortJson(dtype)} is unknown; known are ${dtypes.join(', ')}`)
  for (const [name, lengths] of Object.entries({ chunks, shards })) {
    if (lengths === undefined) continue
    checkShape(name, lengths, 1)
    if (lengths.length !== shape.length)
      throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` has ${lengths.length} axes, the array has ${shape.length}`)
  }
  if (!isJsonObject(attrs)) throw new SourceError('ERR_INVALID_ARGUMENT', '`attrs` is a plain JSON object')
  const params = parseOptions(rest, { ...driver, schema: { ...driver.schema, ...driver.createSchema } })
  const reader = await registry.reader(driver)
  if (!driver.writable || reader.create === undefined) {
    throw new SourceError('ERR_READ_ONLY', `${driver.id} cannot create files; choose another format`, {
      kind: driver.kind,
      path: location.path
    })
  }
  if (location.store.set === undefined) {
    throw new SourceError('ERR_READ_ONLY', `${location.path ?? 'this store'} cannot be written; create a local file and copy it there`, {
      kind: driver.kind,
      path: location.path
    })
  }
  const request: CreateRequest = {
    location,
    internalPath: normalizeInternalPath(internalPath),
    params,
    context,
    signal,
    shape,
    dtype,
    overwrite,
    chunks,
    shards,
    fillValue,
    attrs,
    metadata
  }
  return guard(driver, request, () => reader.create?.(request))
}

/** Options of {@link listArrays}. */
export interface ListOptions extends OpenOptions {
  /** Also find out how many bytes each array takes where it is stored. Defaults to false. */
  readonly measure?: boolean | undefined
}

/** All arrays of a file or container, sorted by path, without reading voxels. Throws as {@link openSource} does. */
export async function listArrays(target: Target, options: ListOptions = {}): Promise<readonly ArrayInfo[]> {
  const { format, internalPath, mode: _mode, context = {}, signal, measure = false, ...rest } = options
  const registry = context.registry ?? globalRegistry()
  const { driver, location } = await locate(target, format, context, signal)
  const params = parseOptions(rest, driver)
  const reader = await registry.reader(driver)
  const request: ListRequest = { location, internalPath: normalizeInternalPath(internalPath), params, context, signal, measure }
  if (reader.list !== undefined) return guard(driver, request, () => reader.list?.(request))
  const source = await openWith(driver, registry, { ...request, mode: 'r' })
  const storedBytes = measure ? await location.store.size('', { signal }) : undefined
  await source.close()
  return [
    {
      internalPath: driver.defaultInternalPath ?? '',
      shape: source.shape,
      dtype: source.dtype,
      chunks: source.chunks,
      shards: source.shards,
      codecs: [],
      metadata: source.metadata,
      ...(storedBytes !== undefined && { storedBytes })
    }
  ]
}

/**
 * Makes a source of a live value: a source (given back as it is), an array in memory, or an array object of a library whose
 * backend is registered, such as a zarrita array.
 *
 * @throws ERR_INVALID_ARGUMENT for anything else; for a path it says to use {@link openSource}.
 */
export function asSource<S extends Source>(value: S, context?: Context): Promise<S>
export function asSource<D extends DType>(value: NdArray<D>, context?: Context): Promise<ArraySource<D>>
export function asSource(value: TypedArray, context?: Context): Promise<ArraySource>
export function asSource(value: SourceLike, context?: Context): Promise<Source>
export async function asSource(value: unknown, context: Context = {}): Promise<Source> {
  if (typeof value === 'string' || value instanceof URL) {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `asSource takes live arrays; open a path with openSource(${JSON.stringify(String(value))})`
    )
  }
  if (isSource(value)) return value
  const registry = context.registry ?? globalRegistry()
  for (const driver of registry.drivers()) {
    if (driver.accepts?.(value) !== true) continue
    const reader = await registry.reader(driver)
    if (reader.wrap !== undefined) return reader.wrap(value, context)
  }
  if (isNdArray(value)) return arraySource(value)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return arraySource(value as TypedArray)
  const known = registry.drivers().filter((driver) => driver.accepts !== undefined)
  const backends = known.length > 0 ? `, and the live handles of ${known.map((driver) => driver.id).join(', ')}` : ''
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `cannot make a source of ${value === null ? 'null' : typeof value}; asSource takes sources, NdArrays and typed arrays${backends}`
  )
}

/** What a spec must fit into: for a literal of a known kind, that kind's spec. */
type CheckedSpec<S> = S extends { readonly kind: infer K extends Kind } ? SpecOf<K> : unknown

type SourceOfSpec<S> = S extends { readonly kind: infer K extends Kind } ? SourceOf<K> : Source

/**
 * Opens a source from its spec. Untrusted JSON may be given: it is validated; specs of the Python package are understood.
 *
 * @throws ERR_INVALID_SPEC, ERR_UNKNOWN_KIND, and what {@link openSource} throws.
 */
export function fromSpec<const S>(spec: S & CheckedSpec<S>, context?: Context): Promise<SourceOfSpec<S>>
export async function fromSpec(value: unknown, context: Context = {}): Promise<Source> {
  const registry = context.registry ?? globalRegistry()
  const spec = parseSpec(isPythonSpec(value) ? fromPythonSpec(value) : value, registry)
  const driver = registry.driver(spec.kind)
  const reader = await registry.reader(driver)
  if (reader.fromSpec !== undefined) return reader.fromSpec(spec, context)
  if (spec.path === undefined)
    throw new SourceError('ERR_INVALID_SPEC', `a spec of kind ${JSON.stringify(spec.kind)} needs a \`path\``, { kind: spec.kind })
  const { mode = 'r', ...params } = spec.params ?? {}
  const { location } = await locate(spec.path, spec.kind, context, undefined)
  return openWith(driver, registry, {
    location,
    internalPath: normalizeInternalPath(spec.internalPath),
    mode: checkMode(mode),
    params,
    context,
    signal: undefined
  })
}

/** Whether a value has the members of a {@link Source}, also one made by another copy of this package. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'toSpec' in value && 'get' in value && 'dtype' in value && 'shape' in value
}

/** The spec of a source that was opened by this request. */
export function specOf(
  kind: string,
  request: { readonly location: Location; readonly params?: JsonObject | undefined; readonly mode?: Mode | undefined },
  internalPath: string | undefined
): (() => SpecBase) | undefined {
  const { location, params = {}, mode = 'r' } = request
  const { path } = location
  if (path === undefined) return undefined
  const given = { ...params, ...(mode !== 'r' && { mode }) }
  return () => ({
    kind,
    path,
    ...(internalPath !== undefined && { internalPath }),
    ...(Object.keys(given).length > 0 && { params: given })
  })
}

async function locate(
  target: Target,
  format: string | undefined,
  context: Context,
  signal: AbortSignal | undefined
): Promise<{ driver: SourceDriver; location: Location }> {
  const registry = context.registry ?? globalRegistry()
  const location = await resolveLocation(target, context)
  const driver = format === undefined ? await chooseDriver(location, registry, signal) : registry.driver(format)
  return { driver, location: driver.layout === 'container' ? await openZip(location, signal) : location }
}

/** The location of the entries, if a container lies in a zip file. */
async function openZip(location: Location, signal: AbortSignal | undefined): Promise<Location> {
  if (!/\.(zip|ozx)$/.test(location.name) && /\.[a-z0-9]+$/.test(location.name)) return location
  try {
    const prefix = await location.store.get('', { range: { offset: 0, length: 4 }, signal })
    if (prefix === undefined || !isZip(prefix)) return location
  } catch (error) {
    if (isSourceError(error) && (error.code === 'ERR_NOT_FOUND' || error.code === 'ERR_ACCESS_DENIED')) return location
    throw error
  }
  return { ...location, store: await zipStore(location.store, '', { signal }) }
}

async function openWith(driver: SourceDriver, registry: Registry, request: OpenRequest): Promise<Source> {
  const { defaultInternalPath, layout } = driver
  if (
    layout === 'file' &&
    request.internalPath !== undefined &&
    request.internalPath !== '' &&
    request.internalPath !== defaultInternalPath
  ) {
    throw new SourceError(
      'ERR_NOT_FOUND',
      `${request.location.path ?? 'the file'} holds one array${defaultInternalPath === undefined ? '' : `, ${JSON.stringify(defaultInternalPath)}`}; there is no ${JSON.stringify(request.internalPath)}`,
      {
        kind: driver.kind,
        path: request.location.path
      }
    )
  }
  if (request.mode !== 'r' && !driver.writable) {
    throw new SourceError('ERR_READ_ONLY', `${driver.id} opens files for reading only; leave out \`mode\``, {
      kind: driver.kind,
      path: request.location.path
    })
  }
  const reader = await registry.reader(driver)
  return guard(driver, request, () => reader.open(request))
}

/** Runs a backend's work; whatever it throws leaves as a SourceError with kind and path. */
async function guard<T>(
  driver: SourceDriver,
  { location, signal }: Pick<OpenRequest, 'location' | 'signal'>,
  work: () => Promise<T> | undefined
): Promise<T> {
  try {
    const result = work()
    if (result === undefined) throw new SourceError('ERR_UNSUPPORTED', `${driver.id} cannot do this`)
    return await result
  } catch (error) {
    throw withDetails(error, 'ERR_IO', { kind: driver.kind, path: location.path }, signal)
  }
}

function parseOptions(options: Readonly<Record<string, unknown>>, driver: Pick<SourceDriver, 'id' | 'kind' | 'schema'>): JsonObject {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  if (!isJsonObject(given)) throw new SourceError('ERR_INVALID_ARGUMENT', 'options are a plain object')
  checkParameters(given, driver.schema, `format ${JSON.stringify(driver.kind)}`, 'ERR_INVALID_ARGUMENT')
  return given
}

function checkMode(mode: unknown): Mode {
  if (mode === 'r' || mode === 'r+' || mode === 'a') return mode
  const cure = mode === 'w' ? '; to replace an array use createSource with `overwrite: true`' : ''
  throw new SourceError('ERR_INVALID_ARGUMENT', `\`mode\` is 'r', 'r+' or 'a', found ${shortJson(mode)}${cure}`)
}

/** Without slashes at either end; `.` and `/` stand for the container itself. */
function normalizeInternalPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  if (typeof path !== 'string') throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` is a string, found ${typeof path}`)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` ${JSON.stringify(path)} would leave the container`)
  return parts.join('/')
}

function checkShape(name: string, lengths: readonly number[], least: number): void {
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= least)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` is a list of integers of at least ${least}, found ${shortJson(lengths)}`)
  }
}
