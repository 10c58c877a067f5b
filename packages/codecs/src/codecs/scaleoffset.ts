import type { CodecSpec } from '@bioimage/core'
import { BitReader } from '../bit-reader.js'
import { corrupt, unsupported } from '../codec-errors.js'
import { integersOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { Payload } from '../payload.js'

/** Before the packed numbers: their bits, the width of the minimum, and the minimum; the rest is not used. */
const headerLength = 21

/** Kinds of scaling in the parameters. */
const decimalScale = 0
const integerScale = 2

interface Scaling {
  /** Decimal digits that are kept of floats; `undefined` for integers. */
  readonly digits: number | undefined
  readonly elements: number
  /** Bytes of an element. */
  readonly size: number
  readonly bigEndian: boolean
  /** Bits of the element that stands for the largest packed number. */
  readonly fill: bigint | undefined
}

/**
 * HDF5's scale-offset filter, for reading: numbers are stored as differences to the smallest, in as few bits as those need; floats
 * are first rounded to some decimal digits. `parameters` are the client data of the filter.
 */
export function createScaleOffset(spec: CodecSpec): CodecStep {
  const scaling = parseScaling(integersOption(spec, 'parameters'))
  return {
    encodedLength: ({ max }) => ({ max: max + headerLength + 8, exact: false }),
    decode: (encoded, expected) => Payload.of(decode(encoded.view(), scaling, expected)),
    encode: () => {
      throw unsupported('scaleoffset', 'encoding is not implemented; use "shuffle" and "zlib"')
    }
  }
}

function parseScaling(parameters: readonly number[]): Scaling {
  const [scale, factor, elements, kind, size, , order, fillDefined, low = 0, high = 0] = parameters
  if (factor === undefined || elements === undefined || size === undefined || fillDefined === undefined)
    throw corrupt('scaleoffset', `${parameters.length} parameters, expected at least 8`)
  const isFloat = kind === 1
  if (isFloat ? scale !== decimalScale : scale !== integerScale)
    throw unsupported('scaleoffset', `the kind of scaling ${scale} ${isFloat ? 'of floats' : 'of integers'} is not known`)
  if (isFloat ? size !== 4 && size !== 8 : ![1, 2, 4, 8].includes(size)) throw corrupt('scaleoffset', `elements of ${size} bytes`)
  return {
    digits: isFloat ? factor | 0 : undefined,
    elements,
    size,
    bigEndian: order === 1,
    fill: fillDefined === 1 ? BigInt.asUintN(size * 8, (BigInt(high) << 32n) | BigInt(low)) : undefined
  }
}

function decode(bytes: Uint8Array, scaling: Scaling, expected: ExpectedLength): Uint8Array {
  const { elements, size, bigEndian } = scaling
  const total = elements * size
  if (expected.exact ? total !== expected.max : total > expected.max)
    throw corrupt('scaleoffset', `the parameters say ${total} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  if (bytes.byteLength < headerLength) throw corrupt('scaleoffset', `${bytes.byteLength} bytes, the header alone has ${headerLength}`)
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength)
  const bits = header.getUint32(0, true)
  if (bits > size * 8) throw corrupt('scaleoffset', `numbers of ${bits} bits in elements of ${size} bytes`)
  const packed = bytes.subarray(headerLength)
  const output = new Uint8Array(total)
  const view = new DataView(output.buffer)
  const littleEndian = !bigEndian
  if (bits === size * 8) {
    if (packed.byteLength < total) throw corrupt('scaleoffset', 'the data ends too early')
    for (let at = 0; at < total; at++) output[bigEndian ? at - (at % size) + size - 1 - (at % size) : at] = packed[at]!
    return output
  }
  const restore = restorer(minimumOf(header), scaling)
  const reader = new BitReader('scaleoffset', packed)
  const [highBits, lowBits] = [Math.max(0, bits - 32), Math.min(32, bits)]
  const [highest, lowest] = [2 ** highBits - 1, 2 ** lowBits - 1]
  const { fill } = scaling
  for (let at = 0; at < total; at += size) {
    const high = highBits === 0 ? 0 : reader.takeLong(highBits)
    const low = lowBits === 0 ? 0 : reader.takeLong(lowBits)
    // The largest number that fits stands for the fill value.
    if (fill !== undefined && low === lowest && high === highest) storeBits(view, at, size, fill, littleEndian)
    else restore(view, at, high, low, littleEndian)
  }
  return output
}

/** The smallest element; the width of its field is that of the writer's longest integer. */
function minimumOf(header: DataView): bigint {
  let minimum = 0n
  for (let at = Math.min(8, header.getUint8(4)) - 1; at >= 0; at--) minimum = (minimum << 8n) | BigInt(header.getUint8(5 + at))
  return minimum
}

function storeBits(view: DataView, at: number, size: number, bits: bigint, littleEndian: boolean): void {
  if (size === 8) view.setBigUint64(at, bits, littleEndian)
  else if (size === 4) view.setUint32(at, Number(bits), littleEndian)
  else if (size === 2) view.setUint16(at, Number(bits), littleEndian)
  else view.setUint8(at, Number(bits))
}

/** Stores the element that a packed number of 64 bits stands for. */
type Restore = (view: DataView, at: number, high: number, low: number, littleEndian: boolean) => void

function restorer(minimum: bigint, { digits, size }: Scaling): Restore {
  if (digits !== undefined) return size === 4 ? singleRestorer(minimum, digits) : doubleRestorer(minimum, digits)
  if (size === 8) {
    return (view, at, high, low, littleEndian) =>
      view.setBigUint64(at, BigInt.asUintN(64, ((BigInt(high) << 32n) | BigInt(low)) + minimum), littleEndian)
  }
  // Sums wrap around at the size of the element, as in C.
  const least = Number(BigInt.asUintN(32, minimum))
  if (size === 4) return (view, at, _, low, littleEndian) => view.setUint32(at, low + least, littleEndian)
  if (size === 2) return (view, at, _, low, littleEndian) => view.setUint16(at, low + least, littleEndian)
  return (view, at, _, low) => view.setUint8(at, low + least)
}

/** Powers of ten as text: those of `**` are not exactly rounded by every engine. */
const powerOfTen = (digits: number): number => Number(`1e${digits}`)

function singleRestorer(minimum: bigint, digits: number): Restore {
  const least = new Float32Array(BigUint64Array.of(minimum).buffer)[0] ?? 0
  const divisor = Math.fround(powerOfTen(digits))
  return (view, at, _, low, littleEndian) => view.setFloat32(at, Math.fround(Math.fround(low) / divisor) + least, littleEndian)
}

function doubleRestorer(minimum: bigint, digits: number): Restore {
  const least = new Float64Array(BigUint64Array.of(minimum).buffer)[0] ?? 0
  const divisor = powerOfTen(digits)
  return (view, at, high, low, littleEndian) => view.setFloat64(at, (high * 2 ** 32 + low) / divisor + least, littleEndian)
}
