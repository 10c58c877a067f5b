import type { CodecSpec } from '@bioimage/core'
import { corrupt, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { decodeExtendedRice } from './extended-rice.js'

/** Bits of `optionsMask`. */
const nearestNeighbour = 32
const highByteFirst = 16

/**
 * Szip as HDF5's filter 4 has it, for reading: the decoded length in 4 bytes, then extended-Rice codes. Options: `optionsMask`,
 * `pixelsPerBlock`, `bitsPerPixel`, `pixelsPerScanline`.
 */
export function createSzip(spec: CodecSpec): CodecStep {
  const options = {
    mask: integerOption(spec, 'optionsMask', { min: 0, max: 2 ** 32 - 1 }),
    blockSize: integerOption(spec, 'pixelsPerBlock', { min: 2, max: 64 }),
    bits: integerOption(spec, 'bitsPerPixel', { min: 1, max: 64 }),
    scanline: integerOption(spec, 'pixelsPerScanline', { min: 1, max: 2 ** 20 })
  }
  if (options.blockSize % 2 !== 0) throw corrupt('szip', `blocks of ${options.blockSize} pixels; the number is even`)
  if (options.bits > 24 && options.bits !== 32 && options.bits !== 64)
    throw unsupported('szip', `pixels of ${options.bits} bits; up to 24, 32 and 64 are read`)
  // Lines are padded to whole blocks: bounded so, the padding is less than the data.
  if (options.scanline < options.blockSize)
    throw corrupt('szip', `lines of ${options.scanline} pixels are shorter than a block of ${options.blockSize}`)
  return {
    encodedLength: (decoded) => {
      const { max, exact } = boundBehindCompressor(decoded)
      return { max: max + headerLength, exact }
    },
    decode: (encoded, expected) => Payload.of(decode(encoded.view(), expected, options)),
    encode: () => {
      throw unsupported('szip', 'encoding is not implemented; use "zlib" or "zstd"')
    }
  }
}

const headerLength = 4

interface SzipOptions {
  readonly mask: number
  readonly blockSize: number
  readonly bits: number
  readonly scanline: number
}

function decode(bytes: Uint8Array, expected: ExpectedLength, { mask, blockSize, bits, scanline }: SzipOptions): Uint8Array {
  if (bytes.byteLength < headerLength) throw corrupt('szip', `${bytes.byteLength} bytes, the header alone has ${headerLength}`)
  const total = new DataView(bytes.buffer, bytes.byteOffset, headerLength).getUint32(0, true)
  if (expected.exact ? total !== expected.max : total > expected.max) {
    throw corrupt('szip', `the header says ${total} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  }
  // Pixels of 32 and 64 bits are encoded as bytes: first the first byte of all, then the second, and so on.
  const planes = bits > 24 ? bits / 8 : 1
  const bitsPerSample = planes > 1 ? 8 : bits
  const sampleBytes = bitsPerSample > 16 ? 4 : bitsPerSample > 8 ? 2 : 1
  if (total % (sampleBytes * planes) !== 0) throw corrupt('szip', `${total} bytes are not pixels of ${sampleBytes * planes}`)
  const count = total / sampleBytes
  // The encoder fills every line up to whole blocks.
  const blocksPerInterval = Math.ceil(scanline / blockSize)
  const paddedLine = blocksPerInterval * blockSize
  const samples = new Uint32Array(paddedLine === scanline ? count : Math.ceil(count / scanline) * paddedLine)
  const predicted = (mask & nearestNeighbour) !== 0
  decodeExtendedRice(bytes.subarray(headerLength), { bitsPerSample, blockSize, blocksPerInterval, predicted }, samples)
  const output = new Uint8Array(total)
  const perPlane = count / planes
  const sampleAt = (index: number): number => samples[Math.floor(index / scanline) * paddedLine + (index % scanline)]!
  for (let index = 0; index < count; index++) {
    const sample = sampleAt(index)
    if (planes > 1) output[(index % perPlane) * planes + Math.floor(index / perPlane)] = sample
    else {
      for (let byte = 0; byte < sampleBytes; byte++) {
        const shift = 8 * ((mask & highByteFirst) !== 0 ? sampleBytes - 1 - byte : byte)
        output[index * sampleBytes + byte] = sample >>> shift
      }
    }
  }
  return output
}
