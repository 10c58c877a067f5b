import { corrupt } from '../codec-errors.js'
import type { ExpectedLength } from '../codec-step.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'
import { gzipHeaderLength } from './gzip-header.js'
import type { ZlibFormat } from './zlib-family.js'

const gzipPolynomial = 0xedb88320

/** Decodes deflate data in its three containers, with the kernel and at once. */
export class ZlibKernel {
  readonly #kernel: Kernel
  readonly #format: ZlibFormat
  readonly #ignoreTrailing: boolean

  constructor(kernel: Kernel, format: ZlibFormat, ignoreTrailing = false) {
    this.#kernel = kernel
    this.#format = format
    this.#ignoreTrailing = ignoreTrailing
  }

  decode(encoded: Payload, expected: ExpectedLength): Payload {
    const { scratch, functions } = this.#kernel
    const source = encoded.place(scratch)
    const workspace = scratch.allocate(functions.inflateWorkspaceSize())
    // The exact length is the capacity. Without one it grows, since a bound may be far too large to allocate.
    let capacity = expected.exact ? expected.max : Math.min(expected.max, Math.max(65536, encoded.byteLength * 4))
    for (;;) {
      const mark = scratch.mark()
      const destination = scratch.allocate(capacity)
      const length = this.decodeInto(source, encoded.byteLength, destination, capacity, workspace)
      if (length >= 0) return Payload.at(scratch, destination, length)
      if (capacity >= expected.max) {
        throw corrupt(this.#format, `the stream is longer than the ${expected.max} bytes expected`)
      }
      scratch.release(mark)
      capacity = Math.min(expected.max, capacity * 4)
    }
  }

  /** Decodes the container at a place in scratch memory. Returns the length, or -1 if it exceeds `capacity`. */
  decodeInto(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number {
    switch (this.#format) {
      case 'gzip':
        return this.#gzip(source, sourceLength, destination, capacity, workspace)
      case 'zlib':
        return this.#zlib(source, sourceLength, destination, capacity, workspace)
      case 'deflate': {
        const length = this.#inflate(source, sourceLength, destination, capacity, workspace)
        if (length >= 0) this.#refuseGarbage(source + this.#kernel.functions.inflateConsumed(workspace), source + sourceLength)
        return length
      }
    }
  }

  #inflate(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number {
    const length = this.#kernel.functions.inflate(source, sourceLength, destination, capacity, workspace)
    if (length === -1) throw corrupt(this.#format, 'the deflate data is damaged')
    if (length === -2) throw corrupt(this.#format, 'the deflate data ends too early')
    return length < 0 ? -1 : length
  }

  /** RFC 1952: members one behind the other. */
  #gzip(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number {
    const { functions } = this.#kernel
    const tables = this.#kernel.crcTables(gzipPolynomial)
    const end = source + sourceLength
    let position = source
    let total = 0
    do {
      position = this.#gzipHeader(position, end)
      const output = destination + total
      const length = this.#inflate(position, end - position, output, capacity - total, workspace)
      if (length < 0) return -1
      position += functions.inflateConsumed(workspace)
      if (end - position < 8) throw corrupt('gzip', 'the trailer is cut off')
      const view = this.#view(position, 8)
      if (functions.crc(output, length, tables, 0) >>> 0 !== view.getUint32(0, true)) throw corrupt('gzip', 'the checksum does not match')
      if (length % 2 ** 32 !== view.getUint32(4, true)) throw corrupt('gzip', 'the stored length does not match')
      position += 8
      total += length
    } while (position < end && this.#kernel.scratch.bytes[position] !== 0)
    this.#refuseGarbage(position, end)
    return total
  }

  /** Checks the header of a member and returns where its data starts. */
  #gzipHeader(start: number, end: number): number {
    const bytes = this.#kernel.scratch.bytes.subarray(start, end)
    if (bytes.byteLength < 18) throw corrupt('gzip', `${bytes.byteLength} bytes are too short for a member`)
    const crc32 = (length: number): number => this.#kernel.functions.crc(start, length, this.#kernel.crcTables(gzipPolynomial), 0)
    const length = gzipHeaderLength(bytes, crc32)
    if (length === undefined) throw corrupt('gzip', 'the header is cut off')
    return start + length
  }

  /** RFC 1950. */
  #zlib(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number {
    const { functions } = this.#kernel
    if (sourceLength < 6) throw corrupt('zlib', `${sourceLength} bytes are too short for a stream`)
    const header = this.#view(source, 2)
    if (header.getUint16(0) % 31 !== 0 || (header.getUint8(0) & 15) !== 8 || header.getUint8(0) >> 4 > 7) {
      throw corrupt('zlib', 'no zlib header')
    }
    if (header.getUint8(1) & 0x20) throw corrupt('zlib', 'the stream needs a dictionary')
    const length = this.#inflate(source + 2, sourceLength - 2, destination, capacity, workspace)
    if (length < 0) return -1
    const position = source + 2 + functions.inflateConsumed(workspace)
    if (source + sourceLength - position < 4) throw corrupt('zlib', 'the checksum is cut off')
    if (functions.adler32(destination, length) >>> 0 !== this.#view(position, 4).getUint32(0)) {
      throw corrupt('zlib', 'the checksum does not match')
    }
    this.#refuseGarbage(position + 4, source + sourceLength)
    return length
  }

  #refuseGarbage(start: number, end: number): void {
    if (this.#ignoreTrailing) return
    const bytes = this.#kernel.scratch.bytes
    for (let index = start; index < end; index++) {
      if (bytes[index] !== 0) throw corrupt(this.#format, `${end - start} bytes that belong to nothing follow the stream`)
    }
  }

  #view(offset: number, byteLength: number): DataView {
    return new DataView(this.#kernel.scratch.bytes.buffer, offset, byteLength)
  }
}
