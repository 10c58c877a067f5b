/** Bit shuffle; see `assembly/bit-shuffle.ts`. The workspace is not needed here. */
export function bitShuffle(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  const count = Math.trunc(length / elementSize)
  const rowLength = count >> 3
  for (let byte = 0; byte < elementSize; byte++) {
    for (let group = 0; group < rowLength; group++) {
      for (let bit = 0; bit < 8; bit++) {
        let value = 0
        for (let index = 0; index < 8; index++) {
          value |= ((memory[source + (group * 8 + index) * elementSize + byte]! >> bit) & 1) << index
        }
        memory[destination + (byte * 8 + bit) * rowLength + group] = value
      }
    }
  }
}

/** Undoes `bitShuffle`. */
export function bitUnshuffle(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  const count = Math.trunc(length / elementSize)
  const rowLength = count >> 3
  for (let byte = 0; byte < elementSize; byte++) {
    for (let group = 0; group < rowLength; group++) {
      for (let index = 0; index < 8; index++) {
        let value = 0
        for (let bit = 0; bit < 8; bit++) {
          value |= ((memory[source + (byte * 8 + bit) * rowLength + group]! >> index) & 1) << bit
        }
        memory[destination + (group * 8 + index) * elementSize + byte] = value
      }
    }
  }
}
