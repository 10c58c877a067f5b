import type { CodecSpec } from '@bioimage/core'
import { narrowFloat16, widenFloat16 } from '@bioimage/core/backend'
import { corrupt, invalid } from './codec-errors.js'

/** An element type of a filter: numpy's name, without the byte order. */
export type NumericName =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'

/** An element type with its byte order. */
export interface NumericType {
  readonly name: NumericName
  readonly itemSize: number
  readonly isBigEndian: boolean
}

/** Elements to calculate with. 64-bit integers are bigints; float16 is held as float32 and bool as 0 and 1. */
export type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

const itemSizes: Readonly<Record<NumericName, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8
}

const kinds: Readonly<Record<string, string>> = { b: 'bool', i: 'int', u: 'uint', f: 'float' }

/** Reads an option that names an element type, as "int16", "<i2", ">f4" or "|u1". */
export function numericOption(spec: CodecSpec, option: string, fallback?: NumericType): NumericType {
  const value = spec[option]
  if ((value === undefined || value === null) && fallback !== undefined) return fallback
  const type = typeof value === 'string' ? parseNumericType(value) : undefined
  if (type === undefined) {
    throw invalid(spec.id, `"${option}" is ${JSON.stringify(value)}, expected an integer or floating-point type such as "<i2" or "float32"`)
  }
  return type
}

function parseNumericType(text: string): NumericType | undefined {
  const short = /^([<>|=]?)([biuf])([1248])$/.exec(text)
  const kind = short === null ? undefined : kinds[short[2]!]
  const name = short === null ? text : kind === 'bool' ? (short[3] === '1' ? 'bool' : '') : `${kind}${Number(short[3]) * 8}`
  if (!isNumericName(name)) return undefined
  return { name, itemSize: itemSizes[name], isBigEndian: short?.[1] === '>' && itemSizes[name] > 1 }
}

function isNumericName(name: string): name is NumericName {
  return Object.hasOwn(itemSizes, name)
}

export function isFloat(type: NumericType): boolean {
  return type.name.startsWith('float')
}

/** Elements out of stored bytes. */
export function numbersFrom(codec: string, bytes: Uint8Array, type: NumericType): Numbers {
  if (bytes.byteLength % type.itemSize !== 0) {
    throw corrupt(codec, `${bytes.byteLength} bytes are not elements of ${type.itemSize} bytes`)
  }
  // A copy: typed arrays need alignment, and scratch memory does not last.
  const copy = new Uint8Array(bytes)
  if (type.isBigEndian) swapInPlace(copy, type.itemSize)
  if (type.name === 'float16') return Float32Array.from(new Uint16Array(copy.buffer), widenFloat16)
  return typedArray(type, copy.buffer)
}

/** Stored bytes of elements that {@link convert} or {@link emptyNumbers} made for this type. */
export function bytesFrom(numbers: Numbers, type: NumericType): Uint8Array {
  const stored = type.name === 'float16' ? Uint16Array.from(numbers as Float32Array, narrowFloat16) : numbers
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
  if (type.isBigEndian) swapInPlace(bytes, type.itemSize)
  return bytes
}

/** Elements of the array type that holds `type`. */
export function emptyNumbers(type: NumericType, length: number): Numbers {
  const size = type.name === 'float16' ? 4 : type.itemSize
  return typedArray(type, new ArrayBuffer(length * size))
}

function typedArray(type: NumericType, buffer: ArrayBuffer): Numbers {
  switch (type.name) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'int16':
      return new Int16Array(buffer)
    case 'uint16':
      return new Uint16Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'uint32':
      return new Uint32Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'uint64':
      return new BigUint64Array(buffer)
    case 'float16':
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
  }
}

/** Converts as C and numpy do: integers wrap around, floating-point numbers are cut towards zero. */
export function convert(numbers: Numbers, type: NumericType): Numbers {
  const result = emptyNumbers(type, numbers.length)
  if (type.name === 'bool') {
    for (let index = 0; index < numbers.length; index++) result[index] = Number(numbers[index]!) === 0 ? 0 : 1
  } else if (isBigArray(result)) {
    if (isBigArray(numbers)) result.set(numbers)
    else for (let index = 0; index < numbers.length; index++) result[index] = toBigInt(numbers[index]!)
  } else if (isBigArray(numbers)) {
    const isInteger = !isFloat(type)
    for (let index = 0; index < numbers.length; index++) {
      // Number() of a large integer rounds, which would lose the low bits that wrapping keeps.
      result[index] = Number(isInteger ? BigInt.asIntN(32, numbers[index]!) : numbers[index]!)
    }
  } else if (isFloat(type)) {
    for (let index = 0; index < numbers.length; index++) result[index] = numbers[index]!
    if (type.name === 'float16')
      for (let index = 0; index < result.length; index++) result[index] = widenFloat16(narrowFloat16(result[index]!))
  } else {
    for (let index = 0; index < numbers.length; index++) result[index] = numbers[index]!
  }
  return result
}

function toBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}

export function isBigArray(numbers: Numbers): numbers is BigInt64Array | BigUint64Array {
  return numbers instanceof BigInt64Array || numbers instanceof BigUint64Array
}

/** Rounds to the nearest integer, ties to even, as numpy's `around`. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** A double-precision copy. */
export function doublesOf(numbers: Numbers): Float64Array {
  return Float64Array.from(numbers as ArrayLike<number | bigint>, Number)
}

function swapInPlace(bytes: Uint8Array, itemSize: number): void {
  for (let start = 0; start < bytes.length; start += itemSize) bytes.subarray(start, start + itemSize).reverse()
}
