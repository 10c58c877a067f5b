import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'
import { ArrayIndex, type EntryRun } from './array-index.js'
import type { LoadPart, StoredChunk } from './chunk-index.js'
import { type Entries, EntryFormat } from './entry-format.js'

/** Sizes of the array's parts; all follow from a few numbers of the header. */
interface Header {
  readonly format: EntryFormat
  readonly clientId: number
  readonly blockOffsetWidth: number
  /** Bytes of a data block before its entries or the checksum before its pages. */
  readonly prefixLength: number
  readonly indexEntries: number
  readonly smallestBlock: number
  readonly entriesPerPage: number
  /** Super blocks whose data blocks the index block addresses itself. */
  readonly directSuperBlocks: number
  readonly superBlocks: number
  /** Chunks up to the last that was ever stored. */
  readonly highest: number
  readonly index: IndexBlock | undefined
}

interface IndexBlock {
  readonly entries: Entries
  readonly dataBlocks: readonly (number | undefined)[]
  readonly superBlocks: readonly (number | undefined)[]
}

/** Where the data blocks of a super block are. */
interface BlockAddresses {
  readonly dataBlocks: readonly (number | undefined)[]
  /** One bit per page of all the data blocks, highest bit first; absent where they have no pages. */
  readonly initialised: Uint8Array | undefined
}

/** A data block, as it follows from the header. */
interface DataBlock {
  readonly superBlock: number
  /** Place in its super block. */
  readonly number: number
  /** Number of its first chunk. */
  readonly first: number
  /** Entries. */
  readonly length: number
}

/** Entries that are read together: a data block without pages, or a page. */
interface Part {
  readonly address: number
  /** Number of its first chunk. */
  readonly first: number
  /** Entries. */
  readonly length: number
  readonly isPage: boolean
}

/** Chunk index of datasets with one unlimited axis (specification, "Extensible Array Index"). */
export class ExtensibleArrayIndex extends ArrayIndex {
  /** By address of the part. */
  readonly #entries = new Map<number, Entries>()
  readonly #superBlocks = new Map<number, BlockAddresses>()
  #header: Header | undefined

  protected find(number: number): StoredChunk | undefined | LoadPart {
    const header = this.#header
    if (header === undefined) return async (options) => void (await this.#open(options))
    const { format, index, indexEntries } = header
    if (index === undefined) return undefined
    if (number < indexEntries) return format.chunkAt(index.entries, number)
    const block = blockOf(header, number)
    const addresses = this.#addressesOf(header, index, block)
    if (addresses === undefined) return undefined
    if (typeof addresses === 'function') return async (options) => void (await addresses(options))
    const part = partOf(header, addresses, block, number)
    if (part === undefined) return undefined
    const entries = this.#entries.get(part.address)
    return entries === undefined
      ? async (options) => void (await this.#read(header, part, options))
      : format.chunkAt(entries, number - part.first)
  }

  protected async *runs(options: ReadOptions): AsyncGenerator<EntryRun> {
    const header = await this.#open(options)
    const { format, index, indexEntries, highest } = header
    if (index === undefined) return
    yield { first: 0, format, entries: index.entries }
    for (let number = indexEntries; number < highest; ) {
      const block = blockOf(header, number)
      const found = this.#addressesOf(header, index, block)
      const addresses = typeof found === 'function' ? await found(options) : found
      const part = addresses === undefined ? undefined : partOf(header, addresses, block, number)
      if (part !== undefined) yield { first: part.first, format, entries: await this.#read(header, part, options) }
      number += addresses?.initialised === undefined ? block.length : header.entriesPerPage
    }
  }

  /** Where the data blocks beside this one are; a function that reads it; `undefined` if none is stored. */
  #addressesOf(
    header: Header,
    index: IndexBlock,
    block: DataBlock
  ): BlockAddresses | undefined | ((options: ReadOptions) => Promise<BlockAddresses>) {
    if (block.superBlock < header.directSuperBlocks) {
      const before = dataBlocksBefore(block.superBlock)
      return { dataBlocks: index.dataBlocks.slice(before, before + dataBlocksIn(block.superBlock)), initialised: undefined }
    }
    const address = index.superBlocks[block.superBlock - header.directSuperBlocks]
    if (address === undefined) return undefined
    return this.#superBlocks.get(address) ?? ((options) => this.#superBlock(header, address, block, options))
  }

  async #open(options: ReadOptions): Promise<Header> {
    if (this.#header !== undefined) return this.#header
    const { file } = this.dataset
    const { offsets, lengths } = file.widths
    const fields = await file.readChecked(this.address, 4 + 8 + 6 * lengths + offsets + 4, 'extensible array header', options)
    fields.signature('EAHD')
    fields.version(0)
    const clientId = fields.u8()
    const format = new EntryFormat(this.dataset, clientId, fields.u8())
    const maximalBits = fields.u8()
    const indexEntries = fields.u8()
    const smallestBlock = fields.u8()
    const smallestPointers = fields.u8()
    const pageBits = fields.u8()
    fields.skip(4 * lengths)
    const highest = fields.length()
    fields.length()
    const indexAddress = fields.address()
    const isPower = (value: number): boolean => value >= 1 && Number.isInteger(Math.log2(value))
    if (!isPower(smallestBlock) || !isPower(smallestPointers) || maximalBits > 64 || pageBits > 32) {
      throw corrupt('the header of an extensible array holds impossible sizes')
    }
    const blockOffsetWidth = Math.ceil(maximalBits / 8)
    const partial = {
      format,
      clientId,
      blockOffsetWidth,
      prefixLength: 4 + 1 + 1 + offsets + blockOffsetWidth,
      indexEntries,
      smallestBlock,
      entriesPerPage: 2 ** pageBits,
      directSuperBlocks: 2 * Math.log2(smallestPointers),
      superBlocks: 1 + maximalBits - Math.log2(smallestBlock),
      highest
    }
    const dataBlocks = 2 * (smallestPointers - 1)
    const index = indexAddress === undefined ? undefined : await this.#indexBlock(partial, indexAddress, dataBlocks, options)
    this.#header = { ...partial, index }
    return this.#header
  }

  async #indexBlock(header: Omit<Header, 'index'>, address: number, dataBlocks: number, options: ReadOptions): Promise<IndexBlock> {
    const { file } = this.dataset
    const { offsets } = file.widths
    const superBlocks = Math.max(0, header.superBlocks - header.directSuperBlocks)
    const length = 4 + 1 + 1 + offsets + header.indexEntries * header.format.byteLength + (dataBlocks + superBlocks) * offsets + 4
    const fields = await file.readChecked(address, length, 'extensible array index block', options)
    this.#checkPrefix(fields, 'EAIB', header.clientId)
    return {
      entries: header.format.parse(fields, header.indexEntries),
      dataBlocks: Array.from({ length: dataBlocks }, () => fields.address()),
      superBlocks: Array.from({ length: superBlocks }, () => fields.address())
    }
  }

  async #superBlock(header: Header, address: number, block: DataBlock, options: ReadOptions): Promise<BlockAddresses> {
    const { file } = this.dataset
    const { offsets } = file.widths
    const count = dataBlocksIn(block.superBlock)
    const pages = block.length > header.entriesPerPage ? block.length / header.entriesPerPage : 0
    const bitmapLength = count * Math.ceil(pages / 8)
    const length = 4 + 1 + 1 + offsets + header.blockOffsetWidth + bitmapLength + count * offsets + 4
    const fields = await file.readChecked(address, length, 'extensible array super block', options)
    this.#checkPrefix(fields, 'EASB', header.clientId)
    fields.skip(header.blockOffsetWidth)
    const initialised = pages === 0 ? undefined : fields.take(bitmapLength)
    const addresses = { initialised, dataBlocks: Array.from({ length: count }, () => fields.address()) }
    this.#superBlocks.set(address, addresses)
    return addresses
  }

