/** Copies a box of elements between different strides; see `assembly/copy-box.ts`. */
export function copyBox(
  memory: Uint8Array,
  source: number,
  sourceStrides: readonly [number, number, number],
  destination: number,
  destinationStrides: readonly [number, number, number],
  counts: readonly [number, number, number],
  itemSize: number
): void {
  for (let first = 0; first < counts[0]; first++) {
    for (let second = 0; second < counts[1]; second++) {
      let input = source + first * sourceStrides[0] + second * sourceStrides[1]
      let output = destination + first * destinationStrides[0] + second * destinationStrides[1]
      if (sourceStrides[2] === itemSize && destinationStrides[2] === itemSize) {
        memory.copyWithin(output, input, input + counts[2] * itemSize)
        continue
      }
      for (let third = 0; third < counts[2]; third++) {
        for (let byte = 0; byte < itemSize; byte++) memory[output + byte] = memory[input + byte]!
        input += sourceStrides[2]
        output += destinationStrides[2]
      }
    }
  }
}
