import { type Link, type LinkTarget, parseLink, parseLinkInfo } from '../messages/link.js'
import { findBody } from '../messages/shared-message.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { findMessage, messageType, type ObjectHeader } from '../structure/object-header.js'
import { StructureReader } from '../structure/structure-reader.js'
import { type DenseLinks, findDenseLink, listDenseLinks } from './dense-links.js'
import { findSymbol, listSymbols, parseSymbolTable } from './symbol-table.js'

/** What an object is. */
export type ObjectKind = 'group' | 'dataset' | 'datatype' | 'unknown'

export function kindOf(header: ObjectHeader): ObjectKind {
  const has = (type: number): boolean => findMessage(header, type) !== undefined
  if (has(messageType.dataLayout)) return 'dataset'
  if (has(messageType.symbolTable) || has(messageType.linkInfo) || has(messageType.link)) return 'group'
  return has(messageType.datatype) ? 'datatype' : 'unknown'
}

/** The link of that name; `undefined` if the group has none. */
export async function findLink(file: Hdf5File, group: ObjectHeader, name: string, options: ReadOptions): Promise<LinkTarget | undefined> {
  const compact = compactLinks(file, group).find((link) => link.name === name)
  if (compact !== undefined) return compact
  const dense = await denseLinksOf(file, group, options)
  if (dense !== undefined) return findDenseLink(file, dense, name, options)
  const table = await findBody(file, group, messageType.symbolTable, options)
  return table === undefined ? undefined : findSymbol(file, parseSymbolTable(table), name, options)
}

/** Every link of the group, sorted by name. */
export async function listLinks(file: Hdf5File, group: ObjectHeader, options: ReadOptions): Promise<Link[]> {
  const links = compactLinks(file, group)
  const dense = await denseLinksOf(file, group, options)
  if (dense !== undefined) links.push(...(await listDenseLinks(file, dense, options)))
  const table = await findBody(file, group, messageType.symbolTable, options)
  if (table !== undefined) links.push(...(await listSymbols(file, parseSymbolTable(table), options)))
  return links.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function compactLinks(file: Hdf5File, group: ObjectHeader): Link[] {
  return group.messages
    .filter(({ type }) => type === messageType.link)
    .map(({ data }) => parseLink(new StructureReader(data, file.widths, 'link message')))
}

export async function denseLinksOf(file: Hdf5File, group: ObjectHeader, options: ReadOptions): Promise<DenseLinks | undefined> {
  const body = await findBody(file, group, messageType.linkInfo, options)
  if (body === undefined) return undefined
  const { heapAddress, nameIndexAddress } = parseLinkInfo(body)
  return heapAddress === undefined || nameIndexAddress === undefined ? undefined : { heapAddress, nameIndexAddress }
}
