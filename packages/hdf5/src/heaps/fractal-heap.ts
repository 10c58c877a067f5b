import { findRecords, readBTree2, widthOf } from '../structure/btree-v2.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { checkChecksum, lookup3 } from '../structure/lookup3.js'
import { corrupt, type StructureReader, unsupported } from '../structure/structure-reader.js'

/** Header of a fractal heap (specification, "Level 1F - Fractal Heap"). */
interface HeapHeader {
  readonly address: number
  readonly idLength: number
  readonly checksums: boolean
  readonly hugeIndexAddress: number | undefined
  readonly offsetWidth: number
  readonly lengthWidth: number
  readonly tableWidth: number
  readonly startingBlock: number
  readonly largestDirectBlock: number
  readonly maximalBits: number
  readonly rootAddress: number | undefined
  readonly rootRows: number
}

/** A block of the doubling table: where it lies in the file and in the heap's own space. */
interface Block {
  readonly address: number
  readonly start: number
  readonly size: number
}

/** Place of an object in a direct block, whose checksum counts itself as zeros. */
export interface ManagedPlace {
  readonly address: number
  readonly block: { readonly address: number; readonly length: number }
  readonly checksumAt: number | undefined
}

/** Many small objects by their id: links, attributes and shared messages. */
export class FractalHeap {
  readonly #file: Hdf5File
  readonly #header: HeapHeader
  readonly #blocks = new Map<number, Promise<StructureReader>>()

  private constructor(file: Hdf5File, header: HeapHeader) {
    this.#file = file
    this.#header = header
  }

  get idLength(): number {
    return this.#header.idLength
  }

  static async open(file: Hdf5File, address: number, options: ReadOptions): Promise<FractalHeap> {
    return new FractalHeap(file, await readHeader(file, address, options))
  }

  /** @throws ERR_CORRUPT_DATA */
  async get(id: Uint8Array, options: ReadOptions): Promise<Uint8Array> {
    const [first = 0, second = 0] = id
    if (first >> 6 !== 0) throw unsupported(`version ${first >> 6} of fractal heap ids is not known`)
    switch ((first >> 4) & 3) {
      case 0:
        return this.#managed(id, options)
      case 1:
        return this.#huge(id, options)
      case 2: {
        const extended = this.#header.idLength - 1 > 16
        const length = (extended ? ((first & 15) << 8) | second : first & 15) + 1
        const start = extended ? 2 : 1
        if (start + length > id.byteLength) throw corrupt('a tiny object does not fit into its fractal heap id')
        return id.subarray(start, start + length)
      }
      default:
        throw corrupt('a fractal heap id is of an unknown type')
    }
  }

  /** Where a managed object lies, and the block around it; `undefined` for an object that is not managed. */
  async placeOf(id: Uint8Array, options: ReadOptions): Promise<ManagedPlace | undefined> {
    if (((id[0] ?? 0) & 0x30) !== 0) return undefined
    const { offsetWidth, checksums } = this.#header
    const offset = littleEndian(id, 1, offsetWidth)
    const block = await this.#blockOf(offset, options)
    const checksumAt = checksums ? block.address + 5 + this.#file.widths.offsets + offsetWidth : undefined
    return { address: block.address + offset - block.start, block: { address: block.address, length: block.size }, checksumAt }
  }

  async #managed(id: Uint8Array, options: ReadOptions): Promise<Uint8Array> {
    const { offsetWidth, lengthWidth } = this.#header
    const offset = littleEndian(id, 1, offsetWidth)
    const length = littleEndian(id, 1 + offsetWidth, lengthWidth)
    const block = await this.#blockOf(offset, options)
    let bytes = this.#blocks.get(block.address)
    if (bytes === undefined) {
      bytes = this.#readDirectBlock(block, options)
      this.#blocks.set(block.address, bytes)
      bytes.catch(() => this.#blocks.delete(block.address))
    }
    const inside = offset - block.start
    if (inside + length > block.size) throw corrupt('an object does not lie inside its fractal heap block')
    return (await bytes).bytes.subarray(inside, inside + length)
  }

