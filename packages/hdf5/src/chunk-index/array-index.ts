import type { ReadOptions } from '../structure/hdf5-file.js'
import { type ChunkIndex, gridOf, type IndexedDataset, type LoadPart, locateWith, type StoredChunk } from './chunk-index.js'
import { ChunkNumbering } from './chunk-numbering.js'
import { ChunkTable, isInside } from './chunk-table.js'
import type { Entries, EntryFormat } from './entry-format.js'

/** Entries of an array that lie side by side. */
export interface EntryRun {
  /** Number of the first chunk. */
  readonly first: number
  readonly format: EntryFormat
  readonly entries: Entries
}

/** A chunk index that is an array: chunks are found by their number. */
export abstract class ArrayIndex implements ChunkIndex {
  protected readonly dataset: IndexedDataset
  /** Of the header. */
  protected readonly address: number
  readonly #numbering: ChunkNumbering

  constructor(dataset: IndexedDataset, address: number) {
    this.dataset = dataset
    this.address = address
    this.#numbering = new ChunkNumbering(dataset)
  }

  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined> {
    const number = this.#numbering.numberOf(position)
    return locateWith(() => this.find(number), options)
  }

  async list(options: ReadOptions): Promise<ChunkTable> {
    const grid = gridOf(this.dataset.shape, this.dataset.layout.chunks)
    const table = new ChunkTable(grid.length)
    const position = new Array<number>(grid.length).fill(0)
    for await (const { first, format, entries } of this.runs(options)) {
      for (let at = 0; at < entries.addresses.length; at++) {
        const chunk = format.chunkAt(entries, at)
        if (chunk === undefined) continue
        this.#numbering.place(first + at, position)
        if (isInside(position, grid)) table.add(position, chunk.address, chunk.size, chunk.mask)
      }
    }
    return table
  }

  /** Looks a chunk up in what is read already. */
  protected abstract find(number: number): StoredChunk | undefined | LoadPart

  /** All entries that are stored. */
  protected abstract runs(options: ReadOptions): AsyncGenerator<EntryRun>
}
