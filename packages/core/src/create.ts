import { normalizeInternalPath, parseOptions } from './check-options.js'
import { driverOfName } from './choose-driver.js'
import type { Context } from './context.js'
import type { CreateRequest, Kind, SourceOf } from './driver.js'
import { type DType, dtypes, isDType } from './dtype.js'
import { SourceError } from './errors.js'
import { isJsonObject, type JsonObject, shortJson } from './json.js'
import { resolveLocation, type Target } from './location.js'
import type { SourceMetadata } from './metadata.js'
import { guard } from './open-with.js'
import { globalRegistry } from './registry.js'
import type { Source } from './source.js'

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

function checkShape(name: string, lengths: readonly number[], least: number): void {
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= least)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`${name}\` is a list of integers of at least ${least}, found ${shortJson(lengths)}`)
  }
}
