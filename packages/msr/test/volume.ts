import { type NdArray, ndarray } from '@bioimage/core'

/** The volume of fixtures/make-msr-fixtures.py; with `count`, its first samples, and zeros. */
export function volume(count = 336): NdArray {
  return ndarray(
    Uint16Array.from({ length: 336 }, (_, at) => (at < count ? (at * 197) % 65521 : 0)),
    [6, 7, 8]
  )
}
