import type * as Zlib from 'node:zlib'
import { corrupt, reasonOf } from '../codec-errors.js'
import type { ExpectedLength } from '../codec-step.js'
import { Payload } from '../payload.js'
import type { ZlibFormat } from './zlib-family.js'

/** What node:zlib gives with `info`, which its types leave out. */
interface Finished {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** The zlib family by node:zlib, on the threads of libuv. */
export class NodeZlib {
  readonly #zlib: typeof Zlib
  readonly #format: ZlibFormat
  readonly #level: number
  readonly #ignoreTrailing: boolean

  constructor(zlib: typeof Zlib, format: ZlibFormat, level: number, ignoreTrailing = false) {
    this.#zlib = zlib
    this.#format = format
    this.#level = level
    this.#ignoreTrailing = ignoreTrailing
  }

  decode(encoded: Payload, expected: ExpectedLength): Promise<Payload> {
    const zlib = this.#zlib
    const options = {
      // One piece for all output: the default of 16 KiB costs 20 to 55 %. The rest keeps zlib from asking for a second piece.
      // Deflate data grow 1032 times at most: what metadata announce beyond that is never there.
      chunkSize: expected.exact
        ? Math.min(expected.max, encoded.byteLength * 1032) + 64
        : Math.min(expected.max, Math.max(encoded.byteLength * 4, 65536)) + 64,
      maxOutputLength: Math.min(Math.max(1, expected.max), 2 ** 32),
      info: true
    }
    const decode = { gzip: zlib.gunzip, zlib: zlib.inflate, deflate: zlib.inflateRaw }[this.#format]
    const bytes = encoded.lasting()
    return new Promise((resolve, reject) => {
      decode(bytes, options, (error, result: unknown) => {
        if (error !== null) return reject(this.#failure(error, expected))
        try {
          resolve(this.#finish(bytes, result))
        } catch (failure) {
          reject(failure)
        }
      })
    })
  }

  #finish(bytes: Uint8Array, result: unknown): Payload {
    if (!isFinished(result)) throw new TypeError('node:zlib gave no information about its input')
    // zlib ignores what follows the stream.
    for (let index = result.engine.bytesWritten; index < bytes.byteLength && !this.#ignoreTrailing; index++) {
      if (bytes[index] !== 0) {
        throw corrupt(this.#format, `${bytes.byteLength - result.engine.bytesWritten} bytes that belong to nothing follow the stream`)
      }
    }
    return Payload.of(result.buffer)
  }

  #failure(error: unknown, expected: ExpectedLength): Error {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      return corrupt(this.#format, `the stream is longer than the ${expected.max} bytes expected`, error)
    }
    return corrupt(this.#format, reasonOf(error), error)
  }

  /** Encodes on this thread. */
  encodeNow(decoded: Payload): Payload {
    const zlib = this.#zlib
    const encode = { gzip: zlib.gzipSync, zlib: zlib.deflateSync, deflate: zlib.deflateRawSync }[this.#format]
    return Payload.of(encode(decoded.view(), { level: this.#level }))
  }

  encode(decoded: Payload): Promise<Payload> {
    const zlib = this.#zlib
    const encode = { gzip: zlib.gzip, zlib: zlib.deflate, deflate: zlib.deflateRaw }[this.#format]
    const bytes = decoded.lasting()
    return new Promise((resolve, reject) => {
      encode(bytes, { level: this.#level }, (error, result) => (error === null ? resolve(Payload.of(result)) : reject(error)))
    })
  }
}

function isFinished(value: unknown): value is Finished {
  return typeof value === 'object' && value !== null && 'buffer' in value && value.buffer instanceof Uint8Array && 'engine' in value
}
