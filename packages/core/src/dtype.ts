import { SourceError } from './errors.js'
import { Float16View } from './float16.js'

/** Per dtype: the array that holds its elements and the scalar that one element is. Complex data lies as re, im pairs. */
interface DTypes {
  bool: { data: Uint8Array; scalar: boolean }
  int8: { data: Int8Array; scalar: number }
  int16: { data: Int16Array; scalar: number }
  int32: { data: Int32Array; scalar: number }
  int64: { data: BigInt64Array; scalar: bigint }
  uint8: { data: Uint8Array; scalar: number }
  uint16: { data: Uint16Array; scalar: number }
  uint32: { data: Uint32Array; scalar: number }
  uint64: { data: BigUint64Array; scalar: bigint }
  float16: { data: Float16View; scalar: number }
  float32: { data: Float32Array; scalar: number }
  float64: { data: Float64Array; scalar: number }
  complex64: { data: Float32Array; scalar: readonly [re: number, im: number] }
  complex128: { data: Float64Array; scalar: readonly [re: number, im: number] }
}

/** Type of an element, by numpy's name. */
export type DType = keyof DTypes

/** The array that holds elements of `D`: a typed array, or a {@link Float16View}. */
export type DataOf<D extends DType> = DTypes[D]['data']

/** One element of `D`: a number, `bigint` for 64-bit integers, `boolean`, `[re, im]`. */
export type ScalarOf<D extends DType> = DTypes[D]['scalar']

/** A typed array as JavaScript has them, which `set` accepts beside an NdArray. */
export type TypedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array

interface DTypeFacts {
  readonly itemSize: number
  /** Bytes that change places when the byte order is swapped: half an element for complex numbers. */
  readonly componentSize: number
}

const facts: Readonly<Record<DType, DTypeFacts>> = {
  bool: { itemSize: 1, componentSize: 1 },
  int8: { itemSize: 1, componentSize: 1 },
  int16: { itemSize: 2, componentSize: 2 },
  int32: { itemSize: 4, componentSize: 4 },
  int64: { itemSize: 8, componentSize: 8 },
  uint8: { itemSize: 1, componentSize: 1 },
  uint16: { itemSize: 2, componentSize: 2 },
  uint32: { itemSize: 4, componentSize: 4 },
  uint64: { itemSize: 8, componentSize: 8 },
  float16: { itemSize: 2, componentSize: 2 },
  float32: { itemSize: 4, componentSize: 4 },
  float64: { itemSize: 8, componentSize: 8 },
  complex64: { itemSize: 8, componentSize: 4 },
  complex128: { itemSize: 16, componentSize: 8 }
}

/** Every dtype, in numpy's order of kinds. */
export const dtypes: readonly DType[] = Object.keys(facts) as DType[]

/** Whether `name` is a dtype of this library. */
export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(facts, name)
}

/** Bytes of one element. */
export function itemSizeOf(dtype: DType): number {
  return facts[dtype].itemSize
}

/** Bytes that change places when the byte order is swapped. */
export function componentSizeOf(dtype: DType): number {
  return facts[dtype].componentSize
}

/** Narrows an array or source to one dtype: `if (hasDType(source, 'uint16')) …`. */
export function hasDType<T extends { readonly dtype: DType }, D extends DType>(value: T, dtype: D): value is T & { readonly dtype: D } {
  return value.dtype === dtype
}

/**
 * A data array of `length` elements, over `buffer` when given.
 *
 * @throws ERR_TOO_LARGE when the runtime cannot allocate that much.
 */
export function createData<D extends DType>(dtype: D, length: number, buffer?: ArrayBufferLike, byteOffset?: number): DataOf<D>
export function createData(dtype: DType, length: number, buffer?: ArrayBufferLike, byteOffset = 0): DataOf<DType> {
  const components = length * (facts[dtype].itemSize / facts[dtype].componentSize)
  const memory = buffer ?? allocate(components * facts[dtype].componentSize)
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(memory, byteOffset, components)
    case 'int8':
      return new Int8Array(memory, byteOffset, components)
    case 'int16':
      return new Int16Array(memory, byteOffset, components)
    case 'uint16':
      return new Uint16Array(memory, byteOffset, components)
    case 'int32':
      return new Int32Array(memory, byteOffset, components)
    case 'uint32':
      return new Uint32Array(memory, byteOffset, components)
    case 'int64':
      return new BigInt64Array(memory, byteOffset, components)
    case 'uint64':
      return new BigUint64Array(memory, byteOffset, components)
    case 'float16':
      return new Float16View(new Uint16Array(memory, byteOffset, components))
    case 'float32':
    case 'complex64':
      return new Float32Array(memory, byteOffset, components)
    case 'float64':
    case 'complex128':
      return new Float64Array(memory, byteOffset, components)
  }
}

/** The bytes of a data array, in the machine's order, sharing its memory. */
export function bytesOf(data: DataOf<DType> | TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/**
 * The scalar at `index` (in elements) of a data array of this dtype.
 *
 * @throws ERR_INVALID_INDEX outside the array.
 */
export function scalarAt<D extends DType>(dtype: D, data: DataOf<D>, index: number): ScalarOf<D>
export function scalarAt(dtype: DType, data: DataOf<DType>, index: number): ScalarOf<DType> {
  const length = data.byteLength / facts[dtype].itemSize
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new SourceError('ERR_INVALID_INDEX', `element ${index} lies outside an array of ${length} elements`)
  if (data instanceof Float16View) return data.at(index) ?? Number.NaN
  if (dtype === 'complex64' || dtype === 'complex128') return [Number(data[2 * index]), Number(data[2 * index + 1])]
  const value = data[index] ?? 0
  return dtype === 'bool' ? value !== 0 : value
}

/**
 * The dtype whose data array `data` is; `uint8` for bytes, since nothing tells a bool array from it.
 *
 * @throws ERR_INVALID_ARGUMENT for anything but a typed array.
 */
export function dtypeOfData(data: TypedArray | Float16View): DType {
  if (data instanceof Float16View) return 'float16'
  const name = Object.prototype.toString.call(data).slice('[object '.length, -1)
  switch (name) {
    case 'Uint8ClampedArray':
      return 'uint8'
    case 'BigInt64Array':
      return 'int64'
    case 'BigUint64Array':
      return 'uint64'
    default: {
      const dtype = name.replace(/Array$/, '').toLowerCase()
      if (isDType(dtype)) return dtype
      throw new SourceError('ERR_INVALID_ARGUMENT', `expected a typed array, found ${name}`)
    }
  }
}

/** What {@link dtypeOfData} says of the data array of a dtype: bool and complex data look like their components. */
export function dtypeOfBareData(dtype: DType): DType {
  if (dtype === 'bool') return 'uint8'
  if (dtype === 'complex64') return 'float32'
  return dtype === 'complex128' ? 'float64' : dtype
}

function allocate(byteLength: number): ArrayBuffer {
  if (!Number.isSafeInteger(byteLength)) throw tooLarge(byteLength)
  try {
    return new ArrayBuffer(byteLength)
  } catch (cause) {
    throw tooLarge(byteLength, cause)
  }
}

function tooLarge(byteLength: number, cause?: unknown): SourceError {
  return new SourceError('ERR_TOO_LARGE', `cannot allocate ${byteLength} bytes at once; read a smaller region`, { cause })
}
