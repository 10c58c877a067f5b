import type { CodecSpec, Json } from '@bioimage/core'
import { invalid, unsupported } from '../codec-errors.js'
import { choiceOption, integerOption } from '../codec-options.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'
import { nodeZlib } from '../platform.js'
import { type BloscFormat, flag, formats, headerLength, isSplittable, minBufferSize } from './blosc-frame.js'

const compressors = ['blosclz', 'lz4', 'lz4hc', 'snappy', 'zlib', 'zstd'] as const
const shuffles = ['noshuffle', 'shuffle', 'bitshuffle'] as const

/** Options of an encoder, in the words of c-blosc. */
export interface BloscEncoderOptions {
  readonly cname: (typeof compressors)[number]
  /** 0 stores, 9 is the densest. */
  readonly clevel: number
  readonly shuffle: (typeof shuffles)[number]
  /** Bytes of an element. */
  readonly typesize: number
  /** Bytes of a block; 0 chooses as c-blosc does. */
  readonly blocksize: number
}

/** Reads the options of a chain; `itemSize` stands in for an absent `typesize`. */
export function parseEncoderOptions(spec: CodecSpec, itemSize: number | undefined): BloscEncoderOptions {
  const typesize = integerOption(spec, 'typesize', { min: 0, max: 2 ** 31 - 1 }, itemSize ?? 1)
  return {
    cname: choiceOption(spec, 'cname', compressors, 'lz4'),
    clevel: integerOption(spec, 'clevel', { min: 0, max: 9 }, 5),
    shuffle: parseShuffle(spec, typesize),
    // c-blosc treats larger elements as bytes.
    typesize: typesize > 255 || typesize === 0 ? 1 : typesize,
    blocksize: integerOption(spec, 'blocksize', { min: 0, max: 2 ** 31 - 1 }, 0)
  }
}

/** Zarr v3 says a word, numcodecs a number: 0, 1, 2, or -1 for bits of 1-byte elements and bytes of others. */
function parseShuffle(spec: CodecSpec, typesize: number): BloscEncoderOptions['shuffle'] {
  const value: Json = spec.shuffle ?? 'shuffle'
  if (typeof value === 'string') return choiceOption(spec, 'shuffle', shuffles, 'shuffle')
  if (value === -1) return typesize === 1 ? 'bitshuffle' : 'shuffle'
  const name = typeof value === 'number' ? shuffles[value] : undefined
  if (name === undefined) throw invalid(spec.id, `"shuffle" is ${JSON.stringify(value)}, expected a name or -1, 0, 1, 2`)
  return name
}

type StreamEncoder = (source: number, sourceLength: number, destination: number, capacity: number) => number

function streamEncoder(kernel: Kernel, { cname, clevel }: BloscEncoderOptions, blocksize: number): StreamEncoder {
  const { functions, scratch } = kernel
  switch (cname) {
    case 'lz4':
    case 'lz4hc': {
      const workspace = scratch.allocate(functions.lz4WorkspaceSize())
      const acceleration = cname === 'lz4' ? 10 - clevel : 1
      return (source, length, destination, capacity) => functions.lz4Encode(source, length, destination, capacity, workspace, acceleration)
    }
    case 'blosclz': {
      const workspace = scratch.allocate(functions.blosclzWorkspaceSize())
      return (source, length, destination, capacity) => functions.blosclzEncode(source, length, destination, capacity, workspace)
    }
    case 'snappy': {
      const workspace = scratch.allocate(functions.snappyWorkspaceSize())
      return (source, length, destination, capacity) => functions.snappyEncode(source, length, destination, capacity, workspace)
    }
    case 'zlib': {
      const zlib = nodeZlib()
      if (zlib === undefined) throw unsupported('blosc', 'encoding with cname "zlib" needs node:zlib; use "zstd" or "lz4" in browsers')
      return (source, length, destination, capacity) => {
        const encoded = zlib.deflateSync(scratch.view(source, length), { level: clevel })
        if (encoded.byteLength > capacity) return 0
        scratch.bytes.set(encoded, destination)
        return encoded.byteLength
      }
    }
    case 'zstd': {
      // c-blosc takes 2 * clevel - 1, but on shuffled bytes our dense levels win 4 % for ten times the time.
      const level = [0, 1, 1, 1, 2, 2, 2, 3, 6, 12][clevel]!
      const workspace = scratch.allocate(functions.zstdEncodeWorkspaceSize(blocksize, level))
      return (source, length, destination, capacity) => functions.zstdEncode(source, length, destination, capacity, level, 0, workspace)
    }
  }
}

function formatOf(cname: BloscEncoderOptions['cname']): BloscFormat {
  return cname === 'lz4hc' ? 'lz4' : cname
}

