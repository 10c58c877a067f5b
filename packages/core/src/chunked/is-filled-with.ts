import { nodeModule } from '../platform.js'

/** Whether every element is that one. Compares bytes, so that a NaN equals itself and -0 is not 0. */
export function isFilledWith(bytes: Uint8Array, element: Uint8Array): boolean {
  const itemSize = element.byteLength
  for (let at = 0; at < itemSize; at++) if (bytes[at] !== element[at]) return false
  // The first element is that one: the rest is too if the bytes repeat themselves.
  return areEqual(bytes.subarray(itemSize), bytes.subarray(0, bytes.byteLength - itemSize))
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  // A thousand times as fast as a loop.
  const { compare } = nodeModule('node:buffer')?.Buffer ?? {}
  if (compare !== undefined) return compare(a, b) === 0
  for (let at = 0; at < a.byteLength; at++) if (a[at] !== b[at]) return false
  return true
}
