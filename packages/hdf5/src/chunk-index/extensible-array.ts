import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'
import {
  type ChunkIndex,
  ChunkNumbering,
  EntryFormat,
  type IndexedDataset,
  isInside,
  type LoadPart,
  locateWith,
  type PlacedChunk,
  type StoredChunk
} from './chunk-index.js'

type Entries = readonly (StoredChunk | undefined)[]

/** Sizes of the array's parts; all follow from a few numbers of the header. */
interface Header {
  readonly format: EntryFormat
  readonly clientId: number
  readonly blockOffsetWidth: number
  readonly indexEntries: number
  readonly smallestBlock: number
  readonly entriesPerPage: number
  /** Super blocks whose data blocks the index block addresses itself. */
  readonly directSuperBlocks: number
  readonly superBlocks: number
  readonly highest: number
  readonly index: IndexBlock | undefined
}

interface IndexBlock {
  readonly entries: Entries
  readonly dataBlocks: readonly (number | undefined)[]
  readonly superBlocks: readonly (number | undefined)[]
}

interface SuperBlock {
  readonly dataBlocks: readonly (number | undefined)[]
  /** One bit per page of all its data blocks, highest bit first; empty where they have no pages. */
  readonly initialised: Uint8Array
}

/** Chunk index of datasets with one unlimited axis (specification, "Extensible Array Index"). */
export class ExtensibleArrayIndex implements ChunkIndex {
  readonly #dataset: IndexedDataset
  readonly #address: number
  readonly #numbering: ChunkNumbering
  /** By address of the data block or page. */
  readonly #entries = new Map<number, Entries>()
  readonly #superBlocks = new Map<number, SuperBlock>()
  #header: Header | undefined

