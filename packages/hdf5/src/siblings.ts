import { type Context, type Location, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { unsupported } from './structure/structure-reader.js'

/** Finds the files that a file names: targets of external links, raw data. */
export interface SiblingOptions {
  /** Where the file that names others lies. */
  readonly location: Pick<Location, 'path' | 'url'>
  readonly context: Context
  /** Also files outside the folder of the file. */
  readonly anywhere: boolean
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
  if (path === undefined) throw unsupported(`the file refers to ${JSON.stringify(name)}, which cannot be found from a file without a path`)
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
  const absolute = name.startsWith('/') || /^[a-z]:[\\/]/i.test(name) || /^[a-z][a-z0-9+.-]+:\/\//i.test(name)
  const leaves = absolute || name.split(/[/\\]/).includes('..')
  if (leaves && !anywhere) {
    throw new SourceError(
      'ERR_ACCESS_DENIED',
      `the file refers to ${JSON.stringify(name)}, outside its own folder; give the option \`followOutside: true\` to allow that`,
      { kind: 'hdf5', path }
    )
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
