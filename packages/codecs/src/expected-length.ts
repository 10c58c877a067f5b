import type { ExpectedLength } from './codec-step.js'

/** Most that any compressor of ours makes of incompressible bytes, with room for foreign encoders. */
export function boundBehindCompressor({ max }: ExpectedLength): ExpectedLength {
  return { max: max + Math.ceil(max / 8) + 65536, exact: false }
}

/** A step that adds a fixed number of bytes. */
export function longerBy({ max, exact }: ExpectedLength, byteLength: number): ExpectedLength {
  return { max: max + byteLength, exact }
}

/** A step that stores every element of `from` bytes in `to` bytes. */
export function scaledLength({ max, exact }: ExpectedLength, to: number, from: number): ExpectedLength {
  return { max: Math.ceil((max / from) * to), exact }
}
