/** Repeats the `distance` bytes before `destination` for `length` bytes, as LZ77 matches do. */
export function copyMatch(memory: Uint8Array, destination: number, distance: number, length: number): void {
  const source = destination - distance
  if (length <= distance) {
    memory.copyWithin(destination, source, source + length)
  } else if (distance === 1) {
    memory.fill(memory[source]!, destination, destination + length)
  } else {
    for (let index = 0; index < length; index++) memory[destination + index] = memory[source + index]!
  }
}
