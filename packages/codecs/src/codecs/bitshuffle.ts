import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { choiceOption, integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'

/** Decoded length as u64, block size in bytes as u32, big-endian. */
const headerLength = 12
/** Elements of a block are a multiple of this; what is left at the end is stored as it is. */
const group = 8
const targetBlockBytes = 8192

type Compression = 'none' | 'lz4' | 'zstd'

interface BitshuffleOptions {
  readonly elementSize: number
  /** Elements of a block; 0 for the library's choice. */
  readonly blockElements: number
  readonly compression: Compression
}

/**
 * The bitshuffle library's format, as HDF5's filter 32008 has it: the bits of the elements of each block are transposed, and
 * with a `compression` (`lz4`, `zstd`) each block is compressed. Options: `elementsize` in bytes, `blockElements`.
 */
export async function createBitshuffle(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const blockElements = integerOption(spec, 'blockElements', { min: 0, max: 2 ** 30 }, 0)
  const compression = choiceOption(spec, 'compression', ['none', 'lz4', 'zstd'], 'none')
  const elementSize = integerOption(spec, 'elementsize', { min: 1, max: 65536 }, context.itemSize ?? 1)
  return new Bitshuffle(await context.kernel(), { elementSize, blockElements, compression })
}

class Bitshuffle implements CodecStep {
  readonly decodesAtOnce = true
  readonly #kernel: Kernel
  readonly #options: BitshuffleOptions

  constructor(kernel: Kernel, options: BitshuffleOptions) {
    this.#kernel = kernel
    this.#options = options
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return this.#options.compression === 'none' ? decoded : boundBehindCompressor(decoded)
  }

  decode(encoded: Payload, expected: ExpectedLength): Payload {
    const { elementSize, compression } = this.#options
    if (compression === 'none') return this.#shuffleAll(encoded, this.#kernel.functions.bitUnshuffle)
    const { functions, scratch } = this.#kernel
    const { total, blockBytes } = readHeader(encoded.view(), expected)
    const blockLength = blockBytes === 0 ? defaultBlockElements(elementSize) * elementSize : blockBytes
    if (blockLength % (elementSize * group) !== 0)
      throw corrupt('bitshuffle', `blocks of ${blockLength} bytes are no multiple of 8 elements of ${elementSize}`)
    const source = encoded.place(scratch)
    const destination = scratch.allocate(total)
    const largest = Math.min(blockLength, total)
    const block = scratch.allocate(largest)
    const workspace = scratch.allocate(largest)
    const zstdWorkspace = compression === 'zstd' ? scratch.allocate(functions.zstdWorkspaceSize()) : 0
    // Nothing is allocated below, so this view stays.
    const memory = scratch.bytes
    const view = new DataView(memory.buffer, source, encoded.byteLength)
    const shuffled = total - (total % (elementSize * group))
    let position = headerLength
    for (let done = 0; done < shuffled; ) {
      const length = Math.min(blockLength, shuffled - done)
      const encodedLength = position + 4 <= encoded.byteLength ? view.getUint32(position) : -1
      position += 4
      if (encodedLength < 0 || encodedLength > encoded.byteLength - position)
        throw corrupt('bitshuffle', 'a block does not lie inside the stream')
      const from = source + position
      const found =
        compression === 'lz4'
          ? functions.lz4Decode(from, encodedLength, block, length)
          : functions.zstdDecode(from, encodedLength, block, length, zstdWorkspace)
      if (found !== length) throw corrupt('bitshuffle', `the block at byte ${done} is damaged`)
      functions.bitUnshuffle(block, length, elementSize, destination + done, workspace)
      position += encodedLength
      done += length
    }
    const rest = total - shuffled
    if (encoded.byteLength - position < rest) throw corrupt('bitshuffle', 'the last elements are cut off')
    memory.copyWithin(destination + shuffled, source + position, source + position + rest)
    return Payload.at(scratch, destination, total)
  }

  encode(decoded: Payload): Payload {
    const { elementSize, blockElements, compression } = this.#options
    if (compression === 'none') return this.#shuffleAll(decoded, this.#kernel.functions.bitShuffle)
    const { functions, scratch } = this.#kernel
    const total = decoded.byteLength
    const blockLength = (blockElements === 0 ? defaultBlockElements(elementSize) : checkedBlock(blockElements)) * elementSize
    const shuffled = total - (total % (elementSize * group))
    const blocks = Math.ceil(shuffled / blockLength)
    const largest = Math.min(blockLength, total)
    const bound = compression === 'lz4' ? largest + Math.ceil(largest / 255) + 16 : functions.zstdEncodeBound(largest)
    const source = decoded.place(scratch)
    const capacity = headerLength + blocks * (4 + bound) + total - shuffled
    const destination = scratch.allocate(capacity)
    const block = scratch.allocate(largest)
    const workspace = scratch.allocate(largest)
    const encoderWorkspace = scratch.allocate(
      compression === 'lz4' ? functions.lz4WorkspaceSize() : functions.zstdEncodeWorkspaceSize(largest, 1)
    )
    const memory = scratch.bytes
    const view = new DataView(memory.buffer, destination, capacity)
    view.setUint32(0, Math.floor(total / 2 ** 32))
    view.setUint32(4, total % 2 ** 32)
    view.setUint32(8, blockLength)
    let position = headerLength
    for (let done = 0; done < shuffled; done += blockLength) {
      const length = Math.min(blockLength, shuffled - done)
      functions.bitShuffle(source + done, length, elementSize, block, workspace)
      const to = destination + position + 4
      const encodedLength =
        compression === 'lz4'
          ? functions.lz4Encode(block, length, to, bound, encoderWorkspace, 1)
          : functions.zstdEncode(block, length, to, bound, 1, 0, encoderWorkspace)
      view.setUint32(position, encodedLength)
      position += 4 + encodedLength
    }
    memory.copyWithin(destination + position, source + shuffled, source + total)
    return Payload.at(scratch, destination, position + total - shuffled)
  }

  /** Without compression there is no header: block by block, the rest as it is. */
  #shuffleAll(input: Payload, operation: Kernel['functions']['bitShuffle']): Payload {
    const { elementSize, blockElements } = this.#options
    const { scratch } = this.#kernel
    const total = input.byteLength
    const blockLength = (blockElements === 0 ? defaultBlockElements(elementSize) : checkedBlock(blockElements)) * elementSize
    const shuffled = total - (total % (elementSize * group))
    const source = input.place(scratch)
    const destination = scratch.allocate(total)
    const workspace = scratch.allocate(Math.min(blockLength, total))
    for (let done = 0; done < shuffled; done += blockLength) {
      operation(source + done, Math.min(blockLength, shuffled - done), elementSize, destination + done, workspace)
    }
    scratch.bytes.copyWithin(destination + shuffled, source + shuffled, source + total)
    return Payload.at(scratch, destination, total)
  }
}

/** As many elements as fit into 8 KiB, a multiple of 8, and at least 128 (`bshuf_default_block_size`). */
function defaultBlockElements(elementSize: number): number {
  const fitting = Math.floor(targetBlockBytes / elementSize)
  return Math.max(fitting - (fitting % group), 128)
}

function checkedBlock(elements: number): number {
  if (elements % group !== 0) throw corrupt('bitshuffle', `blocks of ${elements} elements are no multiple of 8`)
  return elements
}

function readHeader(bytes: Uint8Array, expected: ExpectedLength): { total: number; blockBytes: number } {
  if (bytes.byteLength < headerLength) throw corrupt('bitshuffle', `${bytes.byteLength} bytes, the header alone has ${headerLength}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength)
  const total = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (expected.exact ? total !== expected.max : total > expected.max) {
    throw corrupt('bitshuffle', `the header says ${total} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  }
  return { total, blockBytes: view.getUint32(8) }
}
