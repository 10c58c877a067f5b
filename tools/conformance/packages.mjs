// Finds the built packages of this workspace the way a program finds installed ones: through their own `exports`.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const folderOf = (name) => join(projectRoot, 'packages', name.split('/')[1])

/** Whether the workspace has this package. */
export const hasPackage = (name) => existsSync(join(folderOf(name), 'package.json'))

/** URL of the built entry of a package of this workspace, such as `@bioimage/zarr` or `@bioimage/core/backend`. */
export const urlOfPackage = (name) => {
  try {
    return pathToFileURL(createRequire(join(folderOf(name), 'package.json')).resolve(name)).href
  } catch (cause) {
    throw new Error(`${name} is not built; run \`npm test\` first`, { cause })
  }
}

/** The built package itself. */
export const importPackage = (name) => import(urlOfPackage(name))
