import { PATTERNS } from './zstd-layout'

/** Writes the byte shuffles that repeat the first `period` bytes of a vector, for periods 1 to 15. */
export function buildPatterns(workspace: usize): void {
  for (let period: u32 = 1; period < 16; period++) {
    for (let index: u32 = 0; index < 16; index++) store<u8>(workspace + PATTERNS + (period << 4) + index, <u8>(index % period))
  }
}

/** Copies at least `length` bytes in steps of 16; reads and writes up to 16 bytes beyond. The areas are at least 16 apart or do not overlap. */
// @ts-ignore: decorator
@inline
export function copyWide(destination: usize, source: usize, length: u32): void {
  v128.store(destination, v128.load(source))
  if (length > 16) {
    const end = destination + length
    destination += 16
    source += 16
    do {
      v128.store(destination, v128.load(source))
      destination += 16
      source += 16
    } while (destination < end)
  }
}

/** Repeats the `distance` (1 to 15) bytes before `destination`; writes up to 16 bytes beyond `length`. */
// @ts-ignore: decorator
@inline
export function repeatWide(destination: usize, distance: u32, length: u32, workspace: usize): void {
  const pattern = v128.swizzle(v128.load(destination - distance), v128.load(workspace + PATTERNS + (distance << 4)))
  // The largest multiple of the period that a vector holds.
  const step = <usize>(16 - (16 % distance))
  const end = destination + length
  do {
    v128.store(destination, pattern)
    destination += step
  } while (destination < end)
}

/** Copies exactly `length` bytes from `distance` before `destination`, in order, so that short distances repeat. */
export function copyExact(destination: usize, distance: u32, length: u32): void {
  const end = destination + length
  const source = destination - distance
  if (distance >= length) {
    memory.copy(destination, source, length)
    return
  }
  for (let from = source; destination < end; from++, destination++) store<u8>(destination, load<u8>(from))
}
