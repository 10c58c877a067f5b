import { addressOf, chooseDriver } from './choose-driver.js'
import type { Context } from './context.js'
import type { Mode, OpenRequest, SourceDriver } from './driver.js'
import { isSourceError, SourceError, withDetails } from './errors.js'
import { isJsonObject, type JsonObject, shortJson } from './json.js'
import { type Location, resolveLocation, type Target } from './location.js'
import { checkParameters } from './parameters.js'
import { globalRegistry, type Registry } from './registry.js'
import type { Source } from './source.js'
import { isZip, zipStore } from './stores/zip-store.js'

/** Finds the backend of a target, and where it lies: a container in a zip file is the store of its entries. */
export async function locate(
  target: Target,
  format: string | undefined,
  context: Context,
  signal: AbortSignal | undefined
): Promise<{ driver: SourceDriver; location: Location }> {
  const registry = context.registry ?? globalRegistry()
  const location = await resolveLocation(target, context)
  const driver = format === undefined ? await chooseDriver(location, registry, signal) : registry.driver(format)
  const mayBeZip = driver.layout === 'container' && addressOf(location, driver) === undefined
  return { driver, location: mayBeZip ? await openZip(location, signal) : location }
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
  // Above the entries of a zip file is nothing.
  return { ...location, url: undefined, localPath: undefined, store: await zipStore(location.store, '', { signal }) }
}

/** Opens by a backend, once it is sure that it can do what is asked. */
export async function openWith(driver: SourceDriver, registry: Registry, request: OpenRequest): Promise<Source> {
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
export async function guard<T>(
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

/** The options of a format among those that the caller gives. */
export function parseOptions(options: Readonly<Record<string, unknown>>, driver: Pick<SourceDriver, 'id' | 'kind' | 'schema'>): JsonObject {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  if (!isJsonObject(given)) throw new SourceError('ERR_INVALID_ARGUMENT', 'options are a plain object')
  checkParameters(given, driver.schema, `format ${JSON.stringify(driver.kind)}`, 'ERR_INVALID_ARGUMENT')
  return given
}

/** @throws ERR_INVALID_ARGUMENT for what is no mode. */
export function checkMode(mode: unknown): Mode {
  if (mode === 'r' || mode === 'r+' || mode === 'a') return mode
  const cure = mode === 'w' ? '; to replace an array use createSource with `overwrite: true`' : ''
  throw new SourceError('ERR_INVALID_ARGUMENT', `\`mode\` is 'r', 'r+' or 'a', found ${shortJson(mode)}${cure}`)
}

/** Without slashes at either end; `.` and `/` stand for the container itself. */
export function normalizeInternalPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  if (typeof path !== 'string') throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` is a string, found ${typeof path}`)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` ${JSON.stringify(path)} would leave the container`)
  return parts.join('/')
}
