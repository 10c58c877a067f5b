import type { Hdf5File, ReadOptions } from './hdf5-file.js'
import { corrupt, StructureReader } from './structure-reader.js'

/** Header of a version 2 B-tree (specification, "Level 1A2 - Version 2 B-trees"). */
export interface BTree2 {
  readonly type: number
  readonly recordSize: number
  readonly depth: number
  readonly root: NodePointer | undefined
  /** Records per level, from the leaves up. */
  readonly levels: readonly Level[]
  readonly nodeSize: number
}

export interface NodePointer {
  readonly address: number
  readonly records: number
}

interface Level {
  readonly maximalRecords: number
  /** Records of a whole subtree. */
  readonly cumulative: number
}

/** Signature, version, type and checksum of a node. */
const nodeOverhead = 10
const maximalDepth = 32

/** A node: its records one behind the other, and in inner nodes the children between them. */
export interface BTree2Node {
  readonly count: number
  readonly records: StructureReader
  readonly children: readonly NodePointer[]
}

export async function readBTree2(file: Hdf5File, address: number, types: readonly number[], options: ReadOptions): Promise<BTree2> {
  const { offsets, lengths } = file.widths
  const fields = await file.readChecked(
    address,
    4 + 1 + 1 + 4 + 2 + 2 + 1 + 1 + offsets + 2 + lengths + 4,
    'version 2 B-tree header',
    options
  )
  fields.signature('BTHD')
  fields.version(0)
  const type = fields.u8()
  if (!types.includes(type)) throw corrupt(`a version 2 B-tree has the type ${type}, expected ${types.join(' or ')}`)
  const nodeSize = fields.u32()
  const recordSize = fields.u16()
  const depth = fields.u16()
  fields.skip(2)
  const rootAddress = fields.address()
  const rootRecords = fields.u16()
  if (recordSize === 0 || nodeSize < nodeOverhead + recordSize || depth > maximalDepth) {
    throw corrupt(`a version 2 B-tree has nodes of ${nodeSize} bytes, records of ${recordSize} and a depth of ${depth}`)
  }
  const leafRecords = Math.floor((nodeSize - nodeOverhead) / recordSize)
  const levels: Level[] = [{ maximalRecords: leafRecords, cumulative: leafRecords }]
  for (let level = 1; level <= depth; level++) {
    const pointer = pointerSize(file, levels, level)
    const maximalRecords = Math.floor((nodeSize - nodeOverhead - pointer) / (recordSize + pointer))
    const below = levels[level - 1]?.cumulative ?? 0
    levels.push({ maximalRecords, cumulative: (maximalRecords + 1) * below + maximalRecords })
  }
  const root = rootAddress === undefined || rootRecords === 0 ? undefined : { address: rootAddress, records: rootRecords }
  return { type, recordSize, depth, root, levels, nodeSize }
}

/** Reads a node of a level; 0 are the leaves. */
export async function readNode2(
  file: Hdf5File,
  tree: BTree2,
  pointer: NodePointer,
  level: number,
  options: ReadOptions
): Promise<BTree2Node> {
  const limit = tree.levels[level]?.maximalRecords ?? 0
  if (pointer.records > limit) throw corrupt(`a B-tree node has ${pointer.records} records, where ${limit} fit`)
  const childSize = level === 0 ? 0 : pointerSize(file, tree.levels, level)
  const length = nodeOverhead + pointer.records * tree.recordSize + (level === 0 ? 0 : (pointer.records + 1) * childSize)
  const fields = await file.readChecked(pointer.address, length, 'version 2 B-tree node', options)
  fields.signature(level === 0 ? 'BTLF' : 'BTIN')
  fields.version(0)
  if (fields.u8() !== tree.type) throw corrupt('a B-tree node is of another type than its tree')
  const records = fields.part(pointer.records * tree.recordSize, 'B-tree record')
  const recordsWidth = widthOf(tree.levels[0]?.maximalRecords ?? 0)
  const children: NodePointer[] = []
  if (level > 0) {
    for (let child = 0; child <= pointer.records; child++) {
      const part = fields.part(childSize)
      children.push({ address: part.definedAddress(), records: part.uint(recordsWidth) })
    }
  }
  return { count: pointer.records, records, children }
}

/**
 * Hands on, in order, every record for which `compare` gives 0; it gives -1 for records before the wanted ones and 1 for those
 * behind them.
 */
export async function* findRecords(
  file: Hdf5File,
  tree: BTree2,
  compare: (record: StructureReader) => number,
  options: ReadOptions
): AsyncGenerator<StructureReader> {
  if (tree.root === undefined) return
  const visited = new Set<number>()
  const orderOf = (record: StructureReader): number => compare(new StructureReader(record.bytes, record.widths, record.name))
  async function* visit(pointer: NodePointer, level: number): AsyncGenerator<StructureReader> {
    if (visited.has(pointer.address)) throw corrupt(`a version 2 B-tree goes in a circle at address ${pointer.address}`)
    visited.add(pointer.address)
    const node = await readNode2(file, tree, pointer, level, options)
    const { children } = node
    const records = Array.from({ length: node.count }, () => node.records.part(tree.recordSize))
    const orders = records.map(orderOf)
    for (let at = 0; at <= records.length; at++) {
      const before = at === 0 ? -1 : (orders[at - 1] ?? 0)
      const after = at === records.length ? 1 : (orders[at] ?? 0)
      const child = children[at]
      if (child !== undefined && before <= 0 && after >= 0) yield* visit(child, level - 1)
      const record = records[at]
      if (record !== undefined && after === 0) yield record
    }
  }
  yield* visit(tree.root, tree.depth)
}

function pointerSize(file: Hdf5File, levels: readonly Level[], level: number): number {
  const total = level > 1 ? widthOf(levels[level - 1]?.cumulative ?? 0) : 0
  return file.widths.offsets + widthOf(levels[0]?.maximalRecords ?? 0) + total
}

/** Bytes that numbers up to `limit` take. */
export function widthOf(limit: number): number {
  let width = 1
  for (let rest = Math.floor(limit / 256); rest > 0; rest = Math.floor(rest / 256)) width++
  return width
}
