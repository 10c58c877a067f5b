import { type BTree2, type BTree2Node, type NodePointer, readBTree2, readNode2 } from '../structure/btree-v2.js'
import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'
import {
  type ChunkIndex,
  type IndexedDataset,
  isInside,
  type LoadPart,
  locateWith,
  type PlacedChunk,
  type StoredChunk
} from './chunk-index.js'

/** Types of the trees: chunks without filters, filtered chunks. */
const plain = 10
const filtered = 11

/** Chunk index of datasets with several axes without limit (specification, "Version 2 B-tree" record types 10 and 11). */
export class BTree2Index implements ChunkIndex {
  readonly #dataset: IndexedDataset
  readonly #address: number
  #tree: BTree2 | undefined
  readonly #nodes = new Map<number, { readonly chunks: readonly PlacedChunk[]; readonly children: readonly NodePointer[] }>()

  constructor(dataset: IndexedDataset, address: number) {
    this.#dataset = dataset
    this.#address = address
  }

  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined> {
    return locateWith(() => this.#lookUp(position), options)
  }

  #lookUp(position: readonly number[]): StoredChunk | undefined | LoadPart {
    const tree = this.#tree
    if (tree === undefined) return async (options) => void (await this.#open(options))
    let pointer = tree.root
    for (let level = tree.depth; pointer !== undefined; level--) {
      const node = this.#nodes.get(pointer.address)
      if (node === undefined) {
        const [missing, itsLevel] = [pointer, level]
        return async (options) => void (await this.#read(tree, missing, itsLevel, options))
      }
      const { chunks, children } = node
      let low = 0
      let high = chunks.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (compare(chunks[middle]?.position ?? [], position) < 0) low = middle + 1
        else high = middle
      }
      const chunk = chunks[low]
      if (chunk !== undefined && compare(chunk.position, position) === 0) return chunk
      pointer = level > 0 ? children[low] : undefined
    }
    return undefined
  }

  async *entries(options: ReadOptions): AsyncGenerator<PlacedChunk> {
    const tree = await this.#open(options)
    if (tree.root !== undefined) yield* this.#walk(tree, tree.root, tree.depth, options)
  }

  async *#walk(tree: BTree2, pointer: NodePointer, level: number, options: ReadOptions): AsyncGenerator<PlacedChunk> {
    const { chunks, children } = await this.#read(tree, pointer, level, options)
    for (let at = 0; at <= chunks.length; at++) {
      const child = children[at]
      if (child !== undefined) yield* this.#walk(tree, child, level - 1, options)
      const chunk = chunks[at]
      if (chunk !== undefined && isInside(this.#dataset, chunk.position)) yield chunk
    }
  }

  async #open(options: ReadOptions): Promise<BTree2> {
    this.#tree ??= await readBTree2(this.#dataset.file, this.#address, [plain, filtered], options)
    return this.#tree
  }

  async #read(
    tree: BTree2,
    pointer: NodePointer,
    level: number,
    options: ReadOptions
  ): Promise<{ chunks: readonly PlacedChunk[]; children: readonly NodePointer[] }> {
    const known = this.#nodes.get(pointer.address)
    if (known !== undefined) return known
    const read: BTree2Node = await readNode2(this.#dataset.file, tree, pointer, level, options)
    const chunks = read.records.map((record) => this.#parse(tree, record))
    const node = { chunks, children: read.children }
    this.#nodes.set(pointer.address, node)
    return node
  }

  #parse(tree: BTree2, record: StructureReader): PlacedChunk {
    const rank = this.#dataset.shape.length
    const sizeWidth = tree.recordSize - this.#dataset.file.widths.offsets - 4 - 8 * rank
    if (tree.type === filtered && (sizeWidth < 1 || sizeWidth > 8))
      throw corrupt(`the records of a chunk index have ${tree.recordSize} bytes`)
    const address = record.definedAddress()
    const size = tree.type === filtered ? record.uint(sizeWidth) : this.#dataset.chunkBytes
    const mask = tree.type === filtered ? record.u32() : 0
    const position = Array.from({ length: rank }, () => record.uint(8))
    return { position, address, size, mask }
  }
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let axis = 0; axis < one.length; axis++) {
    const difference = (one[axis] ?? 0) - (other[axis] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
