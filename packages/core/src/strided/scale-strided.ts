import type { StridedBox } from '../chunked/codec.js'
import { componentSizeOf, createData, type DType, itemSizeOf } from '../dtype.js'
import { SourceError } from '../errors.js'
import { Float16View, widenFloat16 } from '../float16.js'
import { copyStrided } from './copy-strided.js'
import { forEachOffset, type Loop, simplifyLoops } from './loops.js'

/** The dtypes in which scaled values can be had; those of complex numbers go with complex stored values. */
export type ScaledDType = 'float32' | 'float64' | 'complex64' | 'complex128'

/** Values that are stored as others: `slope * stored + intercept`. */
export interface LinearScaling {
  /** Type of the stored elements. */
  readonly storedDType: DType
  readonly slope: number
  /** Added to the real part of complex numbers. */
  readonly intercept: number
}

/** A box of stored elements and the place of the scaled ones. Strides are bytes; `itemSize` is that of a stored element. */
export interface ScaledBox extends StridedBox, LinearScaling {
  readonly dtype: ScaledDType
}

/** So many elements are widened at a time that both their arrays stay in the fastest cache. */
const blockLength = 2048

/**
 * Writes `slope * stored + intercept` for a box of elements, in one pass over the destination. The arithmetic is that of float64,
 * rounded after the product and after the sum; a slope of 1 and an intercept of 0 are left out, so that -0 and NaN stay as they are.
 *
 * @throws ERR_INVALID_ARGUMENT for complex values as real ones or the other way round.
 */
export function scaleStrided(box: ScaledBox): void {
  const storedComponent = componentOf(box.storedDType)
  const component = componentOf(box.dtype)
  const isComplex = component !== box.dtype
  if (isComplex !== (storedComponent !== box.storedDType)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `elements of ${box.storedDType} cannot be scaled to ${box.dtype}`)
  }
  const itemSize = itemSizeOf(storedComponent)
  const parts = isComplex ? [box.intercept, 0] : [box.intercept]
  for (const [part, intercept] of parts.entries()) {
    scaleReal({
      ...box,
      itemSize,
      storedDType: storedComponent,
      dtype: component === 'float32' ? 'float32' : 'float64',
      intercept,
      sourceOffset: box.sourceOffset + part * itemSize,
      destinationOffset: box.destinationOffset + part * itemSizeOf(component)
    })
  }
}

/** The dtype of the parts of a complex one; any other is its own. */
function componentOf(dtype: DType): DType {
  if (dtype === 'complex64') return 'float32'
  return dtype === 'complex128' ? 'float64' : dtype
}

function scaleReal(box: ScaledBox): void {
  const { storedDType, itemSize, destination } = box
  const stored = contiguous(box)
  if (stored === undefined) return
  const { loops, bytes, offset } = stored
  const values = createData(storedDType, Math.floor(bytes.byteLength / itemSize), bytes.buffer, bytes.byteOffset)
  const size = itemSizeOf(box.dtype)
  const target = box.dtype === 'float32' ? floats32(destination) : floats64(destination)
  const row = loops.pop() ?? { length: 1, sourceStride: itemSize, destinationStride: size }
  const block = new Float64Array(Math.min(blockLength, row.length))
  const step = row.destinationStride / size
  forEachOffset(loops, offset, box.destinationOffset, (source, place) => {
    let first = source / itemSize
    let at = (place + (destination.byteOffset % size)) / size
    for (let left = row.length; left > 0; left -= blockLength) {
      const length = Math.min(left, blockLength)
      widen(values, first, length, block)
      if (step === 1) scaleRun(block.subarray(0, length), target.subarray(at, at + length), box.slope, box.intercept)
      else scaleRow(block, length, target, at, step, box.slope, box.intercept)
      first += length
      at += length * step
    }
  })
}

