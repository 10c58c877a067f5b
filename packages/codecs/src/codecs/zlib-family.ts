import type { CodecSpec } from '@bioimage/core'
import { integerOption } from '../codec-options.js'
import type { CodecStep } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { nodeZlib } from '../platform.js'

/** The three containers of deflate data. */
export type ZlibFormat = 'gzip' | 'zlib' | 'deflate'

/** gzip (RFC 1952): one or several members, each CRC verified, zero bytes behind the last. */
export function createGzip(spec: CodecSpec): Promise<CodecStep> {
  return createStep('gzip', spec)
}

/** zlib (RFC 1950). */
export function createZlib(spec: CodecSpec): Promise<CodecStep> {
  return createStep('zlib', spec)
}

/** Bare deflate data (RFC 1951). */
export function createDeflate(spec: CodecSpec): Promise<CodecStep> {
  return createStep('deflate', spec)
}

async function createStep(format: ZlibFormat, spec: CodecSpec): Promise<CodecStep> {
  const level = integerOption(spec, 'level', { min: -1, max: 9 }, 1)
  const zlib = nodeZlib()
  if (zlib === undefined) throw new TypeError('not yet in browsers')
  const { NodeZlib } = await import('./zlib-node.js')
  const node = new NodeZlib(zlib, format, level)
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => node.decode(encoded, expected),
    encode: (decoded) => node.encode(decoded)
  }
}
