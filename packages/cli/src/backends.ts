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
 * An installed backend that cannot be loaded is left out with a warning: it must not keep the others from working.
 *
 * @param plugins Packages or files, as seen from the current folder.
 * @throws ERR_NOT_FOUND for a plugin that cannot be loaded.
 */
export async function loadBackends(plugins: readonly string[], warn: (line: string) => void): Promise<void> {
  for (const name of backendPackages) {
    try {
      if (!(await importInstalled(() => import(name), name))) await importInstalled(() => importFrom(process.cwd(), name), name)
    } catch (error) {
      warn(`${name} is installed, but cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const { name, folder } of await readConfiguredPlugins()) await loadPlugin(folder, name)
  for (const name of plugins) await loadPlugin(process.cwd(), name)
}

/** Whether the package is there. */
async function importInstalled(load: () => Promise<unknown>, name: string): Promise<boolean> {
  try {
    await load()
    return true
  } catch (error) {
    if (isMissing(error, name)) return false
    throw error
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
