// Finds the built packages of this workspace the way a program finds installed ones: through their own `exports`.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const folderOf = (name) => join(projectRoot, 'packages', name.replace('@bioimage/', ''))

/** Whether the workspace has this package. */
export const hasPackage = (name) => existsSync(join(folderOf(name), 'package.json'))

/** URL of the built entry of a package of this workspace, such as `@bioimage/zarr`. */
export const urlOfPackage = (name) => {
  const path = createRequire(join(folderOf(name), 'package.json')).resolve(name)
  if (!existsSync(path)) throw new Error(`${name} is not built: ${path} is missing; run \`npm test\` or \`nx run-many -t build\` first`)
  return pathToFileURL(path).href
}

/** The built package itself. */
export const importPackage = (name) => import(urlOfPackage(name))
