import { FractalHeap } from '../heaps/fractal-heap.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { findMessage, type Message, messageType, type ObjectHeader, readObjectHeader } from '../structure/object-header.js'
import { corrupt, StructureReader, unsupported } from '../structure/structure-reader.js'

/** Committed datatypes may not point at one another. */
const maximalHops = 4

/**
 * The body of a message: its own bytes, or those that it shares with others, in another object header or in the file's heap of
 * shared messages (specification, "Shared Messages").
 */
export async function bodyOf(file: Hdf5File, message: Message, options: ReadOptions, hops = 0): Promise<StructureReader> {
  const fields = new StructureReader(message.data, file.widths, 'object header message')
  if (!message.shared) return fields
  return readShared(file, message.type, fields, options, hops)
}

/** Follows a reference to a shared message of a type. */
export async function readShared(
  file: Hdf5File,
  type: number,
  fields: StructureReader,
  options: ReadOptions,
  hops = 0
): Promise<StructureReader> {
  if (hops > maximalHops) throw corrupt('shared messages refer to one another in a circle')
  const version = fields.version(1, 2, 3)
  const kind = fields.u8()
  if (version === 1) fields.skip(6)
  if (version === 3 && kind === 1) return readFromTable(file, type, fields.take(8), options)
  const header = await readObjectHeader(file, fields.definedAddress(), options)
  const target = findMessage(header, type)
  if (target === undefined) throw corrupt('a shared message refers to an object without such a message')
  return bodyOf(file, target, options, hops + 1)
}

/** The body of an object's message of a type; `undefined` if it has none. */
export async function findBody(
  file: Hdf5File,
  header: ObjectHeader,
  type: number,
  options: ReadOptions
): Promise<StructureReader | undefined> {
  const message = findMessage(header, type)
  return message === undefined ? undefined : bodyOf(file, message, options)
}

/** Specification, "The Shared Message Table Message" and "Shared Object Header Message Table". */
async function readFromTable(file: Hdf5File, type: number, id: Uint8Array, options: ReadOptions): Promise<StructureReader> {
  const { extensionAddress } = file.superblock
  if (extensionAddress === undefined) throw corrupt('a message is shared, but the file has no table of shared messages')
  const extension = await readObjectHeader(file, extensionAddress, options)
  const tableMessage = findMessage(extension, messageType.sharedMessageTable)
  if (tableMessage === undefined) throw corrupt('a message is shared, but the file has no table of shared messages')
  const location = new StructureReader(tableMessage.data, file.widths, 'shared message table message')
  location.version(0)
  const address = location.definedAddress()
  const indexes = location.u8()
  const { offsets } = file.widths
  const table = await file.readChecked(address, 4 + indexes * (2 + 2 + 4 + 2 + 2 + 2 + 2 * offsets) + 4, 'shared message table', options)
  table.signature('SMTB')
  for (let index = 0; index < indexes; index++) {
    table.version(0)
    table.skip(1)
    const types = table.u16()
    table.skip(4 + 2 + 2 + 2)
    table.address()
    const heapAddress = table.address()
    if ((types & (1 << type)) === 0 || heapAddress === undefined) continue
    const heap = await FractalHeap.open(file, heapAddress, options)
    return new StructureReader(await heap.get(id, options), file.widths, 'shared message')
  }
  throw unsupported(`the file shares messages of type ${type} in a way that is not known`)
}
