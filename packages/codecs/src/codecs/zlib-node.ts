import type * as Zlib from 'node:zlib'
import { corrupt, reasonOf } from '../codec-errors.js'
import type { ExpectedLength } from '../codec-step.js'
import { Payload } from '../payload.js'
import type { ZlibFormat } from './zlib-family.js'

/** Below this, decoding takes less time than handing it to another thread. */
const smallBytes = 32768

/** What node:zlib gives with `info`, which its types leave out. */
interface Finished {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** The zlib family by node:zlib: large chunks on the threads of libuv, small ones at once. */
export class NodeZlib {
  readonly #zlib: typeof Zlib
  readonly #format: ZlibFormat
  readonly #level: number

  constructor(zlib: typeof Zlib, format: ZlibFormat, level: number) {
    this.#zlib = zlib
    this.#format = format
    this.#level = level
  }

  decode(encoded: Payload, expected: ExpectedLength): Payload | Promise<Payload> {
    const zlib = this.#zlib
    const options = {
      // One piece for all output: the default of 16 KiB costs 20 to 55 %. The rest keeps zlib from asking for a second piece.
      chunkSize: expected.exact ? expected.max + 64 : Math.min(expected.max, Math.max(encoded.byteLength * 4, smallBytes)) + 64,
      maxOutputLength: Math.max(1, expected.max),
      info: true
    }
    const decodeAsync = { gzip: zlib.gunzip, zlib: zlib.inflate, deflate: zlib.inflateRaw }[this.#format]
    const decodeSync = { gzip: zlib.gunzipSync, zlib: zlib.inflateSync, deflate: zlib.inflateRawSync }[this.#format]
    if (encoded.byteLength < smallBytes && options.chunkSize < smallBytes * 4) {
      const bytes = encoded.view()
      let result: unknown
      try {
        result = decodeSync(bytes, options)
      } catch (error) {
        throw this.#failure(error, expected)
      }
      return this.#finish(bytes, result)
    }
    const bytes = encoded.lasting()
    return new Promise((resolve, reject) => {
      decodeAsync(bytes, options, (error, result: unknown) => {
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
    for (let index = result.engine.bytesWritten; index < bytes.byteLength; index++) {
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

  encode(decoded: Payload): Payload | Promise<Payload> {
    const zlib = this.#zlib
    const options = { level: this.#level }
    const encodeAsync = { gzip: zlib.gzip, zlib: zlib.deflate, deflate: zlib.deflateRaw }[this.#format]
    const encodeSync = { gzip: zlib.gzipSync, zlib: zlib.deflateSync, deflate: zlib.deflateRawSync }[this.#format]
    if (decoded.byteLength < smallBytes) return Payload.of(encodeSync(decoded.view(), options))
    const bytes = decoded.lasting()
    return new Promise((resolve, reject) => {
      encodeAsync(bytes, options, (error, result) => (error === null ? resolve(Payload.of(result)) : reject(error)))
    })
  }
}

function isFinished(value: unknown): value is Finished {
  return typeof value === 'object' && value !== null && 'buffer' in value && value.buffer instanceof Uint8Array && 'engine' in value
}
