import type { Store } from '@bioimage/core'
import { ChunkCache } from '@bioimage/core/backend'
import { checkChecksum } from './lookup3.js'
import { corrupt, type FieldWidths, StructureReader } from './structure-reader.js'
import { hasSignature, parseSuperblock, type Superblock, superblockBytes } from './superblock.js'

/** Metadata are read in pages of this size: small structures lie side by side. To open a file again costs more than its bytes. */
const pageLength = { local: 256 << 10, remote: 64 << 10 }
/** Pages kept per file. */
const cachedBytes = 16 << 20

/** Options of {@link Hdf5File.open}. */
export interface OpenFileOptions {
  readonly signal?: AbortSignal | undefined
  /** Read a file that a writer has open or did not close. Defaults to false. */
  readonly ignoreOpenForWriting?: boolean | undefined
}

/** Options of a read of structures. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** A file: its superblock, and its structures by address. Bytes are read in pages that are kept. */
export class Hdf5File {
  readonly store: Store
  readonly superblock: Superblock
  /** Bytes of the file, with a user block. */
  readonly size: number
  readonly #pages: ChunkCache

  private constructor(store: Store, superblock: Superblock, size: number, pages: ChunkCache) {
    this.store = store
    this.superblock = superblock
    this.size = size
    this.#pages = pages
  }

  /** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED, ERR_NOT_FOUND */
  static async open(store: Store, options: OpenFileOptions = {}): Promise<Hdf5File | undefined> {
    const size = await store.size('', { signal: options.signal })
    if (size === undefined) return undefined
    const pages = new ChunkCache(cachedBytes)
    for (let position = 0; position < size; position = position === 0 ? 512 : position * 2) {
      const beginning = await readThroughPages(store, pages, size, position, superblockBytes, options.signal)
      if (!hasSignature(beginning)) continue
      const superblock = parseSuperblock(beginning, position)
      if (superblock.endOfFile > size) {
        throw corrupt(`the file is cut off: it has ${size} bytes, and its superblock says ${superblock.endOfFile}`)
      }
      if (superblock.openForWriting && options.ignoreOpenForWriting !== true) {
        throw corrupt(
          'the superblock says that a writer has the file open, or ended without closing it: what is read may be half-written; ' +
            'give the option `ignoreOpenForWriting: true` to read it nevertheless, or clear the flag with `h5clear -s`'
        )
      }
      return new Hdf5File(store, superblock, size, pages)
    }
    throw corrupt(`${store.path ?? 'the file'} is no HDF5 file: there is no signature at byte 0, 512, 1024, ...`)
  }

  get widths(): FieldWidths {
    return this.superblock.widths
  }

  /** Place in the file of an address. */
  positionOf(address: number): number {
    return this.superblock.baseAddress + address
  }

  /**
   * The structure at an address.
   *
   * @throws ERR_CORRUPT_DATA if it does not lie inside the file.
   */
  async read(address: number, length: number, name: string, options: ReadOptions): Promise<StructureReader> {
    const position = this.positionOf(address)
    this.checkInside(address, length, name)
    return new StructureReader(
      await readThroughPages(this.store, this.#pages, this.size, position, length, options.signal),
      this.widths,
      name
    )
  }

  /** A structure that ends with its checksum, which is verified. The reader does not see the checksum. */
  async readChecked(address: number, length: number, name: string, options: ReadOptions): Promise<StructureReader> {
    const { bytes } = await this.read(address, length, name, options)
    checkChecksum(bytes, name)
    return new StructureReader(bytes.subarray(0, length - 4), this.widths, name)
  }

  /** As many bytes as there are, up to `length`: for structures that begin with their length. */
  readUpTo(address: number, length: number, name: string, options: ReadOptions): Promise<StructureReader> {
    const rest = this.size - this.positionOf(address)
    return this.read(address, Math.max(0, Math.min(length, rest)), name, options)
  }

  /** @throws ERR_CORRUPT_DATA if these bytes do not lie inside the file. */
  checkInside(address: number, length: number, name: string): void {
    const position = this.positionOf(address)
    if (!(position >= 0 && length >= 0 && position + length <= this.size)) {
      throw corrupt(`the ${name} is said to lie at bytes ${position} to ${position + length} of a file of ${this.size}`)
    }
  }
}

async function readThroughPages(
  store: Store,
  pages: ChunkCache,
  size: number,
  position: number,
  length: number,
  signal: AbortSignal | undefined
): Promise<Uint8Array> {
  const end = Math.min(position + length, size)
  if (end <= position) return new Uint8Array(0)
  const pageBytes = pageLength[store.remote ? 'remote' : 'local']
  const first = Math.floor(position / pageBytes)
  const last = Math.floor((end - 1) / pageBytes)
  if (last - first > 1) return readExactly(store, position, end - position, signal)
  const load = async (page: number): Promise<Uint8Array> => {
    const offset = page * pageBytes
    const bytes = await pages.fetch(String(page), signal, () => readExactly(store, offset, Math.min(pageBytes, size - offset), signal))
    return bytes ?? new Uint8Array(0)
  }
  if (first === last) return (await load(first)).subarray(position - first * pageBytes, end - first * pageBytes)
  const [head, tail] = await Promise.all([load(first), load(last)])
  const bytes = new Uint8Array(end - position)
  const headPart = head.subarray(position - first * pageBytes)
  bytes.set(headPart)
  bytes.set(tail.subarray(0, bytes.byteLength - headPart.byteLength), headPart.byteLength)
  return bytes
}

async function readExactly(store: Store, offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = await store.get('', { range: { offset, length }, signal })
  if (bytes?.byteLength !== length) {
    throw corrupt(`the file ends early: ${length} bytes expected at byte ${offset}, found ${bytes?.byteLength ?? 'no file'}`)
  }
  return bytes
}