  constructor(dataset: IndexedDataset, address: number) {
    this.#dataset = dataset
    this.#address = address
    this.#numbering = new ChunkNumbering(dataset)
  }

  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined> {
    return locateWith(() => this.#lookUp(this.#numbering.numberOf(position)), options)
  }

  async *entries(options: ReadOptions): AsyncGenerator<PlacedChunk> {
    const header = await this.#open(options)
    for (let number = 0; number < header.highest; number++) {
      const chunk: StoredChunk | undefined = await locateWith(() => this.#lookUp(number), options)
      if (chunk === undefined) continue
      const position = this.#numbering.positionOf(number)
      if (isInside(this.#dataset, position)) yield { position, ...chunk }
    }
  }

  #lookUp(number: number): StoredChunk | undefined | LoadPart {
    const header = this.#header
    if (header === undefined) return async (options) => void (await this.#open(options))
    const { index, indexEntries, smallestBlock, directSuperBlocks } = header
    if (index === undefined) return undefined
    if (number < indexEntries) return index.entries[number]
    // Super block s has 2^floor(s/2) data blocks of 2^ceil(s/2) times the smallest length.
    const rest = number - indexEntries
    const superBlock = Math.floor(Math.log2(Math.floor(rest / smallestBlock) + 1))
    if (superBlock >= header.superBlocks) throw corrupt(`an extensible array is asked for chunk ${number}, which lies behind its end`)
    const inSuperBlock = rest - smallestBlock * (2 ** superBlock - 1)
    const blockLength = smallestBlock * 2 ** Math.ceil(superBlock / 2)
    const block = Math.floor(inSuperBlock / blockLength)
    const inBlock = inSuperBlock % blockLength
    if (superBlock < directSuperBlocks)
      return this.#inDataBlock(header, index.dataBlocks[dataBlocksBefore(superBlock) + block], blockLength, inBlock)
    const superAddress = index.superBlocks[superBlock - directSuperBlocks]
    if (superAddress === undefined) return undefined
    const parts = this.#superBlocks.get(superAddress)
    if (parts === undefined) return async (options) => void (await this.#superBlock(header, superAddress, superBlock, blockLength, options))
    const address = parts.dataBlocks[block]
    if (address === undefined || blockLength <= header.entriesPerPage) return this.#inDataBlock(header, address, blockLength, inBlock)
    const page = Math.floor(inBlock / header.entriesPerPage)
    const bit = block * (blockLength / header.entriesPerPage) + page
    if (((parts.initialised[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) === 0) return undefined
    const pageAddress = address + this.#dataBlockPrefix(header) + 4 + page * (header.entriesPerPage * header.format.byteLength + 4)
    const entries = this.#entries.get(pageAddress)
    return entries === undefined
      ? async (options) => void (await this.#page(header, pageAddress, options))
      : entries[inBlock % header.entriesPerPage]
  }

  #inDataBlock(header: Header, address: number | undefined, blockLength: number, inBlock: number): StoredChunk | undefined | LoadPart {
    if (address === undefined) return undefined
    const entries = this.#entries.get(address)
    return entries === undefined ? async (options) => void (await this.#dataBlock(header, address, blockLength, options)) : entries[inBlock]
  }

  async #open(options: ReadOptions): Promise<Header> {
    if (this.#header !== undefined) return this.#header
    const { file } = this.#dataset
    const { offsets, lengths } = file.widths
    const fields = await file.readChecked(this.#address, 4 + 8 + 6 * lengths + offsets + 4, 'extensible array header', options)
    fields.signature('EAHD')
    fields.version(0)
    const clientId = fields.u8()
    const format = new EntryFormat(this.#dataset, clientId, fields.u8())
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
    const partial = {
      format,
      clientId,
      blockOffsetWidth: Math.ceil(maximalBits / 8),
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
    const { file } = this.#dataset
    const { offsets } = file.widths
    const superBlocks = Math.max(0, header.superBlocks - header.directSuperBlocks)
    const length = 4 + 1 + 1 + offsets + header.indexEntries * header.format.byteLength + (dataBlocks + superBlocks) * offsets + 4
    const fields = await file.readChecked(address, length, 'extensible array index block', options)
    this.#checkPrefix(fields, 'EAIB', header.clientId)
    return {
      entries: Array.from({ length: header.indexEntries }, () => header.format.parse(fields)),
      dataBlocks: Array.from({ length: dataBlocks }, () => fields.address()),
      superBlocks: Array.from({ length: superBlocks }, () => fields.address())
    }
  }

  async #superBlock(header: Header, address: number, number: number, blockLength: number, options: ReadOptions): Promise<void> {
    const { file } = this.#dataset
    const { offsets } = file.widths
    const count = 2 ** Math.floor(number / 2)
    const pages = blockLength > header.entriesPerPage ? blockLength / header.entriesPerPage : 0
    const bitmapLength = count * Math.ceil(pages / 8)
    const length = 4 + 1 + 1 + offsets + header.blockOffsetWidth + bitmapLength + count * offsets + 4
    const fields = await file.readChecked(address, length, 'extensible array super block', options)
    this.#checkPrefix(fields, 'EASB', header.clientId)
    fields.skip(header.blockOffsetWidth)
    const initialised = fields.take(bitmapLength)
    this.#superBlocks.set(address, { initialised, dataBlocks: Array.from({ length: count }, () => fields.address()) })
  }

  async #dataBlock(header: Header, address: number, blockLength: number, options: ReadOptions): Promise<void> {
    const prefixLength = this.#dataBlockPrefix(header)
    const length = prefixLength + blockLength * header.format.byteLength + 4
    const fields = await this.#dataset.file.readChecked(address, length, 'extensible array data block', options)
    this.#checkPrefix(fields, 'EADB', header.clientId)
    fields.skip(header.blockOffsetWidth)
    this.#entries.set(
      address,
      Array.from({ length: blockLength }, () => header.format.parse(fields))
    )
  }

  async #page(header: Header, address: number, options: ReadOptions): Promise<void> {
    const length = header.entriesPerPage * header.format.byteLength + 4
    const fields = await this.#dataset.file.readChecked(address, length, 'page of an extensible array', options)
    this.#entries.set(
      address,
      Array.from({ length: header.entriesPerPage }, () => header.format.parse(fields))
    )
  }

  #dataBlockPrefix(header: Header): number {
    return 4 + 1 + 1 + this.#dataset.file.widths.offsets + header.blockOffsetWidth
  }

  #checkPrefix(fields: StructureReader, signature: string, clientId: number): void {
    fields.signature(signature)
    fields.version(0)
    if (fields.u8() !== clientId || fields.definedAddress() !== this.#address) throw corrupt('a block belongs to another extensible array')
  }
}

/** Data blocks of the super blocks before this one. */
function dataBlocksBefore(superBlock: number): number {
  let count = 0
  for (let before = 0; before < superBlock; before++) count += 2 ** Math.floor(before / 2)
  return count
}
