import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { booleanOption, integerOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { nodeZlib } from '../platform.js'
import { ZlibKernel } from './zlib-kernel.js'

/** The three containers of deflate data. */
export type ZlibFormat = 'gzip' | 'zlib' | 'deflate'

/** gzip (RFC 1952): one or several members, each CRC verified, zero bytes behind the last. */
export function createGzip(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  return createStep('gzip', spec, context)
}

/** zlib (RFC 1950). `ignoreTrailing` (false) takes other bytes behind the stream, as TIFF files may have them. */
export function createZlib(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  return createStep('zlib', spec, context)
}

/** Bare deflate data (RFC 1951). */
export function createDeflate(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  return createStep('deflate', spec, context)
}

/** Below this, decoding takes less time than handing it to another thread. */
const smallBytes = 32768

/** No deflate stream gives more: 258 bytes for two bits (RFC 1951). */
const maximalRatio = 1032

/** What cannot come out is told before memory for it is taken. */
function checkRatio(format: ZlibFormat, encodedLength: number, { max, exact }: ExpectedLength): void {
  if (exact && max > encodedLength * maximalRatio) throw corrupt(format, `${encodedLength} bytes cannot hold the ${max} bytes expected`)
}

async function createStep(format: ZlibFormat, spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const level = integerOption(spec, 'level', { min: -1, max: 9 }, 1)
  const ignoreTrailing = booleanOption(spec, 'ignoreTrailing', false)
  const kernel = new ZlibKernel(await context.kernel(), format, ignoreTrailing)
  const zlib = nodeZlib()
  if (zlib === undefined) {
    const { streamEncoder } = await import('./zlib-browser.js')
    return {
      encodedLength: boundBehindCompressor,
      decode: (encoded, expected) => {
        checkRatio(format, encoded.byteLength, expected)
        return kernel.decode(encoded, expected)
      },
      encode: streamEncoder(format)
    }
  }
  const { NodeZlib } = await import('./zlib-node.js')
  const node = new NodeZlib(zlib, format, level, ignoreTrailing)
  return {
    encodedLength: boundBehindCompressor,
    decode: (encoded, expected) => {
      checkRatio(format, encoded.byteLength, expected)
      const isSmall = encoded.byteLength < smallBytes && expected.max < smallBytes * 8
      return isSmall ? kernel.decode(encoded, expected) : node.decode(encoded, expected)
    },
    encode: (decoded) => (decoded.byteLength < smallBytes ? node.encodeNow(decoded) : node.encode(decoded))
  }
}
