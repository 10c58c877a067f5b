import type { CodecSpec } from '@bioimage/core'
import { unsupported } from './codec-errors.js'
import type { CodecStep } from './codec-step.js'
import { boundBehindCompressor } from './expected-length.js'
import { Payload } from './payload.js'

/** What a decoder may give. */
export interface DecodeLimits {
  /** More bytes than this are an error, found before they are allocated if possible. */
  readonly maxBytes: number
  /** The exact number of bytes, where it is known. */
  readonly exactBytes?: number | undefined
  /** Bytes that it will be if nothing is wrong: room is made for so many at first. */
  readonly likelyBytes?: number | undefined
}

/** A codec of a third party, for {@link registerCodec}. Results must not alias memory that it uses again. */
export interface Codec {
  decode(encoded: Uint8Array, spec: CodecSpec, limits: DecodeLimits): Uint8Array | Promise<Uint8Array>
  encode?(decoded: Uint8Array, spec: CodecSpec): Uint8Array | Promise<Uint8Array>
  /** Longest encoding of `byteLength` bytes. Defaults to an eighth and 64 KiB more. */
  maxEncodedBytes?(byteLength: number, spec: CodecSpec): number
}

/** A third party's codec as a step of a chain. */
export function customStep(codec: Codec, spec: CodecSpec): CodecStep {
  return {
    encodedLength: (decoded) =>
      codec.maxEncodedBytes === undefined
        ? boundBehindCompressor(decoded)
        : { max: codec.maxEncodedBytes(decoded.max, spec), exact: false },
    decode: (encoded, { max, exact }) =>
      toPayload(codec.decode(encoded.lasting(), spec, { maxBytes: max, exactBytes: exact ? max : undefined })),
    encode: (decoded) => {
      if (codec.encode === undefined) throw unsupported(spec.id, 'encoding is not implemented')
      return toPayload(codec.encode(decoded.lasting(), spec))
    }
  }
}

function toPayload(result: Uint8Array | Promise<Uint8Array>): Payload | Promise<Payload> {
  return result instanceof Uint8Array ? Payload.of(result) : Promise.resolve(result).then((bytes) => Payload.of(bytes))
}
