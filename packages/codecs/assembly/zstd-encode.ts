import { xxhash64 } from './xxhash64'
import { buildHuffmanCodes, countBytes, writeHuffmanStream, writeHuffmanTree } from './zstd-encode-huffman'
import {
  BLOCK,
  ENCODE_LITERALS,
  ENCODE_REPEAT_OFFSETS,
  MATCH_TABLES,
  SEQUENCES,
} from './zstd-encode-layout'
import { prepareSequenceCodes, writeSequences } from './zstd-encode-sequences'
import { MAXIMUM_BLOCK_SIZE, ZSTD_DESTINATION_TOO_SMALL } from './zstd-layout'
import { findDouble, findFast, matchLengthAt } from './zstd-match'
import { findLazy, LONG_BITS } from './zstd-match-chain'

/** Matches reach no further back; larger contents get a window of this size, which every decoder supports (RFC 8878 section 3.1.1.1.2). */
const WINDOW_BITS: u32 = 23
const MAXIMUM_LENGTH: usize = 0x7fffffff
/** The longest frame header, an empty block and a checksum. */
const SMALLEST_CAPACITY: usize = 17

/** Table sizes (bits of the number of entries) by level; small contents need no large tables. */
function firstTableBits(level: i32, length: usize): u32 {
  const wanted: u32 = level <= 1 ? 14 : level == 2 ? 16 : level <= 4 ? 17 : level <= 7 ? 17 : 18
  return min<u32>(wanted, max<u32>(10, 33 - clz<u32>(<u32>length | 1)))
}

function secondTableBits(level: i32, length: usize): u32 {
  const wanted: u32 = level <= 2 ? 0 : level <= 4 ? 16 : level <= 7 ? 17 : 19
  return min<u32>(wanted, max<u32>(10, 33 - clz<u32>(<u32>length | 1)))
}

/** Level 0 is the default level 3; levels above 12 give what 12 gives, levels below -64 what -64 gives. */
function effectiveLevel(level: i32): i32 {
  return level == 0 ? 3 : max<i32>(-64, min<i32>(level, 12))
}

/** Bytes of workspace that zstdEncode needs for a source of this length at this level; the address must be a multiple of 16. */
export function zstdEncodeWorkspaceSize(sourceLength: usize, level: i32): usize {
  const chosen = effectiveLevel(level)
  const tables = (<usize>4 << firstTableBits(chosen, sourceLength)) + (<usize>4 << secondTableBits(chosen, sourceLength))
  return MATCH_TABLES + tables + (chosen < 5 ? 0 : <usize>4 << LONG_BITS)
}

/** A capacity that is always enough for a source of this length. */
export function zstdEncodeBound(sourceLength: usize): f64 {
  return <f64>sourceLength + <f64>(sourceLength / MAXIMUM_BLOCK_SIZE + 1) * 3 + 18
}

/** Copies the literals of all sequences, and what follows the last, to ENCODE_LITERALS; returns their number. */
function gatherLiterals(start: usize, end: usize, sourceEnd: usize, count: u32, workspace: usize): u32 {
  const literals = workspace + ENCODE_LITERALS
  let target = literals
  let sequence = workspace + SEQUENCES
  for (const last = sequence + count * 12; sequence < last; sequence += 12) {
    const length = load<u32>(sequence)
    if (length <= 16 && sourceEnd - start >= 16) v128.store(target, v128.load(start))
    else memory.copy(target, start, length)
    target += length
    start += length + load<u32>(sequence, 4)
  }
  memory.copy(target, start, end - start)
  return <u32>(target + (end - start) - literals)
}

/** Header of a literals section whose content has one size (raw) or one byte (RLE): RFC 8878 section 3.1.1.3.1.1. Returns its end. */
function writePlainHeader(out: usize, kind: u32, count: u32): usize {
  if (count < 32) {
    store<u8>(out, <u8>(kind | (count << 3)))
    return out + 1
  }
  if (count < 4096) {
    store<u16>(out, <u16>(kind | 4 | (count << 4)))
    return out + 2
  }
  store<u32>(out, kind | 12 | (count << 4))
  return out + 3
}

