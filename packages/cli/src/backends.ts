import { join } from 'node:path'
import { SourceError } from '@bioimage/core'
import { readConfiguredPlugins } from './configuration.js'
import { importFrom, isMissing } from './resolve-package.js'

/** The packages of this family that provide formats or places. Those that are installed are used. */
export const backendPackages: readonly string[] = [
  'zarr',
  'n5',
  'hdf5',
  'mrc',
  'nifti',
  'tif',
  'stack',
  'knossos',
  'msr',
  'cloudvolume',
  'webknossos',
  's3',
  'wrappers'
].map((name) => `@bioimage/${name}`)

/**
 * Imports every installed backend, then the plugins of the configuration and of the command line. They register themselves.
 *
 * @param plugins Packages or files, as seen from the current folder.
 */
export async function loadBackends(plugins: readonly string[]): Promise<void> {
  for (const name of backendPackages) {
    if (!(await importInstalled(name))) await importFrom(process.cwd(), name).catch(ignoreMissing(name))
  }
  for (const { name, folder } of await readConfiguredPlugins()) await loadPlugin(folder, name)
  for (const name of plugins) await loadPlugin(process.cwd(), name)
}

/** Imports a package that is installed beside this one. */
async function importInstalled(name: string): Promise<boolean> {
  try {
    await import(name)
    return true
  } catch (error) {
    ignoreMissing(name)(error)
    return false
  }
}

async function loadPlugin(folder: string, name: string): Promise<void> {
  try {
    await importFrom(folder, name)
  } catch (cause) {
    const reason = isMissing(cause, name) ? `is not installed in ${join(folder, 'node_modules')}` : `cannot be loaded: ${String(cause)}`
    throw new SourceError('ERR_NOT_FOUND', `plugin ${JSON.stringify(name)} ${reason}`, { cause })
  }
}

/** A package that is not there is none; one that fails is an error. */
function ignoreMissing(name: string): (error: unknown) => void {
  return (error) => {
    if (!isMissing(error, name)) throw error
  }
}
