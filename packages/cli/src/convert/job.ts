import { isDeepStrictEqual } from 'node:util'
import { type CodecSpec, type CreateOptions, type DType, type JsonObject, type Reader, type Source, SourceError } from '@bioimage/core'
import { checkParameters } from '@bioimage/core/backend'
import { UsageError } from '../failure.js'
import type { InputOptions } from '../input.js'
import type { Destination, DestinationRequest } from './destination.js'
import { identifyInput } from './input-identity.js'
import type { Job } from './journal.js'

/** The options of `bioimage convert`. */
export interface ConvertOptions extends DestinationRequest, InputOptions {
  readonly chunks?: readonly number[] | undefined
  readonly shards?: readonly number[] | undefined
  readonly codec?: readonly CodecSpec[] | undefined
  readonly dtype?: DType | undefined
  readonly zarrVersion?: '2' | '3' | undefined
  readonly outputOption?: JsonObject | undefined
  readonly overwrite?: boolean | undefined
  readonly resume?: boolean | undefined
  readonly verify?: boolean | undefined
  readonly memory: number
}

/** How the output is created; voxel sizes, axes and attributes are those of the input. */
export function createOptionsOf(input: Source, { driver, key }: Destination, reader: Reader, options: ConvertOptions): CreateOptions {
  const { chunks, shards, codec, zarrVersion } = options
  const takes = { ...driver.schema, ...driver.createSchema }
  if (codec !== undefined && takes.codecs === undefined) throw new UsageError(`--codec: format ${driver.kind} does not compress`)
  if (zarrVersion !== undefined && takes.zarrVersion === undefined) throw new UsageError(`--zarr-version: the output is ${driver.kind}`)
  if (driver.layout === 'file' && (chunks !== undefined || shards !== undefined))
    throw new UsageError(`--${chunks === undefined ? 'shards' : 'chunks'}: format ${driver.kind} has no chunks`)
  // The levels are other arrays, which are not copied.
  const { levels: _levels, ...metadata } = input.metadata
  const ofContainer = containerOptionsOf(reader, options)
  const arrayOptions = Object.fromEntries(Object.entries(options.outputOption ?? {}).filter(([name]) => !Object.hasOwn(ofContainer, name)))
  return {
    ...arrayOptions,
    ...(codec !== undefined && { codecs: codec }),
    ...(zarrVersion !== undefined && { zarrVersion: Number(zarrVersion) }),
    shape: input.shape,
    dtype: options.dtype ?? input.dtype,
    chunks,
    shards,
    attrs: input.attrs,
    metadata,
    format: driver.kind,
    internalPath: key
  }
}

/** Those options of the output that concern the container: it gets them when the array comes into its place. */
export function containerOptionsOf({ containerOptions = [] }: Reader, { outputOption = {} }: ConvertOptions): JsonObject {
  return Object.fromEntries(Object.entries(outputOption).filter(([name]) => containerOptions.includes(name)))
}

/** Before anything is written, since they are used last. @throws UsageError, ERR_INVALID_ARGUMENT */
export function checkContainerOptions({ driver, key }: Destination, reader: Reader, options: ConvertOptions): void {
  const given = containerOptionsOf(reader, options)
  checkParameters(given, driver.createSchema ?? {}, `format ${JSON.stringify(driver.kind)}`, 'ERR_INVALID_ARGUMENT')
  const [name] = Object.keys(given)
  if (name !== undefined && key === undefined)
    throw new UsageError(`--output-option ${name} is about a container of arrays: name the array in it with --to`)
}

/** The attributes of the input that the output has a place for, and the names of the others. */
export function divideAttributes(input: Source, { attributes }: Reader): { readonly kept: JsonObject; readonly lost: readonly string[] } {
  const names = Object.keys(input.attrs)
  const takes = (name: string): boolean =>
    typeof attributes === 'function' ? attributes(name, input.attrs[name] ?? null) : (attributes?.includes(name) ?? true)
  const kept = names.filter(takes)
  return {
    kept: Object.fromEntries(Object.entries(input.attrs).filter(([name]) => kept.includes(name))),
    lost: names.filter((name) => !kept.includes(name))
  }
}

/** What must be the same for a conversion to be continued. */
export async function jobOf(input: Source, destination: Destination, options: ConvertOptions): Promise<Job> {
  const spec = input.toSpec()
  const { chunks = null, shards = null, codec = null, dtype = input.dtype, zarrVersion = null, outputOption = null } = options
  const output = { kind: destination.driver.kind, path: destination.root, key: destination.key ?? null }
  // As it comes back from the journal.
  const job: Job = JSON.parse(
    JSON.stringify({
      input: { spec, shape: input.shape, dtype: input.dtype, files: await identifyInput(input) },
      output: { ...output, dtype, chunks, shards, codec, zarrVersion, outputOption }
    })
  )
  return job
}

/** @throws ERR_INVALID_ARGUMENT naming what differs. */
export function checkSameJob(before: Job, now: Job, folder: string): void {
  for (const side of ['input', 'output'] as const) {
    const names = Object.keys({ ...before[side], ...now[side] })
    const differing = names.find((name) => !isDeepStrictEqual(before[side][name], now[side][name]))
    if (differing === undefined) continue
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `${folder} is another conversion: its ${side} has ${differing} ${JSON.stringify(before[side][differing])}, now ${JSON.stringify(now[side][differing])}; resume with the same options, or start over with --overwrite`,
      { path: folder }
    )
  }
}