/** Writes the literals section of a block; returns its end. There must be room for all literals as they are. */
function writeLiterals(out: usize, count: u32, workspace: usize): usize {
  const literals = workspace + ENCODE_LITERALS
  if (count >= 32) {
    const largest = countBytes(literals, count, workspace)
    if (largest == count) {
      out = writePlainHeader(out, 1, count)
      store<u8>(out, load<u8>(literals))
      return out + 1
    }
    // Nothing to gain where all bytes are about equally frequent.
    if (largest > (count >> 7) + 4) {
      const bits = buildHuffmanCodes(workspace)
      const single = count < 256
      const header: u32 = count < 1024 ? 3 : count < 16384 ? 4 : 5
      const tree = writeHuffmanTree(out + header, workspace)
      const estimate = <u32>(tree - out) + (bits >> 3) + (single ? 1 : 10)
      if (tree != 0 && estimate + (count >> 6) + 2 < count) {
        let end: usize
        if (single) {
          end = writeHuffmanStream(tree, literals, count, workspace)
        } else {
          const segment = (count + 3) >> 2
          const second = writeHuffmanStream(tree + 6, literals, segment, workspace)
          const third = writeHuffmanStream(second, literals + segment, segment, workspace)
          const fourth = writeHuffmanStream(third, literals + 2 * segment, segment, workspace)
          end = writeHuffmanStream(fourth, literals + 3 * segment, count - 3 * segment, workspace)
          store<u16>(tree, <u16>(second - tree - 6))
          store<u16>(tree, <u16>(third - second), 2)
          store<u16>(tree, <u16>(fourth - third), 4)
        }
        const size = <u64>(end - out - header)
        const format: u64 = single ? 0 : count < 1024 ? 1 : count < 16384 ? 2 : 3
        const width: u64 = header == 3 ? 10 : header == 4 ? 14 : 18
        const fields: u64 = 2 | (format << 2) | (<u64>count << 4) | (size << (4 + width))
        for (let index: u32 = 0; index < header; index++) store<u8>(out + index, <u8>(fields >> (<u64>index << 3)))
        return end
      }
    }
  }
  out = writePlainHeader(out, 0, count)
  memory.copy(out, literals, count)
  return out + count
}

/** Finds the matches of a block; returns the number of sequences. */
function findSequences(start: usize, end: usize, frameStart: usize, length: usize, level: i32, workspace: usize): u32 {
  const window: u32 = 1 << WINDOW_BITS
  const first = firstTableBits(level, length)
  const second = secondTableBits(level, length)
  if (level <= 2) return findFast(start, end, frameStart, window, first, level == 2 ? 5 : 6, level < 0 ? 1 - level : 1, workspace)
  if (level <= 4) return findDouble(start, end, frameStart, window, first, second, 5, workspace)
  const attempts: u32 = level < 7 ? level - 3 : level < 9 ? level - 1 : 1 << (level - 6)
  return findLazy(start, end, frameStart, window, first, second, level < 9 ? 5 : 4, attempts, workspace)
}

/**
 * Encodes a block into BLOCK; returns the length of what it takes, 0 when that would be no shorter than the block itself. Repeat offsets
 * keep their values in that case, since a decoder does not see the sequences.
 */
function encodeBlock(start: usize, end: usize, frameStart: usize, sourceEnd: usize, level: i32, workspace: usize): u32 {
  const length = <u32>(end - start)
  if (length < 16) return 0
  const repeats = load<u64>(workspace + ENCODE_REPEAT_OFFSETS)
  const count = findSequences(start, end, frameStart, sourceEnd - frameStart, level, workspace)
  const literals = gatherLiterals(start, end, sourceEnd, count, workspace)
  const block = workspace + BLOCK
  const limit = block + length - (length >> 7) - 2
  let position = writeLiterals(block, literals, workspace)
  if (position < limit) {
    position = writeSequences(count, position, limit, workspace)
    if (position != 0 && position < limit) return <u32>(position - block)
  }
  store<u64>(workspace + ENCODE_REPEAT_OFFSETS, repeats)
  return 0
}

