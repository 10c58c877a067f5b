export { codecRuntime } from './codec-runtime.js'
export type { Codec, DecodeLimits } from './custom-codec.js'
export { decodeBytes, encodeBytes } from './decode-bytes.js'
export { canEncode, codecIds, hasCodec, registerCodec } from './registry.js'
