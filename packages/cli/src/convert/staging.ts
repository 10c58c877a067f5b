import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SourceError } from '@bioimage/core'
import { checkReplaceable, type Destination, placeOf } from './destination.js'
import { readJournal } from './journal.js'

/** Paths of an unfinished conversion. */
export interface Staging {
  readonly folder: string
  readonly journal: string
  /** Beside the folder: who works on it. */
  readonly lock: string
  /** The container or file under way; it has the name that it will have. */
  readonly container: string
  /** Where a replaced array is put while the new one takes its place. */
  readonly replaced: string
}

export function stagingOf({ staging, root }: Destination): Staging {
  return {
    folder: staging,
    journal: join(staging, 'journal'),
    lock: `${staging}.lock`,
    container: join(staging, basename(root)),
    replaced: join(staging, 'replaced')
  }
}

/**
 * Makes the folder. Inside it the container is prepared as far as it exists at the destination: the files of the groups
 * above the new array are copied, so that the backend sees what it will be part of.
 *
 * @throws ERR_ALREADY_EXISTS if another conversion made the folder in the meantime.
 */
export async function createStaging(staging: Staging): Promise<void> {
  await mkdir(dirname(staging.folder), { recursive: true })
  try {
    await mkdir(staging.folder)
  } catch (cause) {
    if (!existsSync(staging.folder)) throw cause
    throw new SourceError('ERR_ALREADY_EXISTS', `another conversion to ${staging.folder} began at the same time`, { cause })
  }
}

/** See {@link createStaging}. */
export async function copyGroups(staging: Staging, { root, key, target }: Destination): Promise<void> {
  // What is one file is replaced as a whole.
  if (key === undefined || target === root || !existsSync(root)) return
  const names = key.split('/').slice(0, -1)
  for (let depth = 0; depth <= names.length; depth++) {
    const below = names.slice(0, depth)
    const from = join(root, ...below)
    if (!existsSync(from)) return
    await mkdir(join(staging.container, ...below), { recursive: true })
    for (const entry of await readdir(from, { withFileTypes: true }))
      if (entry.isFile()) await copyFile(join(from, entry.name), join(staging.container, ...below, entry.name))
  }
}

/** Removes an unfinished conversion. Nothing else is ever removed: what is no such folder is an error. */
export async function discardStaging(staging: Staging): Promise<void> {
  if (!existsSync(staging.folder)) return
  const names = await readdir(staging.folder)
  if (names.length > 0) {
    await readJournal(staging.journal).catch((cause: unknown) => {
      throw new SourceError('ERR_ALREADY_EXISTS', `${staging.folder} is in the way, and no unfinished conversion; move it away`, {
        path: staging.folder,
        cause
      })
    })
  }
  await removeStaging(staging)
}

/** The journal goes last: a folder without it is never taken for ours. */
async function removeStaging({ folder, journal }: Staging): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== basename(journal)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** How the output is put in its place. */
export interface PublishOptions {
  readonly overwrite: boolean
  /** Runs the renames, and lets the container know of the array; see `Reader.adopt`. */
  adopt(move: () => Promise<void>): Promise<void>
}

/**
 * Puts the finished array in its place, by renaming, and removes the folder. May be called again after it was cut short.
 *
 * @throws ERR_ALREADY_EXISTS if something is there and `overwrite` is not set, or that may not be replaced.
 */
export async function publish(staging: Staging, destination: Destination, { overwrite, adopt }: PublishOptions): Promise<void> {
  const { from, to } = await firstMissing(staging, destination)
  if (!existsSync(from) && !existsSync(to)) {
    throw new SourceError('ERR_CORRUPT_DATA', `${staging.folder} holds no array any more; discard it with --overwrite`, {
      path: staging.folder
    })
  }
  if (existsSync(from) && existsSync(to)) {
    await checkReplaceable(destination)
    if (!overwrite)
      throw new SourceError('ERR_ALREADY_EXISTS', `${to} appeared in the meantime; replace it with --resume --overwrite`, { path: to })
  }
  await adopt(async () => {
    if (!existsSync(from)) return
    if (existsSync(to) && (await stat(to)).isDirectory()) await rename(to, staging.replaced)
    await rename(from, to)
  })
  await removeStaging(staging)
}

/** Whether the array is in its place already: an earlier run was cut short when only the folder was left to remove. */
export function isPublished(staging: Staging, { key, target }: Destination): boolean {
  return !existsSync(placeOf(staging.container, key)) && existsSync(target)
}

/** What has to be renamed: the highest folder, on the way to the array, that the destination does not have. */
async function firstMissing(staging: Staging, { root, key, target }: Destination): Promise<{ from: string; to: string }> {
  const names = key === undefined || target === root || placeOf(staging.container, key) === staging.container ? [] : key.split('/')
  for (let depth = 0; depth < names.length; depth++) {
    const to = join(root, ...names.slice(0, depth))
    if (!existsSync(to)) return { from: join(staging.container, ...names.slice(0, depth)), to }
    await copyMissingFiles(join(staging.container, ...names.slice(0, depth)), to)
  }
  return { from: join(staging.container, ...names), to: join(root, ...names) }
}

/** A folder that was there without being a group gets the group's files. */
async function copyMissingFiles(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name)
    if (entry.isFile() && !existsSync(target)) await copyFile(join(from, entry.name), target)
  }
}
