import { type DType, Float16View, type NdArray } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'

/** Facts about the elements of an array. For complex numbers they are those of the magnitudes. */
export interface Statistics {
  readonly count: number
  readonly nans: number
  /** NaNs apart. `null` where there is no number at all. Exact; `bigint` for 64-bit integers. */
  readonly min: number | bigint | null
  readonly max: number | bigint | null
  readonly mean: number | null
  /** Of the whole population, as numpy's default. */
  readonly std: number | null
}

/** Sums of integers below 2^32 are exact in a double for this many elements. */
const runLength = 1 << 20

/** Gathers statistics block by block. Blocks are contiguous arrays of one dtype. */
export class StatisticsCollector {
  #count = 0
  #nans = 0
  #min: number | bigint | null = null
  #max: number | bigint | null = null
  #numbers = 0
  #mean = 0
  #squares = 0
  /** Exact sum, for integers. */
  #sum = 0n
  #integers = true

  add(array: NdArray): void {
    const { dtype, data } = array
    const wide = dtype === 'int64' || dtype === 'uint64'
    this.#integers = isInteger(dtype)
    const numbers = wide || this.#integers ? undefined : realNumbers(array)
    const length = wide ? data.length : (numbers?.length ?? data.length)
    for (let start = 0; start < length; start += runLength) {
      const end = Math.min(length, start + runLength)
      if (wide) this.#addWide(bytesOf(data), dtype === 'int64', start, end)
      else if (numbers !== undefined) this.#addNumbers(numbers, start, end)
      else if (data instanceof Uint8Array || data instanceof Int8Array || data instanceof Uint16Array) this.#addNumbers(data, start, end)
      else if (data instanceof Int16Array || data instanceof Uint32Array || data instanceof Int32Array) this.#addNumbers(data, start, end)
    }
  }

  result(): Statistics {
    const count = this.#count
    if (this.#numbers === 0) return { count, nans: this.#nans, min: null, max: null, mean: null, std: null }
    return {
      count,
      nans: this.#nans,
      min: this.#min,
      max: this.#max,
      mean: this.#integers ? divide(this.#sum, this.#numbers) : this.#mean,
      std: Math.sqrt(this.#squares / this.#numbers)
    }
  }

  #addNumbers(data: ArrayLike<number>, start: number, end: number): void {
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    let sum = 0
    let nans = 0
    for (let at = start; at < end; at++) {
      const value = data[at] ?? 0
      if (Number.isNaN(value)) {
        nans++
        continue
      }
      if (value < min) min = value
      if (value > max) max = value
      sum += value
    }
    const numbers = end - start - nans
    const mean = sum / numbers
    let squares = 0
    for (let at = start; at < end; at++) {
      const distance = (data[at] ?? 0) - mean
      // An infinite mean makes the distance NaN; only elements that are NaN themselves are left out.
      if (!Number.isNaN(distance) || !Number.isNaN(data[at])) squares += distance * distance
    }
    this.#count += end - start
    this.#nans += nans
    if (numbers > 0) this.#merge(numbers, min, max, mean, squares, this.#integers ? BigInt(sum) : 0n)
  }

  /** 64-bit integers as pairs of 32-bit words: far faster than one `bigint` per element, and as exact. */
  #addWide(bytes: Uint8Array, signed: boolean, start: number, end: number): void {
    const low = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
    const high = signed ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2) : low
    let least = start
    let most = start
    let lowSum = 0
    let highSum = 0
    for (let at = start; at < end; at++) {
      const top = high[2 * at + 1] ?? 0
      const bottom = low[2 * at] ?? 0
      const minTop = high[2 * least + 1] ?? 0
      const maxTop = high[2 * most + 1] ?? 0
      if (top < minTop || (top === minTop && bottom < (low[2 * least] ?? 0))) least = at
      if (top > maxTop || (top === maxTop && bottom > (low[2 * most] ?? 0))) most = at
      lowSum += bottom
      highSum += top
    }
    const numbers = end - start
    const exact = (at: number): bigint => (BigInt(high[2 * at + 1] ?? 0) << 32n) + BigInt(low[2 * at] ?? 0)
    const sum = (BigInt(highSum) << 32n) + BigInt(lowSum)
    const mean = divide(sum, numbers)
    let squares = 0
    for (let at = start; at < end; at++) squares += ((high[2 * at + 1] ?? 0) * 2 ** 32 + (low[2 * at] ?? 0) - mean) ** 2
    this.#count += numbers
    this.#merge(numbers, exact(least), exact(most), mean, squares, sum)
  }

  /** Joins two groups of numbers (Chan, Golub and LeVeque, 1979). */
  #merge(numbers: number, min: number | bigint, max: number | bigint, mean: number, squares: number, sum: bigint): void {
    if (this.#min === null || min < this.#min) this.#min = min
    if (this.#max === null || max > this.#max) this.#max = max
    const total = this.#numbers + numbers
    const distance = mean - this.#mean
    if (this.#numbers === 0) {
      this.#mean = mean
      this.#squares = squares
    } else {
      this.#mean += (distance * numbers) / total
      this.#squares += squares + (distance * distance * this.#numbers * numbers) / total
    }
    this.#numbers = total
    this.#sum += sum
  }
}

function isInteger(dtype: DType): boolean {
  return dtype === 'bool' || dtype.startsWith('int') || dtype.startsWith('uint')
}

/** The elements of floats as they are, of complex numbers the magnitudes. */
function realNumbers(array: NdArray): ArrayLike<number> {
  const { data } = array
  if (data instanceof Float16View) return data.toFloat32Array()
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return []
  if (array.dtype !== 'complex64' && array.dtype !== 'complex128') return data
  return Float64Array.from({ length: data.length / 2 }, (_, at) => Math.hypot(data[2 * at] ?? 0, data[2 * at + 1] ?? 0))
}

/** The quotient, correct to a double also where the sum is not one. */
function divide(sum: bigint, count: number): number {
  const whole = sum / BigInt(count)
  return Number(whole) + Number(sum - whole * BigInt(count)) / count
}