/** Writes one frame as c-blosc would: the same block size, splitting and fall-backs to stored bytes. */
export function encodeFrame(kernel: Kernel, options: BloscEncoderOptions, decoded: Payload): Payload {
  const { functions, scratch } = kernel
  const { typesize, clevel, shuffle } = options
  const nbytes = decoded.byteLength
  if (nbytes > 2 ** 31 - 1 - headerLength) throw invalid('blosc', `a chunk of ${nbytes} bytes is longer than a frame may be`)
  const blocksize = blockSize(options, nbytes)
  const isSplit = split(options, blocksize)
  const flags =
    (shuffle === 'shuffle' ? flag.shuffle : 0) |
    (shuffle === 'bitshuffle' ? flag.bitShuffle : 0) |
    (isSplit ? 0 : flag.notSplit) |
    (formats.indexOf(formatOf(options.cname)) << 5)
  const writeHeader = (place: number, frameFlags: number, cbytes: number): void => {
    const header = new DataView(scratch.bytes.buffer, place, headerLength)
    header.setUint8(0, 2)
    header.setUint8(1, 1)
    header.setUint8(2, frameFlags)
    header.setUint8(3, typesize)
    header.setUint32(4, nbytes, true)
    header.setUint32(8, blocksize, true)
    header.setUint32(12, cbytes, true)
  }
  const source = decoded.place(scratch)
  const limit = headerLength + nbytes
  const frame = scratch.allocate(limit)
  const store = (): Payload => {
    writeHeader(frame, flags | flag.stored, limit)
    scratch.bytes.copyWithin(frame + headerLength, source, source + nbytes)
    return Payload.at(scratch, frame, limit)
  }
  if (clevel === 0 || nbytes < minBufferSize) return store()

  const filtered = (shuffle === 'shuffle' && typesize > 1) || shuffle === 'bitshuffle'
  const block = filtered ? scratch.allocate(blocksize) : 0
  const workspace = shuffle === 'bitshuffle' ? scratch.allocate(blocksize) : 0
  const encodeStream = streamEncoder(kernel, options, blocksize)
  const memory = scratch.bytes
  const view = new DataView(memory.buffer, frame, limit)
  const blocks = Math.ceil(nbytes / blocksize)
  let position = headerLength + 4 * blocks
  if (position > limit) return store()
  for (let index = 0; index < blocks; index++) {
    const start = index * blocksize
    const length = Math.min(blocksize, nbytes - start)
    let input = source + start
    if (filtered) {
      if (shuffle === 'shuffle') functions.shuffle(input, length, typesize, block)
      else shuffleBits(kernel, input, length, typesize, block, workspace)
      input = block
    }
    const streams = isSplit && length === blocksize ? typesize : 1
    const streamLength = Math.floor(length / streams)
    view.setUint32(headerLength + 4 * index, position, true)
    for (let stream = 0; stream < streams; stream++) {
      const output = position + 4
      if (output >= limit) return store()
      const from = input + stream * streamLength
      const capacity = Math.min(streamLength - 1, limit - output)
      let encodedLength = encodeStream(from, streamLength, frame + output, capacity)
      if (encodedLength <= 0) {
        if (streamLength > limit - output) return store()
        memory.copyWithin(frame + output, from, from + streamLength)
        encodedLength = streamLength
      }
      view.setInt32(position, encodedLength, true)
      position = output + encodedLength
    }
  }
  if (position >= limit) return store()
  writeHeader(frame, flags, position)
  return Payload.at(scratch, frame, position)
}

function shuffleBits(kernel: Kernel, source: number, length: number, typesize: number, destination: number, workspace: number): void {
  const count = Math.floor(length / typesize)
  const done = count % 8 === 0 ? count * typesize : 0
  if (done > 0) kernel.functions.bitShuffle(source, done, typesize, destination, workspace)
  kernel.scratch.bytes.copyWithin(destination + done, source + done, source + length)
}

/** c-blosc's "forward compatible" splitting: every compressor but zstd. */
function split({ cname, typesize }: BloscEncoderOptions, blocksize: number): boolean {
  return cname !== 'zstd' && isSplittable(typesize, blocksize)
}

/** c-blosc's `compute_blocksize`. */
function blockSize(options: BloscEncoderOptions, nbytes: number): number {
  const { cname, clevel, typesize, blocksize: forced } = options
  if (nbytes < typesize) return 1
  let size = nbytes
  if (forced > 0) {
    size = Math.max(forced, minBufferSize)
  } else if (nbytes >= 32768) {
    const dense = cname === 'lz4hc' || cname === 'zlib' || cname === 'zstd'
    const factor = [0.25, 0.5, 1, 2, 4, 4, 8, 8, 8, dense ? 16 : 8][clevel]!
    size = 32768 * (dense ? 2 : 1) * factor
  }
  if (clevel > 0 && split(options, size)) {
    size = Math.min(Math.max(Math.min(size, 2 ** 18) * typesize, 2 ** 16), 2 ** 20)
  }
  size = Math.min(size, nbytes)
  return size > typesize ? size - (size % typesize) : size
}
