import { SourceError, type Store } from '@bioimage/core'
import { placeOfDenseLink } from '../groups/dense-links.js'
import { denseLinksOf, findLink, kindOf } from '../groups/group.js'
import { rootOf } from '../groups/resolve-path.js'
import { findSymbol, parseSymbolTable } from '../groups/symbol-table.js'
import type { LibraryFile } from '../h5wasm-library.js'
import { parseLink } from '../messages/link.js'
import { findBody } from '../messages/shared-message.js'
import { Hdf5File } from '../structure/hdf5-file.js'
import { lookup3 } from '../structure/lookup3.js'
import { findMessage, messageType, type ObjectHeader, readObjectHeader } from '../structure/object-header.js'
import { StructureReader, unsupported } from '../structure/structure-reader.js'
import { ByteWriter } from './byte-writer.js'
import { nodeModule } from './node-modules.js'

/** File space info message, of files that keep track of their free space. */
const fileSpaceInfo = 0x17

/** What stands at a path where a dataset is to be made. */
export interface Destination {
  /** Groups that must be made first, outermost first. */
  readonly missingGroups: readonly string[]
  readonly present: 'nothing' | 'dataset' | 'other'
}

/** Looks at a path, by hard links. */
export async function destinationOf(file: Hdf5File, path: readonly string[]): Promise<Destination> {
  let header = (await rootOf(file, {})).header
  for (const [depth, name] of path.entries()) {
    const link = await findLink(file, header, name, {})
    if (link === undefined) {
      const missingGroups = path.slice(depth, -1).map((_, at) => path.slice(0, depth + at + 1).join('/'))
      return { missingGroups, present: 'nothing' }
    }
    if (link.type !== 'hard') return { missingGroups: [], present: 'other' }
    header = await readObjectHeader(file, link.address, {})
    if (depth === path.length - 1) return { missingGroups: [], present: kindOf(header) === 'dataset' ? 'dataset' : 'other' }
    if (kindOf(header) !== 'group') return { missingGroups: [], present: 'other' }
  }
  return { missingGroups: [], present: 'other' }
}

/** @throws ERR_UNSUPPORTED for files into which no object header can be put. */
export async function checkCanInsert(file: Hdf5File): Promise<void> {
  const { widths, extensionAddress } = file.superblock
  if (widths.offsets !== 8 || widths.lengths !== 8)
    throw unsupported('the file has addresses of less than 8 bytes; repack it with h5repack')
  if (extensionAddress === undefined) return
  const extension = await readObjectHeader(file, extensionAddress, {})
  if (findMessage(extension, fileSpaceInfo) !== undefined) {
    throw unsupported(
      'the file keeps track of its free space, or of pages; datasets are not added to such files: repack it with `h5repack --fs_strategy=FSM_AGGR`'
    )
  }
}

/**
 * Puts a dataset's object header into a file and makes the link at a path lead to it. h5wasm can make groups and links, but not
 * datasets with several filters, a fill value, or half-precision, boolean or complex elements: it makes a placeholder, whose link
 * is then turned to a header of ours at the end of the file.
 */
export async function insertDataset(
  store: Store,
  path: readonly string[],
  header: Uint8Array,
  destination: Destination,
  library: LibraryFile
): Promise<void> {
  if (destination.present === 'nothing') {
    await library.run({ task: 'placeholder', groups: destination.missingGroups, dataset: path.join('/') })
  }
  // The library must not hold on to what is changed beside it.
  await library.close()
  const file = await Hdf5File.open(store)
  const filePath = store.path
  if (file === undefined || filePath === undefined) throw new SourceError('ERR_NOT_FOUND', 'the file has vanished', { kind: 'hdf5' })
  const position = Math.ceil(file.superblock.endOfFile / 8) * 8
  const address = position - file.superblock.baseAddress
  const changes = await linkChanges(file, path, address)
  const handle = await nodeModule('node:fs/promises', 'writing').open(filePath, 'r+')
  const write = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let done = 0; done < bytes.byteLength; ) done += (await handle.write(bytes, done, bytes.byteLength - done, at + done)).bytesWritten
  }
  try {
    // First what nothing leads to yet; the link comes last.
    await write(header, position)
    const end = position + header.byteLength
    await handle.truncate(Math.max(end, (await handle.stat()).size))
    const superblock = await superblockChange(file, end)
    await write(superblock.bytes, superblock.position)
    for (const change of changes) await write(change.bytes, change.position)
  } finally {
    await handle.close()
  }
}

