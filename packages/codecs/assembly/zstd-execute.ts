import { copyExact, copyWide, repeatWide } from './zstd-copy'
import { BATCH, STATE_BATCH_LITERALS, STATE_BATCH_MATCHES, STATE_LITERALS, STATE_REPEAT_OFFSETS } from './zstd-layout'

/** Copies in 16-byte steps need this much room behind the end of a sequence. */
const WRITE_AHEAD: u32 = 32

/**
 * Carries out `count` sequences of BATCH (RFC 8878 sections 3.1.1.4 and 3.1.1.5): copies literals, then a match from earlier output. The
 * caller has checked that the literals suffice and that the output fits; here only the offsets can be wrong: false.
 */
export function executeBatch(count: u32, frameStart: usize, out: usize, destinationEnd: usize, workspace: usize): bool {
  const total = load<u32>(workspace + STATE_BATCH_LITERALS) + load<u32>(workspace + STATE_BATCH_MATCHES)
  const wide = total + WRITE_AHEAD <= <u32>(destinationEnd - out)
  let literals = <usize>load<u32>(workspace + STATE_LITERALS)
  let repeat0 = load<u32>(workspace + STATE_REPEAT_OFFSETS)
  let repeat1 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 4)
  let repeat2 = load<u32>(workspace + STATE_REPEAT_OFFSETS, 8)
  let sequence = workspace + BATCH
  const end = sequence + (count << 4)
  do {
    const literalLength = load<u32>(sequence)
    const matchLength = load<u32>(sequence, 4)
    const value = load<u32>(sequence, 8)
    sequence += 16
    const matchStart = out + literalLength
    let offset: u32
    if (value > 3) {
      offset = value - 3
      repeat2 = repeat1
      repeat1 = repeat0
      repeat0 = offset
    } else {
      // A repeat offset, one place further when there are no literals.
      const place = literalLength == 0 ? value : value - 1
      if (place == 0) {
        offset = repeat0
      } else {
        if (place == 1) {
          offset = repeat1
        } else {
          offset = place == 2 ? repeat2 : repeat0 - 1
          repeat2 = repeat1
        }
        repeat1 = repeat0
        repeat0 = offset
      }
    }
    if (offset - 1 >= <u32>(matchStart - frameStart)) return false
    if (wide || literalLength + matchLength + WRITE_AHEAD <= <u32>(destinationEnd - out)) {
      copyWide(out, literals, literalLength)
      if (offset >= 16) {
        copyWide(matchStart, matchStart - offset, matchLength)
      } else {
        repeatWide(matchStart, offset, matchLength, workspace)
      }
    } else {
      memory.copy(out, literals, literalLength)
      copyExact(matchStart, offset, matchLength)
    }
    literals += literalLength
    out = matchStart + matchLength
  } while (sequence < end)
  store<u32>(workspace + STATE_LITERALS, <u32>literals)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat0)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat1, 4)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, repeat2, 8)
  return true
}
