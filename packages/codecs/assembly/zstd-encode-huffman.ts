import {
  buildEncodingTable,
  chooseAccuracy,
  firstState,
  normaliseCounts,
  writeCounts,
} from './zstd-encode-fse'
import {
  CODE_LENGTHS,
  ENCODE_TABLE_STATES,
  ENCODE_TABLE_SYMBOLS,
  ENCODE_TABLES,
  HISTOGRAM,
  HUFFMAN_CODES,
  NODE_COUNTS,
  NODE_PARENTS,
  NORMALISED,
  SORTED,
} from './zstd-encode-layout'

/** Longest code that RFC 8878 section 4.2.1 allows. */
const MAXIMUM_LENGTH: u32 = 11

/** Counts bytes into HISTOGRAM; returns the largest count. Four tables, since equal neighbours would wait for each other. */
export function countBytes(source: usize, length: u32, workspace: usize): u32 {
  const histogram = workspace + HISTOGRAM
  memory.fill(histogram, 0, 4096)
  const end = source + length
  const wideEnd = end - (length & 7)
  for (; source < wideEnd; source += 8) {
    let word = load<u64>(source)
    let at = histogram + ((<usize>word & 0xff) << 2)
    store<u32>(at, load<u32>(at) + 1)
    at = histogram + ((<usize>(word >> 8) & 0xff) << 2)
    store<u32>(at, load<u32>(at, 1024) + 1, 1024)
    at = histogram + ((<usize>(word >> 16) & 0xff) << 2)
    store<u32>(at, load<u32>(at, 2048) + 1, 2048)
    at = histogram + ((<usize>(word >> 24) & 0xff) << 2)
    store<u32>(at, load<u32>(at, 3072) + 1, 3072)
    word >>= 32
    at = histogram + ((<usize>word & 0xff) << 2)
    store<u32>(at, load<u32>(at) + 1)
    at = histogram + ((<usize>(word >> 8) & 0xff) << 2)
    store<u32>(at, load<u32>(at, 1024) + 1, 1024)
    at = histogram + ((<usize>(word >> 16) & 0xff) << 2)
    store<u32>(at, load<u32>(at, 2048) + 1, 2048)
    at = histogram + (<usize>(word >> 24) << 2)
    store<u32>(at, load<u32>(at, 3072) + 1, 3072)
  }
  for (; source < end; source++) {
    const at = histogram + (<usize>load<u8>(source) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  let largest: u32 = 0
  for (let at = histogram; at < histogram + 1024; at += 4) {
    const count = load<u32>(at) + load<u32>(at, 1024) + load<u32>(at, 2048) + load<u32>(at, 3072)
    store<u32>(at, count)
    largest = max<u32>(largest, count)
  }
  return largest
}

/** Sorts the symbols that occur by count, rarest first; returns their number. */
function sortSymbols(workspace: usize): u32 {
  const sorted = workspace + SORTED
  let count: u32 = 0
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    const occurrences = load<u32>(workspace + HISTOGRAM + (symbol << 2))
    if (occurrences == 0) continue
    store<u64>(sorted + (count << 3), (<u64>occurrences << 8) | symbol)
    count += 1
  }
  // Shell sort.
  for (let gap: u32 = 121; gap > 0; gap = gap / 3) {
    for (let index = gap; index < count; index++) {
      const value = load<u64>(sorted + (index << 3))
      let place = index
      while (place >= gap && load<u64>(sorted + ((place - gap) << 3)) > value) {
        store<u64>(sorted + (place << 3), load<u64>(sorted + ((place - gap) << 3)))
        place -= gap
      }
      store<u64>(sorted + (place << 3), value)
    }
  }
  return count
}

/** Lengthens codes above the limit's share and shortens others until the tree is complete; see {@link buildHuffmanCodes}. */
function limitLengths(count: u32, workspace: usize): void {
  const lengths = workspace + CODE_LENGTHS
  const sorted = workspace + SORTED
  // In units of the longest code: what the codes take, less what there is.
  let excess: i32 = -(1 << MAXIMUM_LENGTH)
  for (let index: u32 = 0; index < count; index++) {
    const at = lengths + load<u8>(sorted + (index << 3))
    const length = min<u32>(<u32>load<u8>(at), MAXIMUM_LENGTH)
    store<u8>(at, <u8>length)
    excess += 1 << (MAXIMUM_LENGTH - length)
  }
  // The rarest of the symbols whose codes can grow pay first.
  for (let index: u32 = 0; excess > 0; index = index + 1 == count ? 0 : index + 1) {
    const at = lengths + load<u8>(sorted + (index << 3))
    const length = <u32>load<u8>(at)
    if (length == MAXIMUM_LENGTH) continue
    store<u8>(at, <u8>(length + 1))
    excess -= 1 << (MAXIMUM_LENGTH - length - 1)
  }
  // What was paid too much goes to the most frequent.
  while (excess < 0) {
    for (let index = count; index > 0 && excess < 0; index--) {
      const at = lengths + load<u8>(sorted + ((index - 1) << 3))
      const length = <u32>load<u8>(at)
      const gain = 1 << (MAXIMUM_LENGTH - length)
      if (length > 1 && gain <= -excess) {
        store<u8>(at, <u8>(length - 1))
        excess += gain
      }
    }
  }
}

/**
 * Builds Huffman codes of at most 11 bits from HISTOGRAM, in which at least two symbols must occur. CODE_LENGTHS is 0 for symbols that do
 * not. Returns the number of bits that the counted symbols take.
 */
export function buildHuffmanCodes(workspace: usize): u32 {
  const sorted = workspace + SORTED
  const counts = workspace + NODE_COUNTS
  const parents = workspace + NODE_PARENTS
  const lengths = workspace + CODE_LENGTHS
  const count = sortSymbols(workspace)
  for (let index: u32 = 0; index < count; index++) store<u32>(counts + (index << 2), <u32>(load<u64>(sorted + (index << 3)) >> 8))
  // Leaves and inner nodes both lie in order of their counts: the next smallest is the first of either queue.
  let leaf: u32 = 0
  let inner = count
  const root: u32 = 2 * count - 2
  for (let node: u32 = count; node <= root; node++) {
    let sum: u32 = 0
    for (let child = 0; child < 2; child++) {
      const takesLeaf = leaf < count && (inner >= node || load<u32>(counts + (leaf << 2)) <= load<u32>(counts + (inner << 2)))
      const from = takesLeaf ? leaf : inner
      if (takesLeaf) leaf += 1
      else inner += 1
      sum += load<u32>(counts + (from << 2))
      store<u16>(parents + (from << 1), <u16>node)
    }
    store<u32>(counts + (node << 2), sum)
  }
  // From the root down, counts make way for depths.
  store<u32>(counts + (root << 2), 0)
  memory.fill(lengths, 0, 256)
  let deepest: u32 = 0
  for (let node: u32 = root; node > 0; ) {
    node -= 1
    const depth = load<u32>(counts + (<u32>load<u16>(parents + (node << 1)) << 2)) + 1
    store<u32>(counts + (node << 2), depth)
    if (node < count) {
      store<u8>(lengths + load<u8>(sorted + (node << 3)), <u8>min<u32>(depth, 255))
      deepest = max<u32>(deepest, depth)
    }
  }
  if (deepest > MAXIMUM_LENGTH) {
    limitLengths(count, workspace)
    deepest = MAXIMUM_LENGTH
  }

  // Codes of equal length follow each other in order of symbols, the longest come first (RFC 8878 section 4.2.1.3).
  const numbers = counts
  memory.fill(numbers, 0, 64)
  let bits: u32 = 0
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    const length = <u32>load<u8>(lengths + symbol)
    if (length == 0) continue
    const at = numbers + (length << 2)
    store<u32>(at, load<u32>(at) + 1)
    bits += length * load<u32>(workspace + HISTOGRAM + (symbol << 2))
  }
  let code: u32 = 0
  for (let length = deepest; length > 0; length--) {
    const number = load<u32>(numbers + (length << 2))
    store<u32>(numbers + (length << 2), code)
    code = (code + number) >> 1
  }
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    const length = <u32>load<u8>(lengths + symbol)
    if (length == 0) continue
    const at = numbers + (length << 2)
    const value = load<u32>(at)
    store<u32>(at, value + 1)
    store<u32>(workspace + HUFFMAN_CODES + (symbol << 2), (value << 8) | length)
  }
  // From lengths to weights, which is what a tree description holds.
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    const length = <u32>load<u8>(lengths + symbol)
    if (length != 0) store<u8>(lengths + symbol, <u8>(deepest + 1 - length))
  }
  return bits
}

