import { codecRuntime } from '@bioimage/codecs'
import { type CodecSpec, joinKey, SourceError, type Store } from '@bioimage/core'
import {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  LoadingCache,
  readObject,
  type StoredUnit
} from '@bioimage/core/backend'
import { type BlockTable, parseBlockTable, tableBytesOf } from './block-table.js'
import { blockBytesOf, blockCountOf, checkWrittenBlocks, headerBytes, parseHeader, type WkwHeader } from './header.js'
import { mortonIndex } from './morton.js'
import { type Block, type PresentFile, storeFile } from './store-file.js'

/** Bytes of block tables to remember per array. */
const maximalRemembered = 64 << 20

/** The codecs of a block. */
export function codecsOf({ blockType }: WkwHeader): readonly CodecSpec[] {
  return blockType === 'raw' ? [] : [{ id: 'lz4', framing: 'block' }]
}

/** Name of the data file at a position of the grid of files. */
export function fileKey(folder: string, [z = 0, y = 0, x = 0]: readonly number[]): string {
  return joinKey(folder, `z${z}/y${y}/x${x}.wkw`)
}

/** A block table and the revision of the file that it is of, where the store tells. */
interface OpenedFile {
  readonly table: BlockTable
  readonly revision: string | undefined
}

/** Tables by file: being looked up, looked up, or `undefined` for a file that does not exist. */
type Lookups = Map<string, OpenedFile | undefined | Promise<OpenedFile | undefined>>

/**
 * The data files of a WKW folder. Each holds a cube of blocks in Morton order and is the unit of writing; a file that does not
 * exist holds zeros. Positions are those of blocks: z, y, x and, in arrays of several channels, 0.
 */
export class FileStorage implements ChunkStorage {
  readonly store: Store
  readonly unitShape: readonly number[]
  readonly #folder: string
  readonly #header: WkwHeader
  readonly #tables = new LoadingCache<OpenedFile>(maximalRemembered, ({ table }) => tableBytesOf(table.header))
  /** Other programs may replace files: where the store cannot tell, nothing is remembered of them beyond one read. */
  readonly #remembers: boolean
  /** What a read has looked up: whether a file was replaced is asked once per read, not once per block. */
  readonly #passes = new WeakMap<object, Lookups>()

  constructor(store: Store, folder: string, header: WkwHeader) {
    this.store = store
    this.#folder = folder
    this.#header = header
    this.#remembers = store.revision !== undefined || store.set === undefined
    const { fileLength, channels } = header
    this.unitShape = [fileLength, fileLength, fileLength, ...(channels === 1 ? [] : [1])]
  }

  unitOf(position: readonly number[]): string {
    const { fileLength } = this.#header
    return fileKey(
      this.#folder,
      position.map((at) => Math.floor(at / fileLength))
    )
  }

  locate(position: readonly number[], options: ChunkAccessOptions): ChunkLocation | undefined | Promise<ChunkLocation | undefined> {
    const key = this.unitOf(position)
    const file = this.#lookUp(key, options)
    return file instanceof Promise ? file.then((file) => this.#place(key, file, position)) : this.#place(key, file, position)
  }

  async write(unit: string, changes: readonly ChunkChange[]): Promise<void> {
    checkWrittenBlocks(this.#header)
    await this.#store(unit, undefined, changes)
  }

  async openUnit(unit: string, options: ChunkAccessOptions): Promise<StoredUnit> {
    checkWrittenBlocks(this.#header)
    const file = await this.#readTable(unit, options)
    if (file !== undefined && codecsOf(file.table.header).length !== codecsOf(this.#header).length) {
      const found = `${unit} has the block type ${file.table.header.blockType}, header.wkw ${this.#header.blockType}`
      throw new SourceError('ERR_UNSUPPORTED', `${found}; such a file can be read, but not changed`)
    }
    return {
      locate: (position) => this.#place(unit, file, position),
      write: (changes) => this.#store(unit, file, changes)
    }
  }

  forget(unit: string): void {
    this.#tables.invalidate(unit)
  }

  /** Stores a file of these blocks, and of those that were in `present` beside them. */
  async #store(key: string, present: OpenedFile | undefined, changes: readonly ChunkChange[]): Promise<void> {
    const { store } = this
    const blocks = Array.from({ length: blockCountOf(this.#header) }, (_, block): Block => {
      return present && { offset: present.table.offsetOf(block), length: present.table.lengthOf(block) }
    })
    for (const { position, encoded } of changes) blocks[this.#blockOf(position)] = encoded
    const before: PresentFile | undefined = present && { revision: present.revision }
    await storeFile({ store, key, header: this.#header, blocks, zeros: await this.#encodedZeros(), present: before })
  }

  #blockOf(position: readonly number[]): number {
    const { fileLength } = this.#header
    const [z = 0, y = 0, x = 0] = position
    return mortonIndex(z % fileLength, y % fileLength, x % fileLength)
  }

  #place(key: string, file: OpenedFile | undefined, position: readonly number[]): ChunkLocation | undefined {
    if (file === undefined) return undefined
    const { table, revision } = file
    const block = this.#blockOf(position)
    const place = { key, offset: table.offsetOf(block), length: table.lengthOf(block), revision }
    // Every file has a block type of its own.
    const codecs = codecsOf(table.header)
    return codecs.length === codecsOf(this.#header).length ? place : { ...place, codecs }
  }

  #lookUp(key: string, options: ChunkAccessOptions): OpenedFile | undefined | Promise<OpenedFile | undefined> {
    const { pass } = options
    const lookups: Lookups = (pass && this.#passes.get(pass)) ?? new Map()
    if (pass !== undefined) this.#passes.set(pass, lookups)
    if (lookups.has(key)) return lookups.get(key)
    const loading = this.#currentTable(key, options).then((file) => {
      lookups.set(key, file)
      return file
    })
    lookups.set(key, loading)
    return loading
  }

  /** The table of a file; `undefined` if there is no such file. */
  async #currentTable(key: string, options: ChunkAccessOptions): Promise<OpenedFile | undefined> {
    const revision = await this.store.revision?.(key)
    if (this.store.revision !== undefined && revision === undefined) return undefined
    const load = (): Promise<OpenedFile | undefined> => this.#readTable(key, options)
    return this.#remembers ? this.#tables.fetch(key, options.signal, load, revision) : load()
  }

  async #readTable(key: string, { signal }: ChunkAccessOptions): Promise<OpenedFile | undefined> {
    const read = (length: number): ReturnType<typeof readObject> =>
      readObject(this.store, key, { range: { offset: 0, length }, signal, chunk: true })
    // Most likely the file is as header.wkw says.
    const expected = tableBytesOf(this.#header)
    let found = await read(expected)
    if (found.bytes === undefined) return undefined
    if (found.bytes.byteLength >= headerBytes) {
      const needed = tableBytesOf(parseHeader(found.bytes, key))
      if (needed > expected) found = await read(needed)
    }
    if (found.bytes === undefined) return undefined
    return { table: parseBlockTable(found.bytes, this.#header, key), revision: found.revision }
  }

  async #encodedZeros(): Promise<Uint8Array> {
    const byteLength = blockBytesOf(this.#header)
    const coder = await codecRuntime.coder({ codecs: codecsOf(this.#header), byteLength, itemSize: 1 })
    return coder.encode(new Uint8Array(byteLength))
  }
}
