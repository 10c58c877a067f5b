import { xxhash64 } from './xxhash64'
import { buildPatterns } from './zstd-copy'
import { buildSequenceCodes } from './zstd-fse'
import {
  MAXIMUM_BLOCK_SIZE,
  STATE_HUFFMAN,
  STATE_PREDEFINED,
  STATE_PRODUCED,
  STATE_REPEAT_OFFSETS,
  STATE_TABLES,
  WORKSPACE_SIZE,
  ZSTD_CHECKSUM,
  ZSTD_CORRUPT,
  ZSTD_DESTINATION_TOO_SMALL,
  ZSTD_DICTIONARY,
  ZSTD_TRUNCATED,
} from './zstd-layout'
import { decodeLiterals } from './zstd-literals'
import { decodeSequences } from './zstd-sequences'

const MAGIC: u32 = 0xfd2fb528
const SKIPPABLE_MAGIC: u32 = 0x184d2a50 // the low four bits are free
/** Answer of zstdFrameContentSize when the frame does not tell. */
const SIZE_UNKNOWN: f64 = -16
/** Offsets into the destination and return values are 32-bit signed. */
const MAXIMUM_CAPACITY: usize = 0x7fffffff

/** Bytes of workspace that zstdDecode needs; its address must be a multiple of 16. */
export function zstdWorkspaceSize(): usize {
  return WORKSPACE_SIZE
}

/** Length of the header of a Zstandard frame, or an error code; `source` points at its magic number. */
function headerLength(source: usize, length: usize): i32 {
  if (length < 5) return ZSTD_TRUNCATED
  if (load<u32>(source) != MAGIC) return ZSTD_CORRUPT
  const descriptor = <u32>load<u8>(source, 4)
  if ((descriptor & 8) != 0) return ZSTD_CORRUPT
  const single = (descriptor >> 5) & 1
  const sizeFlag = descriptor >> 6
  const sizeLength: u32 = sizeFlag == 0 ? single : 1 << sizeFlag
  const dictionaryLength: u32 = (1 << (descriptor & 3)) >> 1
  const total = 5 + (1 - single) + dictionaryLength + sizeLength
  return length < <usize>total ? ZSTD_TRUNCATED : <i32>total
}

/** Content size from a complete frame header, u64.MAX_VALUE when there is none. */
function contentSize(source: usize): u64 {
  const descriptor = <u32>load<u8>(source, 4)
  const single = (descriptor >> 5) & 1
  const address = source + 6 - single + ((1 << (descriptor & 3)) >> 1)
  const flag = descriptor >> 6
  if (flag == 3) return load<u64>(address)
  if (flag == 2) return <u64>load<u32>(address)
  if (flag == 1) return <u64>load<u16>(address) + 256
  return single != 0 ? <u64>load<u8>(address) : u64.MAX_VALUE
}

/** Whether a complete frame header names a dictionary. */
function needsDictionary(source: usize): bool {
  const descriptor = <u32>load<u8>(source, 4)
  const address = source + 6 - ((descriptor >> 5) & 1)
  const flag = descriptor & 3
  if (flag == 0) return false
  if (flag == 1) return load<u8>(address) != 0
  return flag == 2 ? load<u16>(address) != 0 : load<u32>(address) != 0
}

/** Largest size a block of this frame may decode to, from a complete frame header. */
function blockLimit(source: usize): u32 {
  const descriptor = <u32>load<u8>(source, 4)
  if (((descriptor >> 5) & 1) != 0) return <u32>min<u64>(contentSize(source), MAXIMUM_BLOCK_SIZE)
  const window = <u64>load<u8>(source, 5)
  const base: u64 = (<u64>1) << (10 + (window >> 3))
  return <u32>min<u64>(base + (base >> 3) * (window & 7), MAXIMUM_BLOCK_SIZE)
}

/** Length of the skippable frame at `source`, 0 when it is none, or ZSTD_TRUNCATED. */
function skippableLength(source: usize, length: usize): f64 {
  if (length < 4) return ZSTD_TRUNCATED
  if ((load<u32>(source) & 0xfffffff0) != SKIPPABLE_MAGIC) return 0
  if (length < 8) return ZSTD_TRUNCATED
  const total = <f64>load<u32>(source, 4) + 8
  return total > <f64>length ? <f64>ZSTD_TRUNCATED : total
}

