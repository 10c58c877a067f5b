import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt } from '../structure/structure-reader.js'
import { type ChunkIndex, gridOf, type IndexedDataset, type LoadPart, locateWith, type StoredChunk } from './chunk-index.js'
import { ChunkTable } from './chunk-table.js'

/** Children of a full node, unless the file says otherwise: so much is read of every node at once. */
const usualChildren = 64

/** A node: its children by their first chunk. The children of leaves are the chunks. */
interface Node {
  readonly level: number
  readonly children: ChunkTable
}

/** Chunk index of layout version 3 and older (specification, "Level 1A1 - Version 1 B-trees", node type 1). */
export class BTree1Index implements ChunkIndex {
  readonly #dataset: IndexedDataset
  readonly #rootAddress: number
  readonly #nodes = new Map<number, Node>()

  constructor(dataset: IndexedDataset, rootAddress: number) {
    this.#dataset = dataset
    this.#rootAddress = rootAddress
  }

  locate(position: readonly number[], options: ReadOptions): StoredChunk | undefined | Promise<StoredChunk | undefined> {
    return locateWith(() => this.#find(position), options)
  }

  #find(position: readonly number[]): StoredChunk | undefined | LoadPart {
    let address = this.#rootAddress
    let level: number | undefined
    for (;;) {
      const node = this.#nodes.get(address)
      if (node === undefined) {
        const [missing, expected] = [address, level]
        return async (options) => void (await this.#node(missing, expected, options))
      }
      checkLevel(node.level, level, address)
      const { children } = node
      const child = children.countUpTo(position) - 1
      if (child < 0) return undefined
      if (node.level === 0) return children.compare(child, position) === 0 ? children.chunkAt(child) : undefined
      level = node.level - 1
      address = children.addressAt(child)
    }
  }

  async list(options: ReadOptions): Promise<ChunkTable> {
    const { shape, layout } = this.#dataset
    const grid = gridOf(shape, layout.chunks)
    const table = new ChunkTable(shape.length)
    const pending: { readonly address: number; readonly level: number | undefined }[] = [{ address: this.#rootAddress, level: undefined }]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { level, children } = await this.#node(next.address, next.level, options)
      if (level === 0) table.addInside(children, grid)
      else for (let child = children.length - 1; child >= 0; child--) pending.push({ address: children.addressAt(child), level: level - 1 })
    }
    return table
  }

  async #node(address: number, level: number | undefined, options: ReadOptions): Promise<Node> {
    const known = this.#nodes.get(address) ?? (await this.#read(address, options))
    checkLevel(known.level, level, address)
    return known
  }

  async #read(address: number, options: ReadOptions): Promise<Node> {
    const { file, layout, shape } = this.#dataset
    const { offsets } = file.widths
    const headerLength = 8 + 2 * offsets
    const rank = shape.length
    const childLength = 8 + 8 * (rank + 1) + offsets
    let fields = await file.readUpTo(address, headerLength + usualChildren * childLength, 'chunk B-tree node', options)
    fields.signature('TREE')
    const type = fields.u8()
    const level = fields.u8()
    const count = fields.u16()
    if (type !== 1) throw corrupt(`a chunk B-tree node has the type ${type}`)
    if (count > usualChildren) fields = await file.read(address, headerLength + count * childLength, 'chunk B-tree node', options)
    fields.position = headerLength
    const children = new ChunkTable(rank, count)
    const position = new Array<number>(rank).fill(0)
    for (let child = 0; child < count; child++) {
      const size = fields.u32()
      const mask = fields.u32()
      for (let axis = 0; axis < rank; axis++) {
        const chunk = layout.chunks[axis] ?? 1
        const offset = fields.uint(8)
        if (offset % chunk !== 0) throw corrupt(`a chunk is said to begin at element ${offset}, but chunks have ${chunk} elements`)
        position[axis] = offset / chunk
      }
      fields.skip(8)
      children.add(position, fields.definedAddress(), size, mask)
    }
    const node = { level, children }
    this.#nodes.set(address, node)
    return node
  }
}

/** Levels that go down step by step cannot go in a circle. */
function checkLevel(found: number, expected: number | undefined, address: number): void {
  if (expected !== undefined && found !== expected) {
    throw corrupt(`a chunk B-tree node at address ${address} has level ${found}, expected ${expected}`)
  }
}
