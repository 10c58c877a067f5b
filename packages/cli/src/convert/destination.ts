import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { globalRegistry, listArrays, type SourceDriver, SourceError } from '@bioimage/core'
import { UsageError } from '../failure.js'

/** Where a new array is to appear. */
export interface Destination {
  readonly driver: SourceDriver
  /** Absolute path of the file or container. */
  readonly root: string
  /** Path of the array inside the container; `undefined` for the container itself. */
  readonly key: string | undefined
  /** Absolute path that is not there yet, or replaced. */
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
 * Finds out where `output` is. A path into an existing container is that container and a key.
 *
 * @throws UsageError for a URL; ERR_UNKNOWN_FORMAT, ERR_READ_ONLY.
 */
export function resolveDestination(output: string, request: DestinationRequest): Destination {
  if (/^[a-z][a-z0-9+.-]+:/i.test(output)) throw new UsageError(`convert writes to local paths; ${JSON.stringify(output)} is a URL`)
  const parts = (request.to ?? '').split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new UsageError(`--to ${JSON.stringify(request.to)} would leave the container`)
  const path = resolve(output)
  const container = outermostContainer(path)
  const root = container?.path ?? path
  const driver = request.outFormat === undefined ? (container?.driver ?? driverOf(root)) : globalRegistry().driver(request.outFormat)
  if (!driver.writable)
    throw new SourceError('ERR_READ_ONLY', `${driver.id} cannot create files; choose another format`, { kind: driver.kind, path: root })
  if (container !== undefined)
    parts.unshift(
      ...relative(root, path)
        .split(sep)
        .filter((part) => part !== '')
    )
  // A container that is a file holds its arrays under names.
  if (parts.length === 0 && driver.layout === 'container' && isOneFile(driver)) parts.push(defaultKey)
  const key = parts.length === 0 ? undefined : parts.join('/')
  const target = key === undefined || isOneFile(driver) ? root : join(root, ...parts)
  return { driver, root, key, target, staging: `${[root, ...parts].join('.')}.partial` }
}

/** Name of an array in a container that is a file, where none is given. */
const defaultKey = 'data'

/** Whether an output of this format is one file, which appears and is replaced as a whole. */
export function isOneFile(driver: SourceDriver): boolean {
  return driver.layout === 'file' || driver.singleFile === true
}

/**
 * Whether something is at the destination that may be replaced.
 *
 * @throws ERR_ALREADY_EXISTS for what is more than one array, or no image at all.
 */
export async function checkReplaceable(destination: Destination): Promise<void> {
  const { root, key, driver, target } = destination
  if (!existsSync(target)) return
  const arrays = await listArrays(root, { format: driver.kind }).catch((cause: unknown) => {
    throw new SourceError('ERR_ALREADY_EXISTS', `${target} exists and is no ${driver.kind} array; delete it first if it is of no use`, {
      path: target,
      cause
    })
  })
  const prefix = key === undefined || isOneFile(driver) ? '' : key
  const inside = arrays.filter(({ internalPath }) => prefix === '' || internalPath === prefix || internalPath.startsWith(`${prefix}/`))
  if (inside.length === 1 && (inside[0]?.internalPath === prefix || isOneFile(driver))) return
  const found = inside.length === 0 ? 'no array' : inside.map(({ internalPath }) => internalPath).join(', ')
  throw new SourceError(
    'ERR_ALREADY_EXISTS',
    `${target} holds ${found}, and --overwrite replaces one array only; name the array with --to, or delete the folder first`,
    { path: target }
  )
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

/** The backend whose longest extension ends the name. */
function driverOf(path: string): SourceDriver {
  const name = basename(path).toLowerCase()
  const lengthOf = (driver: SourceDriver): number =>
    Math.max(0, ...driver.extensions.filter((end) => name.endsWith(end)).map((end) => end.length))
  const [best] = [...globalRegistry().drivers()].sort((a, b) => lengthOf(b) - lengthOf(a))
  if (best !== undefined && lengthOf(best) > 0) return best
  const writable = globalRegistry()
    .drivers()
    .filter((driver) => driver.writable)
  throw new SourceError(
    'ERR_UNKNOWN_FORMAT',
    `cannot tell the format to write from the name ${JSON.stringify(basename(path))}; use --out-format (${writable.map(({ kind }) => kind).join(', ')})`
  )
}

function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    // Not there, or below a file.
    return false
  }
}