/** The stored elements in the order of the destination, one behind the other and aligned; they are moved only if they do not lie so. */
function contiguous(box: ScaledBox): { readonly loops: Loop[]; readonly bytes: Uint8Array; readonly offset: number } | undefined {
  const { itemSize, source, sourceOffset } = box
  const loops = simplifyLoops(box)
  if (loops === undefined) return undefined
  const row = loops.at(-1)
  const isAligned = loops.every((loop) => loop.sourceStride % itemSize === 0) && sourceOffset % itemSize === 0
  if (isAligned && source.byteOffset % componentSizeOf(box.storedDType) === 0 && (row === undefined || row.sourceStride === itemSize)) {
    // Short rows cost a call each: they are better joined first.
    if (loops.length < 2 || (row?.length ?? 1) >= blockLength / 16) return { loops, bytes: source, offset: sourceOffset }
  }
  const shape = loops.map(({ length }) => length)
  const sourceStrides = loops.map(({ sourceStride }) => sourceStride)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, itemSize))
  const bytes = new Uint8Array(shape.reduce((size, length) => size * length, itemSize))
  copyStrided({
    shape,
    itemSize,
    source,
    sourceOffset,
    sourceStrides,
    destination: bytes,
    destinationOffset: 0,
    destinationStrides: strides
  })
  const destinationStrides = loops.map(({ destinationStride }) => destinationStride)
  return { loops: simplifyLoops({ shape, sourceStrides: strides, destinationStrides }) ?? [], bytes, offset: 0 }
}

/** Widens elements to float64. 64-bit integers are rounded to the nearest number. */
function widen(values: ReturnType<typeof createData>, first: number, length: number, block: Float64Array): void {
  if (values instanceof Float16View) {
    for (let at = 0; at < length; at++) block[at] = widenFloat16(values.bits[first + at] ?? 0)
  } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (let at = 0; at < length; at++) block[at] = Number(values[first + at])
  } else {
    block.set(values.subarray(first, first + length))
  }
}

/** Elements that lie one behind the other: a loop with one counter from 0 on, which engines make one of machine integers. */
function scaleRun(block: Float64Array, target: Float32Array | Float64Array, slope: number, intercept: number): void {
  // As below: neither a product by 1 nor a sum with 0 is left in.
  if (slope === 1 && intercept === 0) target.set(block)
  else if (slope === 1) for (let at = 0; at < block.length; at++) target[at] = (block[at] ?? 0) + intercept
  else if (intercept === 0) for (let at = 0; at < block.length; at++) target[at] = (block[at] ?? 0) * slope
  else for (let at = 0; at < block.length; at++) target[at] = (block[at] ?? 0) * slope + intercept
}

function scaleRow(
  block: Float64Array,
  length: number,
  target: Float32Array | Float64Array,
  start: number,
  step: number,
  slope: number,
  intercept: number
): void {
  // Neither a product by 1 nor a sum with 0 is left in: the one changes the bits of NaN, the other the sign of -0.
  if (slope === 1 && intercept === 0) {
    for (let at = 0, place = start; at < length; at++, place += step) target[place] = block[at] ?? 0
  } else if (slope === 1) {
    for (let at = 0, place = start; at < length; at++, place += step) target[place] = (block[at] ?? 0) + intercept
  } else if (intercept === 0) {
    for (let at = 0, place = start; at < length; at++, place += step) target[place] = (block[at] ?? 0) * slope
  } else {
    for (let at = 0, place = start; at < length; at++, place += step) target[place] = (block[at] ?? 0) * slope + intercept
  }
}

function floats32(bytes: Uint8Array): Float32Array {
  const rest = bytes.byteOffset % 4
  return new Float32Array(bytes.buffer, bytes.byteOffset - rest, Math.floor((bytes.byteLength + rest) / 4))
}

function floats64(bytes: Uint8Array): Float64Array {
  const rest = bytes.byteOffset % 8
  return new Float64Array(bytes.buffer, bytes.byteOffset - rest, Math.floor((bytes.byteLength + rest) / 8))
}