/** Writes weights as a finite state stream (RFC 8878 section 4.2.1.2); returns its end, or 0 when that is impossible. */
function writeCodedWeights(out: usize, count: u32, workspace: usize): usize {
  const weights = workspace + CODE_LENGTHS
  // The literals are counted and coded by now, and no sequence table is built yet: their areas are free.
  const histogram = workspace + HISTOGRAM + 1024
  const table = workspace + ENCODE_TABLES
  memory.fill(histogram, 0, 64)
  let largest: u32 = 0
  let symbols: u32 = 0
  for (let index: u32 = 0; index < count; index++) {
    const weight = <u32>load<u8>(weights + index)
    const occurrences = load<u32>(histogram + (weight << 2)) + 1
    store<u32>(histogram + (weight << 2), occurrences)
    largest = max<u32>(largest, occurrences)
    symbols = max<u32>(symbols, weight + 1)
  }
  if (count < 3 || largest == count || largest == 1) return 0
  const accuracy = chooseAccuracy(count, symbols, 6)
  normaliseCounts(histogram, symbols, count, accuracy, workspace)
  out = writeCounts(out, symbols, accuracy, workspace)
  buildEncodingTable(table, symbols, workspace + NORMALISED, accuracy, workspace)
  // Two states take turns, backwards from the last weight; the decoder begins with the one that codes the first weight.
  let word: u64 = 0
  let filled: u64 = 0
  let index = count
  index -= 1
  let state = firstState(table, load<u8>(weights + index))
  index -= 1
  let other = firstState(table, load<u8>(weights + index))
  while (index > 0) {
    index -= 1
    const entry = table + ENCODE_TABLE_SYMBOLS + (<usize>load<u8>(weights + index) << 3)
    const width = (state + load<u32>(entry)) >> 16
    word |= <u64>(state & ((1 << width) - 1)) << filled
    filled += width
    const next = <u32>load<u16>(table + ENCODE_TABLE_STATES + (((state >> width) + load<u32>(entry, 4)) << 1))
    state = other
    other = next
    store<u64>(out, word)
    out += <usize>(filled >> 3)
    word >>= filled & 0x38
    filled &= 7
  }
  // `other` coded the first weight: it is read first, so written last.
  const mask = (<u64>1 << accuracy) - 1
  word |= (<u64>state & mask) << filled
  filled += accuracy
  word |= (<u64>other & mask) << filled
  filled += accuracy
  word |= (<u64>1) << filled
  store<u64>(out, word)
  return out + <usize>(filled >> 3) + 1
}

