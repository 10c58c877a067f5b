// The accurate integer DCT of Loeffler, Ligtenberg and Moschytz, the counterpart of inverse-dct.ts, with the precision and rounding of
// libjpeg's "islow", so that encoded images are equal to the bit. The constants stand in both files: V8 decodes a fifth slower with
// imported ones.

const constantBits = 13
const passBits = 2
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

/** Transforms a block of 64 samples, minus 128, in place: into coefficients in natural order, times 8. */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) transform(block, row, 1, constantBits - passBits, -passBits)
  for (let column = 0; column < 8; column++) transform(block, column, 8, constantBits + passBits, passBits)
}

/**
 * @param shift Bits by which products are scaled down.
 * @param plainShift The same for what is multiplied by nothing; less than 0 is up.
 */
function transform(block: Int32Array, at: number, step: number, shift: number, plainShift: number): void {
  const s0 = block[at]!
  const s1 = block[at + step]!
  const s2 = block[at + 2 * step]!
  const s3 = block[at + 3 * step]!
  const s4 = block[at + 4 * step]!
  const s5 = block[at + 5 * step]!
  const s6 = block[at + 6 * step]!
  const s7 = block[at + 7 * step]!
  const round = 1 << (shift - 1)

  const even0 = s0 + s7 + s3 + s4
  const even3 = s0 + s7 - s3 - s4
  const even1 = s1 + s6 + s2 + s5
  const even2 = s1 + s6 - s2 - s5
  if (plainShift < 0) {
    block[at] = (even0 + even1) << -plainShift
    block[at + 4 * step] = (even0 - even1) << -plainShift
  } else {
    const plainRound = 1 << (plainShift - 1)
    block[at] = (even0 + even1 + plainRound) >> plainShift
    block[at + 4 * step] = (even0 - even1 + plainRound) >> plainShift
  }
  const both = Math.imul(even2 + even3, c0541) + round
  block[at + 2 * step] = (both + Math.imul(even3, c0765)) >> shift
  block[at + 6 * step] = (both - Math.imul(even2, c1847)) >> shift

  const odd0 = s3 - s4
  const odd1 = s2 - s5
  const odd2 = s1 - s6
  const odd3 = s0 - s7
  const z5 = Math.imul(odd0 + odd2 + odd1 + odd3, c1175) + round
  const z1 = Math.imul(odd0 + odd3, -c0899)
  const z2 = Math.imul(odd1 + odd2, -c2562)
  const z3 = Math.imul(odd0 + odd2, -c1961) + z5
  const z4 = Math.imul(odd1 + odd3, -c0390) + z5
  block[at + 7 * step] = (Math.imul(odd0, c0298) + z1 + z3) >> shift
  block[at + 5 * step] = (Math.imul(odd1, c2053) + z2 + z4) >> shift
  block[at + 3 * step] = (Math.imul(odd2, c3072) + z2 + z3) >> shift
  block[at + step] = (Math.imul(odd3, c1501) + z1 + z4) >> shift
}
