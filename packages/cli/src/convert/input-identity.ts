import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Source } from '@bioimage/core'
import { localPathOf } from '@bioimage/core/backend'

/**
 * What tells whether a local input has changed: size and time of its file, or of every file in the folder of the array.
 * `null` for what is not local.
 */
export async function identifyInput(input: Source): Promise<string | null> {
  const { path, internalPath } = input.toSpec()
  const root = path === undefined ? undefined : localPathOf(path)
  const found = root === undefined ? undefined : await stat(root).catch(() => undefined)
  if (root === undefined || found === undefined) return null
  if (!found.isDirectory()) return `${found.size} ${found.mtimeMs}`
  // Other arrays of the container may change, the output may even become one of them.
  const folder = typeof internalPath === 'string' ? join(root, internalPath) : root
  return identifyFolder(existsSync(folder) ? folder : root)
}

/** Count of the files, and a digest of their names, sizes and times. */
async function identifyFolder(folder: string): Promise<string> {
  const digest = createHash('sha256')
  let count = 0
  const add = async (below: string): Promise<void> => {
    const names = (await readdir(join(folder, below))).sort()
    for (const name of names) {
      const path = join(below, name)
      const status = await stat(join(folder, path)).catch(() => undefined)
      if (status?.isDirectory() === true) await add(path)
      else {
        count++
        digest.update(JSON.stringify([path, status?.size, status?.mtimeMs]))
      }
    }
  }
  await add('')
  return `${count} files ${digest.digest('hex')}`
}
