import { FractalHeap, type ManagedPlace } from '../heaps/fractal-heap.js'
import { type Link, parseLink } from '../messages/link.js'
import { findRecords, readBTree2 } from '../structure/btree-v2.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { lookup3 } from '../structure/lookup3.js'
import { StructureReader } from '../structure/structure-reader.js'

/** Where a group with many links keeps them. */
export interface DenseLinks {
  readonly heapAddress: number
  readonly nameIndexAddress: number
}

/** Type of the B-tree that finds links by the hash of their name. */
const nameIndexType = 5

/** Finds a link by its hash; names of the same hash are compared. */
export async function findDenseLink(file: Hdf5File, dense: DenseLinks, name: string, options: ReadOptions): Promise<Link | undefined> {
  const wanted = lookup3(new TextEncoder().encode(name))
  for await (const { link } of readLinks(file, dense, (record) => Math.sign(record.u32() - wanted), options)) {
    if (link.name === name) return link
  }
  return undefined
}

/** Where the link of that name lies in its heap, and its length. */
export async function placeOfDenseLink(
  file: Hdf5File,
  dense: DenseLinks,
  name: string,
  options: ReadOptions
): Promise<(ManagedPlace & { readonly length: number }) | undefined> {
  const wanted = lookup3(new TextEncoder().encode(name))
  for await (const { link, id, heap, length } of readLinks(file, dense, (record) => Math.sign(record.u32() - wanted), options)) {
    if (link.name !== name) continue
    const place = await heap.placeOf(id, options)
    return place === undefined ? undefined : { ...place, length }
  }
  return undefined
}

export async function listDenseLinks(file: Hdf5File, dense: DenseLinks, options: ReadOptions): Promise<Link[]> {
  const links: Link[] = []
  for await (const { link } of readLinks(file, dense, () => 0, options)) links.push(link)
  return links
}

async function* readLinks(
  file: Hdf5File,
  dense: DenseLinks,
  compare: (record: StructureReader) => number,
  options: ReadOptions
): AsyncGenerator<{ readonly link: Link; readonly id: Uint8Array; readonly heap: FractalHeap; readonly length: number }> {
  const heap = await FractalHeap.open(file, dense.heapAddress, options)
  const tree = await readBTree2(file, dense.nameIndexAddress, [nameIndexType], options)
  for await (const record of findRecords(file, tree, compare, options)) {
    record.skip(4)
    const id = record.take(heap.idLength)
    const bytes = await heap.get(id, options)
    const fields = new StructureReader(bytes, file.widths, 'link')
    yield { link: parseLink(fields), id, heap, length: fields.position }
  }
}
