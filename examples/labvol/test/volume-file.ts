import type { NdArray } from '@bioimage/core'
import { bytesOf, swapBytes } from '@bioimage/core/backend'

/** A file made by hand, and not by the package under test. `array` is in the order of the file. */
export function volumeFile(array: NdArray, fields: object = {}): Uint8Array {
  const values = bytesOf(array.data).slice()
  if ('byteOrder' in fields && fields.byteOrder === 'big') swapBytes(values, values.byteLength / array.data.length)
  const header = JSON.stringify({ labvol: 1, shape: array.shape, dtype: array.dtype, ...fields })
  const file = new Uint8Array(4096 + values.byteLength)
  file.set(new TextEncoder().encode(`${header.padEnd(4095)}\n`))
  file.set(values, 4096)
  return file
}
