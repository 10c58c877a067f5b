// LZ4 block format. Destinations need `copySlack` writable bytes behind their capacity.
import { copyMatch, copyShort } from './copy'

const hashBits: u32 = 14
const minMatch: u32 = 4
/** The last match starts at least this far from the end, the last literals are at least 5 bytes: "end of block conditions". */
const matchStartLimit: u32 = 12
const lastLiterals: u32 = 5
/** What 14 literals and the distance behind them take, and more, so that the block cannot end there. */
const shortInput: usize = 17
/** What 14 literals and a match of 18 bytes take. */
const shortOutput: usize = 32

/** Decodes one block. Returns the number of bytes written, or -1 if the block is damaged or larger than `capacity`. */
export function lz4Decode(source: usize, sourceLength: usize, destination: usize, capacity: usize): i32 {
  let input = source
  const inputEnd = source + sourceLength
  let output = destination
  const outputEnd = destination + capacity
  while (true) {
    if (input >= inputEnd) return -1
    const token = load<u8>(input++) as usize
    let literals = token >> 4
    let length = token & 15
    let distance: usize
    if (literals < 15 && inputEnd - input >= shortInput && outputEnd - output >= shortOutput) {
      // Most sequences: nothing here depends on lengths, which no processor foresees, and neither area can end.
      v128.store(output, v128.load(input))
      input += literals
      output += literals
      distance = load<u16>(input) as usize
      input += 2
      if (length < 15 && distance >= 8 && distance <= output - destination) {
        const from = output - distance
        store<u64>(output, load<u64>(from))
        store<u64>(output, load<u64>(from, 8), 8)
        store<u64>(output, load<u64>(from, 16), 16)
        output += length + minMatch
        continue
      }
    } else {
      if (literals == 15) {
        let more: usize
        do {
          if (input >= inputEnd || literals > capacity) return -1
          more = load<u8>(input++)
          literals += more
        } while (more == 255)
        if (literals > inputEnd - input || literals > outputEnd - output) return -1
        memory.copy(output, input, literals)
      } else {
        if (literals > inputEnd - input || literals > outputEnd - output) return -1
        v128.store(output, v128.load(input))
      }
      input += literals
      output += literals
      if (input == inputEnd) return (output - destination) as i32
      if (inputEnd - input < 2) return -1
      distance = load<u16>(input) as usize
      input += 2
    }
    if (distance == 0 || distance > output - destination) return -1
    if (length == 15) {
      let more: usize
      do {
        if (input >= inputEnd || length > capacity) return -1
        more = load<u8>(input++)
        length += more
      } while (more == 255)
    }
    length += minMatch
    if (length > outputEnd - output) return -1
    copyMatch(output, distance, length)
    output += length
  }
}

/** Bytes of workspace that `lz4Encode` needs. */
export function lz4WorkspaceSize(): i32 {
  return 4 << hashBits
}

@inline
function hash(value: u32): usize {
  return (((value * 2654435761) >>> (32 - hashBits)) << 2) as usize
}

@inline
function writeLength(output: usize, length: usize): usize {
  let rest = length
  while (rest >= 255) {
    store<u8>(output++, 255)
    rest -= 255
  }
  store<u8>(output++, rest as u8)
  return output
}

/**
 * Encodes one block greedily, looking one position deeper after every `2^6` misses. Returns its length, or 0 if it would
 * not fit into `capacity`. `acceleration` 1 is the densest.
 */
export function lz4Encode(
  source: usize,
  sourceLength: usize,
  destination: usize,
  capacity: usize,
  workspace: usize,
  acceleration: u32,
): i32 {
  const inputEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let anchor = source
  let output = destination
  if (sourceLength > matchStartLimit) {
    memory.fill(workspace, 0, 4 << hashBits)
    const lastStart = inputEnd - matchStartLimit
    const matchEnd = inputEnd - lastLiterals
    input++
    let misses: u32 = acceleration << 6
    while (input <= lastStart) {
      const value = load<u32>(input)
      const slot = workspace + hash(value)
      let candidate = source + load<u32>(slot)
      store<u32>(slot, (input - source) as u32)
      if (candidate >= input || input - candidate > 65535 || load<u32>(candidate) != value) {
        input += misses++ >> 6
        continue
      }
      misses = acceleration << 6
      while (input > anchor && candidate > source && load<u8>(input - 1) == load<u8>(candidate - 1)) {
        input--
        candidate--
      }
      const literals = input - anchor
      const distance = input - candidate
      let end = input + minMatch
      candidate += minMatch
      while (end + 8 <= matchEnd) {
        const difference = load<u64>(end) ^ load<u64>(candidate)
        if (difference != 0) {
          const same = (ctz(difference) >> 3) as usize
          end += same
          candidate += same
          break
        }
        end += 8
        candidate += 8
      }
      while (end < matchEnd && load<u8>(end) == load<u8>(candidate)) {
        end++
        candidate++
      }
      const length = end - input - minMatch
      if (literals + literals / 255 + length / 255 + 8 > outputEnd - output) return 0
      const token = output++
      let tokenValue: u32
      if (literals >= 15) {
        tokenValue = 15 << 4
        output = writeLength(output, literals - 15)
      } else {
        tokenValue = (literals << 4) as u32
      }
      copyShort(output, anchor, literals)
      output += literals
      store<u16>(output, distance as u16)
      output += 2
      if (length >= 15) {
        tokenValue |= 15
        output = writeLength(output, length - 15)
      } else {
        tokenValue |= length as u32
      }
      store<u8>(token, tokenValue as u8)
      input = end
      anchor = end
      if (input <= lastStart) store<u32>(workspace + hash(load<u32>(input - 2)), (input - 2 - source) as u32)
    }
  }
  const literals = inputEnd - anchor
  if (literals + literals / 255 + 2 > outputEnd - output) return 0
  if (literals >= 15) {
    store<u8>(output++, 15 << 4)
    output = writeLength(output, literals - 15)
  } else {
    store<u8>(output++, (literals << 4) as u8)
  }
  memory.copy(output, anchor, literals)
  return (output + literals - destination) as i32
}
