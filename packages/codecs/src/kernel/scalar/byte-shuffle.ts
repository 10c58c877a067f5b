/** Gathers the bytes of elements by their place; see `assembly/byte-shuffle.ts`. */
export function shuffle(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  const count = Math.trunc(length / elementSize)
  for (let byte = 0; byte < elementSize; byte++) {
    let input = source + byte
    const output = destination + byte * count
    for (let index = 0; index < count; index++) {
      memory[output + index] = memory[input]!
      input += elementSize
    }
  }
  const done = count * elementSize
  memory.copyWithin(destination + done, source + done, source + length)
}

/** Undoes `shuffle`. */
export function unshuffle(memory: Uint8Array, source: number, length: number, elementSize: number, destination: number): void {
  const count = Math.trunc(length / elementSize)
  for (let byte = 0; byte < elementSize; byte++) {
    const input = source + byte * count
    let output = destination + byte
    for (let index = 0; index < count; index++) {
      memory[output] = memory[input + index]!
      output += elementSize
    }
  }
  const done = count * elementSize
  memory.copyWithin(destination + done, source + done, source + length)
}
