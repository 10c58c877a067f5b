import type { DType } from '@bioimage/core'
import { bytesOf, createData, Float16View } from '@bioimage/core/backend'

/** A scalar; floats that are not finite may be given by name, complex numbers as their parts. */
export type Scalar = number | bigint | boolean | string | readonly (number | string)[]

const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

/** An element of a dtype as bytes; `undefined` for a value that the dtype does not have. */
export function bytesOfScalar(dtype: DType, value: Scalar): Uint8Array | undefined {
  const data = createData(dtype, 1)
  const parts = typeof value === 'object' ? value : [value]
  if (parts.length > (dtype.startsWith('complex') ? 2 : 1)) return undefined
  for (const [at, part] of parts.entries()) {
    const scalar = typeof part === 'string' ? named[part] : part
    if (scalar === undefined || !store(data, dtype, at, scalar)) return undefined
  }
  return bytesOf(data)
}

function store(data: ReturnType<typeof createData>, dtype: DType, at: number, value: number | bigint | boolean): boolean {
  if (dtype === 'bool') {
    if (typeof value !== 'boolean' && value !== 0 && value !== 1) return false
    bytesOf(data)[at] = value === true || value === 1 ? 1 : 0
    return true
  }
  if (typeof value === 'boolean') return false
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return false
    data[at] = BigInt(value)
    return data[at] === BigInt(value)
  }
  const number = Number(value)
  if (data instanceof Float16View) {
    data.setAt(at, number)
    return Number.isFinite(number) === Number.isFinite(data.at(at))
  }
  data[at] = number
  return dtype.startsWith('float') || dtype.startsWith('complex')
    ? Number.isFinite(number) === Number.isFinite(data[at])
    : data[at] === number
}
