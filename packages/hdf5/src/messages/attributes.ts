import { FractalHeap } from '../heaps/fractal-heap.js'
import { findRecords, readBTree2 } from '../structure/btree-v2.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { messageType, type ObjectHeader } from '../structure/object-header.js'
import { corrupt, StructureReader } from '../structure/structure-reader.js'
import { type Dataspace, parseDataspace } from './dataspace.js'
import { type Datatype, parseDatatype } from './datatype.js'
import { bodyOf, findBody, readShared } from './shared-message.js'

/** An attribute with its value as it is stored. */
export interface Attribute {
  readonly name: string
  readonly type: Datatype
  readonly space: Dataspace
  readonly data: Uint8Array
}

/** Type of the B-tree that finds attributes by the hash of their name. */
const nameIndexType = 8

/** Every attribute of an object: those in its header, and those that lie in a heap because they are many. */
export async function readAttributes(file: Hdf5File, header: ObjectHeader, options: ReadOptions): Promise<Attribute[]> {
  const attributes: Attribute[] = []
  for (const message of header.messages) {
    if (message.type === messageType.attribute) attributes.push(await parseAttribute(file, await bodyOf(file, message, options), options))
  }
  const info = await findBody(file, header, messageType.attributeInfo, options)
  if (info === undefined) return attributes
  info.version(0)
  if (info.u8() & 1) info.skip(2)
  const heapAddress = info.address()
  const nameIndexAddress = info.address()
  if (heapAddress === undefined || nameIndexAddress === undefined) return attributes
  const heap = await FractalHeap.open(file, heapAddress, options)
  const tree = await readBTree2(file, nameIndexAddress, [nameIndexType], options)
  for await (const record of findRecords(file, tree, () => 0, options)) {
    const id = record.take(heap.idLength)
    const shared = (record.u8() & 2) !== 0
    const data = await heap.get(id, options)
    const body = await bodyOf(file, { type: messageType.attribute, shared, data }, options)
    attributes.push(await parseAttribute(file, body, options))
  }
  return attributes
}

/** Specification, "The Attribute Message". */
async function parseAttribute(file: Hdf5File, fields: StructureReader, options: ReadOptions): Promise<Attribute> {
  const version = fields.version(1, 2, 3)
  const flags = fields.u8()
  const nameLength = fields.u16()
  const typeLength = fields.u16()
  const spaceLength = fields.u16()
  if (version === 3) fields.skip(1)
  // Version 1 pads each part with zeros to a multiple of 8.
  const padded = (length: number): number => (version === 1 ? Math.ceil(length / 8) * 8 : length)
  const name = fields.text(padded(nameLength))
  const part = async (type: number, length: number, shared: boolean, label: string): Promise<StructureReader> => {
    const own = new StructureReader(fields.take(padded(length)), file.widths, label)
    return shared ? readShared(file, type, own, options) : own
  }
  const type = parseDatatype(await part(messageType.datatype, typeLength, version > 1 && (flags & 1) !== 0, 'datatype of an attribute'))
  const space = parseDataspace(
    await part(messageType.dataspace, spaceLength, version > 1 && (flags & 2) !== 0, 'dataspace of an attribute')
  )
  const elements = space.kind === 'null' ? 0 : space.shape.reduce((count, length) => count * length, 1)
  const byteLength = elements * type.size
  if (!(byteLength <= fields.remaining)) {
    throw corrupt(`the attribute ${JSON.stringify(name)} has ${fields.remaining} bytes, expected ${byteLength}`)
  }
  return { name, type, space, data: fields.take(byteLength) }
}
