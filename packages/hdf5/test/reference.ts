import { type NdArray, ndarray } from '@bioimage/core'

/** What the arrays of the fixtures hold. */
export const reference: NdArray = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
