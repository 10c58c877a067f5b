import type { StridedBox } from '../chunked/codec.js'

/** One axis of a box that is walked: elements, and bytes between them on both sides. */
export interface Loop {
  length: number
  sourceStride: number
  destinationStride: number
}

export const oneStep: Loop = { length: 1, sourceStride: 0, destinationStride: 0 }

/** Drops axes of length 1, orders the rest by the destination's strides and joins axes that are one run in both arrays. */
export function simplifyLoops(box: Pick<StridedBox, 'shape' | 'sourceStrides' | 'destinationStrides'>): Loop[] | undefined {
  const loops: Loop[] = []
  for (const [axis, length] of box.shape.entries()) {
    if (length === 0) return undefined
    if (length > 1) loops.push({ length, sourceStride: box.sourceStrides[axis] ?? 0, destinationStride: box.destinationStrides[axis] ?? 0 })
  }
  loops.sort((a, b) => Math.abs(b.destinationStride) - Math.abs(a.destinationStride))
  for (let at = loops.length - 1; at > 0; at--) {
    const inner = loops[at]
    const outer = loops[at - 1]
    if (inner === undefined || outer === undefined) continue
    if (outer.sourceStride === inner.sourceStride * inner.length && outer.destinationStride === inner.destinationStride * inner.length) {
      outer.length *= inner.length
      outer.sourceStride = inner.sourceStride
      outer.destinationStride = inner.destinationStride
      loops.splice(at, 1)
    }
  }
  return loops
}

/** Visits the places of the innermost rows of nested loops. */
export function forEachOffset(
  loops: readonly Loop[],
  sourceOffset: number,
  destinationOffset: number,
  visit: (source: number, destination: number) => void,
  depth = 0
): void {
  const loop = loops[depth]
  if (loop === undefined) {
    visit(sourceOffset, destinationOffset)
    return
  }
  for (let at = 0; at < loop.length; at++) {
    forEachOffset(loops, sourceOffset + at * loop.sourceStride, destinationOffset + at * loop.destinationStride, visit, depth + 1)
  }
}
