// The accurate integer inverse DCT of Loeffler, Ligtenberg and Moschytz with 13-bit constants. Its intermediate precision and
// rounding are those of libjpeg's "islow", so that results are equal to the bit.

const constantBits = 13
const c0298 = 2446
const c0390 = 3196
const c0541 = 4433
const c0765 = 6270
const c0899 = 7373
const c1175 = 9633
const c1501 = 12299
const c1847 = 15137
const c1961 = 16069
const c2053 = 16819
const c2562 = 20995
const c3072 = 25172

const workspace = new Int32Array(64)

/**
 * Transforms a block of 64 coefficients in natural order, multiplied by the quantization table, into samples of a plane.
 *
 * @param precision Bits of a sample, 8 or 12.
 */
export function inverseDct(
  coefficients: Int16Array | Int32Array,
  at: number,
  quantization: Uint16Array,
  plane: Uint8Array | Uint16Array,
  offset: number,
  stride: number,
  precision: number
): void {
  // Bits of fraction between the passes: fewer where samples are longer, so that 32 bits do.
  const passBits = precision === 8 ? 2 : 1
  const center = 1 << (precision - 1)
  const maximum = (1 << precision) - 1
  const shift1 = constantBits - passBits
  const round1 = 1 << (shift1 - 1)
  for (let column = 0; column < 8; column++) {
    const from = at + column
    const k0 = coefficients[from]! * quantization[column]!
    const k1 = coefficients[from + 8]!
    const k2 = coefficients[from + 16]!
    const k3 = coefficients[from + 24]!
    const k4 = coefficients[from + 32]!
    const k5 = coefficients[from + 40]!
    const k6 = coefficients[from + 48]!
    const k7 = coefficients[from + 56]!
    if ((k1 | k2 | k3 | k4 | k5 | k6 | k7) === 0) {
      const value = k0 << passBits
      for (let row = column; row < 64; row += 8) workspace[row] = value
      continue
    }
    let z2 = k2 * quantization[column + 16]!
    let z3 = k6 * quantization[column + 48]!
    let z1 = Math.imul(z2 + z3, c0541)
    const even2 = z1 - Math.imul(z3, c1847)
    const even3 = z1 + Math.imul(z2, c0765)
    z3 = k4 * quantization[column + 32]!
    const even0 = (k0 + z3) << constantBits
    const even1 = (k0 - z3) << constantBits
    const a0 = even0 + even3 + round1
    const a3 = even0 - even3 + round1
    const a1 = even1 + even2 + round1
    const a2 = even1 - even2 + round1

    let odd0 = k7 * quantization[column + 56]!
    let odd1 = k5 * quantization[column + 40]!
    let odd2 = k3 * quantization[column + 24]!
    let odd3 = k1 * quantization[column + 8]!
    z1 = odd0 + odd3
    z2 = odd1 + odd2
    z3 = odd0 + odd2
    let z4 = odd1 + odd3
    const z5 = Math.imul(z3 + z4, c1175)
    z1 = Math.imul(z1, -c0899)
    z2 = Math.imul(z2, -c2562)
    z3 = Math.imul(z3, -c1961) + z5
    z4 = Math.imul(z4, -c0390) + z5
    odd0 = Math.imul(odd0, c0298) + z1 + z3
    odd1 = Math.imul(odd1, c2053) + z2 + z4
    odd2 = Math.imul(odd2, c3072) + z2 + z3
    odd3 = Math.imul(odd3, c1501) + z1 + z4

    workspace[column] = (a0 + odd3) >> shift1
    workspace[column + 56] = (a0 - odd3) >> shift1
    workspace[column + 8] = (a1 + odd2) >> shift1
    workspace[column + 48] = (a1 - odd2) >> shift1
    workspace[column + 16] = (a2 + odd1) >> shift1
    workspace[column + 40] = (a2 - odd1) >> shift1
    workspace[column + 24] = (a3 + odd0) >> shift1
    workspace[column + 32] = (a3 - odd0) >> shift1
  }
  const shift2 = constantBits + passBits + 3
  // The center is added before the shift, in the same units.
  const round2 = (1 << (shift2 - 1)) + (center << shift2)
  for (let row = 0; row < 64; row += 8) {
    const k0 = workspace[row]!
    let z2 = workspace[row + 2]!
    let z3 = workspace[row + 6]!
    let z1 = Math.imul(z2 + z3, c0541)
    const even2 = z1 - Math.imul(z3, c1847)
    const even3 = z1 + Math.imul(z2, c0765)
    z3 = workspace[row + 4]!
    const even0 = (k0 + z3) << constantBits
    const even1 = (k0 - z3) << constantBits
    const a0 = even0 + even3 + round2
    const a3 = even0 - even3 + round2
    const a1 = even1 + even2 + round2
    const a2 = even1 - even2 + round2

    let odd0 = workspace[row + 7]!
    let odd1 = workspace[row + 5]!
    let odd2 = workspace[row + 3]!
    let odd3 = workspace[row + 1]!
    z1 = odd0 + odd3
    z2 = odd1 + odd2
    z3 = odd0 + odd2
    let z4 = odd1 + odd3
    const z5 = Math.imul(z3 + z4, c1175)
    z1 = Math.imul(z1, -c0899)
    z2 = Math.imul(z2, -c2562)
    z3 = Math.imul(z3, -c1961) + z5
    z4 = Math.imul(z4, -c0390) + z5
    odd0 = Math.imul(odd0, c0298) + z1 + z3
    odd1 = Math.imul(odd1, c2053) + z2 + z4
    odd2 = Math.imul(odd2, c3072) + z2 + z3
    odd3 = Math.imul(odd3, c1501) + z1 + z4

    const to = offset + (row >> 3) * stride
    plane[to] = clamp((a0 + odd3) >> shift2, maximum)
    plane[to + 7] = clamp((a0 - odd3) >> shift2, maximum)
    plane[to + 1] = clamp((a1 + odd2) >> shift2, maximum)
    plane[to + 6] = clamp((a1 - odd2) >> shift2, maximum)
    plane[to + 2] = clamp((a2 + odd1) >> shift2, maximum)
    plane[to + 5] = clamp((a2 - odd1) >> shift2, maximum)
    plane[to + 3] = clamp((a3 + odd0) >> shift2, maximum)
    plane[to + 4] = clamp((a3 - odd0) >> shift2, maximum)
  }
}

function clamp(value: number, maximum: number): number {
  return Math.min(Math.max(value, 0), maximum)
}
