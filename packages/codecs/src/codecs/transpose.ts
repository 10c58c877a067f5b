import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid } from '../codec-errors.js'
import { integerOption, integersOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { copyInKernel } from '../kernel/copy-in-kernel.js'
import { Payload } from '../payload.js'

/**
 * Permutes the axes of a C-ordered array of `shape`: axis `i` of the stored array is axis `order[i]` of the decoded one, as in
 * Zarr v3. `itemSize` defaults to the size of the chunk's elements.
 */
export async function createTranspose(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const shape = integersOption(spec, 'shape')
  const order = integersOption(spec, 'order')
  const itemSize = integerOption(spec, 'itemSize', { min: 1, max: 65536 }, context.itemSize)
  if (order.length !== shape.length || new Set(order).size !== order.length || order.some((axis) => axis >= shape.length)) {
    throw invalid(spec.id, `"order" is [${order}], expected each axis of the shape [${shape}] once`)
  }
  const kernel = await context.kernel()
  const byteLength = shape.reduce((product, extent) => product * extent, itemSize)
  const decodedStrides = stridesOf(shape, itemSize)
  const storedStrides = stridesOf(
    order.map((axis) => shape[axis]!),
    itemSize
  )
  // Strides of the stored array, by axis of the decoded one.
  const permutedStrides = shape.map((_, axis) => storedStrides[order.indexOf(axis)]!)
  const isIdentity = order.every((axis, index) => axis === index)
  const run = (input: Payload, from: readonly number[], to: readonly number[]): Payload => {
    if (input.byteLength !== byteLength) {
      throw corrupt(spec.id, `${input.byteLength} bytes, expected ${byteLength} of an array of [${shape}]`)
    }
    if (isIdentity || byteLength === 0) return input
    const source = input.place(kernel.scratch)
    const destination = kernel.scratch.allocate(byteLength)
    copyInKernel(kernel.functions, { shape, itemSize, source, sourceStrides: from, destination, destinationStrides: to })
    return Payload.at(kernel.scratch, destination, byteLength)
  }
  return {
    encodedLength: (decoded) => decoded,
    decode: (encoded) => run(encoded, permutedStrides, decodedStrides),
    encode: (decoded) => run(decoded, decodedStrides, permutedStrides)
  }
}

function stridesOf(shape: readonly number[], itemSize: number): number[] {
  const strides: number[] = []
  let stride = itemSize
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}
