import { bytesOf, componentSizeOf, createData, type DType } from './dtype.js'
import { SourceError } from './errors.js'
import { Float16View } from './float16.js'
import type { NdArray } from './nd-array.js'

/**
 * The elements of an array that repeats one scalar: one element.
 *
 * @throws ERR_DTYPE_MISMATCH for what the dtype cannot hold unchanged.
 */
export function scalarData<D extends DType>(dtype: D, value: unknown): NdArray<D>['data'] {
  const data = createData<D>(dtype, 1)
  const bytes = bytesOf(data)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!storeScalar(dtype, value, data, view)) {
    throw new SourceError('ERR_DTYPE_MISMATCH', `${describeScalar(value)} cannot be stored as ${dtype} without changing it`)
  }
  return data
}

function describeScalar(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (Array.isArray(value)) return `a list of ${value.length} (not an array with a dtype)`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Stores a scalar that the dtype holds exactly (floats: rounded, but never to infinity); false for any other. */
function storeScalar(dtype: DType, value: unknown, data: NdArray['data'], view: DataView): boolean {
  if (dtype === 'bool') {
    if (typeof value !== 'boolean') return false
    view.setUint8(0, value ? 1 : 0)
    return true
  }
  if (dtype === 'int64' || dtype === 'uint64') {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) return false
    const integer = BigInt(value)
    if (integer !== (dtype === 'int64' ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer))) return false
    view.setBigInt64(0, BigInt.asIntN(64, integer), littleEndian)
    return true
  }
  if (dtype === 'complex64' || dtype === 'complex128') {
    if (!Array.isArray(value) || value.length !== 2 || !value.every((part) => typeof part === 'number')) return false
    const [re, im]: unknown[] = value
    const bytes = componentSizeOf(dtype)
    for (const [at, part] of [re, im].entries()) {
      if (bytes === 4 && !staysFinite(Number(part), Math.fround(Number(part)))) return false
      if (bytes === 4) view.setFloat32(at * 4, Number(part), littleEndian)
      else view.setFloat64(at * 8, Number(part), littleEndian)
    }
    return true
  }
  if (typeof value !== 'number') return false
  if (data instanceof Float16View) {
    data.setAt(0, value)
    return staysFinite(value, data.at(0))
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return false
  data[0] = value
  return dtype === 'float32' || dtype === 'float64' ? staysFinite(value, data[0]) : data[0] === value
}

function staysFinite(value: number, stored: number | undefined): boolean {
  return Number.isFinite(value) === Number.isFinite(stored)
}
