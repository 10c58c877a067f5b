import { readHuffmanTree } from './zstd-huffman'
import { decodeHuffmanStream, decodeHuffmanStreams } from './zstd-huffman-streams'
import {
  LITERALS,
  MAXIMUM_BLOCK_SIZE,
  STATE_HUFFMAN,
  STATE_LITERAL_COUNT,
  STATE_LITERALS,
  ZSTD_CORRUPT,
} from './zstd-layout'

/** Literals may be read in place only when this many bytes follow them: copies read in 16-byte steps. */
const READ_AHEAD: usize = 32

/**
 * Decodes the literals section of a block (RFC 8878 section 3.1.1.3.1). Leaves address and count of the literals in the workspace state;
 * at least 16 bytes behind them are readable. Returns the length of the section or ZSTD_CORRUPT.
 *
 * `sourceEnd` is the end of the whole source, `end` that of the block.
 */
export function decodeLiterals(source: usize, end: usize, sourceEnd: usize, limit: u32, workspace: usize): i32 {
  const available = <u32>(end - source)
  if (available < 1) return ZSTD_CORRUPT
  const first = <u32>load<u8>(source)
  const kind = first & 3
  const format = (first >> 2) & 3
  const buffer = workspace + LITERALS
  if (kind < 2) {
    let count: u32
    let header: u32
    if ((format & 1) == 0) {
      header = 1
      count = first >> 3
    } else if (format == 1) {
      header = 2
      if (available < 2) return ZSTD_CORRUPT
      count = <u32>load<u16>(source) >> 4
    } else {
      header = 3
      if (available < 3) return ZSTD_CORRUPT
      count = (<u32>load<u16>(source) | (<u32>load<u8>(source, 2) << 16)) >> 4
    }
    if (count > limit || count > MAXIMUM_BLOCK_SIZE) return ZSTD_CORRUPT
    store<u32>(workspace + STATE_LITERAL_COUNT, count)
    const content = source + header
    if (kind == 1) {
      if (available < header + 1) return ZSTD_CORRUPT
      memory.fill(buffer, load<u8>(content), count)
      store<u32>(workspace + STATE_LITERALS, <u32>buffer)
      return <i32>header + 1
    }
    if (count > available - header) return ZSTD_CORRUPT
    if (sourceEnd - content >= <usize>count + READ_AHEAD) {
      store<u32>(workspace + STATE_LITERALS, <u32>content)
    } else {
      memory.copy(buffer, content, count)
      store<u32>(workspace + STATE_LITERALS, <u32>buffer)
    }
    return <i32>(header + count)
  }

  // Huffman coded: two sizes of 10, 14 or 18 bits behind the four bits of kind and format.
  const header: u32 = format < 2 ? 3 : format + 2
  if (available < header) return ZSTD_CORRUPT
  let fields: u64 = 0
  for (let index: u32 = 0; index < header; index++) fields |= <u64>load<u8>(source + index) << (<u64>index << 3)
  const width: u64 = format < 2 ? 10 : format == 2 ? 14 : 18
  const count = <u32>(fields >> 4) & ((1 << <u32>width) - 1)
  const compressed = <u32>(fields >> (4 + width))
  if (count > limit || count > MAXIMUM_BLOCK_SIZE || count == 0) return ZSTD_CORRUPT
  if (compressed > available - header) return ZSTD_CORRUPT
  let content = source + header
  const contentEnd = content + compressed
  if (kind == 2) {
    const tree = readHuffmanTree(content, contentEnd, workspace)
    if (tree < 0) return tree
    content += <usize>tree
  } else if (load<u32>(workspace + STATE_HUFFMAN) == 0) {
    return ZSTD_CORRUPT
  }
  let right: bool
  if (format == 0) {
    right = decodeHuffmanStream(content, contentEnd, buffer, count, workspace)
  } else {
    right = decodeHuffmanStreams(content, contentEnd, buffer, count, workspace)
  }
  if (!right) return ZSTD_CORRUPT
  store<u32>(workspace + STATE_LITERALS, <u32>buffer)
  store<u32>(workspace + STATE_LITERAL_COUNT, count)
  return <i32>(header + compressed)
}
