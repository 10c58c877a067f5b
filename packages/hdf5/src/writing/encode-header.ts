import { lookup3 } from '../structure/lookup3.js'
import { messageType } from '../structure/object-header.js'
import { ByteWriter } from './byte-writer.js'
import { encodeDataspace } from './encode-attribute.js'

/** What the object header of a new dataset says. */
export interface NewDataset {
  readonly shape: readonly number[]
  /** Datatype message. */
  readonly datatype: Uint8Array
  readonly itemSize: number
  /** `null` for a dataset that lies in its header: a scalar, or one without elements. */
  readonly chunks: readonly number[] | null
  /** One element. */
  readonly fill: Uint8Array
  readonly shuffle: boolean
  /** Deflate level; `undefined` for no compression. */
  readonly gzip: number | undefined
  /** Attribute messages. */
  readonly attributes: readonly Uint8Array[]
}

/** Group info message, which the specification names beside the link info message. */
const groupInfo = 0x0a

/** Object header of a dataset of which no chunk is stored yet. */
export function encodeDatasetHeader(dataset: NewDataset): Uint8Array {
  const { chunks, fill } = dataset
  // Space is allocated chunk by chunk, and filled where a chunk is written in part.
  const allocation = chunks === null ? 1 : 3
  const fillMessage = new ByteWriter()
    .u8(3, 0x28 | allocation)
    .u32(fill.byteLength)
    .bytes(fill)
    .finish()
  return encodeHeader([
    [messageType.dataspace, encodeDataspace(dataset.shape)],
    [messageType.datatype, dataset.datatype],
    [messageType.fillValue, fillMessage],
    [messageType.dataLayout, layout(dataset)],
    ...filters(dataset),
    ...dataset.attributes.map((attribute) => [messageType.attribute, attribute] as const)
  ])
}

/** A name in a group and the object that it leads to. */
export interface NewLink {
  readonly name: string
  readonly address: number
}

export function encodeGroupHeader(links: readonly NewLink[]): Uint8Array {
  return encodeHeader([
    [messageType.linkInfo, new ByteWriter().u8(0, 0).noAddress().noAddress().finish()],
    [groupInfo, Uint8Array.of(0, 0)],
    ...links.map((link) => [messageType.link, encodeLink(link)] as const)
  ])
}

function encodeLink({ name, address }: NewLink): Uint8Array {
  const bytes = new TextEncoder().encode(name)
  return new ByteWriter().u8(1, 0x11, 1).u16(bytes.byteLength).bytes(bytes).u64(address).finish()
}

function layout({ chunks, fill, itemSize, shape }: NewDataset): Uint8Array {
  if (chunks === null) {
    const data = shape.includes(0) ? new Uint8Array(0) : fill
    return new ByteWriter().u8(3, 0).u16(data.byteLength).bytes(data).finish()
  }
  return new ByteWriter()
    .u8(3, 2, chunks.length + 1)
    .noAddress()
    .u32(...chunks, itemSize)
    .finish()
}

function filters({ chunks, shuffle, gzip, itemSize }: NewDataset): (readonly [number, Uint8Array])[] {
  if (chunks === null) return []
  const optional = 1
  const pipeline = [...(shuffle ? [{ id: 2, value: itemSize }] : []), ...(gzip !== undefined ? [{ id: 1, value: gzip }] : [])]
  if (pipeline.length === 0) return []
  const message = new ByteWriter().u8(2, pipeline.length)
  for (const { id, value } of pipeline) message.u16(id, optional, 1).u32(value)
  return [[messageType.filterPipeline, message.finish()]]
}

/** Object header of version 2, without times. */
function encodeHeader(messages: readonly (readonly [type: number, body: Uint8Array])[]): Uint8Array {
  const body = new ByteWriter()
  for (const [type, bytes] of messages) body.u8(type).u16(bytes.byteLength).u8(0).bytes(bytes)
  const header = new ByteWriter().text('OHDR').u8(2, 2).u32(body.byteLength).bytes(body.finish())
  return withChecksum(header.finish())
}

export function withChecksum(bytes: Uint8Array): Uint8Array {
  return new ByteWriter().bytes(bytes).u32(lookup3(bytes)).finish()
}
