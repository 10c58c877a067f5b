// Byte shuffle: the first bytes of all elements, then the second bytes, and so on. A rest shorter than an element stays.

@inline
function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

@inline
function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

@inline
function evenBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
}

@inline
function oddBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
}

/** Undoes `shuffle`. Source and destination must not overlap. */
export function unshuffle(source: usize, length: usize, elementSize: usize, destination: usize): void {
  const count = length / elementSize
  let index: usize = 0
  if (elementSize == 2) {
    for (; index + 16 <= count; index += 16) {
      const a = v128.load(source + index)
      const b = v128.load(source + count + index)
      const output = destination + (index << 1)
      v128.store(output, interleaveLow(a, b))
      v128.store(output, interleaveHigh(a, b), 16)
    }
  } else if (elementSize == 4) {
    for (; index + 16 <= count; index += 16) {
      const input = source + index
      // Planes 0 with 2 and 1 with 3, so that the second interleaving brings 0 1 2 3 together.
      const a = v128.load(input)
      const b = v128.load(input + count)
      const c = v128.load(input + 2 * count)
      const d = v128.load(input + 3 * count)
      const acLow = interleaveLow(a, c)
      const acHigh = interleaveHigh(a, c)
      const bdLow = interleaveLow(b, d)
      const bdHigh = interleaveHigh(b, d)
      const output = destination + (index << 2)
      v128.store(output, interleaveLow(acLow, bdLow))
      v128.store(output, interleaveHigh(acLow, bdLow), 16)
      v128.store(output, interleaveLow(acHigh, bdHigh), 32)
      v128.store(output, interleaveHigh(acHigh, bdHigh), 48)
    }
  } else if (elementSize == 8) {
    for (; index + 16 <= count; index += 16) unshuffle8(source + index, count, destination + (index << 3))
  }
  for (; index < count; index++) {
    let input = source + index
    const output = destination + index * elementSize
    for (let byte: usize = 0; byte < elementSize; byte++) {
      store<u8>(output + byte, load<u8>(input))
      input += count
    }
  }
  const done = count * elementSize
  memory.copy(destination + done, source + done, length - done)
}

@inline
function unshuffle8(input: usize, count: usize, output: usize): void {
  const a = v128.load(input)
  const b = v128.load(input + count)
  const c = v128.load(input + 2 * count)
  const d = v128.load(input + 3 * count)
  const e = v128.load(input + 4 * count)
  const f = v128.load(input + 5 * count)
  const g = v128.load(input + 6 * count)
  const h = v128.load(input + 7 * count)
  const aeLow = interleaveLow(a, e)
  const cgLow = interleaveLow(c, g)
  const bfLow = interleaveLow(b, f)
  const dhLow = interleaveLow(d, h)
  unshuffle8Half(aeLow, cgLow, bfLow, dhLow, output)
  unshuffle8Half(interleaveHigh(a, e), interleaveHigh(c, g), interleaveHigh(b, f), interleaveHigh(d, h), output + 64)
}

@inline
function unshuffle8Half(ae: v128, cg: v128, bf: v128, dh: v128, output: usize): void {
  const acegLow = interleaveLow(ae, cg)
  const acegHigh = interleaveHigh(ae, cg)
  const bdfhLow = interleaveLow(bf, dh)
  const bdfhHigh = interleaveHigh(bf, dh)
  v128.store(output, interleaveLow(acegLow, bdfhLow))
  v128.store(output, interleaveHigh(acegLow, bdfhLow), 16)
  v128.store(output, interleaveLow(acegHigh, bdfhHigh), 32)
  v128.store(output, interleaveHigh(acegHigh, bdfhHigh), 48)
}

/** Gathers the bytes of elements by their place. Source and destination must not overlap. */
export function shuffle(source: usize, length: usize, elementSize: usize, destination: usize): void {
  const count = length / elementSize
  let index: usize = 0
  if (elementSize == 2) {
    for (; index + 16 <= count; index += 16) {
      const input = source + (index << 1)
      const a = v128.load(input)
      const b = v128.load(input, 16)
      v128.store(destination + index, evenBytes(a, b))
      v128.store(destination + count + index, oddBytes(a, b))
    }
  } else if (elementSize == 4) {
    for (; index + 16 <= count; index += 16) {
      const input = source + (index << 2)
      const a = v128.load(input)
      const b = v128.load(input, 16)
      const c = v128.load(input, 32)
      const d = v128.load(input, 48)
      shuffle4(evenBytes(a, b), evenBytes(c, d), destination + index, count << 1)
      shuffle4(oddBytes(a, b), oddBytes(c, d), destination + index + count, count << 1)
    }
  } else if (elementSize == 8) {
    for (; index + 16 <= count; index += 16) {
      const input = source + (index << 3)
      const a = v128.load(input)
      const b = v128.load(input, 16)
      const c = v128.load(input, 32)
      const d = v128.load(input, 48)
      const e = v128.load(input, 64)
      const f = v128.load(input, 80)
      const g = v128.load(input, 96)
      const h = v128.load(input, 112)
      const output = destination + index
      shuffle8(evenBytes(a, b), evenBytes(c, d), evenBytes(e, f), evenBytes(g, h), output, count)
      shuffle8(oddBytes(a, b), oddBytes(c, d), oddBytes(e, f), oddBytes(g, h), output + count, count)
    }
  }
  for (; index < count; index++) {
    const input = source + index * elementSize
    let output = destination + index
    for (let byte: usize = 0; byte < elementSize; byte++) {
      store<u8>(output, load<u8>(input + byte))
      output += count
    }
  }
  const done = count * elementSize
  memory.copy(destination + done, source + done, length - done)
}

@inline
function shuffle4(first: v128, second: v128, output: usize, stride: usize): void {
  v128.store(output, evenBytes(first, second))
  v128.store(output + stride, oddBytes(first, second))
}

/** Four vectors holding every second byte of 16 elements of 8: planes 0, 2, 4, 6 from `output` on. */
@inline
function shuffle8(a: v128, b: v128, c: v128, d: v128, output: usize, count: usize): void {
  shuffle4(evenBytes(a, b), evenBytes(c, d), output, count << 2)
  shuffle4(oddBytes(a, b), oddBytes(c, d), output + 2 * count, count << 2)
}
