import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** Extent of a dataset or attribute. */
export interface Dataspace {
  /** `null` dataspaces hold nothing at all. */
  readonly kind: 'scalar' | 'simple' | 'null'
  readonly shape: readonly number[]
  /** Infinity for an axis that may grow without limit. */
  readonly maxShape: readonly number[]
}

/** Axes that HDF5 allows. */
const maximalRank = 32

/** Specification, "The Dataspace Message". */
export function parseDataspace(fields: StructureReader): Dataspace {
  const version = fields.version(1, 2)
  const rank = fields.u8()
  const flags = fields.u8()
  if (rank > maximalRank) throw corrupt(`a dataspace has ${rank} axes; HDF5 allows ${maximalRank}`)
  const type = version === 2 ? fields.u8() : rank === 0 ? 0 : 1
  if (version === 1) fields.skip(5)
  if (type > 2) throw corrupt(`a dataspace has the type ${type}`)
  const shape = Array.from({ length: rank }, () => fields.length())
  const maxShape = flags & 1 ? shape.map(() => fields.lengthOrUnlimited()) : shape
  if (shape.some((length, axis) => length > (maxShape[axis] ?? 0)))
    throw corrupt(`a dataspace of shape [${shape.join(', ')}] is larger than its maximum [${maxShape.join(', ')}]`)
  return { kind: type === 2 ? 'null' : rank === 0 ? 'scalar' : 'simple', shape, maxShape }
}
