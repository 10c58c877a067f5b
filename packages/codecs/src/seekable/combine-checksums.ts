const crc32Polynomial = 0xedb88320
const adlerModulus = 65521

/** The CRC-32 of two parts joined, of those of the parts and the length of the second. */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  // Appending n bytes multiplies the first checksum, as a polynomial, by x^(8 n).
  let power = 0x80000000
  let factor = 0x00800000 // x^8
  for (let left = secondLength; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(power, factor)
    factor = multiply(factor, factor)
  }
  return (multiply(power, first) ^ second) >>> 0
}

/** The Adler-32 of two parts joined. */
export function combineAdler32(first: number, second: number, secondLength: number): number {
  const length = secondLength % adlerModulus
  const low = ((first & 0xffff) + (second & 0xffff) + adlerModulus - 1) % adlerModulus
  const high = ((first >>> 16) + (second >>> 16) + length * ((first & 0xffff) + adlerModulus - 1)) % adlerModulus
  return ((high << 16) | low) >>> 0
}

/** The product of two polynomials modulo that of the CRC. The highest bit is the constant term. */
function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 31; bit >= 0; bit--) {
    if (((a >>> bit) & 1) !== 0) product ^= shifted
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ crc32Polynomial : shifted >>> 1
  }
  return product >>> 0
}
