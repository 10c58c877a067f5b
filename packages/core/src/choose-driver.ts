import type { SourceDriver } from './driver.js'
import { SourceError } from './errors.js'
import type { Location } from './location.js'
import type { Registry } from './registry.js'
import type { StoreEntry } from './stores/store.js'
import { isZip, zipStore } from './stores/zip-store.js'

const maximalPrefix = 4096

/**
 * Finds the backend of a file or container: by its longest known extension or address, else by content, with one read of the file's
 * beginning and a look for the files that mark a folder or zip file.
 *
 * @throws ERR_UNKNOWN_FORMAT, saying what was tried; ERR_NOT_FOUND where nothing is there.
 */
export async function chooseDriver(location: Location, registry: Registry, signal: AbortSignal | undefined): Promise<SourceDriver> {
  const byExtension = driverOfName(location.name, registry)
  if (byExtension !== undefined) return byExtension
  const drivers = registry.drivers()
  const byAddress = drivers.find((driver) => addressOf(location, driver) === 'certain')
  if (byAddress !== undefined) return byAddress
  const prefix = await location.store.get('', { range: { offset: 0, length: maximalPrefix }, signal }).catch((error) => {
    // A folder cannot be read; what marks it may still be there.
    if (error instanceof SourceError && (error.code === 'ERR_NOT_FOUND' || error.code === 'ERR_ACCESS_DENIED')) return undefined
    throw error
  })
  for (const driver of drivers) {
    if (prefix !== undefined && driver.sniff?.test?.(prefix.subarray(0, driver.sniff.prefixBytes ?? maximalPrefix)) === true) return driver
    if (prefix === undefined && (await hasMarker(location, driver, signal))) return driver
  }
  if (prefix === undefined) {
    const byFolder = await driverOfFolder(location, drivers, signal)
    if (byFolder !== undefined) return byFolder
  }
  if (prefix !== undefined && isZip(prefix)) {
    const inside = { ...location, store: await zipStore(location.store, '', { signal }) }
    for (const driver of drivers) if (driver.layout === 'container' && (await hasMarker(inside, driver, signal))) return driver
  }
  if (prefix === undefined && location.store.list !== undefined && !(await isFolder(location, signal))) {
    throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the source'} does not exist`, { path: location.path })
  }
  throw new SourceError(
    'ERR_UNKNOWN_FORMAT',
    `cannot tell the format of ${location.path ?? 'the source'}: ${whyNot(location, drivers, prefix === undefined)}; name it by the option \`format\`, or import its backend`,
    {
      path: location.path
    }
  )
}

/** Whether a location is a URL of the format's own server. */
export function addressOf({ path }: Location, { sniff }: SourceDriver): 'certain' | 'possible' | undefined {
  return path !== undefined && /^https?:/.test(path) ? sniff?.address?.(new URL(path)) : undefined
}

/** The backend of a file name: that with the longest extension which ends it. */
export function driverOfName(name: string, registry: Registry): SourceDriver | undefined {
  let best: { driver: SourceDriver; length: number } | undefined
  for (const driver of registry.drivers()) {
    for (const extension of driver.extensions) {
      if (name.endsWith(extension) && extension.length > (best?.length ?? 0)) best = { driver, length: extension.length }
    }
  }
  return best?.driver
}

async function hasMarker(location: Location, driver: SourceDriver, signal: AbortSignal | undefined): Promise<boolean> {
  for (const marker of driver.sniff?.markers ?? []) {
    if ((await location.store.size(marker, { signal })) !== undefined) return true
  }
  return false
}

/** Entries of a folder that are looked at. */
const maximalEntries = 10_000

/** @throws ERR_UNKNOWN_FORMAT if several formats claim the folder. */
async function driverOfFolder(
  { store, path }: Location,
  drivers: readonly SourceDriver[],
  signal: AbortSignal | undefined
): Promise<SourceDriver | undefined> {
  const asked = drivers.filter(({ sniff }) => sniff?.folder !== undefined)
  if (asked.length === 0 || store.list === undefined) return undefined
  const entries: StoreEntry[] = []
  for await (const entry of store.list('', { signal })) if (entries.push(entry) === maximalEntries) break
  const [first, ...others] = asked.filter(({ sniff }) => sniff?.folder?.(entries))
  if (others.length === 0) return first
  const kinds = [first, ...others].map((driver) => JSON.stringify(driver?.kind)).join(' or ')
  throw new SourceError('ERR_UNKNOWN_FORMAT', `${path ?? 'the folder'} may be ${kinds}; name the format by the option \`format\``, { path })
}

async function isFolder(location: Location, signal: AbortSignal | undefined): Promise<boolean> {
  for await (const _ of location.store.list?.('', { signal }) ?? []) return true
  return false
}

function whyNot(location: Location, drivers: readonly SourceDriver[], folder: boolean): string {
  if (drivers.length === 0) return 'no backend is registered'
  const known = drivers.map((driver) => `${driver.kind} (${[...driver.extensions, ...(driver.sniff?.markers ?? [])].join(' ')})`).join(', ')
  return `neither the name ${JSON.stringify(location.name)} nor the ${folder ? 'files in it' : 'first bytes'} belong to ${known}`
}
