import { corrupt } from '../codec-errors.js'

const id = 'compressed_segmentation'

/** A volume cut into blocks. Counts are voxels; x, y, z, with x fastest. */
export interface BlockedVolume {
  readonly size: readonly [number, number, number]
  readonly blockSize: readonly [number, number, number]
  readonly channels: number
  /** 32-bit words of a label: 1 or 2. */
  readonly labelWords: 1 | 2
}

/**
 * Decodes all channels of a volume into `labels`, which holds `labelWords` words for each voxel. (Neuroglancer, "Compressed
 * segmentation format".) Every offset and every index is checked against the end of the stream.
 *
 * @throws ERR_CORRUPT_DATA
 */
export function decodeCompressedSegmentation(words: Uint32Array, volume: BlockedVolume, labels: Uint32Array): void {
  const { size, channels, labelWords } = volume
  const channelWords = size[0] * size[1] * size[2] * labelWords
  if (words.length < channels) throw corrupt(id, `the stream ends in the offsets of its ${channels} channels`)
  for (let channel = 0; channel < channels; channel++) {
    const start = words[channel]!
    if (start > words.length) throw corrupt(id, `channel ${channel} begins at word ${start} of ${words.length}`)
    decodeChannel(words.subarray(start), volume, labels.subarray(channel * channelWords, (channel + 1) * channelWords))
  }
}

function decodeChannel(words: Uint32Array, { size, blockSize, labelWords }: BlockedVolume, labels: Uint32Array): void {
  const [sizeX, sizeY, sizeZ] = size
  const [blockX, blockY, blockZ] = blockSize
  const grid = size.map((length, axis) => Math.ceil(length / blockSize[axis]!))
  if (words.length < 2 * grid[0]! * grid[1]! * grid[2]!)
    throw corrupt(id, `the stream ends in its block headers, after ${words.length} words`)
  const row = labelWords === 1 ? decodeRow32 : decodeRow64
  let header = 0
  for (let z = 0; z < sizeZ; z += blockZ) {
    const depth = Math.min(blockZ, sizeZ - z)
    for (let y = 0; y < sizeY; y += blockY) {
      const height = Math.min(blockY, sizeY - y)
      for (let x = 0; x < sizeX; x += blockX) {
        const width = Math.min(blockX, sizeX - x)
        const table = words[header]! & 0xffffff
        const bits = words[header]! >>> 24
        const values = words[header + 1]!
        header += 2
        if (bits === 0) {
          fillBlock(words, table, labels, { x, y, z, width, height, depth, sizeX, sizeY, labelWords })
          continue
        }
        if (bits > 32 || (bits & (bits - 1)) !== 0)
          throw corrupt(id, `a block has indices of ${bits} bits, expected 0, 1, 2, 4, 8, 16 or 32`)
        // The last row that is needed ends here; what lies behind it in the block is padding.
        const lastBit = bits * (width + blockX * (height - 1 + blockY * (depth - 1)))
        if (values + Math.ceil(lastBit / 32) > words.length)
          throw corrupt(id, `the values of a block at word ${values} reach past the end of the stream`)
        for (let dz = 0; dz < depth; dz++) {
          for (let dy = 0; dy < height; dy++) {
            const bit = bits * blockX * (dy + blockY * dz)
            const first = values + Math.floor(bit / 32)
            row(words, first, bit % 32, bits, table, labels, x + sizeX * (y + dy + sizeY * (z + dz)), width)
          }
        }
      }
    }
  }
}

interface Block {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly sizeX: number
  readonly sizeY: number
  readonly labelWords: 1 | 2
}

/** A block of one label. */
function fillBlock(words: Uint32Array, table: number, labels: Uint32Array, block: Block): void {
  const { x, y, z, width, height, depth, sizeX, sizeY, labelWords } = block
  if (table + labelWords > words.length) throw tableOutside(table)
  const low = words[table]!
  const high = labelWords === 2 ? words[table + 1]! : low
  for (let dz = 0; dz < depth; dz++) {
    for (let dy = 0; dy < height; dy++) {
      const start = labelWords * (x + sizeX * (y + dy + sizeY * (z + dz)))
      const end = start + labelWords * width
      if (low === high) labels.fill(low, start, end)
      else {
        for (let at = start; at < end; at += 2) {
          labels[at] = low
          labels[at + 1] = high
        }
      }
    }
  }
}

/** One row of a block. `bit` is where its indices begin in the word `first`. */
type DecodeRow = (
  words: Uint32Array,
  first: number,
  bit: number,
  bits: number,
  table: number,
  labels: Uint32Array,
  start: number,
  width: number
) => void

const decodeRow32: DecodeRow = (words, first, bit, bits, table, labels, start, width) => {
  const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1
  const entries = words.length - table
  let position = first
  let word = words[position]! >>> bit
  let left = 32 - bit
  for (let at = start; at < start + width; at++) {
    if (left === 0) {
      position++
      word = words[position]!
      left = 32
    }
    const index = (word & mask) >>> 0
    // A shift by 32 would be one by 0; then the next round reads a new word anyway.
    word >>>= bits
    left -= bits
    if (index >= entries) throw tableOutside(table + index)
    labels[at] = words[table + index]!
  }
}

const decodeRow64: DecodeRow = (words, first, bit, bits, table, labels, start, width) => {
  const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1
  const entries = (words.length - table) >> 1
  let position = first
  let word = words[position]! >>> bit
  let left = 32 - bit
  for (let at = 2 * start; at < 2 * (start + width); at += 2) {
    if (left === 0) {
      position++
      word = words[position]!
      left = 32
    }
    const index = (word & mask) >>> 0
    word >>>= bits
    left -= bits
    if (index >= entries) throw tableOutside(table + 2 * index)
    const entry = table + 2 * index
    labels[at] = words[entry]!
    labels[at + 1] = words[entry + 1]!
  }
}

function tableOutside(word: number): Error {
  return corrupt(id, `a block refers to a label at word ${word}, past the end of the stream`)
}
