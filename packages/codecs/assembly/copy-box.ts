// Copies a box of elements between different strides. Strides are bytes and may be negative.
import { transposePlane } from './transpose'

@inline
function copyElement(destination: usize, source: usize, itemSize: usize): void {
  if (itemSize == 1) store<u8>(destination, load<u8>(source))
  else if (itemSize == 2) store<u16>(destination, load<u16>(source))
  else if (itemSize == 4) store<u32>(destination, load<u32>(source))
  else if (itemSize == 8) store<u64>(destination, load<u64>(source))
  else if (itemSize == 16) v128.store(destination, v128.load(source))
  else memory.copy(destination, source, itemSize)
}

@inline
function copyPlane(
  source: usize,
  sourceStride0: isize,
  sourceStride1: isize,
  destination: usize,
  destinationStride0: isize,
  destinationStride1: isize,
  count0: usize,
  count1: usize,
  itemSize: usize,
): void {
  // Squares of 32 elements stay in the first-level cache, whichever way the strides run.
  for (let start0: usize = 0; start0 < count0; start0 += 32) {
    const end0 = min(count0, start0 + 32)
    for (let start1: usize = 0; start1 < count1; start1 += 32) {
      const part1 = min(count1 - start1, 32)
      for (let index0 = start0; index0 < end0; index0++) {
        let input = source + <usize>(<isize>index0 * sourceStride0 + <isize>start1 * sourceStride1)
        let output = destination + <usize>(<isize>index0 * destinationStride0 + <isize>start1 * destinationStride1)
        for (let index1: usize = 0; index1 < part1; index1++) {
          copyElement(output, input, itemSize)
          input += <usize>sourceStride1
          output += <usize>destinationStride1
        }
      }
    }
  }
}

/** Copies one row of any length, and not a byte more: what follows may belong to a row that is there already. */
@inline
function copyRow(destination: usize, source: usize, length: usize): void {
  if (length > 512) {
    memory.copy(destination, source, length)
    return
  }
  let done: usize = 0
  for (; done + 32 <= length; done += 32) {
    v128.store(destination + done, v128.load(source + done))
    v128.store(destination + done, v128.load(source + done, 16), 16)
  }
  if (length & 16) {
    v128.store(destination + done, v128.load(source + done))
    done += 16
  }
  if (length & 8) {
    store<u64>(destination + done, load<u64>(source + done))
    done += 8
  }
  if (length & 4) {
    store<u32>(destination + done, load<u32>(source + done))
    done += 4
  }
  if (length & 2) {
    store<u16>(destination + done, load<u16>(source + done))
    done += 2
  }
  if (length & 1) store<u8>(destination + done, load<u8>(source + done))
}

/** Copies `count0` planes of `count1` x `count2` elements of `itemSize` bytes. */
export function copyBox(
  source: usize,
  sourceStride0: isize,
  sourceStride1: isize,
  sourceStride2: isize,
  destination: usize,
  destinationStride0: isize,
  destinationStride1: isize,
  destinationStride2: isize,
  count0: usize,
  count1: usize,
  count2: usize,
  itemSize: usize,
): void {
  const size = <isize>itemSize
  if (sourceStride2 == size && destinationStride2 == size) {
    const length = count2 * itemSize
    for (let index0: usize = 0; index0 < count0; index0++) {
      let input = source
      let output = destination
      for (let index1: usize = 0; index1 < count1; index1++) {
        copyRow(output, input, length)
        input += <usize>sourceStride1
        output += <usize>destinationStride1
      }
      source += <usize>sourceStride0
      destination += <usize>destinationStride0
    }
    return
  }
  if (itemSize <= 4 && itemSize != 3) {
    if (sourceStride1 == size && destinationStride2 == size) {
      for (let index: usize = 0; index < count0; index++) {
        transposePlane(source, <usize>sourceStride2, destination, <usize>destinationStride1, count1, count2, itemSize)
        source += <usize>sourceStride0
        destination += <usize>destinationStride0
      }
      return
    }
    if (sourceStride2 == size && destinationStride1 == size) {
      for (let index: usize = 0; index < count0; index++) {
        transposePlane(source, <usize>sourceStride1, destination, <usize>destinationStride2, count2, count1, itemSize)
        source += <usize>sourceStride0
        destination += <usize>destinationStride0
      }
      return
    }
  }
  for (let index: usize = 0; index < count0; index++) {
    // One copy of the loops per size: the size is a constant in each.
    if (itemSize == 1) copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, 1)
    else if (itemSize == 2) copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, 2)
    else if (itemSize == 4) copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, 4)
    else if (itemSize == 8) copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, 8)
    else if (itemSize == 16) copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, 16)
    else copyPlane(source, sourceStride1, sourceStride2, destination, destinationStride1, destinationStride2, count1, count2, itemSize)
    source += <usize>sourceStride0
    destination += <usize>destinationStride0
  }
}
