import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** One filter of a pipeline. */
export interface Filter {
  readonly id: number
  /** As the writer called it; often empty. */
  readonly name: string
  readonly optional: boolean
  /** The "client data values". */
  readonly values: readonly number[]
}

const maximalFilters = 32

/** Specification, "The Data Storage - Filter Pipeline Message". In encoding order. */
export function parseFilterPipeline(fields: StructureReader): Filter[] {
  const version = fields.version(1, 2)
  const count = fields.u8()
  if (count > maximalFilters) throw corrupt(`a filter pipeline has ${count} filters; HDF5 allows ${maximalFilters}`)
  if (version === 1) fields.skip(6)
  return Array.from({ length: count }, () => {
    const id = fields.u16()
    const nameLength = version === 1 || id >= 256 ? fields.u16() : 0
    const flags = fields.u16()
    const valueCount = fields.u16()
    const name = fields.text(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength)
    const values = Array.from({ length: valueCount }, () => fields.u32())
    if (version === 1 && valueCount % 2 === 1) fields.skip(4)
    return { id, name, optional: (flags & 1) !== 0, values }
  })
}
