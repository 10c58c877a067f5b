import { type DType, Float16View, type NdArray, SourceError } from '@bioimage/core'

/**
 * Writes the elements of one contiguous array into another of the same shape and another dtype.
 *
 * @throws ERR_DTYPE_MISMATCH for the first element that would not be the same number.
 */
export function castExactly(from: NdArray, to: NdArray): void {
  const [complexFrom, complexTo] = [isComplex(from.dtype), isComplex(to.dtype)]
  const source = from.data instanceof Float16View ? from.data.toFloat32Array() : from.data
  const refuse = (at: number): never => {
    throw new SourceError(
      'ERR_DTYPE_MISMATCH',
      `the value ${String(source[at])} of ${from.dtype} is not one of ${to.dtype}; choose a --dtype that holds all values`
    )
  }
  const target = to.data
  const [step, width] = [complexTo && !complexFrom ? 2 : 1, complexFrom && !complexTo ? 2 : 1]
  if (step === 2 && !(target instanceof Float16View)) target.fill(0 as never)
  for (let at = 0; at < source.length; at += width) {
    const value = source[at] ?? 0
    if (width === 2 && source[at + 1] !== 0) refuse(at + 1)
    if (!store(target, (at / width) * step, value, to.dtype)) refuse(at)
  }
}

function isComplex(dtype: DType): boolean {
  return dtype === 'complex64' || dtype === 'complex128'
}

/** Stores a number and tells whether what was stored is the same number. */
function store(target: NdArray['data'], at: number, value: number | bigint, dtype: DType): boolean {
  if (dtype === 'bool' && Number(value) !== 0 && Number(value) !== 1) return false
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    if (typeof value === 'number' && !Number.isInteger(value)) return false
    target[at] = BigInt(value)
    return target[at] === BigInt(value)
  }
  const number = Number(value)
  if (typeof value === 'bigint' && BigInt(Math.trunc(number)) !== value) return false
  if (target instanceof Float16View) target.setAt(at, number)
  else target[at] = number
  const stored = target instanceof Float16View ? target.at(at) : target[at]
  return stored === number || (Number.isNaN(number) && Number.isNaN(stored))
}
