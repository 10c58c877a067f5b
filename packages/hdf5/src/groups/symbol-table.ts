import { type LocalHeap, readLocalHeap } from '../heaps/local-heap.js'
import type { Link } from '../messages/link.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** Where an old group keeps its links (specification, "The Symbol Table Message"). */
export interface SymbolTable {
  readonly treeAddress: number
  readonly heapAddress: number
}

export function parseSymbolTable(fields: StructureReader): SymbolTable {
  return { treeAddress: fields.definedAddress(), heapAddress: fields.definedAddress() }
}

/** A link with the address of its entry, in which the object's address follows the place of the name. */
export type SymbolLink = Link & { readonly entryAddress: number }

/** A node of the version 1 B-tree of a group: `keys` are names by their place in the heap, one more than children. */
interface GroupNode {
  readonly level: number
  readonly keys: readonly number[]
  readonly children: readonly number[]
}

const maximalLevels = 32

/** Finds a name by comparing on the way down. */
export async function findSymbol(file: Hdf5File, table: SymbolTable, name: string, options: ReadOptions): Promise<SymbolLink | undefined> {
  const heap = await readLocalHeap(file, table.heapAddress, options)
  const wanted = new TextEncoder().encode(name)
  let address = table.treeAddress
  for (let depth = 0; depth < maximalLevels; depth++) {
    const node = await readGroupNode(file, address, options)
    const child = node.children.findIndex((_, at) => compareNames(wanted, heap.textAt(node.keys[at + 1] ?? 0)) <= 0)
    const next = node.children[child]
    if (next === undefined) return undefined
    if (node.level === 0) {
      const links = await readSymbolNode(file, heap, next, options)
      return links.find((link) => link.name === name)
    }
    address = next
  }
  throw corrupt('the B-tree of a group goes in a circle')
}

/** Every link of the group. */
export async function listSymbols(file: Hdf5File, table: SymbolTable, options: ReadOptions): Promise<Link[]> {
  const heap = await readLocalHeap(file, table.heapAddress, options)
  const visited = new Set<number>()
  const links: Link[] = []
  const visit = async (address: number): Promise<void> => {
    if (visited.has(address)) throw corrupt(`the B-tree of a group goes in a circle at address ${address}`)
    visited.add(address)
    const node = await readGroupNode(file, address, options)
    for (const child of node.children) {
      if (node.level > 0) await visit(child)
      else links.push(...(await readSymbolNode(file, heap, child, options)))
    }
  }
  await visit(table.treeAddress)
  return links
}

/** Specification, "Level 1A1 - Version 1 B-trees", node type 0. */
async function readGroupNode(file: Hdf5File, address: number, options: ReadOptions): Promise<GroupNode> {
  const { offsets, lengths } = file.widths
  const headerLength = 8 + 2 * offsets
  const header = await file.read(address, headerLength, 'B-tree node of a group', options)
  header.signature('TREE')
  const type = header.u8()
  if (type !== 0) throw corrupt(`a B-tree node of a group has the type ${type}`)
  const level = header.u8()
  const used = header.u16()
  const node = await file.read(address, headerLength + used * (lengths + offsets) + lengths, 'B-tree node of a group', options)
  node.skip(headerLength)
  const keys: number[] = []
  const children: number[] = []
  for (let at = 0; at < used; at++) {
    keys.push(node.length())
    children.push(node.definedAddress())
  }
  keys.push(node.length())
  return { level, keys, children }
}

/** Specification, "Level 1B - Group Symbol Table Nodes". */
async function readSymbolNode(file: Hdf5File, heap: LocalHeap, address: number, options: ReadOptions): Promise<SymbolLink[]> {
  const { offsets, lengths } = file.widths
  const header = await file.read(address, 8, 'symbol table node', options)
  header.signature('SNOD')
  header.version(1)
  header.skip(1)
  const count = header.u16()
  const entryLength = lengths + offsets + 4 + 4 + 16
  const node = await file.read(address, 8 + count * entryLength, 'symbol table node', options)
  node.skip(8)
  return Array.from({ length: count }, () => {
    const entryAddress = address + node.position
    const entry = node.part(entryLength, 'symbol table entry')
    const name = heap.textAt(entry.length())
    const objectAddress = entry.address()
    const cacheType = entry.u32()
    entry.skip(4)
    if (cacheType === 2) return { name, type: 'soft', path: heap.textAt(entry.u32()), entryAddress }
    if (objectAddress === undefined) throw corrupt(`the link ${JSON.stringify(name)} leads nowhere`)
    return { name, type: 'hard', address: objectAddress, entryAddress }
  })
}

/** In the order of `strcmp`: by bytes. */
function compareNames(one: Uint8Array, text: string): number {
  const other = new TextEncoder().encode(text)
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}
