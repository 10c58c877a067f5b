import { type DType, SourceError } from '@bioimage/core'

// This made-up header keeps the skeleton working: "VOL1", a type code, depth, height and width, each 4 bytes, little endian.
// Put the format's own in its place, and cite the section of its specification.

/** Bytes before the data. */
export const headerBytes: number = 20

const dtypes: Readonly<Record<number, DType>> = { 1: 'uint8', 2: 'uint16', 3: 'float32' }

/** What the header says. */
export interface __TYPE__Header {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** @throws ERR_CORRUPT_DATA for bytes that are no such header, ERR_UNSUPPORTED for a type that is not read. */
export function parseHeader(bytes: Uint8Array): __TYPE__Header {
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  if (bytes.byteLength < headerBytes || magic !== 'VOL1') {
    throw new SourceError('ERR_CORRUPT_DATA', `not a __TITLE__ file: expected ${headerBytes} bytes that begin with "VOL1"`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const code = view.getUint32(4, true)
  const dtype = dtypes[code]
  if (dtype === undefined)
    throw new SourceError('ERR_UNSUPPORTED', `type code ${code} is not read; known are ${Object.keys(dtypes).join(', ')}`)
  return { shape: [8, 12, 16].map((offset) => view.getUint32(offset, true)), dtype }
}
