import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isJsonObject, type Json } from '@bioimage/core'

/** That a package or file is not there. */
class MissingPackageError extends Error {
  readonly code = 'ERR_MODULE_NOT_FOUND'
}

/** Imports a package, or a file by its path, as code in `folder` would. */
export async function importFrom(folder: string, name: string): Promise<unknown> {
  return import(pathToFileURL(resolveFrom(folder, name)).href)
}

/** Whether an import failed because the package itself is not there, and not something that it needs. */
export function isMissing(error: unknown, name: string): boolean {
  if (error instanceof MissingPackageError) return true
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') return false
  return error.message.startsWith(`Cannot find package '${name}'`)
}

/** `import.meta.resolve` with a folder to start from, which Node keeps behind a flag; for ES modules and their main entry. */
function resolveFrom(folder: string, name: string): string {
  if (name.startsWith('.') || isAbsolute(name)) {
    const path = resolve(folder, name)
    if (!existsSync(path)) throw new MissingPackageError(`there is no ${path}`)
    return statSync(path).isDirectory() ? entryOf(path) : path
  }
  for (let parent = resolve(folder); ; parent = dirname(parent)) {
    const candidate = join(parent, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return entryOf(candidate)
    if (dirname(parent) === parent) throw new MissingPackageError(`there is no package ${name} in or above ${folder}`)
  }
}

function entryOf(packageFolder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  const { exports, main } = isJsonObject(manifest) ? manifest : {}
  const root = isJsonObject(exports) && '.' in exports ? exports['.'] : exports
  const entry = targetOf(root) ?? (typeof main === 'string' ? main : 'index.js')
  return join(packageFolder, entry)
}

/** The first entry of an `exports` value whose conditions hold here. */
function targetOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(targetOf).find((target) => target !== undefined)
  if (!isJsonObject(value)) return undefined
  for (const [condition, target] of Object.entries(value)) {
    if (!['node', 'import', 'default'].includes(condition)) continue
    const found = targetOf(target)
    if (found !== undefined) return found
  }
  return undefined
}
