import type { ReadOptions } from '../structure/hdf5-file.js'
import { corrupt } from '../structure/structure-reader.js'
import {
  type ChunkIndex,
  type IndexedDataset,
  isInside,
  type LoadPart,
  locateWith,
  type PlacedChunk,
  type StoredChunk
} from './chunk-index.js'

/** A node: `keys` holds the grid position of each child one behind the other, and one more that ends the last. */
interface Node {
  readonly level: number
  readonly count: number
  readonly keys: Float64Array
  readonly sizes: Uint32Array
  readonly masks: Uint32Array
  readonly children: Float64Array
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
    return locateWith(() => this.#lookUp(position), options)
  }

  #lookUp(position: readonly number[]): StoredChunk | undefined | LoadPart {
    let address = this.#rootAddress
    let level: number | undefined
    for (;;) {
      const node = this.#nodes.get(address)
      if (node === undefined) {
        const [missing, expected] = [address, level]
        return async (options) => void (await this.#node(missing, expected, options))
      }
      checkLevel(node.level, level, address)
      const step = this.#step(node, position)
      if (typeof step !== 'number') return step
      level = node.level - 1
      address = step
    }
  }

  async *entries(options: ReadOptions): AsyncGenerator<PlacedChunk> {
    const rank = this.#dataset.shape.length
    const pending: { readonly address: number; readonly level: number | undefined }[] = [{ address: this.#rootAddress, level: undefined }]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = await this.#node(next.address, next.level, options)
      if (node.level > 0) {
        for (let child = node.count - 1; child >= 0; child--) pending.push({ address: node.children[child] ?? 0, level: node.level - 1 })
        continue
      }
      for (let child = 0; child < node.count; child++) {
        const position = Array.from(node.keys.subarray(child * rank, (child + 1) * rank))
        if (isInside(this.#dataset, position)) yield { position, ...chunkOf(node, child) }
      }
    }
  }

  async #node(address: number, level: number | undefined, options: ReadOptions): Promise<Node> {
    const known = this.#nodes.get(address) ?? (await this.#read(address, options))
    checkLevel(known.level, level, address)
    return known
  }

  /** The child to go on with, or at a leaf the chunk. */
  #step(node: Node, position: readonly number[]): number | StoredChunk | undefined {
    // The last child whose first chunk is not behind the wanted one.
    let low = 0
    let high = node.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(node, middle, position) <= 0) low = middle + 1
      else high = middle
    }
    const child = low - 1
    if (child < 0) return undefined
    if (node.level > 0) return node.children[child]
    return this.#compare(node, child, position) === 0 ? chunkOf(node, child) : undefined
  }

  #compare(node: Node, child: number, position: readonly number[]): number {
    const start = child * position.length
    for (let axis = 0; axis < position.length; axis++) {
      const difference = (node.keys[start + axis] ?? 0) - (position[axis] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }

  async #read(address: number, options: ReadOptions): Promise<Node> {
    const { file, layout, shape } = this.#dataset
    const { offsets } = file.widths
    const headerLength = 8 + 2 * offsets
    const header = await file.read(address, headerLength, 'chunk B-tree node', options)
    header.signature('TREE')
    const type = header.u8()
    const level = header.u8()
    const count = header.u16()
    if (type !== 1) throw corrupt(`a chunk B-tree node has the type ${type}`)
    const rank = shape.length
    const keyLength = 8 + 8 * (rank + 1)
    const fields = await file.read(address, headerLength + count * (keyLength + offsets), 'chunk B-tree node', options)
    fields.skip(headerLength)
    const keys = new Float64Array(count * rank)
    const sizes = new Uint32Array(count)
    const masks = new Uint32Array(count)
    const children = new Float64Array(count)
    for (let child = 0; child < count; child++) {
      sizes[child] = fields.u32()
      masks[child] = fields.u32()
      for (let axis = 0; axis < rank; axis++) {
        const chunk = layout.chunks[axis] ?? 1
        const offset = fields.uint(8)
        if (offset % chunk !== 0) throw corrupt(`a chunk is said to begin at element ${offset}, but chunks have ${chunk} elements`)
        keys[child * rank + axis] = offset / chunk
      }
      fields.skip(8)
      children[child] = fields.definedAddress()
    }
    const node = { level, count, keys, sizes, masks, children }
    this.#nodes.set(address, node)
    return node
  }
}

function chunkOf(node: Node, child: number): StoredChunk {
  return { address: node.children[child] ?? 0, size: node.sizes[child] ?? 0, mask: node.masks[child] ?? 0 }
}

/** Levels that go down step by step cannot go in a circle. */
function checkLevel(found: number, expected: number | undefined, address: number): void {
  if (expected !== undefined && found !== expected) {
    throw corrupt(`a chunk B-tree node at address ${address} has level ${found}, expected ${expected}`)
  }
}