  async #read(header: Header, part: Part, options: ReadOptions): Promise<Entries> {
    const known = this.#entries.get(part.address)
    if (known !== undefined) return known
    const { format, clientId, prefixLength, blockOffsetWidth } = header
    const length = part.length * format.byteLength + 4 + (part.isPage ? 0 : prefixLength)
    const name = part.isPage ? 'page of an extensible array' : 'extensible array data block'
    const fields = await this.dataset.file.readChecked(part.address, length, name, options)
    if (!part.isPage) {
      this.#checkPrefix(fields, 'EADB', clientId)
      fields.skip(blockOffsetWidth)
    }
    const entries = format.parse(fields, part.length)
    this.#entries.set(part.address, entries)
    return entries
  }

  #checkPrefix(fields: StructureReader, signature: string, clientId: number): void {
    fields.signature(signature)
    fields.version(0)
    if (fields.u8() !== clientId || fields.definedAddress() !== this.address) throw corrupt('a block belongs to another extensible array')
  }
}

/** The data block of a chunk: super block s has 2^floor(s/2) of 2^ceil(s/2) times the smallest length. */
function blockOf({ indexEntries, smallestBlock, superBlocks }: Header, number: number): DataBlock {
  const rest = number - indexEntries
  const superBlock = Math.floor(Math.log2(Math.floor(rest / smallestBlock) + 1))
  if (superBlock >= superBlocks) throw corrupt(`an extensible array is asked for chunk ${number}, which lies behind its end`)
  const start = smallestBlock * (2 ** superBlock - 1)
  const length = smallestBlock * 2 ** Math.ceil(superBlock / 2)
  const block = Math.floor((rest - start) / length)
  return { superBlock, number: block, first: indexEntries + start + block * length, length }
}

/** The part of a data block with a chunk; `undefined` if it is not stored. */
function partOf(header: Header, { dataBlocks, initialised }: BlockAddresses, block: DataBlock, number: number): Part | undefined {
  const address = dataBlocks[block.number]
  if (address === undefined) return undefined
  const { entriesPerPage, format, prefixLength } = header
  if (initialised === undefined) return { address, first: block.first, length: block.length, isPage: false }
  const page = Math.floor((number - block.first) / entriesPerPage)
  const bit = block.number * (block.length / entriesPerPage) + page
  if (((initialised[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) === 0) return undefined
  return {
    // The prefix of a block with pages has a checksum of its own.
    address: address + prefixLength + 4 + page * (entriesPerPage * format.byteLength + 4),
    first: block.first + page * entriesPerPage,
    length: entriesPerPage,
    isPage: true
  }
}

function dataBlocksIn(superBlock: number): number {
  return 2 ** Math.floor(superBlock / 2)
}

/** Data blocks of the super blocks before this one. */
function dataBlocksBefore(superBlock: number): number {
  let count = 0
  for (let before = 0; before < superBlock; before++) count += dataBlocksIn(before)
  return count
}
