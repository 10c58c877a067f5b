// Copies that every LZ decoder needs. They step by 16 bytes: up to 31 bytes behind the end may be overwritten.

/** Copies `length` bytes between areas that do not overlap. */
@inline
export function copyShort(destination: usize, source: usize, length: usize): void {
  if (length <= 64) {
    let done: usize = 0
    do {
      v128.store(destination + done, v128.load(source + done))
      done += 16
    } while (done < length)
  } else {
    memory.copy(destination, source, length)
  }
}

/** Repeats the `distance` bytes before `destination` for `length` bytes, as LZ77 matches do. */
@inline
export function copyMatch(destination: usize, distance: usize, length: usize): void {
  const source = destination - distance
  const end = destination + length
  if (distance >= 16) {
    if (length > 256 && distance >= length) {
      memory.copy(destination, source, length)
    } else {
      let output = destination
      let input = source
      do {
        v128.store(output, v128.load(input))
        output += 16
        input += 16
      } while (output < end)
    }
  } else if (distance == 1) {
    const value = v128.splat<u8>(load<u8>(source))
    let output = destination
    do {
      v128.store(output, value)
      output += 16
    } while (output < end)
  } else {
    repeatPattern(destination, distance, end)
  }
}

function repeatPattern(destination: usize, distance: usize, end: usize): void {
  let output = destination
  let input = destination - distance
  const first = min(end, destination + 16)
  if (distance >= 8) {
    store<u64>(output, load<u64>(input))
    store<u64>(output + 8, load<u64>(input + 8))
    output += 16
  } else {
    while (output < destination + 16) store<u8>(output++, load<u8>(input++))
  }
  if (first == end) return
  const pattern = v128.load(destination)
  // The largest multiple of the distance within 16 bytes keeps the phase.
  const step: usize = 16 - ((16 as usize) % distance)
  output = destination + step
  while (output < end) {
    v128.store(output, pattern)
    output += step
  }
}