/** Writes the tree of the current codes (RFC 8878 section 4.2.1); returns its end, or 0 when it cannot be described. */
export function writeHuffmanTree(out: usize, workspace: usize): usize {
  const weights = workspace + CODE_LENGTHS
  let last: u32 = 255
  while (load<u8>(weights + last) == 0) last -= 1
  // The weight of the last symbol follows from the others.
  const end = writeCodedWeights(out + 1, last, workspace)
  const coded = end == 0 ? u32.MAX_VALUE : <u32>(end - out - 1)
  if (coded < 128 && coded < (last + 1) >> 1) {
    store<u8>(out, <u8>coded)
    return end
  }
  if (last > 128) return 0
  store<u8>(out, <u8>(127 + last))
  store<u8>(weights + last, 0)
  for (let index: u32 = 0; index < last; index += 2) {
    store<u8>(out + 1 + (index >> 1), <u8>((load<u8>(weights + index) << 4) | load<u8>(weights + index, 1)))
  }
  return out + 1 + ((last + 1) >> 1)
}

/** Writes one stream: the last symbol first, since it is read backwards. Returns its end. */
export function writeHuffmanStream(out: usize, source: usize, length: u32, workspace: usize): usize {
  const codes = workspace + HUFFMAN_CODES
  let word: u64 = 0
  // Only the low byte is a number of bits: codes are added along with their lengths, and shift counts ignore what is above.
  let filled: u64 = 0
  let position = source + length
  const start = source + (length % 5)
  while (position > start) {
    position -= 5
    let code = <u64>load<u32>(codes + (<usize>load<u8>(position, 4) << 2))
    word |= (code >> 8) << filled
    filled += code
    code = <u64>load<u32>(codes + (<usize>load<u8>(position, 3) << 2))
    word |= (code >> 8) << filled
    filled += code
    code = <u64>load<u32>(codes + (<usize>load<u8>(position, 2) << 2))
    word |= (code >> 8) << filled
    filled += code
    code = <u64>load<u32>(codes + (<usize>load<u8>(position, 1) << 2))
    word |= (code >> 8) << filled
    filled += code
    code = <u64>load<u32>(codes + (<usize>load<u8>(position) << 2))
    word |= (code >> 8) << filled
    filled += code
    store<u64>(out, word)
    out += <usize>(filled >> 3) & 7
    word >>= filled & 0x38
    filled &= 7
  }
  while (position > source) {
    position -= 1
    const code = <u64>load<u32>(codes + (<usize>load<u8>(position) << 2))
    word |= (code >> 8) << filled
    filled += code & 0xff
  }
  word |= (<u64>1) << filled
  store<u64>(out, word)
  return out + <usize>(filled >> 3) + 1
}
