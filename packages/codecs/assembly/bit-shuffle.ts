// Bit shuffle as in the bitshuffle library: bit 0 of the first bytes of all elements, then bit 1, and so on.
// `length / elementSize` must be a multiple of 8; the callers see to it.
import { shuffle, unshuffle } from './byte-shuffle'

/** `workspace` holds `length` bytes. */
export function bitShuffle(source: usize, length: usize, elementSize: usize, destination: usize, workspace: usize): void {
  const count = length / elementSize
  let plane = source
  if (elementSize > 1) {
    shuffle(source, length, elementSize, workspace)
    plane = workspace
  }
  const rowLength = count >> 3
  for (let byte: usize = 0; byte < elementSize; byte++) {
    const output = destination + byte * count
    let index: usize = 0
    for (; index + 16 <= count; index += 16) {
      let value = v128.load(plane + index)
      let row = output + (index >> 3) + 7 * rowLength
      for (let bit = 0; bit < 8; bit++) {
        store<u16>(row, v128.bitmask<i8>(value) as u16)
        value = v128.shl<i8>(value, 1)
        row -= rowLength
      }
    }
    if (index < count) {
      let value = v128.splat<i64>(load<i64>(plane + index))
      let row = output + (index >> 3) + 7 * rowLength
      for (let bit = 0; bit < 8; bit++) {
        store<u8>(row, v128.bitmask<i8>(value) as u8)
        value = v128.shl<i8>(value, 1)
        row -= rowLength
      }
    }
    plane += count
  }
}

/** Undoes `bitShuffle`. */
export function bitUnshuffle(source: usize, length: usize, elementSize: usize, destination: usize, workspace: usize): void {
  const count = length / elementSize
  const rowLength = count >> 3
  const planes = elementSize > 1 ? workspace : destination
  for (let byte: usize = 0; byte < elementSize; byte++) unshufflePlane(source + byte * count, rowLength, planes + byte * count)
  if (elementSize > 1) unshuffle(workspace, length, elementSize, destination)
}

function unshufflePlane(source: usize, rowLength: usize, destination: usize): void {
  let index: usize = 0
  for (; index + 16 <= rowLength; index += 16) {
    const input = source + index
    const a = v128.load(input)
    const b = v128.load(input + rowLength)
    const c = v128.load(input + 2 * rowLength)
    const d = v128.load(input + 3 * rowLength)
    const e = v128.load(input + 4 * rowLength)
    const f = v128.load(input + 5 * rowLength)
    const g = v128.load(input + 6 * rowLength)
    const h = v128.load(input + 7 * rowLength)
    const output = destination + (index << 3)
    unshuffleHalf(low(a, e), low(b, f), low(c, g), low(d, h), output)
    unshuffleHalf(high(a, e), high(b, f), high(c, g), high(d, h), output + 64)
  }
  for (; index < rowLength; index++) {
    let group: u64 = 0
    let input = source + index + 7 * rowLength
    for (let row = 0; row < 8; row++) {
      group = (group << 8) | load<u8>(input)
      input -= rowLength
    }
    store<u64>(destination + (index << 3), i64x2.extract_lane(transposeBits(i64x2.splat(group as i64)), 0))
  }
}

@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

@inline
function unshuffleHalf(ae: v128, bf: v128, cg: v128, dh: v128, output: usize): void {
  const acegLow = low(ae, cg)
  const acegHigh = high(ae, cg)
  const bdfhLow = low(bf, dh)
  const bdfhHigh = high(bf, dh)
  v128.store(output, transposeBits(low(acegLow, bdfhLow)))
  v128.store(output, transposeBits(high(acegLow, bdfhLow)), 16)
  v128.store(output, transposeBits(low(acegHigh, bdfhHigh)), 32)
  v128.store(output, transposeBits(high(acegHigh, bdfhHigh)), 48)
}

/** Transposes both 8 x 8 bit matrices (Hacker's Delight, section 7-3). */
@inline
function transposeBits(value: v128): v128 {
  let x = value
  let t = v128.and(v128.xor(x, i64x2.shr_u(x, 7)), i64x2.splat(0x00aa00aa00aa00aa))
  x = v128.xor(v128.xor(x, t), i64x2.shl(t, 7))
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 14)), i64x2.splat(0x0000cccc0000cccc))
  x = v128.xor(v128.xor(x, t), i64x2.shl(t, 14))
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 28)), i64x2.splat(0x00000000f0f0f0f0))
  return v128.xor(v128.xor(x, t), i64x2.shl(t, 28))
}
