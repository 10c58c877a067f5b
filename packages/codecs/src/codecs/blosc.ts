import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { longerBy } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'
import { type BloscEncoderOptions, encodeFrame, parseEncoderOptions } from './blosc-encode.js'
import { type BloscFormat, type BloscHeader, flag, headerLength, parseHeader, streamsOf } from './blosc-frame.js'
import { ZlibKernel } from './zlib-kernel.js'

/**
 * Blosc 1. Decoding follows the header of the frame; the options (`cname`, `clevel`, `shuffle`, `typesize`, `blocksize`) are
 * those of c-blosc and only matter for encoding.
 */
export async function createBlosc(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const options = parseEncoderOptions(spec, context.itemSize)
  return new Blosc(await context.kernel(), options)
}

class Blosc implements CodecStep {
  readonly decodesAtOnce = true
  readonly #kernel: Kernel
  readonly #options: BloscEncoderOptions

  constructor(kernel: Kernel, options: BloscEncoderOptions) {
    this.#kernel = kernel
    this.#options = options
  }

  encodedLength({ max }: ExpectedLength): ExpectedLength {
    return longerBy({ max, exact: false }, headerLength)
  }

  decode(encoded: Payload, expected: ExpectedLength): Payload {
    const { scratch } = this.#kernel
    const header = parseHeader(encoded.view(), expected)
    if (header.flags & flag.stored) return encoded.slice(headerLength, header.cbytes)
    const source = encoded.place(scratch)
    const destination = scratch.allocate(header.nbytes)
    decodeBlocks(this.#kernel, header, source, destination)
    return Payload.at(scratch, destination, header.nbytes)
  }

  encode(decoded: Payload): Payload {
    return encodeFrame(this.#kernel, this.#options, decoded)
  }
}

type StreamDecoder = (source: number, sourceLength: number, destination: number, capacity: number) => number

function streamDecoder(kernel: Kernel, format: BloscFormat): StreamDecoder {
  const { functions, scratch } = kernel
  switch (format) {
    case 'blosclz':
      return functions.blosclzDecode
    case 'lz4':
      return functions.lz4Decode
    case 'snappy':
      return functions.snappyDecode
    case 'zlib': {
      const zlib = new ZlibKernel(kernel, 'zlib')
      const workspace = scratch.allocate(functions.inflateWorkspaceSize())
      return (source, length, destination, capacity) => zlib.decodeInto(source, length, destination, capacity, workspace)
    }
    case 'zstd': {
      const workspace = scratch.allocate(functions.zstdWorkspaceSize())
      return (source, length, destination, capacity) => functions.zstdDecode(source, length, destination, capacity, workspace)
    }
  }
}

function decodeBlocks(kernel: Kernel, header: BloscHeader, source: number, destination: number): void {
  const { functions, scratch } = kernel
  const { flags, typesize, nbytes, blocksize, cbytes, blocks } = header
  const decodeStream = streamDecoder(kernel, header.format)
  const filtered = ((flags & flag.shuffle) !== 0 && typesize > 1) || (flags & flag.bitShuffle) !== 0
  const block = filtered ? scratch.allocate(blocksize) : 0
  const workspace = flags & flag.bitShuffle ? scratch.allocate(blocksize) : 0
  // Nothing is allocated below, so this view stays.
  const memory = scratch.bytes
  const view = new DataView(memory.buffer, source, cbytes)
  const streamsStart = headerLength + 4 * blocks

  for (let index = 0; index < blocks; index++) {
    const start = index * blocksize
    const length = Math.min(blocksize, nbytes - start)
    const target = filtered ? block : destination + start
    const streams = streamsOf(header, length)
    const streamLength = Math.floor(length / streams)
    if (streamLength * streams !== length) throw corrupt('blosc', `a block of ${length} bytes is not ${streams} streams`)
    let position = view.getUint32(headerLength + 4 * index, true)
    if (position < streamsStart) throw corrupt('blosc', `block ${index} starts at ${position}, inside the offsets`)
    for (let stream = 0; stream < streams; stream++) {
      const encodedLength = position + 4 <= cbytes ? view.getInt32(position, true) : -1
      position += 4
      if (encodedLength <= 0 || encodedLength > cbytes - position) {
        throw corrupt('blosc', `stream ${stream} of block ${index} does not lie inside the frame`)
      }
      const output = target + stream * streamLength
      if (encodedLength === streamLength) {
        memory.copyWithin(output, source + position, source + position + streamLength)
      } else if (decodeStream(source + position, encodedLength, output, streamLength) !== streamLength) {
        throw corrupt('blosc', `stream ${stream} of block ${index} is damaged`)
      }
      position += encodedLength
    }
    if (!filtered) continue
    if (flags & flag.bitShuffle) unshuffleBits(kernel, block, length, typesize, destination + start, workspace)
    else functions.unshuffle(block, length, typesize, destination + start)
  }
}

/** Blosc's bit shuffle acts only on blocks whose number of elements is a multiple of 8; a rest shorter than an element is copied. */
function unshuffleBits(kernel: Kernel, block: number, length: number, typesize: number, destination: number, workspace: number): void {
  const count = Math.floor(length / typesize)
  const done = count % 8 === 0 ? count * typesize : 0
  if (done > 0) kernel.functions.bitUnshuffle(block, done, typesize, destination, workspace)
  kernel.scratch.bytes.copyWithin(destination + done, block + done, block + length)
}