/**
 * Encodes the source as one Zstandard frame with its content size (RFC 8878), and a checksum when wanted. Levels: below 0 fastest, 1 and
 * 2 fast, 0, 3 and 4 balanced, 5 to 12 dense. Returns the number of bytes written, or -3 when `destinationCapacity` is too small, which it
 * never is from zstdEncodeBound on, but always below 17. Source and destination must be below 2 GiB and must not overlap; no slack is needed around them.
 */
export function zstdEncode(
  source: usize,
  sourceLength: usize,
  destination: usize,
  destinationCapacity: usize,
  level: i32,
  checksum: bool,
  workspace: usize
): i32 {
  const capacity = min<usize>(destinationCapacity, MAXIMUM_LENGTH)
  if (sourceLength > MAXIMUM_LENGTH || capacity < SMALLEST_CAPACITY) return ZSTD_DESTINATION_TOO_SMALL
  const chosen = effectiveLevel(level)
  const end = destination + capacity
  const isSingle = sourceLength <= 1 << WINDOW_BITS
  const sizeFlag: u32 = sourceLength < 256 ? 0 : sourceLength < 65792 ? 1 : 2
  store<u32>(destination, 0xfd2fb528)
  store<u8>(destination, <u8>((sizeFlag << 6) | (isSingle ? 32 : 0) | (checksum ? 4 : 0)), 4)
  let out = destination + 5
  if (!isSingle) {
    store<u8>(out, (WINDOW_BITS - 10) << 3)
    out += 1
  }
  if (sizeFlag == 0) store<u8>(out, <u8>sourceLength)
  else if (sizeFlag == 1) store<u16>(out, <u16>(sourceLength - 256))
  else store<u32>(out, <u32>sourceLength)
  out += 1 << sizeFlag

  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, 1)
  store<u32>(workspace + ENCODE_REPEAT_OFFSETS, 4, 4)
  prepareSequenceCodes(workspace)
  memory.fill(workspace + MATCH_TABLES, 0, zstdEncodeWorkspaceSize(sourceLength, level) - MATCH_TABLES)

  const sourceEnd = source + sourceLength
  let position = source
  do {
    const length = min<u32>(<u32>(sourceEnd - position), MAXIMUM_BLOCK_SIZE)
    const last: u32 = position + length == sourceEnd ? 1 : 0
    // Blocks of one value; not the first one, which decoders before 1.4.4 of the reference library do not take as such.
    if (position > source && matchLengthAt(position + 1, position, position + length) + 1 == length) {
      if (end - out < 4) return ZSTD_DESTINATION_TOO_SMALL
      store<u32>(out, last | 2 | (length << 3) | (<u32>load<u8>(position) << 24))
      out += 4
      position += length
      continue
    }
    const size = encodeBlock(position, position + length, source, sourceEnd, chosen, workspace)
    const stored = size == 0 ? length : size
    if (end - out < 3 || end - out - 3 < <usize>stored) return ZSTD_DESTINATION_TOO_SMALL
    const header = last | (size == 0 ? 0 : 4) | (stored << 3)
    store<u16>(out, <u16>header)
    store<u8>(out, <u8>(header >> 16), 2)
    memory.copy(out + 3, size == 0 ? position : workspace + BLOCK, stored)
    out += 3 + stored
    position += length
  } while (position < sourceEnd)
  if (checksum) {
    if (end - out < 4) return ZSTD_DESTINATION_TOO_SMALL
    store<u32>(out, <u32>xxhash64(source, sourceLength, 0))
    out += 4
  }
  return <i32>(out - destination)
}
