import { corrupt, type StructureReader } from '../structure/structure-reader.js'

/** Fill value write time: elements that are not stored have no value then; they are given as zeros. */
const never = 1

/** What elements are that are not stored. */
export interface FillValue {
  /** In the dataset's own type; `undefined` where none is stored. */
  readonly bytes: Uint8Array | undefined
}

/** Specification, "The Data Storage - Fill Value Message". */
export function parseFillValue(fields: StructureReader): FillValue {
  const version = fields.version(1, 2, 3)
  if (version === 3) {
    const flags = fields.u8()
    return fillOf((flags >> 2) & 3, (flags & 0x20) !== 0, fields)
  }
  fields.skip(1)
  const writeTime = fields.u8()
  const defined = fields.u8()
  return fillOf(writeTime, version === 1 || defined === 1, fields)
}

function fillOf(writeTime: number, defined: boolean, fields: StructureReader): FillValue {
  return { bytes: defined && writeTime !== never ? sized(fields) : undefined }
}

/** Specification, "The Data Storage - Fill Value (Old) Message". */
export function parseOldFillValue(fields: StructureReader): FillValue {
  return { bytes: sized(fields) }
}

function sized(fields: StructureReader): Uint8Array | undefined {
  if (fields.remaining === 0) return undefined
  const size = fields.u32()
  // -1 says that the fill value is undefined.
  return size === 0 || size === 0xffffffff ? undefined : fields.take(size)
}

/** @throws ERR_CORRUPT_DATA if the fill value is no element of the type. */
export function checkFillValue(fill: FillValue | undefined, size: number): FillValue {
  const bytes = fill?.bytes
  if (bytes !== undefined && bytes.byteLength !== size) throw corrupt(`the fill value has ${bytes.byteLength} bytes, an element ${size}`)
  return fill ?? { bytes: undefined }
}
