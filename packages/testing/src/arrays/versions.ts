import { type DType, type NdArray, zeros } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { referenceArray } from './reference-array.js'

/**
 * The two contents between which a writer changes an array to and fro: one that does not compress, and one that compresses to almost
 * nothing, so that nothing lies where it lay in the other.
 */
export function versionOf<D extends DType>(shape: readonly number[], dtype: D, number: number): NdArray<D> {
  if (number % 2 === 0) return referenceArray(shape, dtype, 400)
  const array = zeros(shape, dtype)
  bytesOf(array.data).fill(1)
  return array
}
