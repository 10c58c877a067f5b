export { codecRuntime } from './codec-runtime.js'
export type { Codec, DecodeLimits } from './custom-codec.js'
export { decodeBytes, encodeBytes } from './decode-bytes.js'
export { type JpegHeader, parseJpegHeader } from './jpeg/jpeg-header.js'
export { type PngHeader, parsePngHeader } from './png/png-header.js'
export {
  type CodecDescription,
  type CodecKind,
  canEncode,
  codecIds,
  describeCodec,
  hasCodec,
  type RegisterCodecOptions,
  registerCodec
} from './registry.js'
export { type SeekableStream, type SeekableStreamOptions, seekableStream } from './seekable-stream.js'
