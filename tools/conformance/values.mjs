// What a manifest states about values: statistics, regions of interest, hashes.
import { createHash } from 'node:crypto'

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** Manifests write what JSON cannot hold as strings. */
const numberOf = Number

const integer64 = /^u?int64$/
const component = { complex64: 'float32', complex128: 'float64' }

/** Reads element `index` as a number, a bigint for 64-bit integers, or [re, im]. */
export const elementReader = (bytes, dtype) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return (index) => view.getUint8(index)
    case 'int8':
      return (index) => view.getInt8(index)
    case 'uint16':
      return (index) => view.getUint16(2 * index, true)
    case 'int16':
      return (index) => view.getInt16(2 * index, true)
    case 'uint32':
      return (index) => view.getUint32(4 * index, true)
    case 'int32':
      return (index) => view.getInt32(4 * index, true)
    case 'uint64':
      return (index) => view.getBigUint64(8 * index, true)
    case 'int64':
      return (index) => view.getBigInt64(8 * index, true)
    case 'float16':
      return (index) => float16Of(view.getUint16(2 * index, true))
    case 'float32':
      return (index) => view.getFloat32(4 * index, true)
    case 'float64':
      return (index) => view.getFloat64(8 * index, true)
    case 'complex64':
      return (index) => [view.getFloat32(8 * index, true), view.getFloat32(8 * index + 4, true)]
    case 'complex128':
      return (index) => [view.getFloat64(16 * index, true), view.getFloat64(16 * index + 8, true)]
    default:
      throw new Error(`no element of dtype ${dtype} can be compared`)
  }
}

/** Whether two elements are the same number; NaN equals NaN, and [re, im] is compared by parts. */
export const sameElement = (found, stated, dtype) => {
  if (Array.isArray(stated)) return stated.every((part, index) => Object.is(found[index] + 0, numberOf(part) + 0))
  if (integer64.test(dtype)) return found === BigInt(stated)
  return Object.is(found + 0, numberOf(stated) + 0)
}

/** Elements of a box, in the axes of `shape`, C order. */
export const boxElements = (read, shape, strides, start, boxShape) => {
  const elements = []
  const walk = (axis, offset) => {
    if (axis === shape.length) elements.push(read(offset))
    else for (let step = 0; step < boxShape[axis]; step++) walk(axis + 1, offset + (start[axis] + step) * strides[axis])
  }
  walk(0, 0)
  return elements
}

/** Strides, in elements, of an array whose last (`c`) or first (`f`) axis is the fastest. */
export const stridesOf = (shape, order) => {
  const strides = new Array(shape.length)
  let step = 1
  for (let position = 0; position < shape.length; position++) {
    const axis = order === 'c' ? shape.length - 1 - position : position
    strides[axis] = step
    step *= shape[axis]
  }
  return strides
}

/** Smallest and largest element without NaN, and the sum: exact for integers, correctly rounded for finite floats. */
export const statisticsOf = (bytes, dtype, count) => {
  const part = component[dtype]
  if (part !== undefined) {
    const read = elementReader(bytes, part)
    return { sum: [exactSum(count, (index) => read(2 * index)), exactSum(count, (index) => read(2 * index + 1))] }
  }
  const read = elementReader(bytes, dtype)
  let min
  let max
  for (let index = 0; index < count; index++) {
    const value = read(index)
    if (Number.isNaN(value)) continue
    if (min === undefined || value < min) min = value
    if (max === undefined || value > max) max = value
  }
  if (integer64.test(dtype)) {
    let sum = 0n
    for (let index = 0; index < count; index++) sum += read(index)
    return { min, max, sum }
  }
  if (!dtype.startsWith('float')) {
    let sum = 0n
    let block = 0
    for (let index = 0; index < count; index++) {
      block += read(index)
      // Below 2^20 terms of 32 bits a double stays exact.
      if ((index & 0xfffff) === 0xfffff) {
        sum += BigInt(block)
        block = 0
      }
    }
    return { min, max, sum: sum + BigInt(block) }
  }
  return { min, max, sum: exactSum(count, read) }
}

/** The correctly rounded sum of the finite values: Shewchuk's algorithm, as in Python's `math.fsum`. */
function exactSum(count, read) {
  let partials = []
  for (let index = 0; index < count; index++) {
    let rest = read(index)
    if (!Number.isFinite(rest)) continue
    const next = []
    for (const partial of partials) {
      const [large, small] = Math.abs(rest) < Math.abs(partial) ? [partial, rest] : [rest, partial]
      const high = large + small
      const low = small - (high - large)
      if (low !== 0) next.push(low)
      rest = high
    }
    next.push(rest)
    partials = next
  }
  // Round half to even over the partials, from the largest down.
  let position = partials.length - 1
  if (position < 0) return 0
  let high = partials[position]
  let low = 0
  while (position > 0) {
    const before = high
    position--
    high = before + partials[position]
    low = partials[position] - (high - before)
    if (low !== 0) break
  }
  if (position > 0 && Math.sign(low) === Math.sign(partials[position - 1])) {
    const doubled = low * 2
    const rounded = high + doubled
    if (doubled === rounded - high) high = rounded
  }
  return high
}

function float16Of(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
