import type { Hdf5File, ReadOptions } from './hdf5-file.js'
import { checkChecksum } from './lookup3.js'
import { corrupt, StructureReader, unsupported } from './structure-reader.js'

/** Numbers of the header messages that are read here (specification, "Data Object Header Messages"). */
export const messageType = {
  nil: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  dataLayout: 0x08,
  filterPipeline: 0x0b,
  attribute: 0x0c,
  sharedMessageTable: 0x0f,
  continuation: 0x10,
  symbolTable: 0x11,
  driverInfo: 0x14,
  attributeInfo: 0x15
} as const

/** The highest message number of the specification. */
const lastMessageType = 0x18

/** One message of an object header. */
export interface Message {
  readonly type: number
  /** The body lies elsewhere and `data` says where. */
  readonly shared: boolean
  readonly data: Uint8Array
  /** Where the body lies; absent for one that does not come from a header. */
  readonly place?: MessagePlace | undefined
}

/** Address of a message's body, and of the block around it whose last four bytes are its checksum. */
export interface MessagePlace {
  readonly address: number
  readonly checked: { readonly address: number; readonly length: number } | undefined
}

/** What describes a group, dataset or committed datatype. */
export interface ObjectHeader {
  readonly address: number
  readonly messages: readonly Message[]
}

/** Bytes that are read at once to learn how long a header is. */
const firstRead = 512

/**
 * Reads an object header (specification, "Level 2A - Data Object Headers") with its continuation blocks.
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (a version or a message that must be understood)
 */
export async function readObjectHeader(file: Hdf5File, address: number, options: ReadOptions): Promise<ObjectHeader> {
  const beginning = await file.readUpTo(address, firstRead, 'object header', options)
  const isNew = String.fromCharCode(...beginning.bytes.subarray(0, 4)) === 'OHDR'
  const messages = isNew ? await readNew(file, address, beginning, options) : await readOld(file, address, beginning, options)
  return { address, messages }
}

/** The first message of a type. */
export function findMessage(header: ObjectHeader, type: number): Message | undefined {
  return header.messages.find((message) => message.type === type)
}

/** Sees to it that continuation blocks end: no block is read twice, and all together are no longer than the file. */
class Blocks {
  readonly #file: Hdf5File
  readonly #visited: Set<number>
  #bytes = 0

  constructor(file: Hdf5File, address: number) {
    this.#file = file
    this.#visited = new Set([address])
  }

  enter(address: number, length: number): void {
    this.#bytes += length
    if (this.#visited.has(address) || this.#bytes > this.#file.size) {
      throw corrupt(`the continuation blocks of an object header go in a circle (at address ${address})`)
    }
    this.#visited.add(address)
  }
}

interface Continuation {
  readonly address: number
  readonly length: number
}

async function readOld(file: Hdf5File, address: number, beginning: StructureReader, options: ReadOptions): Promise<Message[]> {
  const version = beginning.u8()
  if (version !== 1) throw corrupt(`no object header where one must be (it begins with version ${version})`)
  beginning.skip(1)
  let left = beginning.u16()
  beginning.skip(4)
  const length = beginning.u32()
  const messages: Message[] = []
  const pending: Continuation[] = [{ address: address + 16, length }]
  const blocks = new Blocks(file, address)
  for (let block = pending.shift(); block !== undefined; block = pending.shift()) {
    blocks.enter(block.address, block.length)
    const fields = await file.read(block.address, block.length, 'object header', options)
    while (left > 0 && fields.remaining >= 8) {
      left--
      const type = fields.u16()
      const size = fields.u16()
      const flags = fields.u8()
      fields.skip(3)
      const place = { address: block.address + fields.position, checked: undefined }
      add(messages, pending, type, flags, fields.part(size, 'object header message'), place)
    }
  }
  return messages
}

async function readNew(file: Hdf5File, address: number, beginning: StructureReader, options: ReadOptions): Promise<Message[]> {
  beginning.signature('OHDR')
  beginning.version(2)
  const flags = beginning.u8()
  if (flags & 0x20) beginning.skip(16)
  if (flags & 0x10) beginning.skip(4)
  const firstLength = beginning.uint(1 << (flags & 3))
  const prefixLength = beginning.position
  const whole = await file.read(address, prefixLength + firstLength + 4, 'object header', options)
  checkChecksum(whole.bytes, 'object header')
  const blocks = new Blocks(file, address)
  const messageHeader = 4 + (flags & 4 ? 2 : 0)
  const messages: Message[] = []
  const pending: Continuation[] = []
  const scan = (fields: StructureReader, start: number, checked: MessagePlace['checked']): void => {
    // What is shorter than a message's header is a gap.
    while (fields.remaining >= messageHeader) {
      const type = fields.u8()
      const size = fields.u16()
      const messageFlags = fields.u8()
      if (flags & 4) fields.skip(2)
      const place = { address: start + fields.position, checked }
      add(messages, pending, type, messageFlags, fields.part(size, 'object header message'), place)
    }
  }
  const first = new StructureReader(whole.bytes.subarray(prefixLength, prefixLength + firstLength), file.widths, 'object header')
  scan(first, address + prefixLength, { address, length: whole.bytes.byteLength })
  for (let block = pending.shift(); block !== undefined; block = pending.shift()) {
    blocks.enter(block.address, block.length)
    const fields = await file.readChecked(block.address, block.length, 'object header continuation', options)
    fields.signature('OCHK')
    scan(fields, block.address, block)
  }
  return messages
}

function add(messages: Message[], pending: Continuation[], type: number, flags: number, body: StructureReader, place: MessagePlace): void {
  if (type === messageType.continuation) {
    pending.push({ address: body.definedAddress(), length: body.length() })
    return
  }
  // Bit 7: "fail always if unknown".
  if (type > lastMessageType && flags & 0x80) throw unsupported(`an object header has a message of type ${type}, which must be understood`)
  if (type !== messageType.nil) messages.push({ type, shared: (flags & 2) !== 0, data: body.bytes, place })
}
