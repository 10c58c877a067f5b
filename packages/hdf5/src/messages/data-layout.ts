import { corrupt, type StructureReader, unsupported } from '../structure/structure-reader.js'

/** Where the elements of a dataset lie (specification, "The Data Layout Message"). */
export type DataLayout =
  | { readonly class: 'compact'; readonly bytes: Uint8Array }
  /** Without an address nothing is stored. */
  | { readonly class: 'contiguous'; readonly address: number | undefined; readonly size: number | undefined }
  | ChunkedLayoutMessage
  | { readonly class: 'virtual'; readonly heapAddress: number | undefined; readonly heapIndex: number }

export interface ChunkedLayoutMessage {
  readonly class: 'chunked'
  /** Without the element size that the message appends. */
  readonly chunks: readonly number[]
  readonly elementSize: number
  readonly index: ChunkIndexMessage
  /** Chunks that the dataset's edge cuts are stored without filters. */
  readonly unfilteredEdges: boolean
}

/** What the layout says about the chunk index. Without an address no chunk is stored. */
export type ChunkIndexMessage = { readonly address: number | undefined } & (
  | { readonly type: 'btree-1' | 'implicit' | 'fixed-array' | 'extensible-array' | 'btree-2' }
  | { readonly type: 'single'; readonly filtered: { readonly size: number; readonly mask: number } | undefined }
)

const maximalRank = 32

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED */
export function parseDataLayout(fields: StructureReader): DataLayout {
  const version = fields.version(1, 2, 3, 4, 5)
  if (version < 3) return parseOld(fields)
  const layoutClass = fields.u8()
  switch (layoutClass) {
    case 0:
      return { class: 'compact', bytes: fields.take(fields.u16()) }
    case 1:
      return { class: 'contiguous', address: fields.address(), size: fields.length() }
    case 2:
      return version === 3 ? chunkedVersion3(fields) : chunkedVersion4(fields)
    case 3:
      if (version < 4) break
      return { class: 'virtual', heapAddress: fields.address(), heapIndex: fields.u32() }
  }
  throw unsupported(`layout class ${layoutClass} of version ${version} is not known`)
}

/** Versions 1 and 2, of files before HDF5 1.6.3. */
function parseOld(fields: StructureReader): DataLayout {
  const rank = fields.u8()
  const layoutClass = fields.u8()
  fields.skip(5)
  const address = layoutClass === 0 ? undefined : fields.address()
  const lengths = Array.from({ length: checkedRank(rank) }, () => fields.u32())
  switch (layoutClass) {
    case 0:
      return { class: 'compact', bytes: fields.take(fields.u32()) }
    case 1:
      return { class: 'contiguous', address, size: undefined }
    case 2:
      return chunked(lengths, { type: 'btree-1', address }, false)
    default:
      throw unsupported(`layout class ${layoutClass} is not known`)
  }
}

function chunkedVersion3(fields: StructureReader): DataLayout {
  const rank = checkedRank(fields.u8())
  const address = fields.address()
  return chunked(
    Array.from({ length: rank }, () => fields.u32()),
    { type: 'btree-1', address },
    false
  )
}

function chunkedVersion4(fields: StructureReader): DataLayout {
  const flags = fields.u8()
  const rank = checkedRank(fields.u8())
  const width = fields.u8()
  if (width < 1 || width > 8) throw corrupt(`the layout message says that lengths of chunks have ${width} bytes`)
  const lengths = Array.from({ length: rank }, () => fields.uint(width))
  const type = fields.u8()
  switch (type) {
    case 1: {
      const filtered = flags & 2 ? { size: fields.length(), mask: fields.u32() } : undefined
      return chunked(lengths, { type: 'single', filtered, address: fields.address() }, (flags & 1) !== 0)
    }
    case 2:
      return chunked(lengths, { type: 'implicit', address: fields.address() }, (flags & 1) !== 0)
    case 3:
      fields.skip(1)
      return chunked(lengths, { type: 'fixed-array', address: fields.address() }, (flags & 1) !== 0)
    case 4:
      fields.skip(5)
      return chunked(lengths, { type: 'extensible-array', address: fields.address() }, (flags & 1) !== 0)
    case 5:
      fields.skip(6)
      return chunked(lengths, { type: 'btree-2', address: fields.address() }, (flags & 1) !== 0)
    default:
      throw unsupported(`chunk index type ${type} is not known`)
  }
}

function chunked(lengths: readonly number[], index: ChunkIndexMessage, unfilteredEdges: boolean): ChunkedLayoutMessage {
  const chunks = lengths.slice(0, -1)
  const elementSize = lengths.at(-1) ?? 0
  if (chunks.length === 0 || lengths.includes(0))
    throw corrupt(`a chunk has the shape [${chunks.join(', ')}] and elements of ${elementSize} bytes`)
  return { class: 'chunked', chunks, elementSize, index, unfilteredEdges }
}

function checkedRank(rank: number): number {
  if (rank > maximalRank + 1) throw corrupt(`a layout has ${rank} axes; HDF5 allows ${maximalRank}`)
  return rank
}
