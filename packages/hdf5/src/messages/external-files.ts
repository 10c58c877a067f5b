import type { StructureReader } from '../structure/structure-reader.js'
import { corrupt } from '../structure/structure-reader.js'

/** The raw files in which a dataset's elements lie, one behind the other (specification, "The Data Storage - External Data Files Message"). */
export interface ExternalFiles {
  readonly heapAddress: number
  readonly slots: readonly ExternalSlot[]
}

export interface ExternalSlot {
  /** Place of the name in the local heap. */
  readonly nameOffset: number
  /** Byte of the file at which the elements begin. */
  readonly offset: number
  /** Bytes used of the file; Infinity for all that follow. */
  readonly size: number
}

export function parseExternalFiles(fields: StructureReader): ExternalFiles {
  fields.version(1)
  fields.skip(3 + 2)
  const used = fields.u16()
  const heapAddress = fields.definedAddress()
  const slots = Array.from({ length: used }, () => ({
    nameOffset: fields.length(),
    offset: fields.length(),
    size: fields.lengthOrUnlimited()
  }))
  if (slots.length === 0) throw corrupt('a dataset in external files names none')
  return { heapAddress, slots }
}
