// Transposes planes whose elements lie side by side along one axis in the source and along the other in the destination.
// Each round of a square interleaves the first half of its rows with the second; after log2(rows) rounds it is transposed.

@inline
function low1(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

@inline
function high1(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

/** 16 x 16 elements of 1 byte. */
function transpose16(source: usize, sourceStride: usize, destination: usize, destinationStride: usize): void {
  let input = source
  const a0 = v128.load(input)
  input += sourceStride
  const a1 = v128.load(input)
  input += sourceStride
  const a2 = v128.load(input)
  input += sourceStride
  const a3 = v128.load(input)
  input += sourceStride
  const a4 = v128.load(input)
  input += sourceStride
  const a5 = v128.load(input)
  input += sourceStride
  const a6 = v128.load(input)
  input += sourceStride
  const a7 = v128.load(input)
  input += sourceStride
  const a8 = v128.load(input)
  input += sourceStride
  const a9 = v128.load(input)
  input += sourceStride
  const a10 = v128.load(input)
  input += sourceStride
  const a11 = v128.load(input)
  input += sourceStride
  const a12 = v128.load(input)
  input += sourceStride
  const a13 = v128.load(input)
  input += sourceStride
  const a14 = v128.load(input)
  input += sourceStride
  const a15 = v128.load(input)
  const b0 = low1(a0, a8)
  const b1 = high1(a0, a8)
  const b2 = low1(a1, a9)
  const b3 = high1(a1, a9)
  const b4 = low1(a2, a10)
  const b5 = high1(a2, a10)
  const b6 = low1(a3, a11)
  const b7 = high1(a3, a11)
  const b8 = low1(a4, a12)
  const b9 = high1(a4, a12)
  const b10 = low1(a5, a13)
  const b11 = high1(a5, a13)
  const b12 = low1(a6, a14)
  const b13 = high1(a6, a14)
  const b14 = low1(a7, a15)
  const b15 = high1(a7, a15)
  const c0 = low1(b0, b8)
  const c1 = high1(b0, b8)
  const c2 = low1(b1, b9)
  const c3 = high1(b1, b9)
  const c4 = low1(b2, b10)
  const c5 = high1(b2, b10)
  const c6 = low1(b3, b11)
  const c7 = high1(b3, b11)
  const c8 = low1(b4, b12)
  const c9 = high1(b4, b12)
  const c10 = low1(b5, b13)
  const c11 = high1(b5, b13)
  const c12 = low1(b6, b14)
  const c13 = high1(b6, b14)
  const c14 = low1(b7, b15)
  const c15 = high1(b7, b15)
  const d0 = low1(c0, c8)
  const d1 = high1(c0, c8)
  const d2 = low1(c1, c9)
  const d3 = high1(c1, c9)
  const d4 = low1(c2, c10)
  const d5 = high1(c2, c10)
  const d6 = low1(c3, c11)
  const d7 = high1(c3, c11)
  const d8 = low1(c4, c12)
  const d9 = high1(c4, c12)
  const d10 = low1(c5, c13)
  const d11 = high1(c5, c13)
  const d12 = low1(c6, c14)
  const d13 = high1(c6, c14)
  const d14 = low1(c7, c15)
  const d15 = high1(c7, c15)
  const e0 = low1(d0, d8)
  const e1 = high1(d0, d8)
  const e2 = low1(d1, d9)
  const e3 = high1(d1, d9)
  const e4 = low1(d2, d10)
  const e5 = high1(d2, d10)
  const e6 = low1(d3, d11)
  const e7 = high1(d3, d11)
  const e8 = low1(d4, d12)
  const e9 = high1(d4, d12)
  const e10 = low1(d5, d13)
  const e11 = high1(d5, d13)
  const e12 = low1(d6, d14)
  const e13 = high1(d6, d14)
  const e14 = low1(d7, d15)
  const e15 = high1(d7, d15)
  let output = destination
  v128.store(output, e0)
  output += destinationStride
  v128.store(output, e1)
  output += destinationStride
  v128.store(output, e2)
  output += destinationStride
  v128.store(output, e3)
  output += destinationStride
  v128.store(output, e4)
  output += destinationStride
  v128.store(output, e5)
  output += destinationStride
  v128.store(output, e6)
  output += destinationStride
  v128.store(output, e7)
  output += destinationStride
  v128.store(output, e8)
  output += destinationStride
  v128.store(output, e9)
  output += destinationStride
  v128.store(output, e10)
  output += destinationStride
  v128.store(output, e11)
  output += destinationStride
  v128.store(output, e12)
  output += destinationStride
  v128.store(output, e13)
  output += destinationStride
  v128.store(output, e14)
  output += destinationStride
  v128.store(output, e15)
}

@inline
function low2(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
function high2(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** 8 x 8 elements of 2 bytes. */
function transpose8(source: usize, sourceStride: usize, destination: usize, destinationStride: usize): void {
  let input = source
  const a0 = v128.load(input)
  input += sourceStride
  const a1 = v128.load(input)
  input += sourceStride
  const a2 = v128.load(input)
  input += sourceStride
  const a3 = v128.load(input)
  input += sourceStride
  const a4 = v128.load(input)
  input += sourceStride
  const a5 = v128.load(input)
  input += sourceStride
  const a6 = v128.load(input)
  input += sourceStride
  const a7 = v128.load(input)
  const b0 = low2(a0, a4)
  const b1 = high2(a0, a4)
  const b2 = low2(a1, a5)
  const b3 = high2(a1, a5)
  const b4 = low2(a2, a6)
  const b5 = high2(a2, a6)
  const b6 = low2(a3, a7)
  const b7 = high2(a3, a7)
  const c0 = low2(b0, b4)
  const c1 = high2(b0, b4)
  const c2 = low2(b1, b5)
  const c3 = high2(b1, b5)
  const c4 = low2(b2, b6)
  const c5 = high2(b2, b6)
  const c6 = low2(b3, b7)
  const c7 = high2(b3, b7)
  const d0 = low2(c0, c4)
  const d1 = high2(c0, c4)
  const d2 = low2(c1, c5)
  const d3 = high2(c1, c5)
  const d4 = low2(c2, c6)
  const d5 = high2(c2, c6)
  const d6 = low2(c3, c7)
  const d7 = high2(c3, c7)
  let output = destination
  v128.store(output, d0)
  output += destinationStride
  v128.store(output, d1)
  output += destinationStride
  v128.store(output, d2)
  output += destinationStride
  v128.store(output, d3)
  output += destinationStride
  v128.store(output, d4)
  output += destinationStride
  v128.store(output, d5)
  output += destinationStride
  v128.store(output, d6)
  output += destinationStride
  v128.store(output, d7)
}

@inline
function low4(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 4, 1, 5)
}

@inline
function high4(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 2, 6, 3, 7)
}

/** 4 x 4 elements of 4 bytes. */
function transpose4(source: usize, sourceStride: usize, destination: usize, destinationStride: usize): void {
  let input = source
  const a0 = v128.load(input)
  input += sourceStride
  const a1 = v128.load(input)
  input += sourceStride
  const a2 = v128.load(input)
  input += sourceStride
  const a3 = v128.load(input)
  const b0 = low4(a0, a2)
  const b1 = high4(a0, a2)
  const b2 = low4(a1, a3)
  const b3 = high4(a1, a3)
  const c0 = low4(b0, b2)
  const c1 = high4(b0, b2)
  const c2 = low4(b1, b3)
  const c3 = high4(b1, b3)
  let output = destination
  v128.store(output, c0)
  output += destinationStride
  v128.store(output, c1)
  output += destinationStride
  v128.store(output, c2)
  output += destinationStride
  v128.store(output, c3)
}

/**
 * Copies `count0` x `count1` elements of 1, 2 or 4 bytes. Along the first axis the source's elements are neighbours, along the
 * second the destination's; the other strides are bytes and may be negative.
 */
export function transposePlane(
  source: usize,
  sourceStride1: usize,
  destination: usize,
  destinationStride0: usize,
  count0: usize,
  count1: usize,
  itemSize: usize,
): void {
  const side: usize = 16 / itemSize
  const whole0 = count0 - (count0 % side)
  const whole1 = count1 - (count1 % side)
  for (let index1: usize = 0; index1 < whole1; index1 += side) {
    let input = source + index1 * sourceStride1
    let output = destination + index1 * itemSize
    for (let index0: usize = 0; index0 < whole0; index0 += side) {
      if (itemSize == 1) transpose16(input, sourceStride1, output, destinationStride0)
      else if (itemSize == 2) transpose8(input, sourceStride1, output, destinationStride0)
      else transpose4(input, sourceStride1, output, destinationStride0)
      input += 16
      output += destinationStride0 * side
    }
  }
  for (let index0: usize = 0; index0 < count0; index0++) {
    for (let index1: usize = index0 < whole0 ? whole1 : 0; index1 < count1; index1++) {
      const input = source + index0 * itemSize + index1 * sourceStride1
      const output = destination + index0 * destinationStride0 + index1 * itemSize
      if (itemSize == 1) store<u8>(output, load<u8>(input))
      else if (itemSize == 2) store<u16>(output, load<u16>(input))
      else store<u32>(output, load<u32>(input))
    }
  }
}
