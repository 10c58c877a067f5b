import { copyMatch } from './copy.js'

/** BloscLZ decoder; see `assembly/blosclz.ts`. */
export function blosclzDecode(memory: Uint8Array, source: number, sourceLength: number, destination: number, capacity: number): number {
  let input = source
  const inputEnd = source + sourceLength
  let output = destination
  const outputEnd = destination + capacity
  if (sourceLength === 0) return 0
  let control = memory[input++]! & 31
  for (;;) {
    if (control < 32) {
      const literals = control + 1
      if (literals > inputEnd - input || literals > outputEnd - output) return -1
      memory.copyWithin(output, input, input + literals)
      input += literals
      output += literals
    } else {
      let length = (control >> 5) + 2
      if (length === 9) {
        let more: number
        do {
          if (input >= inputEnd || length > capacity) return -1
          more = memory[input++]!
          length += more
        } while (more === 255)
      }
      if (input >= inputEnd) return -1
      const low = memory[input++]!
      let distance = ((control & 31) << 8) + low + 1
      if (low === 255 && (control & 31) === 31) {
        if (inputEnd - input < 2) return -1
        distance = (memory[input]! << 8) + memory[input + 1]! + 8192
        input += 2
      }
      if (distance > output - destination || length > outputEnd - output) return -1
      copyMatch(memory, output, distance, length)
      output += length
    }
    if (input >= inputEnd) return output - destination
    control = memory[input++]!
  }
}
