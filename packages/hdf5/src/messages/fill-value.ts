import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** Fill value write time: elements that are not stored have no value then; they are given as zeros. */
const never = 1

/** The bytes of the fill value in the dataset's own type; `undefined` where none is stored. */
export type FillValue = Uint8Array | undefined

/** Specification, "The Data Storage - Fill Value Message". */
export function parseFillValue(fields: StructureReader): FillValue {
  const version = fields.version(1, 2, 3)
  if (version === 3) {
    const flags = fields.u8()
    return flags & 0x20 && ((flags >> 2) & 3) !== never ? sized(fields) : undefined
  }
  fields.skip(1)
  const writeTime = fields.u8()
  const defined = fields.u8()
  return writeTime !== never && (version === 1 || defined === 1) ? sized(fields) : undefined
}

/** Specification, "The Data Storage - Fill Value (Old) Message". */
export function parseOldFillValue(fields: StructureReader): FillValue {
  return sized(fields)
}

function sized(fields: StructureReader): FillValue {
  if (fields.remaining === 0) return undefined
  const size = fields.u32()
  // -1 says that the fill value is undefined.
  return size === 0 || size === 0xffffffff ? undefined : fields.take(size)
}

/** @throws ERR_CORRUPT_DATA if the fill value is no element of the type. */
export function checkFillValue(fill: FillValue, size: number): FillValue {
  if (fill !== undefined && fill.byteLength !== size) throw corrupt(`the fill value has ${fill.byteLength} bytes, an element ${size}`)
  return fill
}
