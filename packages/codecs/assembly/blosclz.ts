// BloscLZ, the format of c-blosc's own compressor (a descendant of FastLZ).
import { copyMatch, copyShort } from './copy'

/** Longer distances take two more bytes. */
const MAX_NEAR: usize = 8191
const MAX_FAR: usize = 65535 + MAX_NEAR - 1
const HASH_BITS: u32 = 14
const MAX_LITERALS: usize = 32

/** Returns the number of bytes written, or -1 if the stream is damaged or longer than `capacity`. */
export function blosclzDecode(source: usize, sourceLength: usize, destination: usize, capacity: usize): i32 {
  let input = source
  const inputEnd = source + sourceLength
  let output = destination
  const outputEnd = destination + capacity
  if (sourceLength == 0) return 0
  // The first byte is always a run of literals.
  let control = (load<u8>(input++) & 31) as usize
  while (true) {
    if (control < 32) {
      const literals = control + 1
      if (literals > inputEnd - input || literals > outputEnd - output) return -1
      copyShort(output, input, literals)
      input += literals
      output += literals
    } else {
      let length = (control >> 5) + 2
      let distance = ((control & 31) << 8) + 1
      if (length == 9) {
        let more: usize
        do {
          if (input >= inputEnd || length > capacity) return -1
          more = load<u8>(input++)
          length += more
        } while (more == 255)
      }
      if (input >= inputEnd) return -1
      const low = load<u8>(input++) as usize
      if (low == 255 && (control & 31) == 31) {
        if (inputEnd - input < 2) return -1
        distance = ((load<u8>(input) as usize) << 8) + (load<u8>(input, 1) as usize) + MAX_NEAR + 1
        input += 2
      } else {
        distance += low
      }
      if (distance > output - destination || length > outputEnd - output) return -1
      copyMatch(output, distance, length)
      output += length
    }
    if (input >= inputEnd) return (output - destination) as i32
    control = load<u8>(input++)
  }
}

/** Bytes of workspace that `blosclzEncode` needs. */
export function blosclzWorkspaceSize(): i32 {
  return 4 << HASH_BITS
}

@inline
function hash(value: u32): usize {
  return (((value * 2654435761) >>> (32 - HASH_BITS)) << 2) as usize
}

/** Writes literals in runs of up to 32. The caller has seen to the capacity. */
function writeLiterals(output: usize, source: usize, length: usize): usize {
  let input = source
  let rest = length
  while (rest > 0) {
    const run = min(rest, MAX_LITERALS)
    store<u8>(output++, (run - 1) as u8)
    copyShort(output, input, run)
    output += run
    input += run
    rest -= run
  }
  return output
}

/** Encodes greedily. Returns the length, or 0 if it would not fit into `capacity`. Streams end with literals, as c-blosc asks. */
export function blosclzEncode(source: usize, sourceLength: usize, destination: usize, capacity: usize, workspace: usize): i32 {
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let anchor = source
  let output = destination
  if (sourceLength > 16) {
    memory.fill(workspace, 0, 4 << HASH_BITS)
    const lastStart = inputEnd - 12
    const matchEnd = inputEnd - 4
    input += 4
    let misses: u32 = 1 << 6
    while (input <= lastStart) {
      const value = load<u32>(input)
      const slot = workspace + hash(value)
      let candidate = source + load<u32>(slot)
      store<u32>(slot, (input - source) as u32)
      const distance = input - candidate
      if (candidate >= input || distance > MAX_FAR || load<u32>(candidate) != value) {
        input += misses++ >> 6
        continue
      }
      let end = input + 4
      candidate += 4
      while (end < matchEnd && load<u8>(end) == load<u8>(candidate)) {
        end++
        candidate++
      }
      // A far match costs five bytes.
      if (distance > MAX_NEAR && end - input < 6) {
        input++
        continue
      }
      misses = 1 << 6
      const literals = input - anchor
      const length = end - input - 2
      if (literals + (literals >> 5) + length / 255 + 8 > outputEnd - output) return 0
      output = writeLiterals(output, anchor, literals)
      const isNear = distance <= MAX_NEAR
      const stored = isNear ? distance - 1 : 31 << 8
      store<u8>(output++, ((min<usize>(length, 7) << 5) | (stored >> 8)) as u8)
      if (length >= 7) {
        let rest = length - 7
        while (rest >= 255) {
          store<u8>(output++, 255)
          rest -= 255
        }
        store<u8>(output++, rest as u8)
      }
      if (isNear) {
        store<u8>(output++, stored as u8)
      } else {
        const far = distance - MAX_NEAR - 1
        store<u8>(output++, 255)
        store<u8>(output++, (far >> 8) as u8)
        store<u8>(output++, far as u8)
      }
      input = end
      anchor = end
    }
  }
  const literals = inputEnd - anchor
  if (literals + (literals >> 5) + 1 > outputEnd - output) return 0
  return (writeLiterals(output, anchor, literals) - destination) as i32
}
