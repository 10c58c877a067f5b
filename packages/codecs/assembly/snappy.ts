// Snappy blocks, without the framing format.
import { copyMatch, copyShort } from './copy'

const HASH_BITS: u32 = 14

/** Returns the number of bytes written, or -1 if the block is damaged or longer than `capacity`. */
export function snappyDecode(source: usize, sourceLength: usize, destination: usize, capacity: usize): i32 {
  let input = source
  const inputEnd = source + sourceLength
  let total: u64 = 0
  let shift: u64 = 0
  while (true) {
    if (input >= inputEnd || shift > 28) return -1
    const byte = load<u8>(input++) as u64
    total |= (byte & 127) << shift
    shift += 7
    if (byte < 128) break
  }
  if (total > <u64>capacity) return -1
  let output = destination
  const outputEnd = destination + <usize>total
  while (input < inputEnd) {
    const tag = load<u8>(input++) as usize
    let length = tag >> 2
    let distance: usize
    switch ((tag & 3) as u32) {
      case 0: {
        if (length >= 60) {
          const lengthBytes = length - 59
          if (lengthBytes > inputEnd - input) return -1
          length = 0
          for (let index: usize = 0; index < lengthBytes; index++) length |= (load<u8>(input + index) as usize) << (index << 3)
          input += lengthBytes
        }
        // The length minus one: compared as such, it cannot overflow.
        if (length >= inputEnd - input || length >= outputEnd - output) return -1
        length++
        copyShort(output, input, length)
        input += length
        output += length
        continue
      }
      case 1: {
        if (input >= inputEnd) return -1
        length = ((tag >> 2) & 7) + 4
        distance = ((tag >> 5) << 8) | (load<u8>(input++) as usize)
        break
      }
      case 2: {
        if (inputEnd - input < 2) return -1
        length++
        distance = load<u16>(input)
        input += 2
        break
      }
      default: {
        if (inputEnd - input < 4) return -1
        length++
        distance = load<u32>(input)
        input += 4
      }
    }
    if (distance == 0 || distance > output - destination || length > outputEnd - output) return -1
    copyMatch(output, distance, length)
    output += length
  }
  return output == outputEnd ? ((output - destination) as i32) : -1
}

/** Bytes of workspace that `snappyEncode` needs. */
export function snappyWorkspaceSize(): i32 {
  return 4 << HASH_BITS
}

@inline
function hash(value: u32): usize {
  return (((value * 0x1e35a7bd) >>> (32 - HASH_BITS)) << 2) as usize
}

function writeLiteral(output: usize, source: usize, length: usize): usize {
  if (length == 0) return output
  const value = length - 1
  if (value < 60) {
    store<u8>(output++, (value << 2) as u8)
  } else {
    const bytes: u32 = value < 256 ? 1 : value < 65536 ? 2 : value < 1 << 24 ? 3 : 4
    store<u8>(output++, ((59 + bytes) << 2) as u8)
    store<u32>(output, value as u32)
    output += bytes
  }
  memory.copy(output, source, length)
  return output + length
}

/** Encodes greedily. Returns the length, or 0 if it would not fit into `capacity`. */
export function snappyEncode(source: usize, sourceLength: usize, destination: usize, capacity: usize, workspace: usize): i32 {
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let anchor = source
  let output = destination
  if (capacity < 5) return 0
  let total = sourceLength
  while (total >= 128) {
    store<u8>(output++, (total | 128) as u8)
    total >>= 7
  }
  store<u8>(output++, total as u8)
  if (sourceLength > 16) {
    memory.fill(workspace, 0, 4 << HASH_BITS)
    const lastStart = inputEnd - 8
    input++
    let misses: u32 = 1 << 5
    while (input <= lastStart) {
      const value = load<u32>(input)
      const slot = workspace + hash(value)
      let candidate = source + load<u32>(slot)
      store<u32>(slot, (input - source) as u32)
      const distance = input - candidate
      if (candidate >= input || distance > 65535 || load<u32>(candidate) != value) {
        input += misses++ >> 5
        continue
      }
      misses = 1 << 5
      let end = input + 4
      candidate += 4
      while (end < inputEnd && load<u8>(end) == load<u8>(candidate)) {
        end++
        candidate++
      }
      let length = end - input
      const literals = input - anchor
      if (literals + 8 + (length >> 6) * 3 + 3 > outputEnd - output) return 0
      output = writeLiteral(output, anchor, literals)
      while (length > 0) {
        const part = min<usize>(length, 64)
        store<u8>(output++, (((part - 1) << 2) | 2) as u8)
        store<u16>(output, distance as u16)
        output += 2
        length -= part
      }
      input = end
      anchor = end
    }
  }
  const literals = inputEnd - anchor
  if (literals + 5 > outputEnd - output) return 0
  return (writeLiteral(output, anchor, literals) - destination) as i32
}
