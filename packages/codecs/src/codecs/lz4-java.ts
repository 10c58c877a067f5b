import { corrupt } from '../codec-errors.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'

const magic = new TextEncoder().encode('LZ4Block')
const headerLength = magic.length + 13
const seed = 0x9747b28c
const stored = 0x10
const compressed = 0x20

/**
 * Streams of lz4-java's `LZ4BlockOutputStream`, which n5 writes: blocks with a header and a checksum each, and an empty one at the
 * end. Bytes that do not begin so are one bare block, as z5 writes.
 */
export class Lz4Java implements CodecStep {
  readonly decodesAtOnce = true
  readonly #kernel: Kernel
  readonly #blockSize: number

  constructor(kernel: Kernel, blockSize: number) {
    this.#kernel = kernel
    this.#blockSize = blockSize
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return boundBehindCompressor(decoded)
  }

  decode(encoded: Payload, { max, exact }: ExpectedLength): Payload {
    const { functions, scratch } = this.#kernel
    const hasHeader = beginsWithMagic(encoded.view())
    const source = encoded.place(scratch)
    const capacity = exact ? max : Math.min(max, hasHeader ? this.#total(source, encoded.byteLength) : encoded.byteLength * 255)
    const destination = scratch.allocate(capacity)
    if (!hasHeader) {
      const length = functions.lz4Decode(source, encoded.byteLength, destination, capacity)
      if (length < 0) throw corrupt('lz4', `the block is damaged or longer than ${capacity} bytes`)
      return Payload.at(scratch, destination, length)
    }
    let length = 0
    for (const block of this.#blocks(source, encoded.byteLength)) {
      if (block.decodedLength > capacity - length) throw corrupt('lz4', `the stream is longer than the ${capacity} bytes expected`)
      const output = destination + length
      if (block.method === stored) {
        if (block.encodedLength !== block.decodedLength) throw corrupt('lz4', 'the lengths of a stored block differ')
        scratch.bytes.copyWithin(output, block.place, block.place + block.encodedLength)
      } else if (functions.lz4Decode(block.place, block.encodedLength, output, block.decodedLength) !== block.decodedLength) {
        throw corrupt('lz4', 'a block is damaged')
      }
      if ((functions.xxhash32(output, block.decodedLength, seed) & 0x0fffffff) !== block.checksum) {
        throw corrupt('lz4', 'the checksum of a block does not match')
      }
      length += block.decodedLength
    }
    return Payload.at(scratch, destination, length)
  }

  #total(source: number, byteLength: number): number {
    let total = 0
    for (const { decodedLength } of this.#blocks(source, byteLength)) total += decodedLength
    return total
  }

  /** The blocks of a stream, each checked to lie inside it. Nothing may follow the empty block. */
  *#blocks(source: number, byteLength: number): Generator<Block> {
    let position = 0
    for (;;) {
      if (byteLength - position < headerLength) throw corrupt('lz4', 'the stream ends too early')
      const bytes = this.#kernel.scratch.view(source + position, headerLength)
      if (!beginsWithMagic(bytes)) throw corrupt('lz4', 'no block where one must be')
      const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength)
      const token = view.getUint8(8)
      const method = token & 0xf0
      const encodedLength = view.getInt32(9, true)
      const decodedLength = view.getInt32(13, true)
      const checksum = view.getInt32(17, true)
      position += headerLength
      const isSane =
        (method === stored || method === compressed) &&
        encodedLength >= 0 &&
        encodedLength <= byteLength - position &&
        decodedLength >= 0 &&
        decodedLength <= 2 ** ((token & 15) + 10) &&
        (encodedLength === 0) === (decodedLength === 0)
      if (!isSane) throw corrupt('lz4', 'the header of a block is damaged')
      if (decodedLength === 0) break
      yield { method, encodedLength, decodedLength, checksum, place: source + position }
      position += encodedLength
    }
    if (position !== byteLength) throw corrupt('lz4', `${byteLength - position} bytes that belong to nothing follow the stream`)
  }

  encode(decoded: Payload): Payload {
    const { functions, scratch } = this.#kernel
    const length = decoded.byteLength
    const blocks = Math.ceil(length / this.#blockSize)
    const source = decoded.place(scratch)
    const destination = scratch.allocate(length + (blocks + 1) * headerLength)
    const workspace = scratch.allocate(functions.lz4WorkspaceSize())
    const level = Math.max(0, Math.ceil(Math.log2(this.#blockSize)) - 10)
    let position = destination
    const writeHeader = (method: number, encodedLength: number, decodedLength: number, checksum: number): void => {
      scratch.bytes.set(magic, position)
      const view = new DataView(scratch.bytes.buffer, position + magic.length, 13)
      view.setUint8(0, method | level)
      view.setInt32(1, encodedLength, true)
      view.setInt32(5, decodedLength, true)
      view.setInt32(9, checksum, true)
      position += headerLength
    }
    for (let start = 0; start < length; start += this.#blockSize) {
      const blockLength = Math.min(this.#blockSize, length - start)
      const input = source + start
      const checksum = functions.xxhash32(input, blockLength, seed) & 0x0fffffff
      const encodedLength = functions.lz4Encode(input, blockLength, position + headerLength, blockLength - 1, workspace, 1)
      if (encodedLength > 0) {
        writeHeader(compressed, encodedLength, blockLength, checksum)
        position += encodedLength
      } else {
        writeHeader(stored, blockLength, blockLength, checksum)
        scratch.bytes.copyWithin(position, input, input + blockLength)
        position += blockLength
      }
    }
    writeHeader(stored, 0, 0, 0)
    return Payload.at(scratch, destination, position - destination)
  }
}

interface Block {
  readonly method: number
  readonly encodedLength: number
  readonly decodedLength: number
  readonly checksum: number
  /** Where its data lies. */
  readonly place: number
}

function beginsWithMagic(bytes: Uint8Array): boolean {
  return magic.every((value, index) => bytes[index] === value)
}
