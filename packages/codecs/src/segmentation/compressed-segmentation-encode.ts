import { unsupported } from '../codec-errors.js'
import type { BlockedVolume } from './compressed-segmentation-decode.js'

const id = 'compressed_segmentation'
/** Table offsets have 24 bits. */
const maximalTableOffset = 0xffffff
/** Readers exist that take wider indices for something else. */
const maximalDistinct = 1 << 16

/**
 * Encodes all channels of a volume: per block the labels ascending, and the smallest index width. Equal tables of a channel are
 * stored once, as the other encoders do.
 *
 * @throws ERR_UNSUPPORTED for a volume with more different labels than offsets can reach.
 */
export function encodeCompressedSegmentation(labels: Uint32Array, volume: BlockedVolume): Uint32Array<ArrayBuffer> {
  const { size, channels, labelWords } = volume
  const channelWords = size[0] * size[1] * size[2] * labelWords
  const output = new WordOutput()
  output.append(channels)
  for (let channel = 0; channel < channels; channel++) {
    output.words[channel] = output.length
    encodeChannel(labels.subarray(channel * channelWords, (channel + 1) * channelWords), volume, output)
  }
  return output.finish()
}

/** Words that grow. */
class WordOutput {
  words: Uint32Array<ArrayBuffer> = new Uint32Array(4096)
  length = 0

  /** Adds so many zero words and gives the place of the first. */
  append(count: number): number {
    const start = this.length
    this.length += count
    if (this.length > this.words.length) {
      const larger = new Uint32Array(Math.max(this.length, this.words.length * 2))
      larger.set(this.words.subarray(0, start))
      this.words = larger
    }
    return start
  }

  finish(): Uint32Array<ArrayBuffer> {
    return this.words.slice(0, this.length)
  }
}

function encodeChannel(labels: Uint32Array, { size, blockSize, labelWords }: BlockedVolume, output: WordOutput): void {
  const [sizeX, sizeY, sizeZ] = size
  const [blockX, blockY, blockZ] = blockSize
  const base = output.length
  const blocks = size.reduce((product, length, axis) => product * Math.ceil(length / blockSize[axis]!), 1)
  let header = output.append(2 * blocks)
  const block = new DistinctLabels(labelWords, Math.min(blockX, sizeX) * Math.min(blockY, sizeY) * Math.min(blockZ, sizeZ))
  const tables = new Map<string, number>()
  for (let z = 0; z < sizeZ; z += blockZ) {
    const depth = Math.min(blockZ, sizeZ - z)
    for (let y = 0; y < sizeY; y += blockY) {
      const height = Math.min(blockY, sizeY - y)
      for (let x = 0; x < sizeX; x += blockX) {
        const width = Math.min(blockX, sizeX - x)
        block.clear()
        for (let dz = 0; dz < depth; dz++)
          for (let dy = 0; dy < height; dy++) block.addRow(labels, x + sizeX * (y + dy + sizeY * (z + dz)), width)
        const { count } = block
        if (count > maximalDistinct)
          throw unsupported(id, `a block of ${count} different labels; choose a smaller block size than [${blockSize.join(', ')}]`)
        const ranks = block.sort()
        let bits = 0
        while (count > 2 ** bits) bits = bits === 0 ? 1 : bits * 2
        const values = output.length - base
        if (bits > 0) {
          const start = output.append(Math.ceil((bits * blockX * blockY * blockZ) / 32))
          packIndices(output.words, start, { bits, width, height, depth, blockX, blockY }, ranks, block.voxels)
        }
        const key = block.key()
        let table = tables.get(key)
        if (table === undefined) {
          table = output.length - base
          if (table > maximalTableOffset) {
            throw unsupported(
              id,
              `a table of labels at word ${table}, offsets reach to ${maximalTableOffset}; choose smaller chunks, or another encoding for such labels`
            )
          }
          tables.set(key, table)
          const start = output.append(count * labelWords)
          block.writeTable(output.words, start)
        }
        output.words[header] = (table | (bits << 24)) >>> 0
        output.words[header + 1] = values
        header += 2
      }
    }
  }
}

interface Packing {
  readonly bits: number
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly blockX: number
  readonly blockY: number
}

/** Indices lie at the strides of a whole block, also where the volume cuts it. */
function packIndices(words: Uint32Array, start: number, packing: Packing, ranks: Uint32Array, voxels: Uint32Array): void {
  const { bits, width, height, depth, blockX, blockY } = packing
  let voxel = 0
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const bit = bits * blockX * (y + blockY * z)
      let at = start + Math.floor(bit / 32)
      let shift = bit % 32
      for (let x = 0; x < width; x++) {
        words[at] = (words[at]! | (ranks[voxels[voxel]!]! << shift)) >>> 0
        voxel++
        shift += bits
        if (shift === 32) {
          shift = 0
          at++
        }
      }
    }
  }
}

/** The different labels of a block, found by a hash table with open addresses. */
class DistinctLabels {
  readonly #labelWords: 1 | 2
  readonly #slots: Int32Array
  /** Slots in use, to be emptied for the next block. */
  readonly #used: Uint32Array
  readonly #low: Uint32Array
  readonly #high: Uint32Array
  readonly #ranks: Uint32Array
  #order: Uint32Array = new Uint32Array(0)
  /** Number of the label of each voxel, in order of appearance. */
  readonly voxels: Uint32Array
  #voxelCount = 0
  count = 0

  constructor(labelWords: 1 | 2, voxels: number) {
    let slots = 16
    while (slots < voxels * 2) slots *= 2
    this.#labelWords = labelWords
    this.#slots = new Int32Array(slots).fill(-1)
    this.#used = new Uint32Array(voxels)
    this.#low = new Uint32Array(voxels)
    this.#high = new Uint32Array(voxels)
    this.#ranks = new Uint32Array(voxels)
    this.voxels = new Uint32Array(voxels)
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) this.#slots[this.#used[index]!] = -1
    this.count = 0
    this.#voxelCount = 0
  }

  addRow(labels: Uint32Array, start: number, width: number): void {
    const words = this.#labelWords
    let lastLow = 0
    let lastHigh = 0
    let last = -1
    for (let at = start * words; at < (start + width) * words; at += words) {
      const low = labels[at]!
      const high = words === 2 ? labels[at + 1]! : 0
      // Neighbours are mostly equal.
      if (last < 0 || low !== lastLow || high !== lastHigh) {
        last = this.#numberOf(low, high)
        lastLow = low
        lastHigh = high
      }
      this.voxels[this.#voxelCount++] = last
    }
  }

  #numberOf(low: number, high: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number < 0) {
        slots[slot] = this.count
        this.#used[this.count] = slot
        this.#low[this.count] = low
        this.#high[this.count] = high
        return this.count++
      }
      if (this.#low[number] === low && this.#high[number] === high) return number
    }
  }

  /** The rank of each label, by its number. */
  sort(): Uint32Array {
    const low = this.#low
    const high = this.#high
    this.#order = Uint32Array.from({ length: this.count }, (_, index) => index)
    if (this.count > 1) this.#order.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]!)
    for (let rank = 0; rank < this.count; rank++) this.#ranks[this.#order[rank]!] = rank
    return this.#ranks
  }

  /** A text that is equal for equal tables. */
  key(): string {
    let key = ''
    for (const number of this.#order) key += `${this.#high[number]},${this.#low[number]};`
    return key
  }

  writeTable(words: Uint32Array, start: number): void {
    let at = start
    for (const number of this.#order) {
      words[at++] = this.#low[number]!
      if (this.#labelWords === 2) words[at++] = this.#high[number]!
    }
  }
}
