import type * as Zlib from 'node:zlib'
import type { CodecSpec } from '@bioimage/core'
import { corrupt, reasonOf, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'
import { nodeZlib } from '../platform.js'

/** Brotli (RFC 7932), in Node only; `quality` is 0 to 11. A browser undoes it by itself where a server names it in a header. */
export function createBrotli(spec: CodecSpec): CodecStep {
  const quality = integerOption(spec, 'quality', { min: 0, max: 11 }, 5)
  const zlib = nodeZlib()
  if (zlib === undefined) throw unsupported(spec.id, 'brotli outside of an HTTP header, which this platform cannot decode')
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => decode(zlib, encoded.lasting(), expected),
    encode: (decoded) => encode(zlib, decoded.lasting(), quality)
  }
}

function decode(zlib: typeof Zlib, bytes: Uint8Array, { max }: ExpectedLength): Promise<Payload> {
  const options = { maxOutputLength: Math.min(Math.max(1, max), 2 ** 32) }
  return new Promise((resolve, reject) => {
    zlib.brotliDecompress(bytes, options, (error, result) => {
      if (error === null) resolve(Payload.of(result))
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
        reject(corrupt('br', `the stream is longer than the ${max} bytes expected`, error))
      else reject(corrupt('br', reasonOf(error), error))
    })
  })
}

function encode(zlib: typeof Zlib, bytes: Uint8Array, quality: number): Promise<Payload> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  const options = { params: { [BROTLI_PARAM_QUALITY]: quality, [BROTLI_PARAM_SIZE_HINT]: bytes.byteLength } }
  return new Promise((resolve, reject) => {
    zlib.brotliCompress(bytes, options, (error, result) => (error === null ? resolve(Payload.of(result)) : reject(error)))
  })
}