  async #readDirectBlock(block: Block, options: ReadOptions): Promise<StructureReader> {
    const { offsetWidth, checksums, address } = this.#header
    const fields = await this.#file.read(block.address, block.size, 'fractal heap direct block', options)
    fields.signature('FHDB')
    fields.version(0)
    if (fields.definedAddress() !== address || fields.uint(offsetWidth) !== block.start)
      throw corrupt('a fractal heap block belongs to another place')
    if (checksums) {
      const at = fields.position
      const stored = fields.u32()
      // The checksum is that of the block with zeros in its place.
      const copy = new Uint8Array(fields.bytes)
      copy.fill(0, at, at + 4)
      if (lookup3(copy) !== stored) throw corrupt('the checksum of a fractal heap direct block does not match')
    }
    return fields
  }

  /** Goes down the doubling table to the direct block that holds a place of the heap. */
  async #blockOf(offset: number, options: ReadOptions): Promise<Block> {
    const { rootAddress, rootRows, startingBlock, largestDirectBlock, tableWidth } = this.#header
    if (rootAddress === undefined) throw corrupt('an empty fractal heap is asked for an object')
    if (rootRows === 0) return { address: rootAddress, start: 0, size: startingBlock }
    let rows = rootRows
    let address = rootAddress
    let start = 0
    for (;;) {
      const children = await this.#readIndirectBlock(address, start, rows, options)
      let rowStart = start
      let row = 0
      while (row < rows && offset >= rowStart + this.#rowSize(row) * tableWidth) rowStart += this.#rowSize(row++) * tableWidth
      const size = this.#rowSize(row)
      const column = Math.floor((offset - rowStart) / size)
      const child = row < rows ? children[row * tableWidth + column] : undefined
      if (child === undefined) throw corrupt(`a fractal heap has no block for offset ${offset}`)
      start = rowStart + column * size
      if (size <= largestDirectBlock) return { address: child, start, size }
      address = child
      rows = Math.log2(size) - Math.log2(startingBlock * tableWidth) + 1
      if (!(rows >= 1)) throw corrupt('a fractal heap has an indirect block without rows')
    }
  }

  async #readIndirectBlock(address: number, start: number, rows: number, options: ReadOptions): Promise<(number | undefined)[]> {
    const { offsetWidth, tableWidth } = this.#header
    const { offsets } = this.#file.widths
    const length = 4 + 1 + offsets + offsetWidth + rows * tableWidth * offsets + 4
    const fields = await this.#file.readChecked(address, length, 'fractal heap indirect block', options)
    fields.signature('FHIB')
    fields.version(0)
    if (fields.definedAddress() !== this.#header.address || fields.uint(offsetWidth) !== start)
      throw corrupt('a fractal heap block belongs to another place')
    return Array.from({ length: rows * tableWidth }, () => fields.address())
  }

  #rowSize(row: number): number {
    return row === 0 ? this.#header.startingBlock : this.#header.startingBlock * 2 ** (row - 1)
  }

  /** Large objects lie by themselves; the id holds their place, or their number in a B-tree. */
  async #huge(id: Uint8Array, options: ReadOptions): Promise<Uint8Array> {
    const { hugeIndexAddress, idLength } = this.#header
    const { offsets, lengths } = this.#file.widths
    if (idLength >= 1 + offsets + lengths) {
      const object = await this.#file.read(
        littleEndian(id, 1, offsets),
        littleEndian(id, 1 + offsets, lengths),
        'huge object of a fractal heap',
        options
      )
      return object.bytes
    }
    if (hugeIndexAddress === undefined) throw corrupt('a fractal heap has no index of huge objects')
    const wanted = littleEndian(id, 1, Math.min(idLength - 1, lengths))
    const tree = await readBTree2(this.#file, hugeIndexAddress, [1], options)
    const numberOf = (record: StructureReader): number => {
      record.skip(offsets + lengths)
      return record.length()
    }
    for await (const record of findRecords(this.#file, tree, (record) => Math.sign(numberOf(record) - wanted), options)) {
      const object = await this.#file.read(record.definedAddress(), record.length(), 'huge object of a fractal heap', options)
      return object.bytes
    }
    throw corrupt(`a fractal heap has no huge object ${wanted}`)
  }
}

async function readHeader(file: Hdf5File, address: number, options: ReadOptions): Promise<HeapHeader> {
  const { offsets, lengths } = file.widths
  const length = 4 + 1 + 2 + 2 + 1 + 4 + 12 * lengths + 3 * offsets + 2 + 2 + 2 + 2 + 4
  const fields = await file.read(address, length, 'fractal heap header', options)
  fields.signature('FRHP')
  fields.version(0)
  const idLength = fields.u16()
  if (fields.u16() > 0) throw unsupported('the file has a fractal heap with filters; repack it with h5repack')
  checkChecksum(fields.bytes, 'fractal heap header')
  const flags = fields.u8()
  const largestManaged = fields.u32()
  fields.lengthOrUnlimited()
  const hugeIndexAddress = fields.address()
  fields.length()
  fields.address()
  for (let count = 0; count < 8; count++) fields.lengthOrUnlimited()
  const tableWidth = fields.u16()
  const startingBlock = fields.length()
  const largestDirectBlock = fields.length()
  const maximalBits = fields.u16()
  fields.skip(2)
  const rootAddress = fields.address()
  const rootRows = fields.u16()
  const isPower = (value: number): boolean => value >= 1 && Number.isInteger(Math.log2(value))
  if (
    !isPower(tableWidth) ||
    !isPower(startingBlock) ||
    !isPower(largestDirectBlock) ||
    maximalBits > 64 ||
    rootRows > 64 ||
    idLength < 3
  ) {
    throw corrupt('the header of a fractal heap holds impossible sizes')
  }
  return {
    address,
    idLength,
    checksums: (flags & 2) !== 0,
    hugeIndexAddress,
    offsetWidth: Math.ceil(maximalBits / 8),
    lengthWidth: Math.min(Math.ceil(Math.log2(largestDirectBlock) / 8), widthOf(largestManaged)),
    tableWidth,
    startingBlock,
    largestDirectBlock,
    maximalBits,
    rootAddress,
    rootRows
  }
}

function littleEndian(bytes: Uint8Array, start: number, width: number): number {
  if (start + width > bytes.byteLength) throw corrupt('a fractal heap id is too short')
  let value = 0
  for (let at = start + width - 1; at >= start; at--) value = value * 256 + (bytes[at] ?? 0)
  return value
}
