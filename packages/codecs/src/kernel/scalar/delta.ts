/** Running sums of integers; see `assembly/delta.ts`. */
export function deltaDecode(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  for (let element = 0; element + elementSize <= length; element += elementSize) {
    let carry = 0
    for (let byte = 0; byte < elementSize; byte++) {
      const before = element === 0 ? 0 : memory[destination + element - elementSize + byte]!
      const sum = memory[source + element + byte]! + before + carry
      memory[destination + element + byte] = sum
      carry = sum >> 8
    }
  }
}

/** Differences of integers; see `assembly/delta.ts`. */
export function deltaEncode(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  // Backwards, so that it works in place.
  for (let element = length - (length % elementSize) - elementSize; element >= 0; element -= elementSize) {
    let borrow = 0
    for (let byte = 0; byte < elementSize; byte++) {
      const before = element === 0 ? 0 : memory[source + element - elementSize + byte]!
      const difference = memory[source + element + byte]! - before - borrow
      memory[destination + element + byte] = difference
      borrow = difference < 0 ? 1 : 0
    }
  }
}
