import { type NdArray, ndarray } from '@bioimage/core'

/** The volume of fixtures/make-stack-fixtures.py. */
export function volume(): NdArray {
  return ndarray(
    Uint16Array.from({ length: 6 * 7 * 8 }, (_, at) => (at * 197) % 65521),
    [6, 7, 8]
  )
}
