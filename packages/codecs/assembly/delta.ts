// Running differences of integers, wrapping around as two's complement does.

/** Running sums of integers of 1, 2, 4 or 8 bytes; may work in place. */
export function deltaDecode(source: usize, length: usize, elementSize: usize, destination: usize): void {
  let index: usize = 0
  if (elementSize == 1) {
    let sum: u32 = 0
    for (; index < length; index++) {
      sum += load<u8>(source + index)
      store<u8>(destination + index, sum as u8)
    }
  } else if (elementSize == 2) {
    let sum: u32 = 0
    for (; index + 2 <= length; index += 2) {
      sum += load<u16>(source + index)
      store<u16>(destination + index, sum as u16)
    }
  } else if (elementSize == 4) {
    let sum: u32 = 0
    for (; index + 4 <= length; index += 4) {
      sum += load<u32>(source + index)
      store<u32>(destination + index, sum)
    }
  } else {
    let sum: u64 = 0
    for (; index + 8 <= length; index += 8) {
      sum += load<u64>(source + index)
      store<u64>(destination + index, sum)
    }
  }
}

/** Differences to the element before; the first element stays. May work in place. */
export function deltaEncode(source: usize, length: usize, elementSize: usize, destination: usize): void {
  let index: usize = 0
  if (elementSize == 1) {
    let before: u32 = 0
    for (; index < length; index++) {
      const value = load<u8>(source + index) as u32
      store<u8>(destination + index, (value - before) as u8)
      before = value
    }
  } else if (elementSize == 2) {
    let before: u32 = 0
    for (; index + 2 <= length; index += 2) {
      const value = load<u16>(source + index) as u32
      store<u16>(destination + index, (value - before) as u16)
      before = value
    }
  } else if (elementSize == 4) {
    let before: u32 = 0
    for (; index + 4 <= length; index += 4) {
      const value = load<u32>(source + index)
      store<u32>(destination + index, value - before)
      before = value
    }
  } else {
    let before: u64 = 0
    for (; index + 8 <= length; index += 8) {
      const value = load<u64>(source + index)
      store<u64>(destination + index, value - before)
      before = value
    }
  }
}
