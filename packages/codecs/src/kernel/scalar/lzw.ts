export const lzwWorkspaceSize = (): number => 4096 * 8

/** LZW as TIFF has it; see `assembly/lzw.ts`. */
export function lzwDecode(memory: Uint8Array, source: number, sourceLength: number, destination: number, capacity: number): number {
  const places = new Int32Array(4096)
  const lengths = new Int32Array(4096)
  const sourceEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let output = destination
  let bits = 0
  let count = 0
  let width = 9
  let next = 258
  let previous = 0
  let previousLength = 0
  while (output < outputEnd) {
    while (count < width && input < sourceEnd) {
      bits = (bits << 8) | memory[input++]!
      count += 8
    }
    if (count < width) return output - destination
    count -= width
    const code = (bits >>> count) & ((1 << width) - 1)
    if (code === 256) {
      width = 9
      next = 258
      previousLength = 0
      continue
    }
    if (code === 257) break
    const start = output
    let length = 1
    if (code < 256) memory[output++] = code
    else {
      if (previousLength === 0 || code > next || (code === next && next === 4096)) return -1
      const from = code === next ? previous : places[code]!
      length = Math.min(code === next ? previousLength + 1 : lengths[code]!, outputEnd - output)
      for (let index = 0; index < length; index++) memory[output + index] = memory[from + index]!
      output += length
    }
    if (previousLength !== 0 && next < 4096) {
      places[next] = previous
      lengths[next] = previousLength + 1
      next++
      if (next === (1 << width) - 1 && width < 12) width++
    }
    previous = start
    previousLength = length
  }
  return output - destination
}
