import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { type ObjectHeader, readObjectHeader } from '../structure/object-header.js'
import { corrupt } from '../structure/structure-reader.js'
import { findLink, kindOf } from './group.js'

/** Links that one path may follow: cycles end here. */
const maximalLinks = 16

/** Opens the file that an external link names; `undefined` if there is none. */
export type OpenExternal = (name: string, from: Hdf5File) => Promise<Hdf5File | undefined>

/** An object and the file that holds it, which external links may change. */
export interface FoundObject {
  readonly file: Hdf5File
  readonly header: ObjectHeader
}

/**
 * The object at a path, through soft and external links.
 *
 * @returns what is there, or why there is nothing.
 */
export async function resolvePath(
  file: Hdf5File,
  path: string,
  openExternal: OpenExternal,
  options: ReadOptions
): Promise<FoundObject | { readonly missing: string }> {
  let followed = 0
  const walk = async (start: FoundObject, path: string): Promise<FoundObject | { readonly missing: string }> => {
    let current: FoundObject = path.startsWith('/') ? await rootOf(start.file, options) : start
    for (const name of partsOf(path)) {
      if (kindOf(current.header) !== 'group') return { missing: `there is no ${JSON.stringify(name)}: what is above it is no group` }
      const link = await findLink(current.file, current.header, name, options)
      if (link === undefined) return { missing: `there is no ${JSON.stringify(name)}` }
      if (link.type === 'hard') {
        current = { file: current.file, header: await readObjectHeader(current.file, link.address, options) }
        continue
      }
      if (link.type === 'unknown') return { missing: `the link ${JSON.stringify(name)} is of a type that is not known` }
      if (++followed > maximalLinks) return { missing: `the link ${JSON.stringify(name)} goes in a circle` }
      let from = current
      if (link.type === 'external') {
        const other = await openExternal(link.file, current.file)
        if (other === undefined)
          return { missing: `the link ${JSON.stringify(name)} leads to the file ${JSON.stringify(link.file)}, which does not exist` }
        from = await rootOf(other, options)
      }
      const target = await walk(from, link.path)
      if ('missing' in target)
        return { missing: `the link ${JSON.stringify(name)} leads to ${JSON.stringify(link.path)}, and ${target.missing}` }
      current = target
    }
    return current
  }
  return walk(await rootOf(file, options), path)
}

export async function rootOf(file: Hdf5File, options: ReadOptions): Promise<FoundObject> {
  const header = await readObjectHeader(file, file.superblock.rootAddress, options)
  if (kindOf(header) !== 'group' && header.messages.length > 0 && kindOf(header) === 'dataset')
    throw corrupt('the root of the file is a dataset, expected a group')
  return { file, header }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
