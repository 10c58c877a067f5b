import { copyMatch } from './copy.js'

/** LZ4 block decoder; see `assembly/lz4.ts`. */
export function lz4Decode(memory: Uint8Array, source: number, sourceLength: number, destination: number, capacity: number): number {
  let input = source
  const inputEnd = source + sourceLength
  let output = destination
  const outputEnd = destination + capacity
  for (;;) {
    if (input >= inputEnd) return -1
    const token = memory[input++]!
    let literals = token >> 4
    if (literals === 15) {
      let more: number
      do {
        if (input >= inputEnd || literals > capacity) return -1
        more = memory[input++]!
        literals += more
      } while (more === 255)
    }
    if (literals > inputEnd - input || literals > outputEnd - output) return -1
    memory.copyWithin(output, input, input + literals)
    input += literals
    output += literals
    if (input === inputEnd) return output - destination

    if (inputEnd - input < 2) return -1
    const distance = memory[input]! | (memory[input + 1]! << 8)
    input += 2
    if (distance === 0 || distance > output - destination) return -1
    let length = token & 15
    if (length === 15) {
      let more: number
      do {
        if (input >= inputEnd || length > capacity) return -1
        more = memory[input++]!
        length += more
      } while (more === 255)
    }
    length += 4
    if (length > outputEnd - output) return -1
    copyMatch(memory, output, distance, length)
    output += length
  }
}

const hashBits = 14

export function lz4WorkspaceSize(): number {
  return 4 << hashBits
}

/** LZ4 block encoder; finds the same matches as `assembly/lz4.ts`, so both write the same bytes. */
export function lz4Encode(
  memory: Uint8Array,
  source: number,
  sourceLength: number,
  destination: number,
  capacity: number,
  workspace: number,
  acceleration: number
): number {
  const table = new DataView(memory.buffer, memory.byteOffset + workspace, 4 << hashBits)
  const words = new DataView(memory.buffer, memory.byteOffset, memory.byteLength)
  const slotOf = (value: number): number => (Math.imul(value, 2654435761) >>> (32 - hashBits)) << 2
  const writeLength = (length: number): void => {
    let rest = length
    for (; rest >= 255; rest -= 255) memory[output++] = 255
    memory[output++] = rest
  }
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let anchor = source
  let output = destination
  if (sourceLength > 12) {
    memory.fill(0, workspace, workspace + (4 << hashBits))
    const lastStart = inputEnd - 12
    const matchEnd = inputEnd - 5
    input++
    let misses = acceleration << 6
    while (input <= lastStart) {
      const value = words.getUint32(input, true)
      const slot = slotOf(value)
      let candidate = source + table.getUint32(slot, true)
      table.setUint32(slot, input - source, true)
      if (candidate >= input || input - candidate > 65535 || words.getUint32(candidate, true) !== value) {
        input += misses++ >> 6
        continue
      }
      misses = acceleration << 6
      while (input > anchor && candidate > source && memory[input - 1] === memory[candidate - 1]) {
        input--
        candidate--
      }
      const literals = input - anchor
      const distance = input - candidate
      let end = input + 4
      candidate += 4
      while (end < matchEnd && memory[end] === memory[candidate]) {
        end++
        candidate++
      }
      const length = end - input - 4
      if (literals + Math.trunc(literals / 255) + Math.trunc(length / 255) + 8 > outputEnd - output) return 0
      memory[output++] = (Math.min(literals, 15) << 4) | Math.min(length, 15)
      if (literals >= 15) writeLength(literals - 15)
      memory.copyWithin(output, anchor, anchor + literals)
      output += literals
      memory[output++] = distance
      memory[output++] = distance >> 8
      if (length >= 15) writeLength(length - 15)
      input = end
      anchor = end
      if (input <= lastStart) table.setUint32(slotOf(words.getUint32(input - 2, true)), input - 2 - source, true)
    }
  }
  const literals = inputEnd - anchor
  if (literals + Math.trunc(literals / 255) + 2 > outputEnd - output) return 0
  memory[output++] = Math.min(literals, 15) << 4
  if (literals >= 15) writeLength(literals - 15)
  memory.copyWithin(output, anchor, anchor + literals)
  return output + literals - destination
}
