import { addressOf, chooseDriver } from './choose-driver.js'
import type { Context } from './context.js'
import type { SourceDriver } from './driver.js'
import { isSourceError } from './errors.js'
import { type Location, resolveLocation, type Target } from './location.js'
import { globalRegistry } from './registry.js'
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
