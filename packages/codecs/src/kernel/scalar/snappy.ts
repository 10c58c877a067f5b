import { copyMatch } from './copy.js'

/** Snappy decoder; see `assembly/snappy.ts`. */
export function snappyDecode(memory: Uint8Array, source: number, sourceLength: number, destination: number, capacity: number): number {
  let input = source
  const inputEnd = source + sourceLength
  let total = 0
  for (let scale = 1; ; scale *= 128) {
    if (input >= inputEnd || scale > 2 ** 28) return -1
    const byte = memory[input++]!
    total += (byte & 127) * scale
    if (byte < 128) break
  }
  if (total > capacity) return -1
  let output = destination
  const outputEnd = destination + total
  const little = (count: number): number => {
    let value = 0
    for (let index = count - 1; index >= 0; index--) value = value * 256 + memory[input + index]!
    input += count
    return value
  }
  while (input < inputEnd) {
    const tag = memory[input++]!
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const lengthBytes = length - 60
        if (lengthBytes > inputEnd - input) return -1
        length = little(lengthBytes) + 1
      }
      if (length > inputEnd - input || length > outputEnd - output) return -1
      memory.copyWithin(output, input, input + length)
      input += length
      output += length
      continue
    }
    const distanceBytes = kind === 3 ? 4 : kind
    if (distanceBytes > inputEnd - input) return -1
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const distance = kind === 1 ? ((tag >> 5) << 8) + little(1) : little(distanceBytes)
    if (distance === 0 || distance > output - destination || length > outputEnd - output) return -1
    copyMatch(memory, output, distance, length)
    output += length
  }
  return output === outputEnd ? total : -1
}
