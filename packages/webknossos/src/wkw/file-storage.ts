import { codecRuntime } from '@bioimage/codecs'
import { type CodecSpec, joinKey, SourceError, type Store } from '@bioimage/core'
import { type ChunkAccessOptions, ChunkCache, type ChunkChange, type ChunkLocation, type ChunkStorage } from '@bioimage/core/backend'
import { type BlockTable, parseBlockTable, tableBytesOf, tableOver } from './block-table.js'
import { blockBytesOf, blockCountOf, headerBytes, parseHeader, type WkwHeader } from './header.js'
import { mortonIndex } from './morton.js'
import { type Block, writeFile } from './write-file.js'

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

/**
 * The data files of a WKW folder. Each holds a cube of blocks in Morton order and is the unit of writing; a file that does not
 * exist holds zeros. Positions are those of blocks: z, y, x and, in arrays of several channels, 0.
 */
export class FileStorage implements ChunkStorage {
  readonly store: Store
  readonly #folder: string
  readonly #header: WkwHeader
  readonly #tables = new ChunkCache(maximalRemembered)
  /** Other programs may replace files: where the store cannot tell, nothing is remembered of them beyond one read. */
  readonly #remembers: boolean
  /** Tables that a read has looked up: whether a file was replaced is asked once per read. */
  readonly #lookups = new WeakMap<ChunkAccessOptions, Lookup>()
  /** Rises with every write, which makes what was looked up before old. */
  #writes = 0

  constructor(store: Store, folder: string, header: WkwHeader) {
    this.store = store
    this.#folder = folder
    this.#header = header
    this.#remembers = store.revision !== undefined || store.set === undefined
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
    const table = this.#lookUp(key, options)
    const block = this.#blockOf(position)
    return table instanceof Promise ? table.then((table) => this.#place(key, table, block)) : this.#place(key, table, block)
  }

  async write(unit: string, changes: readonly ChunkChange[], options: ChunkAccessOptions): Promise<void> {
    const { store } = this
    const count = blockCountOf(this.#header)
    try {
      const table = changes.length === count ? undefined : await this.#currentTable(unit, options)
      if (table !== undefined && codecsOf(table.header).length !== codecsOf(this.#header).length) {
        const found = `${unit} has the block type ${table.header.blockType}, header.wkw ${this.#header.blockType}`
        throw new SourceError('ERR_UNSUPPORTED', `${found}; such a file can be read, but not changed`)
      }
      const blocks = Array.from({ length: count }, (_, block): Block => {
        return table === undefined ? undefined : { offset: table.offsetOf(block), length: table.lengthOf(block) }
      })
      for (const { position, encoded } of changes) blocks[this.#blockOf(position)] = encoded
      if (blocks.some((block) => block !== undefined))
        await writeFile({ store, key: unit, header: this.#header, blocks, zeros: await this.#encodedZeros(), options })
      else await store.delete?.(unit, options)
    } finally {
      this.#writes++
      this.#tables.invalidateAll(`${unit}\n`)
    }
  }

  #blockOf(position: readonly number[]): number {
    const { fileLength } = this.#header
    const [z = 0, y = 0, x = 0] = position
    return mortonIndex(z % fileLength, y % fileLength, x % fileLength)
  }

  #place(key: string, table: BlockTable | undefined, block: number): ChunkLocation | undefined {
    if (table === undefined) return undefined
    const place = { key, offset: table.offsetOf(block), length: table.lengthOf(block) }
    // Every file has a block type of its own.
    const codecs = codecsOf(table.header)
    return codecs.length === codecsOf(this.#header).length ? place : { ...place, codecs }
  }

  #lookUp(key: string, options: ChunkAccessOptions): BlockTable | undefined | Promise<BlockTable | undefined> {
    let lookup = this.#lookups.get(options)
    if (lookup === undefined || lookup.writes !== this.#writes) {
      lookup = { writes: this.#writes, tables: new Map() }
      this.#lookups.set(options, lookup)
    }
    const { tables } = lookup
    if (tables.has(key)) return tables.get(key)
    const loading = this.#currentTable(key, options)
    tables.set(key, loading)
    return loading.then((table) => {
      tables.set(key, table)
      return table
    })
  }

  /** The table of a file; `undefined` if there is no such file. */
  async #currentTable(key: string, options: ChunkAccessOptions): Promise<BlockTable | undefined> {
    const revision = await this.store.revision?.(key)
    if (this.store.revision !== undefined && revision === undefined) return undefined
    const load = (): Promise<Uint8Array | undefined> => this.#readTable(key, options)
    const bytes = await (this.#remembers ? this.#tables.fetch(`${key}\n${revision ?? ''}`, options.signal, load) : load())
    return bytes === undefined ? undefined : tableOver(bytes, parseHeader(bytes, key))
  }

  async #readTable(key: string, { signal }: ChunkAccessOptions): Promise<Uint8Array | undefined> {
    const read = (length: number): Promise<Uint8Array | undefined> =>
      this.store.get(key, { range: { offset: 0, length }, signal, chunk: true })
    // Most likely the file is as header.wkw says.
    const expected = tableBytesOf(this.#header)
    let bytes = await read(expected)
    if (bytes === undefined) return undefined
    if (bytes.byteLength >= headerBytes) {
      const needed = tableBytesOf(parseHeader(bytes, key))
      if (needed > expected) bytes = (await read(needed)) ?? bytes
    }
    parseBlockTable(bytes, this.#header, key)
    return bytes
  }

  async #encodedZeros(): Promise<Uint8Array> {
    const byteLength = blockBytesOf(this.#header)
    const zeros = new Uint8Array(byteLength)
    const coder = await codecRuntime.coder({ codecs: codecsOf(this.#header), byteLength, itemSize: 1 })
    return coder.encode(zeros)
  }
}

interface Lookup {
  readonly writes: number
  readonly tables: Map<string, BlockTable | undefined | Promise<BlockTable | undefined>>
}
