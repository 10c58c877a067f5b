// LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, the highest bit first, 256 clears the table, 257 ends the
// stream, and codes grow one entry early. Every string of the table is a piece of the output that is there already, so the table
// holds places and lengths, and a code is a copy.

const clear: u32 = 256
const end: u32 = 257
const first: u32 = 258
const full: u32 = 4096

/** Bytes of the workspace: place and length of every string. */
export function lzwWorkspaceSize(): usize {
  return 4096 * 8
}

/** Length of the decoded bytes, at most `capacity`, where decoding stops; -1 damaged, -2 cut short. */
export function lzwDecode(source: usize, sourceLength: usize, destination: usize, capacity: usize, workspace: usize): i32 {
  const sourceEnd = source + sourceLength
  const outputEnd = destination + capacity
  let input = source
  let output = destination
  let bits: u64 = 0
  let count: u32 = 0
  let width: u32 = 9
  let next: u32 = first
  // Place and length of the string before; length 0 behind a clear code.
  let previous: usize = 0
  let previousLength: u32 = 0

  while (output < outputEnd) {
    if (count < width) {
      while (count <= 56 && input < sourceEnd) {
        bits = (bits << 8) | (load<u8>(input) as u64)
        input++
        count += 8
      }
      if (count < width) return (output - destination) as i32
    }
    count -= width
    const code = ((bits >> count) as u32) & ((1 << width) - 1)

    if (code == clear) {
      width = 9
      next = first
      previousLength = 0
      continue
    }
    if (code == end) break

    const start = output
    let length: u32 = 1
    if (code < 256) {
      store<u8>(output, code as u8)
      output++
    } else {
      if (previousLength == 0 || code < first || code > next || (code == next && next == full)) return -1
      let from: usize
      if (code == next) {
        // The string before and its own first byte: it overlaps what it makes.
        from = previous
        length = previousLength + 1
      } else {
        const entry = workspace + ((code as usize) << 3)
        from = destination + load<u32>(entry)
        length = load<u32>(entry + 4)
      }
      if ((length as usize) > outputEnd - output) length = (outputEnd - output) as u32
      if (code == next) {
        for (let index: u32 = 0; index < length; index++) store<u8>(output + index, load<u8>(from + index))
      } else {
        // No step reads what it has not written: the string ends before the output does.
        for (let index: usize = 0; index < (length as usize); index += 8) store<u64>(output + index, load<u64>(from + index))
      }
      output += length
    }
    if (previousLength != 0 && next < full) {
      const entry = workspace + ((next as usize) << 3)
      store<u32>(entry, (previous - destination) as u32)
      store<u32>(entry + 4, previousLength + 1)
      next++
      if (next == (1 << width) - 1 && width < 12) width++
    }
    previous = start
    previousLength = length
  }
  return (output - destination) as i32
}
