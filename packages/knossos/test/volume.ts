import { type NdArray, ndarray } from '@bioimage/core'

/** The volume of fixtures/make-knossos-fixtures.py, with zeros in the cube that it leaves out. */
export function volumeOf(dtype: 'uint8' | 'uint64'): NdArray {
  const isMissing = (at: number): boolean => Math.floor(at / 56) >= 4 && Math.floor(at / 8) % 7 < 4 && at % 8 >= 4
  const values = Array.from({ length: 6 * 7 * 8 }, (_, at) => (isMissing(at) ? 0 : (at * 37) % 251))
  return dtype === 'uint8'
    ? ndarray(Uint8Array.from(values), [6, 7, 8])
    : ndarray(
        BigUint64Array.from(values, (value, at) => (isMissing(at) ? 0n : BigInt(value) + 2n ** 40n)),
        [6, 7, 8]
      )
}
