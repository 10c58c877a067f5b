import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'
import { ArrayIndex, type EntryRun } from './array-index.js'
import type { LoadPart, StoredChunk } from './chunk-index.js'
import { type Entries, EntryFormat } from './entry-format.js'

interface Header {
  readonly format: EntryFormat
  readonly entries: number
  readonly entriesPerPage: number
  /** Absent while no chunk is stored. */
  readonly block: DataBlock | undefined
}

interface DataBlock {
  /** Of the first entry or page. */
  readonly entriesAddress: number
  /** Bit of each page that is initialised, highest bit first; absent where the block has no pages. */
  readonly initialised: Uint8Array | undefined
}

/** Chunk index of datasets without an unlimited axis (specification, "Fixed Array Index"). */
export class FixedArrayIndex extends ArrayIndex {
  /** By number; `undefined` for pages that were never written. */
  readonly #pages = new Map<number, Entries | undefined>()
  #header: Header | undefined

  protected find(number: number): StoredChunk | undefined | LoadPart {
    const header = this.#header
    if (header === undefined) return async (options) => void (await this.#open(options))
    if (number >= header.entries) throw corrupt(`a fixed array of ${header.entries} chunks is asked for chunk ${number}`)
    const page = Math.floor(number / header.entriesPerPage)
    const entries = this.#pages.get(page)
    if (entries !== undefined) return header.format.chunkAt(entries, number % header.entriesPerPage)
    return this.#pages.has(page) ? undefined : async (options) => void (await this.#page(header, page, options))
  }

  protected async *runs(options: ReadOptions): AsyncGenerator<EntryRun> {
    const header = await this.#open(options)
    for (let page = 0; page * header.entriesPerPage < header.entries; page++) {
      const entries = await this.#page(header, page, options)
      if (entries !== undefined) yield { first: page * header.entriesPerPage, format: header.format, entries }
    }
  }

  async #open(options: ReadOptions): Promise<Header> {
    if (this.#header !== undefined) return this.#header
    const { file } = this.dataset
    const { offsets, lengths } = file.widths
    const fields = await file.readChecked(this.address, 4 + 1 + 1 + 1 + 1 + lengths + offsets + 4, 'fixed array header', options)
    fields.signature('FAHD')
    fields.version(0)
    const clientId = fields.u8()
    const format = new EntryFormat(this.dataset, clientId, fields.u8())
    const pageBits = fields.u8()
    const entries = fields.length()
    const blockAddress = fields.address()
    if (pageBits > 32) throw corrupt(`a fixed array has pages of 2^${pageBits} entries`)
    const pageLength = 2 ** pageBits
    const paged = entries > pageLength
    const header: Header = {
      format,
      entries,
      entriesPerPage: paged ? pageLength : Math.max(1, entries),
      block:
        blockAddress === undefined
          ? undefined
          : await this.#openBlock(blockAddress, clientId, paged ? Math.ceil(entries / pageLength) : 0, options)
    }
    this.#header = header
    return header
  }

  async #openBlock(address: number, clientId: number, pages: number, options: ReadOptions): Promise<DataBlock> {
    const { file } = this.dataset
    const prefixLength = 4 + 1 + 1 + file.widths.offsets
    const bitmapLength = Math.ceil(pages / 8)
    // Without pages, the checksum stands behind the entries.
    const fields =
      pages === 0
        ? await file.read(address, prefixLength, 'fixed array data block', options)
        : await file.readChecked(address, prefixLength + bitmapLength + 4, 'fixed array data block', options)
    fields.signature('FADB')
    fields.version(0)
    if (fields.u8() !== clientId || fields.definedAddress() !== this.address) throw corrupt('a data block belongs to another fixed array')
    if (pages === 0) return { entriesAddress: address, initialised: undefined }
    return { entriesAddress: address + prefixLength + bitmapLength + 4, initialised: fields.take(bitmapLength) }
  }

  async #page(header: Header, page: number, options: ReadOptions): Promise<Entries | undefined> {
    if (!this.#pages.has(page)) this.#pages.set(page, await this.#readPage(header, page, options))
    return this.#pages.get(page)
  }

  async #readPage({ format, entries, entriesPerPage, block }: Header, page: number, options: ReadOptions): Promise<Entries | undefined> {
    const { file } = this.dataset
    if (block === undefined) return undefined
    const count = Math.min(entriesPerPage, entries - page * entriesPerPage)
    const { initialised, entriesAddress } = block
    let fields: StructureReader
    if (initialised === undefined) {
      const prefixLength = 4 + 1 + 1 + file.widths.offsets
      fields = await file.readChecked(entriesAddress, prefixLength + count * format.byteLength + 4, 'fixed array data block', options)
      fields.skip(prefixLength)
    } else {
      if (((initialised[page >> 3] ?? 0) & (0x80 >> (page & 7))) === 0) return undefined
      const address = entriesAddress + page * (entriesPerPage * format.byteLength + 4)
      fields = await file.readChecked(address, count * format.byteLength + 4, 'page of a fixed array', options)
    }
    return format.parse(fields, count)
  }
}