interface Change {
  readonly position: number
  readonly bytes: Uint8Array
}

/** The new end of the file, with the checksum of newer superblocks. */
async function superblockChange(file: Hdf5File, end: number): Promise<Change> {
  const { version, baseAddress } = file.superblock
  const endBytes = new ByteWriter().u64(end).finish()
  if (version < 2) return { position: baseAddress + 24 + (version === 1 ? 4 : 0) + 16, bytes: endBytes }
  const { bytes } = await file.read(0, 48, 'superblock', {})
  const changed = new Uint8Array(bytes)
  changed.set(endBytes, 12 + 16)
  changed.set(new ByteWriter().u32(lookup3(changed.subarray(0, 44))).finish(), 44)
  return { position: baseAddress, bytes: changed }
}

/** The bytes to change so that the link at a path leads to another address. */
async function linkChanges(file: Hdf5File, path: readonly string[], address: number): Promise<readonly Change[]> {
  let group = (await rootOf(file, {})).header
  for (const name of path.slice(0, -1)) {
    const link = await findLink(file, group, name, {})
    if (link?.type !== 'hard') throw unsupported(`the group ${JSON.stringify(name)} is reached by a link of another kind`)
    group = await readObjectHeader(file, link.address, {})
  }
  const name = path.at(-1) ?? ''
  const newAddress = new ByteWriter().u64(address).finish()
  return (
    (await inHeader(file, group, name, newAddress)) ??
    (await inHeap(file, group, name, newAddress)) ??
    inSymbolTable(file, group, name, newAddress)
  )
}

async function inHeader(file: Hdf5File, group: ObjectHeader, name: string, newAddress: Uint8Array): Promise<readonly Change[] | undefined> {
  for (const message of group.messages) {
    if (message.type !== messageType.link || message.place === undefined) continue
    const fields = new StructureReader(message.data, file.widths, 'link message')
    if (parseLink(fields).name !== name) continue
    const at = message.place.address + fields.position - 8
    const { checked } = message.place
    if (checked === undefined) return [{ position: file.positionOf(at), bytes: newAddress }]
    const block = new Uint8Array((await file.read(checked.address, checked.length, 'object header', {})).bytes)
    block.set(newAddress, at - checked.address)
    const end = block.byteLength - 4
    block.set(new ByteWriter().u32(lookup3(block.subarray(0, end))).finish(), end)
    return [{ position: file.positionOf(checked.address), bytes: block }]
  }
  return undefined
}

async function inHeap(file: Hdf5File, group: ObjectHeader, name: string, newAddress: Uint8Array): Promise<readonly Change[] | undefined> {
  const dense = await denseLinksOf(file, group, {})
  const place = dense === undefined ? undefined : await placeOfDenseLink(file, dense, name, {})
  if (place === undefined) return undefined
  const block = new Uint8Array((await file.read(place.block.address, place.block.length, 'fractal heap direct block', {})).bytes)
  block.set(newAddress, place.address - place.block.address + place.length - 8)
  if (place.checksumAt !== undefined) {
    const at = place.checksumAt - place.block.address
    block.fill(0, at, at + 4)
    block.set(new ByteWriter().u32(lookup3(block)).finish(), at)
  }
  return [{ position: file.positionOf(place.block.address), bytes: block }]
}

async function inSymbolTable(file: Hdf5File, group: ObjectHeader, name: string, newAddress: Uint8Array): Promise<readonly Change[]> {
  const body = await findBody(file, group, messageType.symbolTable, {})
  const link = body === undefined ? undefined : await findSymbol(file, parseSymbolTable(body), name, {})
  if (link === undefined) throw unsupported(`the link ${JSON.stringify(name)} lies where it cannot be changed`)
  // The address follows the place of the name; then comes what is cached of the object: nothing.
  return [{ position: file.positionOf(link.entryAddress + 8), bytes: new ByteWriter().bytes(newAddress).u32(0).finish() }]
}
