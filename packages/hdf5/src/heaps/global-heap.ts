import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { corrupt } from '../structure/structure-reader.js'

/**
 * The object with a number in a global heap collection: variable-length values and the mappings of virtual datasets
 * (specification, "Level 1E - Global Heap").
 */
export async function readGlobalHeapObject(file: Hdf5File, address: number, index: number, options: ReadOptions): Promise<Uint8Array> {
  const prefix = await file.read(address, 8 + file.widths.lengths, 'global heap', options)
  prefix.signature('GCOL')
  prefix.version(1)
  prefix.skip(3)
  const collection = await file.read(address, prefix.length(), 'global heap', options)
  collection.skip(prefix.position)
  while (collection.remaining >= 8 + file.widths.lengths) {
    const found = collection.u16()
    collection.skip(2 + 4)
    const size = collection.length()
    if (found === 0) break
    const bytes = collection.take(size)
    if (found === index) return bytes
    collection.skip(Math.min(collection.remaining, (8 - (size % 8)) % 8))
  }
  throw corrupt(`the global heap at address ${address} has no object ${index}`)
}
