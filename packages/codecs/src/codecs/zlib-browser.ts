import type { CodecStep } from '../codec-step.js'
import { Payload } from '../payload.js'
import type { ZlibFormat } from './zlib-family.js'

/** Encodes by the browser's CompressionStream, which chooses the level itself. */
export function streamEncoder(format: ZlibFormat): CodecStep['encode'] {
  const streamFormat = ({ gzip: 'gzip', zlib: 'deflate', deflate: 'deflate-raw' } as const)[format]
  return async (decoded) => {
    const bytes = new Uint8Array(decoded.lasting())
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(streamFormat))
    return Payload.of(new Uint8Array(await new Response(stream).arrayBuffer()))
  }
}
