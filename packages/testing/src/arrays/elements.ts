import { type DType, itemAt, type NdArray, zeros } from '@bioimage/core'
import { bytesOf, itemSizeOf, sizeOf } from '@bioimage/core/backend'

/** Visits the bytes of every element in C order; `at` counts elements. `position` is valid during the visit only. */
export function forEachElement(array: NdArray, visit: (bytes: Uint8Array, at: number, position: readonly number[]) => void): void {
  const all = bytesOf(array.data)
  const itemSize = itemSizeOf(array.dtype)
  const position = array.shape.map(() => 0)
  const count = sizeOf(array.shape)
  for (let at = 0; at < count; at++) {
    const element = position.reduce((sum, along, axis) => sum + along * (array.stride[axis] ?? 0), array.offset ?? 0)
    visit(all.subarray(element * itemSize, (element + 1) * itemSize), at, position)
    for (let axis = position.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1
      position[axis] = next < (array.shape[axis] ?? 0) ? next : 0
      if (position[axis] !== 0) break
    }
  }
}

/** A copy in C order. */
export function copyOf<D extends DType>(array: NdArray<D>): NdArray<D> {
  const copy = zeros(array.shape, array.dtype)
  const bytes = bytesOf(copy.data)
  forEachElement(array, (element, at) => bytes.set(element, at * element.byteLength))
  return copy
}

/**
 * Whether two arrays have the same dtype, shape and elements. Elements are compared by their bytes: a NaN equals itself,
 * and -0 is not 0. The strides may differ.
 */
export function equalArrays(a: NdArray, b: NdArray): boolean {
  return describeDifference(a, b) === undefined
}

/** In what two arrays differ, as a sentence with the first differing element; `undefined` if they are equal. */
export function describeDifference(found: NdArray, expected: NdArray): string | undefined {
  if (found.dtype !== expected.dtype) return `the dtype is ${found.dtype}, expected ${expected.dtype}`
  if (!sameList(found.shape, expected.shape)) return `the shape is ${shown(found.shape)}, expected ${shown(expected.shape)}`
  const foundCopy = copyOf(found)
  const bytes = bytesOf(foundCopy.data)
  let different = 0
  let first: readonly number[] | undefined
  forEachElement(expected, (element, at, position) => {
    if (element.every((byte, index) => byte === bytes[at * element.byteLength + index])) return
    different++
    first ??= [...position]
  })
  if (first === undefined) return undefined
  const values = `${showItem(itemAt(foundCopy, ...first))}, expected ${showItem(itemAt(expected, ...first))}`
  return `element (${first.join(', ')}) is ${values} (${different} of ${sizeOf(expected.shape)} elements differ)`
}

/** Whether two lists of numbers are the same. */
export function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at])
}

function shown(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

function showItem(item: unknown): string {
  return Object.is(item, -0) ? '-0' : String(item)
}
