/**
 * IEEE 754 half-precision numbers over their stored bits, for runtimes without `Float16Array`. Reading widens exactly;
 * writing rounds to nearest, ties to even.
 */
export class Float16View implements Iterable<number> {
  /** The stored bits, one number each. */
  readonly bits: Uint16Array

  constructor(bits: Uint16Array) {
    this.bits = bits
  }

  readonly BYTES_PER_ELEMENT = 2

  get length(): number {
    return this.bits.length
  }

  get buffer(): ArrayBufferLike {
    return this.bits.buffer
  }

  get byteOffset(): number {
    return this.bits.byteOffset
  }

  get byteLength(): number {
    return this.bits.byteLength
  }

  /** The number at `index`, which counts from the end when negative; `undefined` outside. */
  at(index: number): number | undefined {
    const bits = this.bits.at(index)
    return bits === undefined ? undefined : widenFloat16(bits)
  }

  /** Stores `value` at `index`. */
  setAt(index: number, value: number): void {
    this.bits[index] = narrowFloat16(value)
  }

  /** All numbers, widened. */
  toFloat32Array(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.bits, widenFloat16)
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const bits of this.bits) yield widenFloat16(bits)
  }
}

/** The number that 16 bits stand for (IEEE 754 binary16). */
export function widenFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The nearest half-precision bits, ties to even; numbers too large become infinite. */
export function narrowFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude >= 65520) return sign | 0x7c00
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24)
  const exponent = Math.min(15, Math.floor(Math.log2(magnitude)))
  // log2 may round up to the next power of two.
  const scale = magnitude < 2 ** exponent ? exponent - 1 : exponent
  return sign | (((scale + 15) << 10) + roundHalfEven((magnitude / 2 ** scale - 1) * 1024))
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
