import { lstatSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { globalRegistry, listArrays, type SourceDriver, SourceError } from '@bioimage/core'
import { localPathOf } from '@bioimage/core/backend'
import { UsageError } from '../failure.js'
import { shownPath } from '../input.js'

/** Where a new array is to appear. */
export interface Destination {
  readonly driver: SourceDriver
  /** Absolute path of the file or container. */
  readonly root: string
  /** Path of the array inside the container; `undefined` for the container or file itself. */
  readonly key: string | undefined
  /** Absolute path of what appears or is replaced: the array's folder, or the one file of the whole. */
  readonly target: string
  /** Folder beside the container in which the array is written until it is whole. */
  readonly staging: string
}

/** What a person asked for. */
export interface DestinationRequest {
  readonly to?: string | undefined
  readonly outFormat?: string | undefined
}

/**
 * Finds out where `output` is. A path into an existing container is that container and a key. Without a key the array is the
 * root of the container, or has the format's default key where the root cannot be an array.
 *
 * @throws UsageError for a URL, and for a format that is unknown or cannot be written.
 */
export function resolveDestination(output: string, request: DestinationRequest): Destination {
  const local = localPathOf(output)
  if (local === undefined) throw new UsageError(`convert writes to local paths; ${JSON.stringify(shownPath(output))} is a URL`)
  const parts = (request.to ?? '').split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new UsageError(`--to ${JSON.stringify(request.to)} would leave the container`)
  const path = resolve(local)
  const container = outermostContainer(path) ?? (request.outFormat === undefined ? containerToMake(path) : undefined)
  const root = container?.path ?? path
  const driver = request.outFormat === undefined ? (container?.driver ?? driverOf(root)) : globalRegistry().driver(request.outFormat)
  if (!driver.writable) throw new UsageError(`${driver.id} cannot create files; choose another format: ${writableKinds()}`)
  if (container !== undefined)
    parts.unshift(
      ...relative(root, path)
        .split(sep)
        .filter((part) => part !== '')
    )
  if (driver.layout === 'file' && parts.length > 0 && parts.join('/') !== driver.defaultInternalPath)
    throw new UsageError(
      `--to ${JSON.stringify(request.to)}: a file of format ${driver.kind} holds one array, without a name; leave out --to`
    )
  const key = parts.length === 0 ? (driver.layout === 'container' ? driver.defaultInternalPath : undefined) : parts.join('/')
  return { driver, root, key, target: placeOf(root, key), staging: `${[root, ...parts].join('.')}.partial` }
}

/** Where the array of that key lies in a container: a folder of its own, or the container itself if that is a file. */
export function placeOf(container: string, key: string | undefined): string {
  return key === undefined || isFile(container) ? container : join(container, ...key.split('/'))
}

/**
 * Checks that what is at the destination, if anything, is one array and may be replaced.
 *
 * @throws ERR_ALREADY_EXISTS for what is more than one array, or no image at all, saying what to do.
 */
export async function checkReplaceable({ root, key, driver, target }: Destination): Promise<void> {
  const status = statSync(target, { throwIfNoEntry: false })
  if (status === undefined) return
  const refuse = (what: string, cause?: unknown): never => {
    throw new SourceError('ERR_ALREADY_EXISTS', `${target} ${what}`, { path: target, cause })
  }
  if (status.isDirectory() && readdirSync(target).length === 0) refuse('is an empty folder and in the way; remove it first')
  const arrays = await listArrays(root, { format: driver.kind }).catch((cause: unknown) =>
    refuse(`exists and is no ${driver.kind} array; move it away, or delete it if it is of no use`, cause)
  )
  // A file is replaced whole, a folder below the key only.
  const whole = !status.isDirectory() || key === undefined
  const inside = arrays.filter(({ internalPath }) => whole || internalPath === key || internalPath.startsWith(`${key}/`))
  if (inside.length === 1 && (driver.layout === 'file' || inside[0]?.internalPath === (key ?? ''))) return
  const found = inside.length === 0 ? 'no array' : inside.map(({ internalPath }) => internalPath).join(', ')
  if (!status.isDirectory())
    refuse(`is one file and holds ${found}: it is replaced as a whole if it holds one array of that name; choose another file`)
  refuse(`holds ${found}, and --overwrite replaces one array only; name the array with --to, or delete the folder first`)
}

/** The highest folder, at or above the path, that a container backend recognises. */
function outermostContainer(path: string): { readonly path: string; readonly driver: SourceDriver } | undefined {
  const drivers = globalRegistry()
    .drivers()
    .filter(({ layout }) => layout === 'container')
  let found: { path: string; driver: SourceDriver } | undefined
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    const driver = drivers.find(({ sniff }) => sniff?.markers?.some((marker) => isFile(join(folder, marker))))
    if (driver !== undefined) found = { path: folder, driver }
  }
  return found
}

/** The outermost folder above a path without an extension of its own that is named as a container: `out.zarr` of `out.zarr/raw/0`. */
function containerToMake(path: string): { readonly path: string; readonly driver: SourceDriver } | undefined {
  if (namedDriver(path) !== undefined) return undefined
  let found: { path: string; driver: SourceDriver } | undefined
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    const driver = namedDriver(folder)
    if (driver?.layout === 'container' && driver.sniff?.markers !== undefined && !isFile(folder)) found = { path: folder, driver }
  }
  return found
}

/** The backend whose longest extension ends the name. */
function driverOf(path: string): SourceDriver {
  const driver = namedDriver(path)
  if (driver !== undefined) return driver
  throw new UsageError(
    `cannot tell the format to write from the name ${JSON.stringify(basename(path))}; use --out-format: ${writableKinds()}`
  )
}

function namedDriver(path: string): SourceDriver | undefined {
  const name = basename(path).toLowerCase()
  const lengthOf = (driver: SourceDriver): number =>
    Math.max(0, ...driver.extensions.filter((end) => name.endsWith(end)).map((end) => end.length))
  const [best] = [...globalRegistry().drivers()].sort((a, b) => lengthOf(b) - lengthOf(a))
  return best !== undefined && lengthOf(best) > 0 ? best : undefined
}

function writableKinds(): string {
  const drivers = globalRegistry().drivers()
  return drivers.flatMap(({ kind, writable }) => (writable ? [kind] : [])).join(', ')
}

function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    // Not there, or below a file.
    return false
  }
}
