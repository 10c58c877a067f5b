import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import { corrupt, StructureReader } from '../structure/structure-reader.js'

/** Texts by their place (specification, "Level 1D - Local Heaps"). */
export interface LocalHeap {
  textAt(offset: number): string
}

export async function readLocalHeap(file: Hdf5File, address: number, options: ReadOptions): Promise<LocalHeap> {
  const fields = await file.read(address, 8 + 2 * file.widths.lengths + file.widths.offsets, 'local heap', options)
  fields.signature('HEAP')
  fields.version(0)
  fields.skip(3)
  const size = fields.length()
  fields.lengthOrUnlimited()
  const segment = await file.read(fields.definedAddress(), size, 'data segment of a local heap', options)
  return {
    textAt(offset) {
      if (offset >= size) throw corrupt(`a name is said to lie at byte ${offset} of a local heap of ${size}`)
      return new StructureReader(segment.bytes.subarray(offset), file.widths, 'local heap').zeroTerminated()
    }
  }
}
