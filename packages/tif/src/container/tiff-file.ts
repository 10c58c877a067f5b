import { SourceError, type Store } from '@bioimage/core'
import { corrupt } from '../errors.js'
import { BlockReader, type ReadOptions } from './block-reader.js'
import { type Ifd, readIfd, type TiffFormat } from './ifd.js'

/** Most bytes that are read ahead at once. */
const largestTable = 4 << 20

/** An open TIFF file: its header and its directories, which are read when they are asked for. */
export class TiffFile {
  readonly store: Store
  /** Key of the file in the store. */
  readonly key: string
  readonly size: number
  readonly format: TiffFormat
  readonly #reader: BlockReader
  /** Offsets of the directories of the main chain as far as they are known. */
  readonly #chain: number[]
  readonly #visited: Set<number>
  /** Whether the chain ends behind what is known. */
  #complete: boolean
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(store: Store, key: string, reader: BlockReader, format: TiffFormat, first: number) {
    this.store = store
    this.key = key
    this.size = reader.size
    this.format = format
    this.#reader = reader
    this.#chain = first === 0 ? [] : [first]
    this.#visited = new Set(this.#chain)
    this.#complete = first === 0
  }

  /** Reads the header (TIFF 6.0, section 2; BigTIFF). @throws ERR_NOT_FOUND, ERR_CORRUPT_DATA. */
  static async open(store: Store, key: string, options: ReadOptions): Promise<TiffFile> {
    const size = await store.size(key, options)
    if (size === undefined)
      throw new SourceError('ERR_NOT_FOUND', `${key === '' ? (store.path ?? 'the file') : key} does not exist`, { path: store.path })
    if (size < 8) throw corrupt(`the file has ${size} bytes, which is less than the header of a TIFF file`)
    const reader = new BlockReader(store, key, size)
    const bytes = await reader.read(0, Math.min(16, size), options)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const mark = view.getUint16(0)
    if (mark !== 0x4949 && mark !== 0x4d4d) throw corrupt('not a TIFF file: it begins with neither "II" nor "MM"')
    const littleEndian = mark === 0x4949
    const version = view.getUint16(2, littleEndian)
    if (version === 42) return new TiffFile(store, key, reader, { littleEndian, big: false }, view.getUint32(4, littleEndian))
    if (version !== 43) throw corrupt(`not a TIFF file: its version is ${version}, expected 42 or 43`)
    if (size < 16 || view.getUint16(4, littleEndian) !== 8 || view.getUint16(6, littleEndian) !== 0)
      throw corrupt('a BigTIFF file with offsets that have not 8 bytes')
    return new TiffFile(store, key, reader, { littleEndian, big: true }, Number(view.getBigUint64(8, littleEndian)))
  }

  /** Bytes of the file outside the directories, such as those behind the header. */
  read(offset: number, length: number, options: ReadOptions): Promise<Uint8Array> {
    return this.#reader.read(offset, length, options)
  }

  /** Reads a table of directories at once, as far as it lies in the file. */
  async prefetch(offset: number, length: number, options: ReadOptions): Promise<void> {
    if (offset < this.size) await this.#reader.read(offset, Math.min(length, largestTable, this.size - offset), options)
  }

  /** The directory at an offset. */
  readIfd(offset: number, options: ReadOptions): Promise<Ifd> {
    return readIfd(this.#reader, this.format, offset, options)
  }

  /** Number of pages: walks the whole chain. */
  async pageCount(options: ReadOptions): Promise<number> {
    await this.offsetOf(Number.POSITIVE_INFINITY, options)
    return this.#chain.length
  }

  /** Where the directory of a page lies; `undefined` behind the last one. Walks the chain no further than to it. */
  async offsetOf(index: number, options: ReadOptions): Promise<number | undefined> {
    if (index < this.#chain.length || this.#complete) return this.#chain[index]
    // One after the other, since each step needs the one before.
    const turn = this.#turn.then(() => this.#walk(index, options))
    this.#turn = turn.catch(() => undefined)
    await turn
    return this.#chain[index]
  }

  async #walk(index: number, options: ReadOptions): Promise<void> {
    while (this.#chain.length <= index && !this.#complete) {
      const last = this.#chain.at(-1)
      if (last === undefined) return
      const { next } = await this.readIfd(last, options)
      if (next >= this.size)
        throw corrupt(`the directory at byte ${last} is followed by one at byte ${next}, behind the end of the file at ${this.size}`)
      // A chain that runs in a circle ends where it meets itself.
      if (next === 0 || this.#visited.has(next)) this.#complete = true
      else {
        this.#chain.push(next)
        this.#visited.add(next)
      }
    }
  }
}
