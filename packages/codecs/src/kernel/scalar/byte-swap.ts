/** Reverses the bytes of each whole element; source and destination may be the same. */
export function byteSwap(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  const last = elementSize - 1
  for (let element = 0; element + elementSize <= length; element += elementSize) {
    for (let low = 0; low < elementSize >> 1; low++) {
      const first = memory[source + element + low]!
      memory[destination + element + low] = memory[source + element + last - low]!
      memory[destination + element + last - low] = first
    }
  }
}
