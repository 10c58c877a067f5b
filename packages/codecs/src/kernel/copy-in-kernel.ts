import type { KernelFunctions } from './kernel-functions.js'

/** A box of elements that lies at two places of the kernel's memory. Strides are bytes and may be negative. */
export interface KernelBox {
  readonly shape: readonly number[]
  readonly itemSize: number
  readonly source: number
  readonly sourceStrides: readonly number[]
  readonly destination: number
  readonly destinationStrides: readonly number[]
}

interface Axis {
  readonly extent: number
  readonly from: number
  readonly to: number
}

const single: Axis = { extent: 1, from: 0, to: 0 }

/** Copies a box within the kernel's memory, in rows where both sides have them, else element by element. The areas must not overlap. */
export function copyInKernel(functions: KernelFunctions, box: KernelBox): void {
  const { shape, itemSize, sourceStrides, destinationStrides } = box
  if (shape.length === 3 && sourceStrides[2] === itemSize && destinationStrides[2] === itemSize) {
    // The commonest case, without sorting: this may be called for every small chunk.
    const [from0, from1] = [sourceStrides[0]!, sourceStrides[1]!]
    const [to0, to1] = [destinationStrides[0]!, destinationStrides[1]!]
    const [count0, count1, count2] = [shape[0]!, shape[1]!, shape[2]!]
    functions.copyBox(box.source, from0, from1, itemSize, box.destination, to0, to1, itemSize, count0, count1, count2, itemSize)
    return
  }
  const axes = shape
    .map((extent, axis): Axis => ({ extent, from: sourceStrides[axis]!, to: destinationStrides[axis]! }))
    .filter(({ extent }) => extent !== 1)
  if (axes.some(({ extent }) => extent === 0)) return
  // The two axes that are tightest in either array go inside, where the kernel works in squares.
  axes.sort((a, b) => Math.min(Math.abs(b.from), Math.abs(b.to)) - Math.min(Math.abs(a.from), Math.abs(a.to)))
  const inner = axes.splice(-3)
  while (inner.length < 3) inner.unshift(single)
  const [first, second, third] = [inner[0]!, inner[1]!, inner[2]!]
  const visit = (depth: number, source: number, destination: number): void => {
    const axis = axes[depth]
    if (axis === undefined) {
      functions.copyBox(
        source,
        first.from,
        second.from,
        third.from,
        destination,
        first.to,
        second.to,
        third.to,
        first.extent,
        second.extent,
        third.extent,
        itemSize
      )
      return
    }
    for (let index = 0; index < axis.extent; index++) visit(depth + 1, source + index * axis.from, destination + index * axis.to)
  }
  visit(0, box.source, box.destination)
}
