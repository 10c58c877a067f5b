import { type BTree2, type NodePointer, readBTree2, readNode2 } from '../structure/btree-v2.js'
import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt } from '../structure/structure-reader.js'
import { type ChunkIndex, gridOf, type IndexedDataset, type LoadPart, locateWith, type StoredChunk } from './chunk-index.js'
import { ChunkTable } from './chunk-table.js'

/** Types of the trees: chunks without filters, filtered chunks. */
const plain = 10
const filtered = 11

/** A node: its chunks, and in inner nodes the children between them. */
interface Node {
  readonly chunks: ChunkTable
  readonly children: readonly NodePointer[]
}

/** Chunk index of datasets with several axes without limit (specification, "Version 2 B-tree" record types 10 and 11). */
export class BTree2Index implements ChunkIndex {
  readonly #dataset: IndexedDataset
  readonly #address: number
  #tree: BTree2 | undefined
  readonly #nodes = new Map<number, Node>()

  constructor(dataset: IndexedDataset, address: number) {
    this.#dataset = dataset
    this.#address = address
  }

  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined> {
    return locateWith(() => this.#find(position), options)
  }

  #find(position: readonly number[]): StoredChunk | undefined | LoadPart {
    const tree = this.#tree
    if (tree === undefined) return async (options) => void (await this.#open(options))
    let pointer = tree.root
    for (let level = tree.depth; pointer !== undefined; level--) {
      const node = this.#nodes.get(pointer.address)
      if (node === undefined) {
        const [missing, itsLevel] = [pointer, level]
        return async (options) => void (await this.#node(tree, missing, itsLevel, options))
      }
      const { chunks, children } = node
      const upTo = chunks.countUpTo(position)
      if (upTo > 0 && chunks.compare(upTo - 1, position) === 0) return chunks.chunkAt(upTo - 1)
      pointer = level > 0 ? children[upTo] : undefined
    }
    return undefined
  }

  /** Node by node: the chunks of an inner node come before those of its children. */
  async list(options: ReadOptions): Promise<ChunkTable> {
    const { shape, layout } = this.#dataset
    const tree = await this.#open(options)
    const grid = gridOf(shape, layout.chunks)
    const table = new ChunkTable(shape.length)
    const pending = tree.root === undefined ? [] : [{ pointer: tree.root, level: tree.depth }]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { pointer, level } = next
      const { chunks, children } = await this.#node(tree, pointer, level, options)
      table.addInside(chunks, grid)
      for (const child of children.toReversed()) pending.push({ pointer: child, level: level - 1 })
    }
    return table
  }

  async #open(options: ReadOptions): Promise<BTree2> {
    this.#tree ??= await readBTree2(this.#dataset.file, this.#address, [plain, filtered], options)
    return this.#tree
  }

  async #node(tree: BTree2, pointer: NodePointer, level: number, options: ReadOptions): Promise<Node> {
    const known = this.#nodes.get(pointer.address)
    if (known !== undefined) return known
    const { file, shape, chunkBytes } = this.#dataset
    const rank = shape.length
    const sizeWidth = tree.recordSize - file.widths.offsets - 4 - 8 * rank
    if (tree.type === filtered && (sizeWidth < 1 || sizeWidth > 8))
      throw corrupt(`the records of a chunk index have ${tree.recordSize} bytes`)
    const { count, records, children } = await readNode2(file, tree, pointer, level, options)
    const chunks = new ChunkTable(rank, count)
    const position = new Array<number>(rank).fill(0)
    for (let record = 0; record < count; record++) {
      records.position = record * tree.recordSize
      const address = records.definedAddress()
      const size = tree.type === filtered ? records.uint(sizeWidth) : chunkBytes
      const mask = tree.type === filtered ? records.u32() : 0
      for (let axis = 0; axis < rank; axis++) position[axis] = records.uint(8)
      chunks.add(position, address, size, mask)
    }
    const node = { chunks, children }
    this.#nodes.set(pointer.address, node)
    return node
  }
}
