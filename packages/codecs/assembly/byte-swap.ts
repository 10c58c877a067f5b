/** Reverses the bytes of each element of 2, 4 or 8 bytes. Source and destination may be the same. */
export function byteSwap(source: usize, length: usize, elementSize: usize, destination: usize): void {
  let index: usize = 0
  if (elementSize == 2) {
    for (; index + 16 <= length; index += 16) {
      const value = v128.load(source + index)
      v128.store(destination + index, v128.shuffle<u8>(value, value, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14))
    }
    for (; index + 2 <= length; index += 2) store<u16>(destination + index, bswap<u16>(load<u16>(source + index)))
  } else if (elementSize == 4) {
    for (; index + 16 <= length; index += 16) {
      const value = v128.load(source + index)
      v128.store(destination + index, v128.shuffle<u8>(value, value, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12))
    }
    for (; index + 4 <= length; index += 4) store<u32>(destination + index, bswap<u32>(load<u32>(source + index)))
  } else {
    for (; index + 16 <= length; index += 16) {
      const value = v128.load(source + index)
      v128.store(destination + index, v128.shuffle<u8>(value, value, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8))
    }
    for (; index + 8 <= length; index += 8) store<u64>(destination + index, bswap<u64>(load<u64>(source + index)))
  }
}
