import { corrupt } from '../codec-errors.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'

/** Decoded length as u64, block size as u32. */
const headerLength = 12

/**
 * LZ4 in the framing of HDF5's filter 32004: a header, then per block its encoded length as u32 and the block, stored as it is
 * where the two lengths are equal. All numbers are big-endian.
 */
export class Lz4Hdf5 implements CodecStep {
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

  decode(encoded: Payload, expected: ExpectedLength): Payload {
    const { functions, scratch } = this.#kernel
    const { total, blockSize } = readHeader(encoded.view(), expected)
    const source = encoded.place(scratch)
    const destination = scratch.allocate(total)
    // Nothing is allocated below, so this view stays.
    const memory = scratch.bytes
    const view = new DataView(memory.buffer, source, encoded.byteLength)
    let position = headerLength
    for (let done = 0; done < total; done += blockSize) {
      const length = Math.min(blockSize, total - done)
      const encodedLength = position + 4 <= encoded.byteLength ? view.getUint32(position) : -1
      position += 4
      if (encodedLength < 0 || encodedLength > encoded.byteLength - position) throw corrupt('lz4', 'a block does not lie inside the stream')
      if (encodedLength === length) memory.copyWithin(destination + done, source + position, source + position + length)
      else if (functions.lz4Decode(source + position, encodedLength, destination + done, length) !== length) {
        throw corrupt('lz4', `the block at byte ${done} is damaged`)
      }
      position += encodedLength
    }
    return Payload.at(scratch, destination, total)
  }

  encode(decoded: Payload): Payload {
    const { functions, scratch } = this.#kernel
    const length = decoded.byteLength
    const blockSize = Math.max(1, Math.min(this.#blockSize, length))
    const blocks = Math.ceil(length / blockSize)
    const source = decoded.place(scratch)
    const destination = scratch.allocate(headerLength + length + 4 * blocks)
    const workspace = scratch.allocate(functions.lz4WorkspaceSize())
    const memory = scratch.bytes
    const view = new DataView(memory.buffer, destination, headerLength + length + 4 * blocks)
    view.setUint32(0, Math.floor(length / 2 ** 32))
    view.setUint32(4, length % 2 ** 32)
    view.setUint32(8, blockSize)
    let position = headerLength
    for (let start = 0; start < length; start += blockSize) {
      const blockLength = Math.min(blockSize, length - start)
      const output = destination + position + 4
      let encodedLength = functions.lz4Encode(source + start, blockLength, output, blockLength - 1, workspace, 1)
      if (encodedLength === 0) {
        memory.copyWithin(output, source + start, source + start + blockLength)
        encodedLength = blockLength
      }
      view.setUint32(position, encodedLength)
      position += 4 + encodedLength
    }
    return Payload.at(scratch, destination, position)
  }
}

function readHeader(bytes: Uint8Array, expected: ExpectedLength): { total: number; blockSize: number } {
  if (bytes.byteLength < headerLength) throw corrupt('lz4', `${bytes.byteLength} bytes, the header alone has ${headerLength}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength)
  const total = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (expected.exact ? total !== expected.max : total > expected.max) {
    throw corrupt('lz4', `the header says ${total} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  }
  // Writers exist that store a block size above the length.
  const blockSize = Math.min(view.getUint32(8), total)
  if (blockSize === 0 && total > 0) throw corrupt('lz4', 'the header says blocks of 0 bytes')
  return { total, blockSize: Math.max(1, blockSize) }
}
