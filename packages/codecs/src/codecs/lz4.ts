import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { choiceOption, integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'

const prefixLength = 4

/**
 * LZ4 blocks. `framing: 'size-prefix'` (default, as numcodecs) puts the decoded length before the block as u32 LE,
 * `framing: 'block'` is the bare block, `framing: 'java'` the stream of lz4-java in blocks of `blockSize` bytes (65536), as n5
 * writes it; decoding that also takes a bare block, as z5 writes it. `framing: 'hdf5'` is the stream of HDF5's filter 32004 in
 * blocks of `blockSize` bytes (2^30).
 */
export async function createLz4(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const framing = choiceOption(spec, 'framing', ['size-prefix', 'block', 'java', 'hdf5'], 'size-prefix')
  if (framing === 'java') {
    const { Lz4Java } = await import('./lz4-java.js')
    return new Lz4Java(await context.kernel(), integerOption(spec, 'blockSize', { min: 64, max: 2 ** 25 }, 65536))
  }
  if (framing === 'hdf5') {
    const { Lz4Hdf5 } = await import('./lz4-hdf5.js')
    return new Lz4Hdf5(await context.kernel(), integerOption(spec, 'blockSize', { min: 1, max: 2 ** 31 - 1 }, 2 ** 30))
  }
  const acceleration = integerOption(spec, 'acceleration', { min: -1000, max: 65537 }, 1)
  return new Lz4(await context.kernel(), framing === 'size-prefix' ? prefixLength : 0, Math.max(1, acceleration))
}

class Lz4 implements CodecStep {
  readonly decodesAtOnce = true
  readonly #kernel: Kernel
  readonly #prefix: number
  readonly #acceleration: number

  constructor(kernel: Kernel, prefix: number, acceleration: number) {
    this.#kernel = kernel
    this.#prefix = prefix
    this.#acceleration = acceleration
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return boundBehindCompressor(decoded)
  }

  decode(encoded: Payload, expected: ExpectedLength): Payload {
    const { functions, scratch } = this.#kernel
    let capacity = expected.max
    if (this.#prefix > 0) {
      capacity = readPrefix(encoded.view())
      if (expected.exact ? capacity !== expected.max : capacity > expected.max) {
        throw corrupt('lz4', `the header says ${capacity} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
      }
    }
    const source = encoded.place(scratch)
    const destination = scratch.allocate(capacity)
    const length = functions.lz4Decode(source + this.#prefix, encoded.byteLength - this.#prefix, destination, capacity)
    if (length < 0) throw corrupt('lz4', `the block is damaged or longer than ${capacity} bytes`)
    if (this.#prefix > 0 && length !== capacity) throw corrupt('lz4', `the block has ${length} bytes, the header says ${capacity}`)
    return Payload.at(scratch, destination, length)
  }

  encode(decoded: Payload): Payload {
    const { functions, scratch } = this.#kernel
    const source = decoded.place(scratch)
    const capacity = decoded.byteLength + Math.ceil(decoded.byteLength / 255) + 16
    const destination = scratch.allocate(this.#prefix + capacity)
    const workspace = scratch.allocate(functions.lz4WorkspaceSize())
    const length = functions.lz4Encode(source, decoded.byteLength, destination + this.#prefix, capacity, workspace, this.#acceleration)
    if (this.#prefix > 0) writePrefix(scratch.view(destination, prefixLength), decoded.byteLength)
    return Payload.at(scratch, destination, this.#prefix + length)
  }
}

function readPrefix(bytes: Uint8Array): number {
  if (bytes.byteLength < prefixLength) throw corrupt('lz4', `${bytes.byteLength} bytes, the header alone has ${prefixLength}`)
  return new DataView(bytes.buffer, bytes.byteOffset, prefixLength).getUint32(0, true)
}

function writePrefix(bytes: Uint8Array, length: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, prefixLength).setUint32(0, length, true)
}