/** Decodes the Zstandard frame at `source`; returns its length there and leaves the number of decoded bytes in STATE_PRODUCED. */
function decodeFrame(source: usize, sourceEnd: usize, destination: usize, destinationEnd: usize, workspace: usize): i32 {
  const header = headerLength(source, sourceEnd - source)
  if (header < 0) return header
  if (needsDictionary(source)) return ZSTD_DICTIONARY
  const expected = contentSize(source)
  if (expected != u64.MAX_VALUE && expected > <u64>(destinationEnd - destination)) return ZSTD_DESTINATION_TOO_SMALL
  const limit = blockLimit(source)
  const hasChecksum = (load<u8>(source, 4) & 4) != 0
  store<u32>(workspace + STATE_REPEAT_OFFSETS, 1)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, 4, 4)
  store<u32>(workspace + STATE_REPEAT_OFFSETS, 8, 8)
  memory.fill(workspace + STATE_TABLES, 0, 24)
  store<u32>(workspace + STATE_HUFFMAN, 0)

  let position = source + header
  let out = destination
  let last = false
  while (!last) {
    if (sourceEnd - position < 3) return ZSTD_TRUNCATED
    const block = <u32>load<u16>(position) | (<u32>load<u8>(position, 2) << 16)
    position += 3
    last = (block & 1) != 0
    const kind = (block >> 1) & 3
    const size = block >> 3
    if (kind == 3 || size > limit) return ZSTD_CORRUPT
    if (kind == 1) {
      if (position >= sourceEnd) return ZSTD_TRUNCATED
      if (<usize>size > destinationEnd - out) return ZSTD_DESTINATION_TOO_SMALL
      memory.fill(out, load<u8>(position), size)
      position += 1
      out += size
      continue
    }
    if (<usize>size > sourceEnd - position) return ZSTD_TRUNCATED
    if (kind == 0) {
      if (<usize>size > destinationEnd - out) return ZSTD_DESTINATION_TOO_SMALL
      memory.copy(out, position, size)
      position += size
      out += size
      continue
    }
    const blockEnd = position + size
    const literals = decodeLiterals(position, blockEnd, sourceEnd, limit, workspace)
    if (literals < 0) return literals
    const written = decodeSequences(position + literals, blockEnd, destination, out, destinationEnd, limit, workspace)
    if (written < 0) return written
    position = blockEnd
    out += written
  }
  const length = out - destination
  if (expected != u64.MAX_VALUE && <u64>length != expected) return ZSTD_CORRUPT
  if (hasChecksum) {
    if (sourceEnd - position < 4) return ZSTD_TRUNCATED
    if (<u32>xxhash64(destination, length, 0) != load<u32>(position)) return ZSTD_CHECKSUM
    position += 4
  }
  store<u32>(workspace + STATE_PRODUCED, <u32>length)
  return <i32>(position - source)
}

/**
 * Decodes all frames of `source` one behind the other (RFC 8878); skippable frames are passed over. Returns the number of bytes written
 * to `destination` or one of -1 corrupt, -2 truncated, -3 destination too small, -4 wrong checksum, -5 dictionary needed.
 *
 * Reads only the source and writes only the destination and the workspace: no slack is needed around them. After an error the
 * destination holds arbitrary bytes. Source and destination must be below 2 GiB and must not overlap.
 */
export function zstdDecode(source: usize, sourceLength: usize, destination: usize, destinationCapacity: usize, workspace: usize): i32 {
  if (sourceLength > MAXIMUM_CAPACITY) return ZSTD_CORRUPT
  const sourceEnd = source + sourceLength
  const destinationEnd = destination + min<usize>(destinationCapacity, MAXIMUM_CAPACITY)
  buildPatterns(workspace)
  buildSequenceCodes(workspace)
  store<u32>(workspace + STATE_PREDEFINED, 0)
  let out = destination
  // An empty source is no frame.
  if (sourceLength == 0) return ZSTD_TRUNCATED
  while (source < sourceEnd) {
    const skip = skippableLength(source, sourceEnd - source)
    if (skip < 0) return <i32>skip
    if (skip > 0) {
      source += <usize>skip
      continue
    }
    const used = decodeFrame(source, sourceEnd, out, destinationEnd, workspace)
    if (used < 0) return used
    source += used
    out += load<u32>(workspace + STATE_PRODUCED)
  }
  return <i32>(out - destination)
}

/**
 * Content size of the first Zstandard frame in bytes, from its header alone; -16 when the header does not tell it, another negative
 * value is an error code. Some bytes of a frame suffice; skippable frames before it must be complete.
 */
export function zstdFrameContentSize(source: usize, sourceLength: usize): f64 {
  for (;;) {
    const skip = skippableLength(source, sourceLength)
    if (skip < 0) return skip
    if (skip == 0) break
    source += <usize>skip
    sourceLength -= <usize>skip
    if (sourceLength == 0) return 0
  }
  const header = headerLength(source, sourceLength)
  if (header < 0) return header
  const size = contentSize(source)
  return size == u64.MAX_VALUE ? SIZE_UNKNOWN : <f64>size
}

/**
 * A capacity that is enough to decode all frames of `source`: exact where the frames tell their content size, else what their blocks
 * can hold at most (RLE and raw blocks count exactly). Walks over the block headers. A negative value is an error code.
 */
export function zstdDecodedBound(source: usize, sourceLength: usize): f64 {
  const end = source + sourceLength
  let total: f64 = 0
  if (sourceLength == 0) return ZSTD_TRUNCATED
  while (source < end) {
    const skip = skippableLength(source, end - source)
    if (skip < 0) return skip
    if (skip > 0) {
      source += <usize>skip
      continue
    }
    const header = headerLength(source, end - source)
    if (header < 0) return header
    const size = contentSize(source)
    const limit = blockLimit(source)
    let position = source + header
    let bound: f64 = 0
    let last = false
    while (!last) {
      if (end - position < 3) return ZSTD_TRUNCATED
      const block = <u32>load<u16>(position) | (<u32>load<u8>(position, 2) << 16)
      position += 3
      last = (block & 1) != 0
      const kind = (block >> 1) & 3
      if (kind == 3 || block >> 3 > limit) return ZSTD_CORRUPT
      const stored: u32 = kind == 1 ? 1 : block >> 3
      if (<usize>stored > end - position) return ZSTD_TRUNCATED
      position += stored
      bound += <f64>(kind == 2 ? limit : block >> 3)
    }
    if ((load<u8>(source, 4) & 4) != 0) {
      if (end - position < 4) return ZSTD_TRUNCATED
      position += 4
    }
    // Blocks that cannot hold the promised size mean corrupt data: never promise more than they can.
    if (size != u64.MAX_VALUE && <f64>size > bound) return ZSTD_CORRUPT
    total += size != u64.MAX_VALUE ? <f64>size : bound
    source = position
  }
  return total
}
