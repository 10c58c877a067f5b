import type { Context } from '../context.js'
import { SourceError } from '../errors.js'
import { type Location, resolveLocation } from '../location.js'
import type { Store } from './store.js'

/** Finds the files that a file names: targets of links, raw data, the other files of a set. */
export interface SiblingOptions {
  /** Where the file that names others lies. */
  readonly location: Pick<Location, 'path' | 'url'>
  readonly context: Context
  /** Also files outside the folder of the file: the option `followOutside`. Absent where a backend has no such option. */
  readonly anywhere?: boolean | undefined
}

/**
 * The store of a file named by another, relative to its folder. By default it must lie below that folder: a file from elsewhere
 * could else make a program read any file of this machine.
 *
 * @throws ERR_ACCESS_DENIED outside the folder, ERR_UNSUPPORTED for a file without a path.
 */
export async function siblingStore(name: string, options: SiblingOptions): Promise<Store> {
  const { location, context, anywhere } = options
  // With its query: a token is for every file of the folder.
  const path = location.url?.href ?? location.path
  if (path === undefined) {
    const message = `the file refers to ${JSON.stringify(name)}, which cannot be found from a file without a path`
    throw new SourceError('ERR_UNSUPPORTED', message)
  }
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
  const absolute = name.startsWith('/') || /^[a-z]:[\\/]/i.test(name) || /^[a-z][a-z0-9+.-]+:\/\//i.test(name)
  const cure = anywhere === undefined ? '' : '; give the option `followOutside: true` to allow that'
  const leaves = absolute || name.split(/[/\\]/).includes('..')
  if (leaves && anywhere !== true) {
    throw new SourceError('ERR_ACCESS_DENIED', `the file refers to ${JSON.stringify(name)}, outside its own folder${cure}`, {
      path: location.path
    })
  }
  const target = isUrl ? urlBeside(path, name) : absolute ? name : `${path.replace(/[^/\\]*$/, '')}${name}`
  return (await resolveLocation(target, context)).store
}

function urlBeside(path: string, name: string): string {
  const url = new URL(path)
  const beside = new URL(name.split('/').map(encodeURIComponent).join('/'), url)
  beside.search = url.search
  return beside.href
}
