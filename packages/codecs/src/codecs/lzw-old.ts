import { corrupt } from '../codec-errors.js'

/**
 * LZW as it was written before TIFF 6.0: the lowest bit first, and codes that grow when the table needs it and not one entry early.
 * Gives at most `capacity` bytes.
 */
export function decodeOldLzw(input: Uint8Array, capacity: number): Uint8Array {
  const output = new Uint8Array(capacity)
  // A string of the table is a piece of the output.
  const places = new Int32Array(4096)
  const lengths = new Int32Array(4096)
  let length = 0
  let at = 0
  let bits = 0
  let count = 0
  let width = 9
  let next = 258
  let previous = 0
  let previousLength = 0
  while (length < capacity) {
    while (count < width && at < input.byteLength) {
      bits |= input[at++]! << count
      count += 8
    }
    if (count < width) break
    const code = bits & ((1 << width) - 1)
    bits >>>= width
    count -= width
    if (code === 257) break
    if (code === 256) {
      width = 9
      next = 258
      previousLength = 0
      continue
    }
    const start = length
    let size = 1
    if (code < 256) output[length++] = code
    else {
      if (previousLength === 0 || code > next || (code === next && next === 4096)) throw corrupt('lzw', 'a code stands for nothing yet')
      const from = code === next ? previous : places[code]!
      size = Math.min(code === next ? previousLength + 1 : lengths[code]!, capacity - length)
      for (let index = 0; index < size; index++) output[length++] = output[from + index]!
    }
    if (previousLength !== 0 && next < 4096) {
      places[next] = previous
      lengths[next] = previousLength + 1
      next++
      if (next === 1 << width && width < 12) width++
    }
    previous = start
    previousLength = size
  }
  return output.subarray(0, length)
}
